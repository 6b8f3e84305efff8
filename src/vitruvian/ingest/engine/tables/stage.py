"""Rows of one table in the engine: staged, checked, identified, given their subject and clock.

Everything here is set-wise SQL over temporary tables; only faults are looked at one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.adapter import Source
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.engine.tables.language.mapping import Declared, TableRule
from vitruvian.ingest.engine.tables.language.words import Scope, Words, columns_of, lookups_of
from vitruvian.ingest.report import PROBLEMS_KEPT, Problem, Problems

_BATCH = "tab_batch"
_A_SOURCE = 1 << 40
"""Rows of source n are numbered from n times this: order is that of arrival."""

_TIMES: Mapping[str, tuple[str, ...]] = {
    "person": ("birth_date", "death"),
    "episode": ("start", "end"),
    "stay": ("start", "end"),
    "note": ("time",),
    "period": ("start", "end"),
}


@dataclass(frozen=True)
class Stage:
    """One declared table: ``place`` holds its rows, ``fresh`` those that are new."""

    number: int
    declared: Declared
    rule: TableRule
    site: str

    @property
    def place(self) -> str:
        """The temporary table of all staged rows."""
        return f"tab_{self.declared.digest[:8]}_{self.number}"

    @property
    def fresh(self) -> str:
        """The temporary table of rows that the lake does not hold."""
        return f"{self.place}_fresh"

    @property
    def resource_type(self) -> str:
        """What its records are called where they are stored."""
        return f"{self.declared.name}/{self.rule.name}"

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The columns that the rule speaks of; the others stay in the bytes."""
        return tuple(sorted(self.rule.named))

    def create(self, connection: Any) -> None:
        """An empty stage."""
        own = "".join(f', "{name}" VARCHAR' for name in self.columns)
        connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {self.place} (_seq BIGINT, _source_no INTEGER,
            _source_id VARCHAR, _record BIGINT, _bytes BLOB, _hash VARCHAR{own})
        """)

    def add(self, connection: Any, source: Source, batch: pa.RecordBatch) -> None:
        """Take rows in."""
        table = pa.Table.from_batches([batch])
        held = {field.name for field in table.schema.field("fields").type}
        own = "".join(
            f', fields."{name}"' if name in held else ", NULL::VARCHAR" for name in self.columns
        )
        connection.register(_BATCH, table)
        connection.execute(f"""
        INSERT INTO {self.place}
        SELECT {source.number * _A_SOURCE} + record, {source.number}, {literal(source.source_id)},
            record, bytes, sha256(to_json({_told(held)})::VARCHAR){own} FROM {_BATCH}
        """)
        connection.unregister(_BATCH)

    # ------------------------------------------------------------------ rows that cannot be used

    def reject(self, connection: Any, problems: Mapping[int, Problems]) -> None:
        """Report rows without a required value, or with a time that is none, and take them out."""
        checks = [*self._missing(), *self._not_times()]
        if not checks:
            return
        scope = Scope()
        cases = " ".join(
            f"WHEN {condition} THEN {place}"
            for place, (condition, _, _) in enumerate(fill(scope) for fill in checks)
        )
        connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE tab_faults AS SELECT _seq, _source_no, _record, fault FROM (
            SELECT _seq, _source_no, _record, CASE {cases} END AS fault FROM {self.place} t
        ) WHERE fault IS NOT NULL
        """)
        self._report(connection, [fill(scope)[1:] for fill in checks], problems)
        connection.execute(f"DELETE FROM {self.place} WHERE _seq IN (SELECT _seq FROM tab_faults)")

    def _missing(self) -> Iterator[Any]:
        for name in self.rule.required:
            message = "The value is missing. Expected one: without it the row cannot be placed."
            yield lambda _, name=name, message=message: (
                f"nullif(trim(t.\"{name}\"), '') IS NULL", name, ("missing-value", message)
            )  # fmt: skip

    def _not_times(self) -> Iterator[Any]:
        message = (
            "The value is no date or time. Expected ISO 8601, or a form that the mapping names "
            "in time_formats or date_formats."
        )
        for words in self._times():
            name = min(columns_of(words), default="")
            yield lambda scope, words=words, name=name: (
                f"{scope.sql(words)} IS NOT NULL AND tab_from({scope.sql(words)}) IS NULL",
                name, ("not-a-time", message),
            )  # fmt: skip

    def _times(self) -> list[Words]:
        rule = self.rule
        found = [rule.defaults.get("time"), rule.defaults.get("end"), rule.defaults.get("known")]
        found += [words.words.get(key) for words in rule.events for key in ("time", "end", "known")]
        found += [rule.rows.get(kind, {}).get(key) for kind, keys in _TIMES.items() for key in keys]
        plain = (words for words in found if words is not None and not lookups_of(words))
        return list(dict.fromkeys(plain))

    def _report(self, connection: Any, told: list[Any], problems: Mapping[int, Problems]) -> None:
        counts = connection.execute(
            "SELECT _source_no, count(*) FROM tab_faults GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for number, count in counts:
            rows = connection.execute(
                "SELECT _record, fault FROM tab_faults WHERE _source_no = ? ORDER BY ALL LIMIT ?",
                [number, PROBLEMS_KEPT],
            ).fetchall()
            for record, fault in rows:
                column, (code, message) = told[fault]
                problem = Problem(record, f"/{column}", code, message, rejects=True)
                problems[number].add(problem)
            problems[number].count += count - len(rows)
            problems[number].rejected += count - len(rows)

    # ------------------------------------------------------------------ which rows are new

    def identify(self, connection: Any) -> None:
        """Fill ``fresh``: rows with their ids, the first of each that the lake does not hold.

        Reads ``tab_stored`` (version ids ever stored, and whether they still hold).
        """
        key = "NULL"
        if self.rule.key:
            parts = [f"nullif(trim(\"{name}\"), '')" for name in self.rule.key]
            key = " || '|' || ".join(parts)
        site, kind = literal(self.site), literal(self.resource_type)
        number = literal(str(self.declared.derivation_id))
        version = stable_id_sql(site, kind, "_resource_id", "_hash", number)
        connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {self.fresh} AS
        WITH named AS (  -- without the bytes: a window holds all of its rows at once
            SELECT _seq, _source_id, coalesce({key}, '#' || left(_hash, 32)) AS _resource_id, _hash
            FROM {self.place}
        ), versions AS (
            SELECT *, {stable_id_sql(site, kind, "_resource_id")} AS _row_id,
                {version} AS _first_id FROM named
        ), again AS (  -- a version that was superseded and is sent once more is a new one
            SELECT v.*, CASE WHEN s.version_id IS NULL OR s.holds THEN _first_id
                ELSE {stable_id_sql("_first_id::VARCHAR", "_source_id")} END AS _version_id
            FROM versions v LEFT JOIN tab_stored s ON s.version_id = _first_id
        ), kept AS (
            SELECT _seq, _resource_id, _row_id, _version_id FROM again
            WHERE _version_id NOT IN (SELECT version_id FROM tab_stored)
            QUALIFY row_number() OVER (PARTITION BY _version_id ORDER BY _seq) = 1
        )
        SELECT * FROM {self.place} JOIN kept USING (_seq)
        """)

    def counts(self, connection: Any) -> Iterator[tuple[int, int, int]]:
        """Source number, rows that are new, rows that were known."""
        yield from connection.execute(f"""
        SELECT p._source_no, count(f._seq), count(*) - count(f._seq)
        FROM {self.place} p LEFT JOIN {self.fresh} f USING (_seq) GROUP BY ALL
        """).fetchall()


def _told(held: set[str]) -> str:
    """What makes a row the same row: its fields, without those of its envelope (`_exported`)."""
    if not any(name.startswith("_") for name in held):
        return "fields"
    own = sorted(name for name in held if not name.startswith("_"))
    return "struct_pack(" + ", ".join(f'"{name}" := fields."{name}"' for name in own) + ")"
