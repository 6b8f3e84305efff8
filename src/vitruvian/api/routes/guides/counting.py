"""How many patients get which answer, counted a little with every request."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Literal, TypeAlias

from vitruvian.criteria.cohorts.kept.floor import Floor
from vitruvian.guides.population import Tally, tally_for

if TYPE_CHECKING:
    from vitruvian.api.deps import Visit
    from vitruvian.guides import Guide
    from vitruvian.lake import Reader
    from vitruvian.picture import Moment

Without: TypeAlias = Literal["unknown", "not recorded", "excluded"]
Kind: TypeAlias = Literal["answer"] | Without

SECONDS = 1.5
"""How long one request counts; the page asks again for the rest."""
MOST_KEPT = 32
MOST_MISSING = 6


@dataclass(frozen=True)
class PopulationRow:
    """How many patients got one answer, or none for one reason; None where withheld."""

    kind: Kind
    answer: str
    patients: int | None


@dataclass(frozen=True)
class MissingFact:
    """A fact that would decide, and of how many patients without an answer it is missing."""

    fact: str
    patients: int | None


@dataclass(frozen=True)
class GuidePopulation:
    """How many patients get which answer, by what was known at `instant`.

    `asked` patients hold a fact that the population names, `done` of them are counted so far.
    `floor` is the least count shown to this role, which sees no rows before all are counted.
    """

    instant: datetime
    asked: int | None
    done: int | None
    finished: bool
    rows: list[PopulationRow]
    missing: list[MissingFact]
    floor: int


@dataclass
class _Kept:
    tally: Tally
    snapshot: str
    guard: Lock = field(default_factory=Lock)


@dataclass
class Tallies:
    """The counts of this server that are begun or done, the oldest dropped first."""

    kept: OrderedDict[Hashable, _Kept] = field(default_factory=OrderedDict)
    guard: Lock = field(default_factory=Lock)

    def of(self, key: Hashable, snapshot: str, begin: Callable[[], Tally]) -> _Kept:
        """The count under that key; a finished one is begun anew when the lake has changed."""
        with self.guard:
            found = self.kept.get(key)
            if found is None or (found.tally.finished and found.snapshot != snapshot):
                found = self.kept[key] = _Kept(begin(), snapshot)
                self.kept.move_to_end(key)
            while len(self.kept) > MOST_KEPT:
                self.kept.popitem(last=False)
            return found


@dataclass(frozen=True)
class Counting:
    """One request to count: who asks, at which moment, and the least count that they see."""

    visit: Visit
    moment: Moment
    floor: Floor
    tallies: Tallies

    def population(self, guide: Guide) -> GuidePopulation:
        """The count so far, moved on for a moment."""
        with self._read(self.moment) as reader:
            kept = self._kept(guide, reader)
        until = monotonic() + SECONDS
        # what is counted later must not change what was counted before
        with kept.guard, self._read(self._pinned(kept.tally)) as reader:
            with reader.over_many(f"guide {guide.name}"):
                kept.tally.advance(reader, enough=lambda: monotonic() > until)
            return told(kept.tally, self.floor)

    def _pinned(self, tally: Tally) -> Moment:
        past = self.moment.known_at is not None or self.moment.recorded_at is not None
        return self.moment if past else replace(self.moment, known_at=tally.instant)

    def _kept(self, guide: Guide, reader: Reader) -> _Kept:
        moment = self.moment
        instant = moment.known_at or moment.recorded_at or moment.now
        key = (guide.name, reader.permit_key, moment.known_at, moment.recorded_at)
        return self.tallies.of(
            key, reader.snapshot.id, lambda: tally_for(guide, reader, instant=instant)
        )

    def _read(self, moment: Moment) -> AbstractContextManager[Reader]:
        return self.visit.read(moment, operation="read" if self.floor.sees_patients else "count")


def told(tally: Tally, floor: Floor) -> GuidePopulation:
    """A count as a role may see it."""
    shown = tally.finished or floor.sees_patients
    return GuidePopulation(
        instant=tally.instant,
        asked=floor.count(len(tally.people)),
        done=floor.count(tally.done),
        finished=tally.finished,
        rows=_rows(tally, floor) if shown else [],
        missing=_missing(tally, floor) if shown else [],
        floor=floor.least,
    )


def _rows(tally: Tally, floor: Floor) -> list[PopulationRow]:
    answers = list(dict.fromkeys(row.answer for row in tally.guide.rows))
    without: tuple[Without, ...] = ("unknown", "not recorded", "excluded")
    return [
        *(PopulationRow("answer", each, floor.count(tally.answers[each])) for each in answers),
        *(PopulationRow(kind, "", floor.count(tally.statuses[kind])) for kind in without),
    ]


def _missing(tally: Tally, floor: Floor) -> list[MissingFact]:
    most = tally.missing.most_common(MOST_MISSING)
    return [MissingFact(fact, floor.count(number)) for fact, number in most]
