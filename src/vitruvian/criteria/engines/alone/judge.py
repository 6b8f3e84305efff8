"""The lines of a plan for one trigger of one record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vitruvian.criteria.engines.alone.hits import Hits, Row
from vitruvian.criteria.engines.alone.numbers import taken
from vitruvian.criteria.engines.duckdb.conditions import atoms_of
from vitruvian.criteria.engines.duckdb.tables import kind_of, unsure_parts
from vitruvian.criteria.language.predicates import RECORD_START, Absence
from vitruvian.criteria.plan.nodes import (
    TRIGGER,
    AllOf,
    AnyOf,
    Atom,
    Counted,
    Found,
    Interval,
    Meaning,
    Nearest,
    Plan,
    Point,
    Span,
)

MOST = 200
"""Events named for one line, as in DuckDB."""


@dataclass(frozen=True)
class Number:
    """How often a predicate is hit in a span: for sure, and by rows in doubt.

    `most` doubtful rows may be hits, `least` of them are one wherever they lie.
    """

    sure: int
    most: int = 0
    least: int = 0


@dataclass
class Bench:
    """One trigger: the moments found so far."""

    hits: Hits
    trigger: int
    anchors: dict[str, int | None] = field(default_factory=dict)
    _numbers: dict[tuple[str, str], Number] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Find the event at the end of each span, in order."""
        self.anchors[TRIGGER] = self.trigger
        for span in self.plan.spans:
            if span.nearest is not None:
                self.anchors[span.name] = self._nearest(span.nearest)

    @property
    def plan(self) -> Plan:
        """What is asked."""
        return self.hits.plan

    def moment(self, point: Point) -> int | None:
        """A point in microseconds; None when its event never came."""
        found = self.anchors.get(point.anchor)
        return None if found is None else found + point.offset

    def _nearest(self, nearest: Nearest) -> int | None:
        origin = self.moment(nearest.origin)
        if origin is None:
            return None
        if kind_of(self.plan, nearest.predicate) == "record":
            side = self._side(nearest.predicate)
            return side if _beyond(side, origin, nearest) else None
        times = [
            each.t
            for each in self.hits.moments
            if _beyond(each.t, origin, nearest) and self.hits.number(nearest.predicate, each.told)
        ]
        if not times:
            return None
        return min(times) if nearest.forward else max(times)

    def _side(self, predicate: str) -> int:
        return self.hits.record.first if predicate == RECORD_START else self.hits.record.last

    def limits(self, interval: Interval) -> tuple[int | None, int | None]:
        """A stretch as `after < t <= until`."""
        start, end = self.moment(interval.start), self.moment(interval.end)
        after = None if start is None else start - interval.start_inclusive
        until = None if end is None else end - (not interval.end_inclusive)
        return after, until

    def number(self, span: Span, predicate: str) -> Number:
        """How often a predicate is hit in a span; counted once, however many lines ask."""
        key = (span.name, predicate)
        if key not in self._numbers:
            self._numbers[key] = self._number(span, predicate)
        return self._numbers[key]

    def _number(self, span: Span, predicate: str) -> Number:
        after, until = self.limits(span.interval)
        if after is None or until is None:  # nothing lies in a stretch that is not there
            return Number(0)
        if kind_of(self.plan, predicate) == "record":
            return Number(int(after < self._side(predicate) <= until))
        sure = sum(
            self.hits.number(predicate, each.sure)
            for each in self.hits.moments
            if after < each.t <= until
        )
        atoms = set(atoms_of(self.plan.meanings[predicate]))
        near = [e for e in self.hits.doubtful if e.last > after and e.first <= until]
        inside = (e for e in near if e.first > after and e.last <= until)
        return Number(
            sure,
            most=sum(not atoms.isdisjoint(e.maybe) for e in near),
            least=sum(not atoms.isdisjoint(e.maybe & e.valued) for e in inside),
        )

    def shown(self, span: Span, predicate: str) -> int | None:
        """How often a predicate is hit; None where doubtful rows leave that open."""
        number = self.number(span, predicate)
        if not self._doubted(predicate):
            return number.sure
        if isinstance(self.plan.meanings[predicate], AllOf | AnyOf):
            return number.sure if number.most == 0 else None
        return number.sure + number.least if number.most == number.least else None

    def _doubted(self, predicate: str) -> bool:
        return self.hits.with_doubts and kind_of(self.plan, predicate) == "hits"

    def found(self, line: Found) -> bool | None:
        """Whether the event that ends a span exists."""
        if self.anchors.get(line.span) is not None:
            return True
        negative = self.plan.absences.get(line.predicate, Absence()).kind == "negative"
        return False if negative else None

    def counted(self, line: Counted) -> bool | None:
        """Whether a predicate is hit often enough, and not too often."""
        span = self.plan.span(line.span)
        if line.high is None and (line.low or 0) <= 0:
            return True
        ends = (span.interval.start, span.interval.end)
        if any(self.anchors.get(point.anchor) is None for point in ends):
            return None
        least, most = self._range(span, line.predicate)
        if most == 0 and not self._known_absent(span, line.predicate):
            return None
        if (line.low is None or least >= line.low) and (line.high is None or most <= line.high):
            return True
        never = line.low is not None and most < line.low
        return False if never or (line.high is not None and least > line.high) else None

    def _range(self, span: Span, predicate: str) -> tuple[int, int]:
        """The least and the greatest count that doubtful rows allow."""
        number = self.number(span, predicate)
        if not self._doubted(predicate):
            return number.sure, number.sure
        meaning = self.plan.meanings[predicate]
        least = number.sure
        if isinstance(meaning, AnyOf):
            least = max(number.sure, min(number.least, 1))
        elif not isinstance(meaning, AllOf):
            least += number.least
        return least, number.sure + number.most

    def _known_absent(self, span: Span, predicate: str) -> bool:
        """Whether no hit means that it did not happen."""
        absence = self.plan.absences.get(predicate, Absence())
        if absence.kind == "looked":
            return any(self.number(span, each).sure > 0 for each in absence.looked)
        if absence.kind != "negative":
            return False
        if not unsure_parts(self.plan, predicate):
            return True
        return self._absent(span, self.plan.meanings[predicate])

    def _absent(self, span: Span, meaning: Meaning) -> bool:
        if isinstance(meaning, Atom):
            number = self.number(span, meaning.name).sure
            return number == 0 and self._known_absent(span, meaning.name)
        if not isinstance(meaning, AllOf | AnyOf):
            return False
        parts = [self._absent(span, part) for part in meaning.parts]
        if isinstance(meaning, AnyOf):
            return all(parts)
        return any(parts) or all(self._seen(span, part) for part in meaning.parts)

    def _seen(self, span: Span, meaning: Meaning) -> bool:
        return any(self.number(span, atom).sure > 0 for atom in atoms_of(meaning))

    def events(self, line: Found | Counted) -> tuple[int, ...]:
        """Ids of the events that a line counted, in the order of time."""
        span = self.plan.span(line.span)
        start, end = self.moment(span.interval.start), self.moment(span.interval.end)
        if start is None or end is None or kind_of(self.plan, line.predicate) != "hits":
            return ()
        rows: Sequence[Row] = self.hits.evidence(line.predicate)
        if isinstance(line, Found):
            forward = span.nearest is None or span.nearest.forward
            rows = [row for row in rows if row.t == (end if forward else start)]
        else:
            after = start - span.interval.start_inclusive
            until = end - (not span.interval.end_inclusive)
            rows = [row for row in rows if after < row.t <= until]
        return tuple(row.told["event_id"] for row in rows[:MOST])

    def measures(self) -> Mapping[str, float | None]:
        """Every number, None where unknown."""
        found = {}
        for name, (what, interval) in self.plan.measures.items():
            found[name] = taken(what, self.limits(interval), hits=self.hits)
        return found


def _beyond(t: int, origin: int, nearest: Nearest) -> bool:
    if t == origin:
        return nearest.inclusive
    return t > origin if nearest.forward else t < origin
