"""Who is in a cohort, and how many are left after each line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from vitruvian.criteria.attrition import attrition
from vitruvian.criteria.cohorts.definition import Definition, complaint_of
from vitruvian.criteria.errors import BrokenDefinition, InvalidTask, OnlyOnDuckDB
from vitruvian.criteria.language.descendants import tops, with_descendants
from vitruvian.criteria.language.task import Task
from vitruvian.criteria.over_lake.persons import ByPerson, LakeReader
from vitruvian.criteria.run import Connection, Engine, Reader, run_task
from vitruvian.criteria.scores import Measure
from vitruvian.terms.releases import Expansion

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
class Descendants:
    """A code that counted with all its kinds: how many codes that were, by which releases."""

    code: str
    codes: int
    releases: tuple[str, ...]


@dataclass(frozen=True)
class Answer:
    """A cohort: its members, those unknown, and the way there. A person in once is in.

    `descendants` pins the terminology releases that the answer stands on.
    """

    title: str
    members: tuple[Member, ...]
    steps: tuple[Step, ...]
    descendants: tuple[Descendants, ...] = ()

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
    """A definition asked of events.

    Parameters
    ----------
    over
        Where the events are.
    scores
        The scores that it may name.
    site
        Only what the sources of this site told; None counts every site.
    """

    over: Connection | Reader | Engine
    scores: Mapping[str, Measure]
    site: str | None = None

    @property
    def engine(self) -> Engine:
        """The events as they are asked.

        Raises
        ------
        OnlyOnDuckDB
            When a site is named and another engine than the lake's own is asked.
        """
        if self.site is None:
            return self.over if isinstance(self.over, Engine) else Engine(self.over)
        if not isinstance(self.over, LakeReader):
            raise OnlyOnDuckDB
        return Engine(ByPerson(self.over, site=self.site))


def ask(definition: Definition, asked: Asked) -> Answer:
    """The cohort of a definition.

    Raises
    ------
    BrokenDefinition
        When these events cannot answer it as written; names the line.
    """
    engine = asked.engine
    logic, found = definition.logic, _expansions(definition.task, engine)
    with placed(definition):
        task = with_descendants(definition.task, found.get)
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
    told = [Descendants(one.code, len(one.codes), one.releases) for one in found.values() if one]
    return Answer(definition.title, members, tuple(steps), tuple(told))


def _expansions(task: Task, engine: Engine) -> dict[str, Expansion | None]:
    """The descendants of every code that a task names with them, looked up once."""
    return {code: engine.expand(code) for code in tops(task)}


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
