"""Rows of one record, and at which moments a predicate is hit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

from vitruvian.criteria.engines.duckdb.conditions import atoms_of
from vitruvian.criteria.language.document import Scalar
from vitruvian.criteria.language.predicates import Bound, Plain
from vitruvian.criteria.plan.nodes import AllOf, Always, Atom, Meaning, Plan
from vitruvian.criteria.source import Source

# Any: one row as the engine gave it
Told: TypeAlias = Mapping[str, Any]
Counts: TypeAlias = Mapping[str, int]


@dataclass(frozen=True)
class Row:
    """One event: `t` in microseconds since 1970, `first` to `last` where its date is partial."""

    t: int
    code: str
    value: float | None
    told: Told
    first: int
    last: int
    exact: bool

    @property
    def comparator(self) -> str | None:
        """`<`, `<=`, `>`, `>=`, or None."""
        word: str | None = self.told.get("comparator")
        return word

    @property
    def fact(self) -> object:
        """Equal for one fact told twice."""
        key = self.told.get("fact_key")
        return self.told["event_id"] if key is None else ("fact", key)


@dataclass(frozen=True)
class Record:
    """Every row that a task may look at, and the first and last moment of the whole record."""

    rows: Sequence[Row]
    first: int
    last: int

    @cached_property
    def by_code(self) -> Mapping[str, Sequence[Row]]:
        """The rows of each code."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.rows:
            found[row.code].append(row)
        return found


@dataclass(frozen=True)
class Moment:
    """What is hit at one moment: as told, and whatever doubts there are."""

    t: int
    told: Counts
    sure: Counts


@dataclass(frozen=True)
class Doubtful:
    """A row that may be a hit of some atoms; of `valued` ones it is, wherever it lies."""

    first: int
    last: int
    maybe: frozenset[str]
    valued: frozenset[str]


@dataclass(frozen=True)
class Hits:
    """The hits of a plan's predicates in one record."""

    plan: Plan
    source: Source
    record: Record
    _rows: dict[str, list[Row]] = field(default_factory=dict)
    _any_value: dict[str, list[Row]] = field(default_factory=dict)

    @property
    def with_doubts(self) -> bool:
        """Whether a sure hit is told from a possible one."""
        return self.plan.logic == "three-valued" and self.source.doubts

    def rows_of(self, atom: str) -> list[Row]:
        """The rows that are hits of a plain predicate, as told."""
        if atom not in self._rows:
            plain = self.plan.atoms[atom]
            self._rows[atom] = [row for row in self._but_value(atom) if _in_range(plain, row.value)]
        return self._rows[atom]

    def _but_value(self, atom: str) -> list[Row]:
        """The rows that are hits whatever their value."""
        if atom not in self._any_value:
            plain = self.plan.atoms[atom]
            wanted: dict[str, Sequence[Scalar]] = {**self.source.axes, **dict(plain.columns)}
            self._any_value[atom] = [
                row
                for code in plain.codes.among(self.record.by_code.keys())
                for row in self.record.by_code[code]
                if all(row.told.get(column) in words for column, words in wanted.items())
            ]
        return self._any_value[atom]

    def sure_rows_of(self, atom: str) -> list[Row]:
        """The rows that are hits whatever their date or comparator stands for."""
        return [row for row in self.valued_rows_of(atom) if row.exact]

    def valued_rows_of(self, atom: str) -> list[Row]:
        """The rows that are hits whatever their comparator stands for."""
        plain = self.plan.atoms[atom]
        if plain.low is None and plain.high is None:
            return self.rows_of(atom)
        return [
            row
            for row in self._but_value(atom)
            if (row.comparator is None and _in_range(plain, row.value)) or _sure_side(plain, row)
        ]

    def maybe_rows_of(self, atom: str) -> list[Row]:
        """The rows that may be hits, and are not for sure."""
        plain = self.plan.atoms[atom]
        if plain.low is None and plain.high is None:
            return [row for row in self.rows_of(atom) if not row.exact]
        sure = set(map(id, self.sure_rows_of(atom)))
        return [
            row
            for row in self._but_value(atom)
            if id(row) not in sure
            and (
                (row.comparator is None and _in_range(plain, row.value))
                or _possible_side(plain, row)
            )
        ]

    def rows_or_maybe(self, atom: str) -> list[Row]:
        """The rows that are, or may be, hits."""
        if not self.with_doubts:
            return self.rows_of(atom)
        rows = [*self.rows_of(atom), *self.maybe_rows_of(atom)]
        return list({id(row): row for row in rows}.values())

    @cached_property
    def moments(self) -> Sequence[Moment]:
        """Every moment at which some plain predicate is hit, in order."""
        told = self._counted(self.rows_of)
        sure = self._counted(self.sure_rows_of) if self.with_doubts else told
        return [
            Moment(t, told.get(t, {}), sure.get(t, {})) for t in sorted(told.keys() | sure.keys())
        ]

    def _counted(self, rows_of: Callable[[str], list[Row]]) -> dict[int, dict[str, int]]:
        facts: dict[int, dict[str, set[object]]] = defaultdict(lambda: defaultdict(set))
        for atom in self.plan.atoms:
            for row in rows_of(atom):
                facts[row.t][atom].add(row.fact)
        return {t: {a: len(each) for a, each in found.items()} for t, found in facts.items()}

    @cached_property
    def doubtful(self) -> Sequence[Doubtful]:
        """The rows that may be hits of something."""
        if not self.with_doubts:
            return ()
        rows: dict[int, Row] = {}
        maybe: dict[int, set[str]] = defaultdict(set)
        valued: dict[int, set[str]] = defaultdict(set)
        for atom in self.plan.atoms:
            for row in self.maybe_rows_of(atom):
                rows[id(row)] = row
                maybe[id(row)].add(atom)
            for row in self.valued_rows_of(atom):
                valued[id(row)].add(atom)
        return [
            Doubtful(row.first, row.last, frozenset(maybe[key]), frozenset(valued[key]))
            for key, row in rows.items()
        ]

    def number(self, predicate: str, counts: Counts) -> int:
        """How often a predicate is hit at a moment."""
        meaning = self.plan.meanings[predicate]
        if isinstance(meaning, Atom):
            return counts.get(meaning.name, 0)
        return int(_is_met(meaning, counts))

    def evidence(self, predicate: str) -> list[Row]:
        """The rows behind a predicate, each once, in the order of time."""
        atoms = atoms_of(self.plan.meanings[predicate])
        rows: Iterable[Row] = (row for atom in atoms for row in self.rows_of(atom))
        once = {id(row): row for row in rows}
        return sorted(once.values(), key=lambda row: (row.t, row.told["event_id"]))


def _is_met(meaning: Meaning, counts: Counts) -> bool:
    if isinstance(meaning, Atom):
        return counts.get(meaning.name, 0) > 0
    if isinstance(meaning, Always):
        return True
    met = (_is_met(part, counts) for part in meaning.parts)
    return all(met) if isinstance(meaning, AllOf) else any(met)


def _in_range(plain: Plain, value: float | None) -> bool:
    if plain.low is None and plain.high is None:
        return True
    return value is not None and _above(plain.low, value) and _below(plain.high, value)


def _above(low: Bound | None, value: float) -> bool:
    return low is None or (value >= low.value if low.inclusive else value > low.value)


def _below(high: Bound | None, value: float) -> bool:
    return high is None or (value <= high.value if high.inclusive else value < high.value)


def _sure_side(plain: Plain, row: Row) -> bool:
    """All values on the comparator's side lie in the range."""
    value, sign = row.value, row.comparator
    if value is None or (plain.low is not None and plain.high is not None):
        return False
    if plain.high is not None:
        limit = plain.high.value
        return (sign == "<" and value <= limit) or (sign == "<=" and _below(plain.high, value))
    if plain.low is not None:
        return (sign == ">" and value >= plain.low.value) or (
            sign == ">=" and _above(plain.low, value)
        )
    return True


def _possible_side(plain: Plain, row: Row) -> bool:
    """Some value on the comparator's side lies in the range."""
    value, sign = row.value, row.comparator
    if sign in {"<", "<="}:
        return plain.low is None or _reaches(plain.low, value, touching=sign == "<=", up=False)
    if sign in {">", ">="}:
        return plain.high is None or _reaches(plain.high, value, touching=sign == ">=", up=True)
    return sign is not None


def _reaches(bound: Bound, value: float | None, *, touching: bool, up: bool) -> bool:
    """Whether the values on one side of a told number reach into the range behind a bound."""
    if value is None:
        return False
    beyond = value < bound.value if up else value > bound.value
    return beyond or (value == bound.value and touching and bound.inclusive)
