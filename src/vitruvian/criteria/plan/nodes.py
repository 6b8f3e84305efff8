"""The plan: points in time, spans between them, and lines that must hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vitruvian.criteria.language.constructs import MeasureOf, ScoreOf
from vitruvian.criteria.language.formula import Formula
from vitruvian.criteria.language.predicates import Absence, Plain

TRIGGER = "trigger"


@dataclass(frozen=True)
class Atom:
    """A plain predicate, by name."""

    name: str


@dataclass(frozen=True)
class AllOf:
    """Hit at moments where all parts are hit."""

    parts: tuple[Meaning, ...]


@dataclass(frozen=True)
class AnyOf:
    """Hit at moments where one of the parts is hit."""

    parts: tuple[Meaning, ...]


@dataclass(frozen=True)
class Always:
    """Hit at every moment at which the record holds anything."""


Meaning: TypeAlias = Atom | AllOf | AnyOf | Always


@dataclass(frozen=True)
class Point:
    """A moment: `offset` microseconds from the trigger or from the event that ends a span."""

    anchor: str
    offset: int = 0

    def later(self, offset: int) -> Point:
        """The moment so many microseconds on."""
        return Point(self.anchor, self.offset + offset)


@dataclass(frozen=True)
class Interval:
    """A stretch between two moments; either end may belong to it."""

    start: Point
    end: Point
    start_inclusive: bool
    end_inclusive: bool


@dataclass(frozen=True)
class Nearest:
    """The nearest moment of a predicate, ahead of or behind a point, the point itself or not."""

    predicate: str
    origin: Point
    forward: bool
    inclusive: bool


@dataclass(frozen=True)
class Span:
    """One step through the timeline: `name` is the end of a window it leads to."""

    name: str
    at: str
    interval: Interval
    nearest: Nearest | None = None


@dataclass(frozen=True)
class Found:
    """A line that holds when the event that ends the span exists."""

    at: str
    span: str
    predicate: str


@dataclass(frozen=True)
class Counted:
    """A line that holds when a predicate is hit often enough and not too often in a span."""

    at: str
    span: str
    predicate: str
    low: int | None
    high: int | None


@dataclass(frozen=True)
class Holds:
    """A line that holds when a formula over measures and scores is true."""

    at: str
    name: str
    formula: Formula


Line: TypeAlias = Found | Counted | Holds
Logic: TypeAlias = Literal["strict", "three-valued"]


@dataclass(frozen=True)
class Plan:
    """What a task asks, without saying how an engine answers.

    Parameters
    ----------
    logic
        Two-valued as ACES, or with unknown.
    atoms
        Plain predicates by name.
    meanings
        What every predicate stands for, over atoms.
    absences
        What it means that a predicate is not hit.
    demographics
        Predicates that a subject must meet without a time.
    trigger
        The predicate whose hits are asked about.
    spans
        Each behind those it hangs on.
    lines
        In the order in which they are judged.
    label
        Span and predicate whose count is the label.
    index
        The moment of prediction.
    measures, scores
        Numbers beside ACES; a measure's window is given by its interval.
    """

    logic: Logic
    atoms: Mapping[str, Plain]
    meanings: Mapping[str, Meaning]
    absences: Mapping[str, Absence]
    demographics: tuple[str, ...]
    trigger: str
    spans: tuple[Span, ...]
    lines: tuple[Line, ...]
    label: tuple[str, str] | None
    index: Point | None
    measures: Mapping[str, tuple[MeasureOf, Interval]]
    scores: Mapping[str, ScoreOf]

    def span(self, name: str) -> Span:
        """The span of that name."""
        return next(span for span in self.spans if span.name == name)
