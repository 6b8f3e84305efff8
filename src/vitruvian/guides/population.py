"""How many patients get which answer of a guideline, counted a little at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime

from vitruvian.guides.cards import told
from vitruvian.guides.changes import PeopleReader, people_for
from vitruvian.guides.engine.asked import AskedAt
from vitruvian.guides.engine.decide import Decision, Status, decide_all
from vitruvian.guides.engine.guide import Guide


@dataclass
class Tally:
    """The count so far, by what was known at one instant.

    Parameters
    ----------
    guide, instant
        What is asked, and when.
    people
        Whom it is asked of: the patients who hold a fact that its population names.
    done
        How many of them have been asked.
    answers, statuses
        How many patients got each answer, and each status.
    missing
        Of how many patients each fact is missing without which there is no answer.
    """

    guide: Guide
    instant: datetime
    people: list[int]
    done: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    statuses: Counter[Status] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)

    @property
    def finished(self) -> bool:
        """Whether all were asked."""
        return self.done == len(self.people)

    def advance(self, reader: PeopleReader, *, enough: Callable[[], bool]) -> None:
        """Ask the next patients until it is enough.

        Parameters
        ----------
        reader
            A reader of the lake, opened with `known_at=instant`.
        enough
            Asked after every patient; at least one is always asked.
        """
        while not self.finished:
            asked = AskedAt(reader, self.people[self.done], self.instant)
            # one that is past its review is counted all the same: whoever reviews it wants to know
            (decision,) = decide_all((self.guide,), asked, today=self._last_day)
            self._count(decision)
            self.done += 1
            if enough():
                return

    @property
    def _last_day(self) -> date:
        return self.guide.card.review_by

    def _count(self, decision: Decision) -> None:
        self.statuses[decision.status] += 1
        if decision.answer is not None:
            self.answers[decision.answer] += 1
        if decision.status == "unknown":
            self.missing.update(told(decision.missing, self.guide))


def tally_for(guide: Guide, reader: PeopleReader, *, instant: datetime) -> Tally:
    """A count that has not begun."""
    return Tally(guide, instant, people_for((guide,), reader))
