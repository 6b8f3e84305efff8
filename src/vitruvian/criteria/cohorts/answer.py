"""Who is in a cohort, and how many are left after each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from vitruvian.criteria.attrition import attrition
from vitruvian.criteria.cohorts.definition import Definition, complaint_of
from vitruvian.criteria.errors import BrokenDefinition, InvalidTask
from vitruvian.criteria.run import Connection, Engine, Reader, run_task
from vitruvian.criteria.scores import Measure

Verdict: TypeAlias = Literal["in", "unknown"]

# Any: one row as the engine gives it
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Member:
    """One trigger of one person that is in, or may be.

    `unknown` are the paths of the lines that nobody can answer; empty when in.
    """

    person_id: str
    trigger: datetime
    verdict: Verdict
    index_timestamp: datetime | None
    label: int | None
    unknown: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What is left after one line; None where a count is withheld."""

    at: str
    line: int | None
    says: str
    persons: int | None
    triggers: int | None


@dataclass(frozen=True)
class Answer:
    """A cohort: its members, those unknown, and the way there. A person in once is in."""

    title: str
    members: tuple[Member, ...]
    steps: tuple[Step, ...]

    def persons(self, verdict: Verdict) -> tuple[int, ...]:
        """Who is in; or who is unknown and never in."""
        found = {int(each.person_id) for each in self.members if each.verdict == verdict}
        if verdict == "unknown":
            found -= set(self.persons("in"))
        return tuple(sorted(found))

    def triggers(self, verdict: Verdict) -> int:
        """How many triggers are in, or unknown."""
        return sum(each.verdict == verdict for each in self.members)


@dataclass(frozen=True)
class Asked:
    """A definition asked of events: where they are, and the scores it may name."""

    over: Connection | Reader | Engine
    scores: Mapping[str, Measure]


def ask(definition: Definition, asked: Asked) -> Answer:
    """The cohort of a definition.

    Raises
    ------
    BrokenDefinition
        When these events cannot answer it as written; names the line.
    """
    engine = asked.over if isinstance(asked.over, Engine) else Engine(asked.over)
    logic, task = definition.logic, definition.task
    with placed(definition):
        rows = run_task(task, engine, logic=logic, scores=asked.scores).to_pylist()
        left = attrition(task, engine, logic=logic)
    members = tuple(_member(row) for row in rows)
    steps = [
        Step(each.at, definition.line(each.at), each.says, each.subjects, each.triggers)
        for each in left
        # every record has a first and a last event: such a line never leaves anybody out
        if not each.says.endswith(" event of the record")
    ]
    sure = [each for each in members if each.verdict == "in"]
    persons = len({each.person_id for each in sure})
    steps.append(Step("cohort", None, "in for sure", persons, len(sure)))
    return Answer(definition.title, members, tuple(steps))


@contextmanager
def placed(definition: Definition) -> Iterator[None]:
    """What events cannot answer is told with its line."""
    try:
        yield
    except InvalidTask as problem:
        raise BrokenDefinition(complaint_of(definition.text, problem)) from None


def _member(row: Row) -> Member:
    unknown: Sequence[str] = row.get("unknown") or ()
    label = row.get("label")
    return Member(
        person_id=str(row["subject_id"]),
        trigger=row["trigger"],
        verdict="unknown" if unknown else "in",
        index_timestamp=row.get("index_timestamp"),
        label=None if label is None else int(label),
        unknown=tuple(unknown),
    )
