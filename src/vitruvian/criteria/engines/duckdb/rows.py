"""One row a trigger, carried from span to span; each step adds what it found and judged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vitruvian.criteria.engines.duckdb import lines, numbers
from vitruvian.criteria.engines.duckdb.tables import (
    DOUBTS,
    EVENTS,
    HITS,
    MOMENTS,
    RECORD,
    Kind,
    Tables,
    counted_in,
    kind_of,
)
from vitruvian.criteria.engines.duckdb.words import anchor, moment, name
from vitruvian.criteria.language.constructs import MeasureOf
from vitruvian.criteria.language.formula import names_in
from vitruvian.criteria.language.predicates import RECORD_START
from vitruvian.criteria.plan.nodes import (
    Counted,
    Found,
    Holds,
    Interval,
    Nearest,
    Plan,
    Span,
)


@dataclass(frozen=True)
class Step:
    """A relation of rows before pruning, and the lines judged in it: position -> column."""

    relation: str
    judged: Mapping[int, str]


@dataclass
class Rows:
    """Builds the chain of relations; `keep` leaves rows in that failed a line."""

    tables: Tables
    keep: bool = False
    relations: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    current: str = "r0"

    @property
    def plan(self) -> Plan:
        """What is asked."""
        return self.tables.plan

    def build(self) -> None:
        """All steps; spans that count every moment come last, when few rows are left."""
        self._add("r0", self._triggers())
        late = []
        for span in self.plan.spans:
            if span.nearest is not None:
                self._find(span, span.nearest)
            asked = counted_in(self.plan, span)
            if "moments" in {kind_of(self.plan, each) for each in asked} and not self.keep:
                late.append(span)
            elif asked:
                self._count(span, asked)
        for span in late:
            self._count(span, counted_in(self.plan, span))
        for measure in self.plan.measures:
            self._measure(measure)
        self._formulas()

    def _add(self, relation: str, sql: str) -> None:
        self.relations[relation] = sql

    def _table(self, kind: Kind) -> str:
        """The relation of that kind, made when first wanted."""
        known: dict[Kind, str] = {"hits": HITS, "moments": MOMENTS, "record": RECORD}
        if known[kind] not in self.relations:
            among = self.current if self.current in self.relations else None
            made = {
                "hits": self.tables.hits,
                "moments": lambda: self.tables.moments(among=among),
                "record": self.tables.record,
            }
            self._add(known[kind], made[kind]())
        return known[kind]

    def _triggers(self) -> str:
        trigger = self.plan.trigger
        kind = kind_of(self.plan, trigger)
        table = self._table(kind)
        if kind == "record":
            side = "first" if trigger == RECORD_START else "last"
            return f"SELECT subject_id, {side} AS a FROM {table}"
        hit = f" WHERE {name('n:' + trigger)} > 0" if kind == "hits" else ""
        return f"SELECT subject_id, t AS a FROM {table}{hit}"

    def _find(self, span: Span, nearest: Nearest) -> None:
        """The event that ends a span."""
        column = anchor(self.plan, span.name)
        origin = moment(self.plan, nearest.origin, of="r.")
        sign = ("<" if nearest.forward else ">") + ("=" if nearest.inclusive else "")
        kind = kind_of(self.plan, nearest.predicate)
        table = self._table(kind)
        if kind == "record":
            side = "f.first" if nearest.predicate == RECORD_START else "f.last"
            sql = (
                f"SELECT r.*, CASE WHEN {origin} {sign} {side} THEN {side} END AS {column} "
                f"FROM {self.current} r LEFT JOIN {table} f ON f.subject_id = r.subject_id"
            )
        else:
            hit = f" WHERE {name('n:' + nearest.predicate)} > 0" if kind == "hits" else ""
            sql = (
                f"SELECT r.*, {_where_known('b.t', origin)} AS {column} "
                f"FROM {self.current} r ASOF LEFT JOIN "
                f"(SELECT subject_id, t FROM {table}{hit}) b "
                f"ON r.subject_id = b.subject_id AND {origin} {sign} b.t"
            )
        found = [x for x in self.plan.lines if isinstance(x, Found) and x.span == span.name]
        checks = {self.plan.lines.index(x): lines.found(x, plan=self.plan) for x in found}
        self._judge(sql, checks)

    def _count(self, span: Span, asked: tuple[str, ...]) -> None:
        """How often each predicate asked for is hit in a span."""
        kinds: dict[Kind, list[str]] = {}
        for predicate in asked:
            kinds.setdefault(kind_of(self.plan, predicate), []).append(predicate)
        after, until = limits_of(self.plan, span.interval)
        columns, joins = [], []
        for kind, predicates in kinds.items():
            if kind == "moments":
                table = f"m{self.plan.spans.index(span)}"
                limits = (after, until)
                self._add(table, self.tables.moments_between(limits, among=self.current))
            else:
                table = self._table(kind)
            if kind == "hits" and self.tables.with_doubts:
                columns += self._doubts(span, predicates)
                table_d = f"d{self.plan.spans.index(span)}"
                joins.append(f" LEFT JOIN {table_d} d ON d.subject_id = r.subject_id AND d.a = r.a")
            joins.append(_JOINS[kind].format(table=table, after=after, until=until))
            for predicate in predicates:
                number = number_of(kind, predicate, after=after, until=until)
                columns.append(f"{number} AS {lines.number_column(self.plan, span, predicate)}")
        sql = f"SELECT r.*, {', '.join(columns)} FROM {self.current} r{''.join(joins)}"
        checks = {
            position: lines.counted(line, plan=self.plan, source=self.tables.source)
            for position, line in enumerate(self.plan.lines)
            if isinstance(line, Counted) and line.span == span.name
        }
        self._judge(sql, checks)

    def _doubts(self, span: Span, predicates: list[str]) -> list[str]:
        """How many more hits there may be in a span, and how many of them surely are."""
        if DOUBTS not in self.relations:
            self._add(DOUBTS, self.tables.doubtful())
        limits = limits_of(self.plan, span.interval)
        between = self.tables.doubts_between(limits, predicates, among=self.current)
        self._add(f"d{self.plan.spans.index(span)}", between)
        return [
            f"coalesce(d.{name(f'{side}:{each}')}, 0) "
            f"AS {lines.number_column(self.plan, span, each, side=side)}"
            for each in predicates
            for side in ("most", "least")
        ]

    def _measure(self, measure: str) -> None:
        """One number out of the values in a window."""
        what, interval = self.plan.measures[measure]
        after, until = limits_of(self.plan, interval)
        column = numbers.column(measure)
        taken = (
            f"SELECT r.subject_id, r.a, {numbers.aggregate(what)} AS {column} "
            f"FROM {self.current} r JOIN ({self.values_of(what)}) e ON e.subject_id = r.subject_id "
            f"AND e.t1 > {after} AND e.t0 <= {until} GROUP BY r.subject_id, r.a"
        )
        none = "CASE WHEN m.a IS NULL THEN 0 END"
        shown = f"coalesce(m.{column}, {none})" if what.take == "count" else f"m.{column}"
        self._judge(
            f"SELECT r.*, CAST({shown} AS DOUBLE) AS {column} FROM {self.current} r "
            f"LEFT JOIN ({taken}) m ON m.subject_id = r.subject_id AND m.a = r.a",
            {},
        )

    def values_of(self, what: MeasureOf) -> str:
        """Rows whose values a measure may take: `v` at `t`, in unit `u`."""
        unit = "unit" if what.unit is not None else "NULL"
        return (
            f"SELECT subject_id, epoch_us(time) AS t, numeric_value AS v, {unit} AS u, "
            f"{self.tables.reach_of(what)} "
            f"FROM {EVENTS} WHERE time IS NOT NULL AND numeric_value IS NOT NULL "
            f"AND ({self.tables.rows_or_maybe(what.predicate)})"
        )

    def _formulas(self) -> None:
        """Formulas that need no score; the others are judged outside."""
        checks = {
            position: numbers.formula(line.formula)
            for position, line in enumerate(self.plan.lines)
            if isinstance(line, Holds) and not self.needs_score(line)
        }
        if checks:
            self._judge(f"SELECT * FROM {self.current}", checks)

    def needs_score(self, line: Holds) -> bool:
        """Whether a formula speaks of a score."""
        return not names_in(line.formula).isdisjoint(self.plan.scores)

    def _judge(self, sql: str, checks: dict[int, str]) -> None:
        """The rows with what a step found, and those of them that may still be in."""
        number = len(self.steps) + 1
        judged = {position: f"k{position}" for position in checks}
        columns = "".join(f", ({checks[at]}) AS {column}" for at, column in judged.items())
        self._add(f"s{number}", f"SELECT *{columns} FROM ({sql}) r")
        self.steps.append(Step(f"s{number}", judged))
        self.current = f"s{number}"
        if judged and not self.keep:
            open_still = " AND ".join(f"{column} IS NOT false" for column in judged.values())
            self._add(f"r{number}", f"SELECT * FROM s{number} WHERE {open_still}")
            self.current = f"r{number}"


_JOINS: dict[Kind, str] = {
    # counts so far at both ends of the stretch
    "hits": (
        " ASOF LEFT JOIN {table} u ON u.subject_id = r.subject_id AND {until} >= u.t"
        " ASOF LEFT JOIN {table} b ON b.subject_id = r.subject_id AND {after} >= b.t"
    ),
    "moments": " LEFT JOIN {table} m ON m.subject_id = r.subject_id AND m.a = r.a",
    "record": " LEFT JOIN {table} f ON f.subject_id = r.subject_id",
}


def limits_of(plan: Plan, interval: Interval) -> tuple[str, str]:
    """A stretch as `after < t <= until`, in whole microseconds."""
    after = moment(plan, interval.start, shift=-1 if interval.start_inclusive else 0, of="r.")
    until = moment(plan, interval.end, shift=0 if interval.end_inclusive else -1, of="r.")
    return after, until


def number_of(kind: Kind, predicate: str, *, after: str, until: str) -> str:
    """How often a predicate is hit after one limit until another."""
    if kind == "record":
        side = "f.first" if predicate == RECORD_START else "f.last"
        return f"CASE WHEN {side} > {after} AND {side} <= {until} THEN 1 ELSE 0 END"
    # an open stretch from a moment to itself is empty, not minus one
    if kind == "moments":
        return "CAST(greatest(coalesce(m.n, 0), 0) AS BIGINT)"
    column = name("c:" + predicate)
    counts = f"greatest(coalesce(u.{column}, 0) - coalesce(b.{column}, 0), 0)"
    return f"coalesce({_where_known(counts, after, until)}, 0)"


def _where_known(what: str, *moments: str) -> str:
    """A value beside an ASOF join, NULL where a moment that it was joined by is unknown.

    DuckDB 1.5.5 joins a row without a moment to nothing or to the last row, as its plan and its
    threads fall out; random tasks over split files found it.
    """
    known = " AND ".join(f"{each} IS NOT NULL" for each in moments)
    return f"CASE WHEN {known} THEN {what} END"
