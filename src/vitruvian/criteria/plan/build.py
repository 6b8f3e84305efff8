"""From a task as written to its plan.

Notes
-----
Strict plans repeat two habits of es-aces 0.7.3, so that answers are equal: what a window
without length `has` is not looked at, and `index_timestamp` of a window that is told
backwards by a length of time (`start: end - 24h`) gives its other end.
"""

# ruff: noqa: TRY003 - the reader of a language has one class of complaint

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from vitruvian.criteria.errors import CircularTask, InvalidTask, NotTwoValued
from vitruvian.criteria.language.descendants import refuse_open
from vitruvian.criteria.language.predicates import (
    ANY_EVENT,
    SPECIAL,
    Absence,
    Derived,
    Plain,
    Predicate,
)
from vitruvian.criteria.language.task import Task
from vitruvian.criteria.language.windows import Boundary, Side, Window
from vitruvian.criteria.plan.nodes import (
    TRIGGER,
    AllOf,
    Always,
    AnyOf,
    Atom,
    Counted,
    Found,
    Holds,
    Interval,
    Line,
    Logic,
    Meaning,
    Nearest,
    Plan,
    Point,
    Span,
)


def build_plan(task: Task, *, logic: Logic = "strict") -> Plan:
    """The plan of a task.

    Parameters
    ----------
    task
        As `parse_task` gives it.
    logic
        `strict` answers as es-aces does; `three-valued` knows "unknown".

    Raises
    ------
    NotTwoValued
        When a strict plan is asked of a task with constructs beside ACES.
    NoRelease
        When a code counts with its descendants and nobody has looked them up.
    CircularTask
        When windows hang on one another in a ring.
    InvalidTask
        When a label or index stands at a window without length.
    """
    refuse_open(task)
    if logic == "strict":
        _refuse_constructs(task)
    spans = _Spans(task.windows, keep_points=logic == "three-valued")
    for window in task.windows.values():
        spans.point(f"{window.name}.{window.root}")
        spans.free_point(window)
    constructs = task.constructs
    return Plan(
        logic=logic,
        atoms={n: p for n, p in task.predicates.items() if isinstance(p, Plain)},
        meanings=_meanings(task.predicates),
        absences=_absences(task.predicates, logic),
        demographics=task.demographics,
        trigger=task.trigger,
        spans=tuple(spans.made.values()),
        lines=(*_window_lines(task.windows, spans), *_formula_lines(task)),
        label=_label(task.windows, spans),
        index=_index(task.windows, spans, logic),
        measures={
            name: (measure, spans.whole(task.windows[measure.window]))
            for name, measure in constructs.measures.items()
        },
        scores=dict(constructs.scores),
    )


def _refuse_constructs(task: Task) -> None:
    constructs = task.constructs
    for key, named in (("measure", constructs.measures), ("expr", constructs.formulas)):
        for name in named:
            raise NotTwoValued(key, at=f"{key}.{name}")
    for name in constructs.scores:
        raise NotTwoValued("score", at=f"score.{name}")
    for name, predicate in task.predicates.items():
        if predicate.absence != Absence():
            raise NotTwoValued("absence", at=f"predicates.{name}.absence")


def _absences(predicates: Mapping[str, Predicate], logic: Logic) -> dict[str, Absence]:
    if logic == "strict":
        return {}
    return {name: predicate.absence for name, predicate in predicates.items()}


def _meanings(predicates: Mapping[str, Predicate]) -> dict[str, Meaning]:
    """Parts stand before the whole, so one pass suffices.

    Every subject that is left meets all demographics, so one inside an `and` changes
    nothing, and one inside an `or` makes it true at every moment.
    """
    made: dict[str, Meaning] = {name: Always() for name in SPECIAL if name == ANY_EVENT}
    for name, predicate in predicates.items():
        if isinstance(predicate, Plain):
            made[name] = Atom(name)
        else:
            made[name] = _joined(predicate, predicates, made)
    return made


def _joined(
    derived: Derived, predicates: Mapping[str, Predicate], made: Mapping[str, Meaning]
) -> Meaning:
    parts = []
    for name in derived.parts:
        part = predicates[name]
        parts.append(Always() if isinstance(part, Plain) and part.static else made[name])
    timed = tuple(part for part in parts if not isinstance(part, Always))
    if derived.join == "or":
        return AnyOf(timed) if len(timed) == len(parts) else Always()
    return AllOf(timed) if timed else Always()


@dataclass
class _Spans:
    """The spans of all windows, made as they are asked for."""

    windows: Mapping[str, Window]
    keep_points: bool
    made: dict[str, Span] = field(default_factory=dict)
    points: dict[str, Point] = field(default_factory=dict)
    under_way: list[str] = field(default_factory=list)

    def point(self, place: str) -> Point:
        """Where `trigger`, `WINDOW.start` or `WINDOW.end` lies."""
        if place == TRIGGER:
            return Point(TRIGGER)
        if place in self.points:
            return self.points[place]
        name, _, side = place.partition(".")
        window = self.windows[name]
        if place in self.under_way:
            raise CircularTask(place, at=window.at)
        self.under_way.append(place)
        found = self._hung_point(window) if side == window.root else self.free_point(window)
        self.under_way.remove(place)
        self.points[place] = found
        return found

    def _hung_point(self, window: Window) -> Point:
        """The end that hangs elsewhere; counts nothing, and never the moment it hangs on."""
        origin = self.point(window.hung.reference)
        name = f"{window.name}.{window.root}"
        return self._lead(name, origin, window.hung, (False, False))

    def free_point(self, window: Window) -> Point:
        """The other end; what lies between is what the window holds."""
        origin = self.point(f"{window.name}.{window.root}")
        inclusive = (window.start_inclusive, window.end_inclusive)
        return self._lead(free_name(window), origin, window.free, inclusive)

    def _lead(
        self, name: str, origin: Point, boundary: Boundary, inclusive: tuple[bool, bool]
    ) -> Point:
        """From a point over a boundary to the next one; a boundary on the spot is no step."""
        if name in self.points:
            return self.points[name]
        is_free = name == free_name(self.windows[name.partition(".")[0]])
        if boundary.is_reference and not (self.keep_points and is_free):
            return origin
        end = Point(name) if boundary.event else origin.later(boundary.offset)
        forward = boundary.forward if boundary.event else boundary.offset >= 0
        first, last = (origin, end) if forward else (end, origin)
        nearest = None
        if boundary.event is not None:
            nearest = Nearest(boundary.event, origin, forward, inclusive[1 if forward else 0])
        self.made[name] = Span(name, f"windows.{name}", Interval(first, last, *inclusive), nearest)
        self.points[name] = end
        return end

    def whole(self, window: Window) -> Interval:
        """The window from end to end."""
        return Interval(
            self.point(f"{window.name}.start"),
            self.point(f"{window.name}.end"),
            window.start_inclusive,
            window.end_inclusive,
        )


def free_name(window: Window) -> str:
    """The end of a window that is told from its own root."""
    return f"{window.name}.{'start' if window.root == 'end' else 'end'}"


def _window_lines(windows: Mapping[str, Window], spans: _Spans) -> tuple[Line, ...]:
    """For each span first whether it exists, then what it must hold."""
    lines: list[Line] = []
    for span in spans.made.values():
        if span.nearest is not None:
            lines.append(Found(span.at, span.name, span.nearest.predicate))
        window = windows[span.name.partition(".")[0]]
        for count in window.has if span.name == free_name(window) else ():
            at = f"{window.at}.has.{count.predicate}"
            lines.append(Counted(at, span.name, count.predicate, count.low, count.high))
    return tuple(lines)


def _formula_lines(task: Task) -> tuple[Line, ...]:
    return tuple(
        Holds(f"expr.{name}", name, formula) for name, formula in task.constructs.formulas.items()
    )


def _with_length(window: Window, spans: _Spans, what: str) -> Span:
    name = free_name(window)
    if name not in spans.made:
        at = f"{window.at}.{what}"
        raise InvalidTask("the window has no length", at=at, expected="a window with a length")
    return spans.made[name]


def _label(windows: Mapping[str, Window], spans: _Spans) -> tuple[str, str] | None:
    for window in windows.values():
        if window.label is not None:
            return _with_length(window, spans, "label").name, window.label
    return None


def _index(windows: Mapping[str, Window], spans: _Spans, logic: Logic) -> Point | None:
    for window in windows.values():
        if window.index is not None:
            span = _with_length(window, spans, "index_timestamp")
            return _side(span, window.index, swapped=logic == "strict" and _is_backwards(window))
    return None


def _is_backwards(window: Window) -> bool:
    return window.free.event is None and window.free.offset < 0


def _side(span: Span, side: Side, *, swapped: bool) -> Point:
    return span.interval.start if (side == "start") != swapped else span.interval.end
