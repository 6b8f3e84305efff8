"""The relations that rows are judged against, as Spark makes them."""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.criteria.engines.duckdb.conditions import AT_END, END
from vitruvian.criteria.engines.duckdb.tables import EVENTS, Tables
from vitruvian.criteria.engines.duckdb.words import name, text


@dataclass(frozen=True)
class SparkTables(Tables):
    """The relations of a plan over a source of which only some columns are asked."""

    def events(self) -> str:
        """The source, with the ends of intervals as rows of their own where they are wanted."""
        relation = name(self.source.relation)
        if not self.with_ends:
            return f"SELECT * FROM {relation}"
        wanted = (code for atom in self.plan.atoms.values() for code in atom.codes.values)
        codes = ", ".join(text(c.removesuffix(END)) for c in wanted if c.endswith(END))
        kept = self._columns_asked()
        listed = ", ".join(map(name, kept))
        return (
            f"SELECT time, code, {listed}, false AS {AT_END} FROM {relation} UNION ALL "
            f"SELECT end_time AS time, concat(code, '{END}') AS code, {listed}, true AS {AT_END} "
            f"FROM {relation} WHERE end_time IS NOT NULL AND code IN ({codes})"
        )

    def _columns_asked(self) -> tuple[str, ...]:
        """Columns beside time and code that some condition may name."""
        source = self.source
        named = [column for plain in self.plan.atoms.values() for column, _ in plain.columns]
        own = [one for one in (source.fact_key, source.event_id) if one is not None]
        doubts = ("time_min", "time_max", "comparator") if source.doubts else ()
        units = ("unit",) if any(m.unit for m, _ in self.plan.measures.values()) else ()
        asked = ("subject_id", "numeric_value", *own, *source.axes, *doubts, *units, *named)
        return tuple(dict.fromkeys(asked))

    def moments_so_far(self) -> str:
        """Every moment of every record, and how many the record has had up to it."""
        every = f"SELECT DISTINCT subject_id, epoch_us(time) AS t FROM {EVENTS} WHERE {self.seen}"
        return (
            f"SELECT subject_id, t, row_number() OVER (PARTITION BY subject_id ORDER BY t) AS c "
            f"FROM ({every})"
        )
