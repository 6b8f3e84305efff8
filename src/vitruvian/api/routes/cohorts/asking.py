"""Asking a lake about a cohort, once for each definition, state and account."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np
from fastapi import Request

from vitruvian.api.deps import Visit
from vitruvian.api.routes.cohorts.words import Asking, CohortAnswer, Count, OpenLine, Two, Written
from vitruvian.criteria.cohorts import Answer, Asked, Definition, ask, read_definition
from vitruvian.criteria.cohorts.kept.floor import Floor
from vitruvian.criteria.cohorts.kept.saved import Shelf
from vitruvian.criteria.cohorts.shown.breakdown import break_down
from vitruvian.criteria.errors import OnlyCounts
from vitruvian.picture import Moment
from vitruvian.picture.answers import PatientSummary
from vitruvian.picture.find.patients import Page, listed
from vitruvian.risks import scores
from vitruvian.trust.access import Operation

if TYPE_CHECKING:
    from vitruvian.lake import Reader

MOST_KEPT = 32
_OPENING = Lock()


@dataclass
class Answers:
    """The last answers, so that a list of patients need not be counted again page by page."""

    kept: OrderedDict[Hashable, Answer] = field(default_factory=OrderedDict)
    guard: Lock = field(default_factory=Lock)

    def get(self, key: Hashable) -> Answer | None:
        """An answer given before."""
        with self.guard:
            return self.kept.get(key)

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer; the oldest goes."""
        with self.guard:
            self.kept[key] = answer
            while len(self.kept) > MOST_KEPT:
                self.kept.popitem(last=False)


@dataclass(frozen=True)
class Desk:
    """One request about cohorts."""

    visit: Visit
    shelf: Shelf
    answers: Answers

    @property
    def owner(self) -> str:
        """Whose definitions."""
        return self.visit.session.account.name

    @property
    def floor(self) -> Floor:
        """The least count that this role sees."""
        return self.shelf.floor(self.visit.session.account.role)

    @property
    def counting(self) -> Operation:
        """What this role does here: it reads, or it counts only."""
        return "read" if self.floor.sees_patients else "count"

    def require_patients(self) -> None:
        """Refuse single patients to a role that sees counts only."""
        if not self.floor.sees_patients:
            raise OnlyCounts(self.visit.session.account.role)

    def moment(self, asking: Asking) -> Moment:
        """The moment asked about."""
        now = self.visit.clock()
        return Moment(now, known_at=asking.known_at, recorded_at=asking.recorded_at)

    @contextmanager
    def reading(self, asking: Asking) -> Iterator[Reader]:
        """The lake as of the moment asked about."""
        with self.visit.read(self.moment(asking), operation=self.counting) as reader:
            yield reader

    @contextmanager
    def reading_first(self, two: Two, reader: Reader) -> Iterator[Reader]:
        """The lake as the first of two is asked; the reader in hand where the moment is one."""
        before = two.of_first()
        if (before.known_at, before.recorded_at) == (two.known_at, two.recorded_at):
            yield reader
            return
        with self.reading(before) as other:
            yield other

    def answer(self, definition: Definition, written: Written, reader: Reader) -> Answer:
        """The cohort, counted or remembered."""
        state = (reader.snapshot.id, reader.permit_key, written.known_at, written.recorded_at)
        key = (self.owner, definition.text, state)
        found = self.answers.get(key)
        if found is None:
            found = ask(definition, Asked(reader, scores()))
            self.answers.put(key, found)
        return found

    def patients(
        self, reader: Reader, persons: Sequence[int], asking: Asking
    ) -> list[PatientSummary]:
        """Persons as the worklist shows them."""
        found = np.asarray(persons, np.int64)
        page = Page(limit=len(persons))
        return listed(reader, found, moment=self.moment(asking), page=page).patients


def shelf_of(request: Request) -> Shelf:
    """The cohorts that are kept, and the least counts; opened when first wanted."""
    state = request.app.state
    with _OPENING:
        if not hasattr(state, "cohort_shelf"):
            state.cohort_answers = Answers()
            state.cohort_shelf = Shelf(state.lake.path, clock=state.clock)
        found: Shelf = state.cohort_shelf
        return found


def desk_of(request: Request, visit: Visit) -> Desk:
    """The desk of one request."""
    return Desk(visit, shelf_of(request), request.app.state.cohort_answers)


def counted(desk: Desk, written: Written) -> CohortAnswer:
    """How many, the way there, and who they are, as this role may see it."""
    definition, floor = read_definition(written.text), desk.floor
    with desk.reading(written) as reader:
        answer = desk.answer(definition, written, reader)
        breakdown = break_down(answer, reader)
        snapshot = reader.snapshot.id
    return CohortAnswer(
        title=definition.title,
        logic=definition.logic,
        snapshot=snapshot,
        persons=_count(floor, len(answer.persons("in")), len(answer.persons("unknown"))),
        triggers=_count(floor, answer.triggers("in"), answer.triggers("unknown")),
        steps=floor.steps(answer),
        open_lines=_open_lines(definition, answer, floor),
        breakdown=floor.breakdown(breakdown),
        floor=floor.least,
        descendants=answer.descendants,
    )


def _count(floor: Floor, inside: int, unknown: int) -> Count:
    return Count(floor.count(inside), floor.count(unknown))


def _open_lines(definition: Definition, answer: Answer, floor: Floor) -> list[OpenLine]:
    counts: dict[str, int] = {}
    for each in answer.members:
        for at in each.unknown:
            counts[at] = counts.get(at, 0) + 1
    ranked = sorted(counts.items(), key=lambda one: -one[1])
    return [OpenLine(at, definition.line(at), floor.count(number)) for at, number in ranked]
