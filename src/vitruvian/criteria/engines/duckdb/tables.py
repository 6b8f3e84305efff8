"""The relations that rows are judged against: hits, moments, and the ends of each record."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vitruvian.criteria.engines.duckdb import doubts
from vitruvian.criteria.engines.duckdb.conditions import (
    AT_END,
    END,
    atoms_of,
    moment_condition,
    row_condition,
    visible,
    wants_ends,
)
from vitruvian.criteria.engines.duckdb.words import name, text
from vitruvian.criteria.language.constructs import MeasureOf
from vitruvian.criteria.language.predicates import RECORD_END, RECORD_START, Absence
from vitruvian.criteria.plan.nodes import AllOf, Always, AnyOf, Counted, Meaning, Plan, Span
from vitruvian.criteria.source import Source

Kind: TypeAlias = Literal["hits", "moments", "record"]
HITS, MOMENTS, RECORD, EVENTS, ALLOWED = "hits", "moments", "record", "events", "allowed"
DOUBTS = "doubts"


def kind_of(plan: Plan, predicate: str) -> Kind:
    """Which relation tells how often a predicate is hit."""
    if predicate in {RECORD_START, RECORD_END}:
        return "record"
    return "moments" if isinstance(plan.meanings[predicate], Always) else "hits"


def counted_in(plan: Plan, span: Span) -> tuple[str, ...]:
    """The predicates whose hits in a span something asks for."""
    asked = [x for x in plan.lines if isinstance(x, Counted) and x.span == span.name]
    names = [each for line in asked for each in with_looked(plan, line.predicate)]
    if plan.label is not None and plan.label[0] == span.name:
        names.append(plan.label[1])
    return tuple(dict.fromkeys(names))


def with_looked(plan: Plan, predicate: str) -> tuple[str, ...]:
    """A predicate and those whose hits tell what its absence means."""
    absence = plan.absences.get(predicate, Absence())
    names = [predicate, *(n for each in absence.looked for n in with_looked(plan, each))]
    for part in unsure_parts(plan, predicate):
        names.extend(with_looked(plan, part))
    return tuple(dict.fromkeys(names))


def unsure_parts(plan: Plan, predicate: str) -> tuple[str, ...]:
    """Plain predicates a derived one joins, when the absence of some does not mean no."""
    meaning = plan.meanings.get(predicate)
    if predicate in plan.absences and plan.absences[predicate].kind != "negative":
        return ()
    parts = atoms_of(meaning) if isinstance(meaning, AllOf | AnyOf) else ()
    sure = all(plan.absences.get(part, Absence()).kind == "negative" for part in parts)
    return () if sure else parts


@dataclass(frozen=True)
class Tables:
    """The common table expressions of a plan over a source."""

    plan: Plan
    source: Source

    @property
    def asked(self) -> tuple[str, ...]:
        """Every predicate whose hits are asked for anywhere."""
        plan = self.plan
        names = [plan.trigger]
        names.extend(span.nearest.predicate for span in plan.spans if span.nearest is not None)
        names.extend(each for span in plan.spans for each in counted_in(plan, span))
        return tuple(dict.fromkeys(names))

    @property
    def with_ends(self) -> bool:
        """Whether ends of intervals are wanted as moments of their own."""
        return self.source.intervals and any(map(wants_ends, self.plan.atoms.values()))

    def rows_of(self, atom: str) -> str:
        """Condition on rows for a plain predicate."""
        plain = self.plan.atoms[atom]
        return row_condition(plain, source=self.source, with_ends=self.with_ends)

    @property
    def with_doubts(self) -> bool:
        """Whether a sure hit is told from a possible one."""
        return self.plan.logic == "three-valued" and self.source.doubts

    @property
    def _only_allowed(self) -> str:
        some = f" AND subject_id IN (SELECT subject_id FROM {ALLOWED})"
        return some if self.plan.demographics else ""

    @property
    def seen(self) -> str:
        """Condition on rows that are part of the record at all."""
        ends = f" AND NOT {AT_END}" if self.with_ends else ""
        return f"time IS NOT NULL AND {visible(self.source)}{ends}{self._only_allowed}"

    def events(self) -> str:
        """The source, with the ends of intervals as rows of their own where they are wanted."""
        relation = name(self.source.relation)
        if not self.with_ends:
            return f"SELECT * FROM {relation}"
        wanted = (code for atom in self.plan.atoms.values() for code in atom.codes.values)
        codes = ", ".join(text(c.removesuffix(END)) for c in wanted if c.endswith(END))
        return (
            f"SELECT *, false AS {AT_END} FROM {relation} UNION ALL "
            f"SELECT * REPLACE (end_time AS time, code || '{END}' AS code), true "
            f"FROM {relation} WHERE end_time IS NOT NULL AND code IN ({codes})"
        )

    def allowed(self) -> str:
        """Subjects that meet every demographic without a time."""
        meanings = [self.plan.meanings[each] for each in self.plan.demographics]
        atoms = _atoms(meanings)
        counts = self._counts(atoms)
        where = " AND ".join(moment_condition(each) for each in meanings)
        any_row = " OR ".join(f"({self.rows_of(atom)})" for atom in atoms)
        return (
            f"SELECT subject_id FROM (SELECT subject_id{counts} FROM {EVENTS} "
            f"WHERE time IS NULL AND ({any_row}) GROUP BY subject_id) WHERE {where}"
        )

    def hits(self) -> str:
        """Moments at which something asked for is hit, with counts so far."""
        names = [each for each in self.asked if kind_of(self.plan, each) == "hits"]
        kept = ["n:"] + ["s:"] * self.with_doubts
        each_n = ", ".join(
            f"{self._number(p, sure=kind == 's:')} AS {name(kind + p)}"
            for kind in kept
            for p in names
        )
        so_far = ", ".join(
            f"CAST(sum({name(kept[-1] + p)}) OVER so_far AS BIGINT) AS {name('c:' + p)}"
            for p in names
        )
        numbers = ", ".join(name("n:" + p) for p in names)
        return (
            f"SELECT subject_id, t, {numbers}, {so_far} "
            f"FROM (SELECT subject_id, t, {each_n} FROM ({self._raw_hits(names)})) "
            f"WINDOW so_far AS (PARTITION BY subject_id ORDER BY t ROWS UNBOUNDED PRECEDING)"
        )

    def _raw_hits(self, names: Iterable[str]) -> str:
        atoms = _atoms(self.plan.meanings[each] for each in names)
        conditions = [self.rows_of(atom) for atom in atoms]
        if self.with_doubts:
            conditions += [self._sure_rows_of(atom) for atom in atoms]
        any_row = " OR ".join(f"({condition})" for condition in conditions)
        return (
            f"SELECT subject_id, epoch_us(time) AS t{self._counts(atoms)} FROM {EVENTS} "
            f"WHERE time IS NOT NULL AND ({any_row}){self._only_allowed} "
            f"GROUP BY subject_id, epoch_us(time)"
        )

    def _counts(self, atoms: Iterable[str]) -> str:
        one = "*"
        if self.source.fact_key is not None:
            # one fact told by several sources counts once
            one = f"DISTINCT coalesce({self.source.fact_key}, {self.source.event_id})"
        columns = {f"told:{atom}": self.rows_of(atom) for atom in atoms}
        if self.with_doubts:
            columns |= {f"sure:{atom}": self._sure_rows_of(atom) for atom in atoms}
        return "".join(
            f", count({one}) FILTER (WHERE {rows}) AS {name(column)}"
            for column, rows in columns.items()
        )

    def rows_or_maybe(self, atom: str) -> str:
        """Condition on rows that are, or may be, hits of a plain predicate."""
        rows = self.rows_of(atom)
        maybe = f" OR {self._maybe(doubts.possible_condition, atom)}" if self.with_doubts else ""
        return rows + maybe

    def reach_of(self, measure: MeasureOf) -> str:
        """First and last moment a row may stand for, and whether its number is in doubt."""
        if not self.with_doubts:
            return "epoch_us(time) AS t0, epoch_us(time) AS t1, false AS q"
        partial = f"NOT {doubts.EXACT}"
        plain = self.plan.atoms[measure.predicate]
        counts_only = measure.take == "count" and plain.low is None and plain.high is None
        doubted = partial if counts_only else f"{partial} OR comparator IS NOT NULL"
        return f"{doubts.FIRST} AS t0, {doubts.LAST} AS t1, {doubted} AS q"

    def _sure_rows_of(self, atom: str) -> str:
        plain = self.plan.atoms[atom]
        return doubts.sure_condition(plain, source=self.source, with_ends=self.with_ends)

    def _number(self, predicate: str, *, sure: bool) -> str:
        meaning = self.plan.meanings[predicate]
        if isinstance(meaning, AllOf | AnyOf):
            return f"CAST({moment_condition(meaning, sure=sure)} AS BIGINT)"
        return name(f"{'sure' if sure else 'told'}:{predicate}")

    def doubtful(self) -> str:
        """Rows that may be hits: first and last moment, and for each atom whether it may be one."""
        names = [each for each in self.asked if kind_of(self.plan, each) == "hits"]
        atoms = _atoms(self.plan.meanings[each] for each in names)
        maybe = {atom: self._maybe(doubts.possible_condition, atom) for atom in atoms}
        valued = {atom: self._maybe(doubts.surely_valued, atom) for atom in atoms}
        columns = "".join(f", ({rows}) AS {name('maybe:' + atom)}" for atom, rows in maybe.items())
        columns += "".join(f", ({x}) AS {name('sure:' + atom)}" for atom, x in valued.items())
        any_row = " OR ".join(f"({rows})" for rows in maybe.values())
        return (
            f"SELECT subject_id, {doubts.FIRST} AS t0, {doubts.LAST} AS t1{columns} "
            f"FROM {EVENTS} WHERE time IS NOT NULL AND ({any_row})"
        )

    def _maybe(self, condition: Callable[..., str], atom: str) -> str:
        plain = self.plan.atoms[atom]
        return condition(plain, source=self.source, with_ends=self.with_ends)

    def doubts_between(
        self, limits: tuple[str, str], predicates: Iterable[str], *, among: str
    ) -> str:
        """How many rows may be hits of each predicate, and how many are wherever they lie."""
        after, until = limits
        columns = ""
        for predicate in predicates:
            atoms = atoms_of(self.plan.meanings[predicate])
            maybe = " OR ".join(name(f"maybe:{atom}") for atom in atoms)
            both = (f"({name(f'maybe:{atom}')} AND {name(f'sure:{atom}')})" for atom in atoms)
            sure = " OR ".join(both)
            inside = f"({sure}) AND e.t0 > {after} AND e.t1 <= {until}"
            columns += f", count(*) FILTER (WHERE {maybe}) AS {name('most:' + predicate)}"
            columns += f", count(*) FILTER (WHERE {inside}) AS {name('least:' + predicate)}"
        return (
            f"SELECT r.subject_id, r.a{columns} FROM {among} r JOIN {DOUBTS} e "
            f"ON e.subject_id = r.subject_id AND e.t1 > {after} AND e.t0 <= {until} "
            f"GROUP BY r.subject_id, r.a"
        )

    def moments(self, *, among: str | None) -> str:
        """Every moment of the records of some subjects."""
        some = "" if among is None else f" AND subject_id IN (SELECT subject_id FROM {among})"
        return (
            f"SELECT DISTINCT subject_id, epoch_us(time) AS t FROM {EVENTS} WHERE {self.seen}{some}"
        )

    def moments_between(self, limits: tuple[str, str], *, among: str) -> str:
        """How many moments the record of each row has, after one limit until another.

        One sort, whatever the numbers: limits are laid among the events, and a limit's rank
        among all, less its rank among the limits, is the number of moments up to it.
        """
        after, until = limits
        rows = f"FROM {among} r WHERE {after} + {until} IS NOT NULL"
        return (
            f"SELECT subject_id, a, sum(side * (place - own)) AS n FROM ("
            f"SELECT *, dense_rank() OVER (PARTITION BY subject_id ORDER BY t) AS own FROM ("
            f"SELECT *, dense_rank() OVER (PARTITION BY subject_id ORDER BY t, side <> 0) AS place "
            f"FROM (SELECT subject_id, NULL AS a, epoch_us(time) AS t, 0 AS side FROM {EVENTS} "
            f"WHERE {self.seen} AND subject_id IN (SELECT subject_id FROM {among}) "
            f"UNION ALL SELECT r.subject_id, r.a, {until}, 1 {rows} "
            f"UNION ALL SELECT r.subject_id, r.a, {after}, -1 {rows})"
            f") WHERE side <> 0) GROUP BY subject_id, a"
        )

    def record(self) -> str:
        """First and last moment of each record."""
        return (
            f"SELECT subject_id, epoch_us(min(time)) AS first, epoch_us(max(time)) AS last "
            f"FROM {EVENTS} WHERE {self.seen} GROUP BY subject_id"
        )


def _atoms(meanings: Iterable[Meaning]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(atom for meaning in meanings for atom in atoms_of(meaning)))
