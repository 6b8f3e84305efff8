"""What a guideline finds in one person's record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vitruvian.criteria import LAKE, Engine, Explained, Judged, Range, explain
from vitruvian.criteria.engines.alone.explain import explain_alone
from vitruvian.criteria.engines.alone.hits import Record
from vitruvian.guides.engine.asked import AskedAt
from vitruvian.guides.engine.bedside import Wanted, read_record
from vitruvian.guides.engine.guide import Guide, Seen
from vitruvian.guides.engine.presence import Presence
from vitruvian.guides.engine.read import AGE, IN_HOSPITAL


@dataclass(frozen=True)
class Found:
    """Whether a predicate was seen in a window: yes, no or unknown, and by which events.

    `missing` names the predicates that would tell; empty unless unknown. `none_told`: nothing in
    the window is, or may be, such an event.
    """

    seen: bool | None
    events: tuple[int, ...]
    missing: tuple[str, ...]
    none_told: bool = False


@dataclass(frozen=True)
class Facts:
    """Numbers by name, None where unknown, and what was looked for."""

    numbers: Mapping[str, Range | None]
    found: Mapping[Seen, Found]
    presence: Presence

    def events_behind(self, seen: Seen) -> tuple[int, ...]:
        """Ids of the events of a predicate in a window."""
        return self.found[seen].events if seen in self.found else ()


def records_for(guides: Sequence[Guide], asked: AskedAt) -> Record | None:
    """The record in memory for all of these guidelines; None when none can use it."""
    parts = [guide.wanted for guide in guides if guide.in_memory]
    if not parts:
        return None
    wanted = Wanted.of_all(parts)
    return read_record(asked.reader, asked.person_id, instant=asked.instant, wanted=wanted)


def gather(guide: Guide, asked: AskedAt, record: Record | None, presence: Presence) -> Facts:
    """Everything that the guideline looks at, as known at the instant of the question.

    Parameters
    ----------
    guide, asked
        What is asked, of whom, and when.
    record
        As `records_for` gives it; a guideline that needs more goes to the engine.
    presence
        When a hospital saw the person.
    """
    if record is not None and guide.in_memory:
        return gathered(guide, record, presence)
    # looking for doubtful rows first saves most of the planning where there are none
    source = replace(LAKE, doubts=asked.has_doubts())
    (explained,) = explain(guide.task, Engine(asked, source), asked.person_id, logic="three-valued")
    return _facts(explained, presence)


def gathered(guide: Guide, record: Record, presence: Presence) -> Facts:
    """The same out of a record in memory, of a guideline whose plan can do with that."""
    (explained,) = explain_alone(guide.plan, record, source=LAKE)
    return _facts(explained, presence)


def _facts(explained: Explained, presence: Presence) -> Facts:
    numbers: dict[str, Range | None] = {
        name: None if value is None else Range(value, value)
        for name, value in explained.measures.items()
    }
    low, high = numbers.pop("age_at_least"), numbers.pop("age_at_most")
    numbers[AGE] = None if low is None or high is None else Range(low.low, high.high, ("birth",))
    numbers[IN_HOSPITAL] = presence.in_hospital
    return Facts(numbers, _found(explained), presence)


def _found(explained: Explained) -> dict[Seen, Found]:
    """Every counted line; nothing is known of a window whose own event never came."""
    lines = {line.at: line for line in explained.lines}
    return {
        Seen(window, predicate): _answered(line, exists=_exists(window, lines))
        for line in explained.lines
        for _, window, what, *rest in [line.at.split(".")]
        if what == "has"
        for predicate in rest
    }


def _exists(window: str, lines: Mapping[str, Judged]) -> bool:
    ends = (lines.get(f"windows.{window}.{side}") for side in ("start", "end"))
    return all(line is None or line.answer == "in" for line in ends)


def _answered(line: Judged, *, exists: bool) -> Found:
    if exists and line.answer != "unknown":
        return Found(line.answer == "in", line.events, ())
    missing = line.missing or (line.at.rpartition(".")[2],)
    return Found(None, line.events, missing, none_told=exists and line.count == 0)
