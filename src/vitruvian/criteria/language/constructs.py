"""The three constructs beside ACES: `measure`, `expr` and `score`."""

# ruff: noqa: TRY003 - the reader of a language has one class of complaint

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from vitruvian.criteria.errors import UnknownName
from vitruvian.criteria.language.document import Entry, allow
from vitruvian.criteria.language.formula import Formula, names_in, read_formula
from vitruvian.criteria.language.predicates import NAME

Take: TypeAlias = Literal["last", "first", "min", "max", "count", "sum", "delta", "slope"]
TAKES: dict[str, Take] = {
    "last": "last",
    "first": "first",
    "min": "min",
    "max": "max",
    "count": "count",
    "sum": "sum",
    "delta": "delta",
    "slope": "slope",
}


@dataclass(frozen=True)
class MeasureOf:
    """One number out of the values of a predicate in a window.

    `delta` is last minus first, `slope` the least-squares rise an hour; both need two values.
    With `unit`, values in another unit make the answer unknown: they are never mixed.
    """

    predicate: str
    window: str
    take: Take
    unit: str | None = None

    @property
    def number_unit(self) -> str | None:
        """The unit of the number itself, in UCUM; None for a count, and where none is declared.

        Examples
        --------
        >>> MeasureOf("creatinine", "day", "slope", "umol/L").number_unit
        'umol/L/h'
        """
        if self.unit is None or self.take == "count":
            return None
        return f"{self.unit}/h" if self.take == "slope" else self.unit


@dataclass(frozen=True)
class ScoreOf:
    """A risk by name, fed from measures: input of the score -> name of the measure."""

    name: str
    inputs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Constructs:
    """What a task says beside ACES, by name."""

    measures: dict[str, MeasureOf]
    formulas: dict[str, Formula]
    scores: dict[str, ScoreOf]

    @property
    def predicates(self) -> frozenset[str]:
        """The predicates they speak of."""
        return frozenset(measure.predicate for measure in self.measures.values())


def read_constructs(top: dict[str, Entry]) -> Constructs:
    """The constructs of a task; every formula under `expr` must hold."""
    measures = {name: _measure(entry) for name, entry in _named(top.get("measure"))}
    scores = {name: _score(entry, measures) for name, entry in _named(top.get("score"))}
    formulas = {}
    for name, entry in _named(top.get("expr")):
        formulas[name] = read_formula(entry)
        for word in sorted(names_in(formulas[name]) - measures.keys() - scores.keys()):
            raise UnknownName(word, at=entry.at, kind="measure or score")
    return Constructs(measures, formulas, scores)


def _named(entry: Entry | None) -> list[tuple[str, Entry]]:
    if entry is None:
        return []
    for name, member in entry.members().items():
        if not NAME.match(name):
            raise member.wrong("its name is not a word", expected="letters, digits and _")
    return list(entry.members().items())


def _measure(entry: Entry) -> MeasureOf:
    members = entry.members()
    allow(members, frozenset({"of", "window", "take", "unit"}), at=entry.at)
    for key in ("of", "window", "take"):
        if key not in members:
            raise entry.wrong(f"`{key}` is missing", expected="of, window, take and perhaps unit")
    word = members["take"].text()
    if word not in TAKES:
        raise members["take"].wrong("not a way to take a number", expected=", ".join(TAKES))
    unit = members["unit"].text() if "unit" in members else None
    return MeasureOf(members["of"].text(), members["window"].text(), TAKES[word], unit)


def _score(entry: Entry, measures: dict[str, MeasureOf]) -> ScoreOf:
    members = entry.members()
    allow(members, frozenset({"by", "from"}), at=entry.at)
    if "by" not in members or "from" not in members:
        raise entry.wrong("`by` or `from` is missing", expected="by: NAME and from: inputs")
    inputs = {name: value.text() for name, value in members["from"].members().items()}
    for measure in inputs.values():
        if measure not in measures:
            raise UnknownName(measure, at=f"{entry.at}.from", kind="measure")
    return ScoreOf(members["by"].text(), tuple(inputs.items()))
