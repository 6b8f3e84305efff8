"""One row a trigger, carried from span to span, in joins that Spark knows.

Spark looks up a relation anew wherever it is named. Every relation here names the one before it
once, so that the work grows with the number of spans and not with its powers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vitruvian.criteria.engines.duckdb import lines, numbers
from vitruvian.criteria.engines.duckdb.conditions import atoms_of
from vitruvian.criteria.engines.duckdb.rows import Rows, limits_of, number_of
from vitruvian.criteria.engines.duckdb.tables import (
    DOUBTS,
    HITS,
    MOMENTS,
    RECORD,
    Kind,
    kind_of,
)
from vitruvian.criteria.engines.duckdb.words import anchor, moment, name
from vitruvian.criteria.engines.spark.tables import SparkTables
from vitruvian.criteria.language.predicates import RECORD_START, Absence
from vitruvian.criteria.plan.nodes import Counted, Found, Nearest, Span


@dataclass(frozen=True)
class Beside:
    """What to read off a relation at the nearest moment up to a row's own, or from it on.

    `picked` are new columns, each the greatest (or, going forward, the least) value so far.
    """

    relation: str
    at: str
    picked: Mapping[str, str]
    forward: bool = False
    inclusive: bool = True
    where: str = "true"


@dataclass
class SparkRows(Rows):
    """Builds the chain; `whole` prunes no row, so that one pass can count what each line left."""

    tables: SparkTables
    whole: bool = False
    columns: list[str] = field(default_factory=lambda: ["subject_id", "a"])

    def _table(self, kind: Kind) -> str:
        known: dict[Kind, str] = {"hits": HITS, "moments": MOMENTS, "record": RECORD}
        if known[kind] not in self.relations:
            made = {
                "hits": self.tables.hits,
                "moments": self.tables.moments_so_far,
                "record": self.tables.record,
            }
            self._add(known[kind], made[kind]())
        return known[kind]

    def _find(self, span: Span, nearest: Nearest) -> None:
        """The event that ends a span."""
        column = anchor(self.plan, span.name)
        origin = moment(self.plan, nearest.origin, of="r.")
        kind = kind_of(self.plan, nearest.predicate)
        table = self._table(kind)
        if kind == "record":
            sign = ("<" if nearest.forward else ">") + ("=" if nearest.inclusive else "")
            side = "f.first" if nearest.predicate == RECORD_START else "f.last"
            self._layer(
                f"SELECT r.*, CASE WHEN {origin} {sign} {side} THEN {side} END AS {column} "
                f"FROM {self.current} r LEFT JOIN {table} f ON f.subject_id = r.subject_id",
                [column],
            )
        else:
            hit = f"{name('n:' + nearest.predicate)} > 0" if kind == "hits" else "true"
            picked = {column: "t"}
            self._beside(Beside(table, origin, picked, nearest.forward, nearest.inclusive, hit))
        found = [x for x in self.plan.lines if isinstance(x, Found) and x.span == span.name]
        self._check({self.plan.lines.index(x): lines.found(x, plan=self.plan) for x in found})

    def _beside(self, one: Beside) -> None:
        """Rows laid among the moments of a relation, each told what stands nearest."""
        own, picked = ", ".join(f"r.{each}" for each in self.columns), list(one.picked)
        absent = "".join(f", CAST(NULL AS BIGINT) AS {each}" for each in picked)
        others = "".join(f", NULL AS {each}" for each in self.columns if each != "subject_id")
        values = "".join(f", {value} AS {each}" for each, value in one.picked.items())
        rank = 1 if one.inclusive else -1
        order = f"ORDER BY at_us{' DESC' if one.forward else ''}, side ROWS UNBOUNDED PRECEDING"
        take = "min" if one.forward else "max"
        told = "".join(
            f", CASE WHEN at_us IS NOT NULL THEN {take}({each}) "
            f"OVER (PARTITION BY subject_id {order}) END AS {each}"
            for each in picked
        )
        listed = ", ".join(self.columns)
        self._layer(
            f"SELECT {listed}, {', '.join(picked)} FROM (SELECT {listed}, side{told} FROM ("
            f"SELECT {own}, {one.at} AS at_us, {rank} AS side{absent} FROM {self.current} r "
            f"UNION ALL SELECT subject_id{others}, t, 0{values} FROM {one.relation} "
            f"WHERE {one.where})) WHERE side <> 0",
            picked,
        )

    def _count(self, span: Span, asked: tuple[str, ...]) -> None:
        """How often each predicate asked for is hit in a span."""
        kinds: dict[Kind, list[str]] = {}
        for predicate in asked:
            kinds.setdefault(kind_of(self.plan, predicate), []).append(predicate)
        for kind, predicates in kinds.items():
            if kind == "hits" and self.tables.with_doubts:
                self._count_doubts(span, predicates)
            if kind == "record":
                self._count_ends(span, predicates)
            else:
                self._count_up(kind, span, predicates)
        covered = self._look_observed(span, asked)
        checks = {
            position: covered(lines.counted(line, plan=self.plan, source=self.tables.source))
            for position, line in enumerate(self.plan.lines)
            if isinstance(line, Counted) and line.span == span.name
        }
        self._check(checks)

    def _count_up(self, kind: Kind, span: Span, predicates: list[str]) -> None:
        """Hits or moments in a span: those up to its end, less those up to its start."""
        after, until = limits_of(self.plan, span.interval)
        table = self._table(kind)
        sources = [name("c:" + each) if kind == "hits" else "c" for each in predicates]
        for side, at in (("u", until), ("b", after)):
            picked = {f"{side}{number}": column for number, column in enumerate(sources)}
            self._beside(Beside(table, at, picked))
        both = f"{after} + {until} IS NOT NULL"
        numbers_ = {
            lines.number_column(self.plan, span, each): f"CASE WHEN {both} THEN greatest("
            f"coalesce(r.u{number}, 0) - coalesce(r.b{number}, 0), 0) ELSE 0 END"
            for number, each in enumerate(predicates)
        }
        scratch = {f"{side}{number}" for side in "ub" for number in range(len(sources))}
        self.columns = [each for each in self.columns if each not in scratch]
        own = ", ".join(f"r.{each}" for each in self.columns)
        told = ", ".join(f"{value} AS {column}" for column, value in numbers_.items())
        self._layer(f"SELECT {own}, {told} FROM {self.current} r", list(numbers_))

    def _count_ends(self, span: Span, predicates: list[str]) -> None:
        """Whether the record begins or ends in a span."""
        after, until = limits_of(self.plan, span.interval)
        told = {
            lines.number_column(self.plan, span, each): number_of(
                "record", each, after=after, until=until
            )
            for each in predicates
        }
        listed = ", ".join(f"{value} AS {column}" for column, value in told.items())
        table = self._table("record")
        self._layer(
            f"SELECT r.*, {listed} FROM {self.current} r "
            f"LEFT JOIN {table} f ON f.subject_id = r.subject_id",
            list(told),
        )

    def _count_doubts(self, span: Span, predicates: list[str]) -> None:
        """How many more hits there may be in a span, and how many of them surely are."""
        if DOUBTS not in self.relations:
            self._add(DOUBTS, self.tables.doubtful())
        after, until = limits_of(self.plan, span.interval)
        told = {}
        for each in predicates:
            atoms = atoms_of(self.plan.meanings[each])
            maybe = " OR ".join(f"e.{name(f'maybe:{atom}')}" for atom in atoms)
            both = (f"(e.{name(f'maybe:{atom}')} AND e.{name(f'sure:{atom}')})" for atom in atoms)
            inside = f"({' OR '.join(both)}) AND e.t0 > {after} AND e.t1 <= {until}"
            for side, hit in (("most", maybe), ("least", inside)):
                column = lines.number_column(self.plan, span, each, side=side)
                told[column] = f"count(*) FILTER (WHERE {hit})"
        self._joined(f"{DOUBTS} e", f"e.t1 > {after} AND e.t0 <= {until}", told)

    def _joined(self, relation: str, condition: str, told: Mapping[str, str]) -> None:
        """Rows with numbers over the rows `e` of their subject that meet a condition."""
        own = ", ".join(f"r.{each}" for each in self.columns)
        listed = ", ".join(f"{value} AS {column}" for column, value in told.items())
        self._layer(
            f"SELECT {own}, {listed} FROM {self.current} r LEFT JOIN {relation} "
            f"ON e.subject_id = r.subject_id AND {condition} GROUP BY {own}",
            list(told),
        )

    def _look_observed(self, span: Span, asked: tuple[str, ...]) -> Callable[[str], str]:
        """Whether one observation period covers a span; Spark asks for existence in WHERE only."""
        source = self.tables.source
        wanted = {self.plan.absences.get(each, Absence()).kind for each in asked}
        if source.observed is None or "observed" not in wanted:
            return str
        column = f"o{self.plan.spans.index(span)}"
        start, end = (
            moment(self.plan, x, of="r.") for x in (span.interval.start, span.interval.end)
        )
        condition = f"epoch_us(e.start_time) <= {start} AND epoch_us(e.end_time) >= {end}"
        self._joined(f"{name(source.observed)} e", condition, {column: "count(e.subject_id) > 0"})
        asks = lines.observed(self.plan, span, source)
        return lambda sql: sql.replace(asks, column)

    def _measure(self, measure: str) -> None:
        """One number out of the values in a window."""
        what, interval = self.plan.measures[measure]
        after, until = limits_of(self.plan, interval)
        none = "0" if what.take == "count" else "NULL"
        taken = f"CASE WHEN count(e.t) = 0 THEN {none} ELSE {numbers.aggregate(what)} END"
        self._joined(
            f"({self.values_of(what)}) e",
            f"e.t1 > {after} AND e.t0 <= {until}",
            {numbers.column(measure): f"CAST({taken} AS DOUBLE)"},
        )

    def _layer(self, sql: str, added: list[str]) -> None:
        """The next relation, with the columns it adds."""
        relation = f"x{len(self.relations)}"
        self._add(relation, sql)
        self.columns = [*self.columns, *added]
        self.current = relation

    def _check(self, checks: dict[int, str]) -> None:
        """Judge lines of the rows as they stand now."""
        self._judge(f"SELECT * FROM {self.current}", checks)
        self.columns = [*self.columns, *(f"k{position}" for position in checks)]

    def _judge(self, sql: str, checks: dict[int, str]) -> None:
        super()._judge(sql, checks)
        if self.whole:
            self.current = self.steps[-1].relation
