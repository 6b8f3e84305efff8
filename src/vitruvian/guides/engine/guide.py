"""A guideline: its card, its criteria, and its table of answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Literal, TypeAlias

from vitruvian.base.manifest import Manifest
from vitruvian.criteria import Task
from vitruvian.criteria.engines.alone.explain import can_answer
from vitruvian.criteria.language.formula import Formula
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Plan
from vitruvian.guides.engine.bedside import Wanted

Urgency: TypeAlias = Literal["none", "info", "warning", "critical"]


@dataclass(frozen=True)
class Card:
    """What a reader must know before trusting an answer.

    After `review_by` the guideline is silent until somebody has reviewed it. One that does not
    `interrupts` is shown and never becomes an alert.
    """

    edition: str
    doi: str
    intended_use: str
    population: str
    exclusions: str
    owner: str
    review_by: date
    hazard: str
    interrupts: bool = True


@dataclass(frozen=True)
class Seen:
    """A predicate looked for in a window."""

    window: str
    predicate: str


@dataclass(frozen=True)
class Criterion:
    """One yes, no or unknown.

    Parameters
    ----------
    name, says, cite
        Its name, its sentence in our own words, and where that stands.
    asks
        A formula over measures, scores, found criteria and `age_years`; or a predicate looked
        for in a window.
    needs
        A formula that must hold, else the answer is unknown whatever `asks` gives.
    deviation
        How and why it differs from what is cited; empty when it does not.
    observed_within
        Where nothing is found, and nobody said no, but a hospital saw the person within so long,
        the criterion is `not recorded`: a state of its own, between no and unknown.
    """

    name: str
    says: str
    cite: str
    asks: Formula | Seen
    needs: Formula | None = None
    deviation: str = ""
    observed_within: timedelta | None = None


@dataclass(frozen=True)
class Row:
    """One row of a guideline's table: `answer` when all, any and none of its criteria say so.

    `instead_of` names the fuller answers in whose place it stands where less was looked for.
    `urgency` is how loudly another system may be told: none, info, warning or critical; `suggest`
    is the order to offer it, in words.
    """

    answer: str
    says: str
    cite: str
    all_of: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    none_of: tuple[str, ...] = ()
    instead_of: tuple[str, ...] = ()
    urgency: Urgency = "info"
    suggest: str = ""

    @property
    def criteria(self) -> tuple[str, ...]:
        """The criteria it speaks of."""
        return (*self.all_of, *self.any_of, *self.none_of)


@dataclass(frozen=True)
class FedScore:
    """A score by name, and the measure or criterion that feeds each of its inputs."""

    by: str
    inputs: Mapping[str, str]


@dataclass(frozen=True)
class Guide:
    """A guideline, read and checked.

    Parameters
    ----------
    manifest, card
        What it says of itself.
    task
        Everything that it looks at, as one task of the criteria language.
    measured
        The predicate and window behind each measure.
    scores, criteria
        By name, in the order written.
    population, exclusions
        Criteria that must be met, and that must not.
    rows
        Its table; the first row that holds answers, and the last holds always.
    words
        What people call the facts it looks at, by the name of a predicate or measure.
    """

    manifest: Manifest
    card: Card
    task: Task
    measured: Mapping[str, Seen]
    scores: Mapping[str, FedScore]
    criteria: Mapping[str, Criterion]
    population: tuple[str, ...]
    exclusions: tuple[str, ...]
    rows: tuple[Row, ...]
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of its folder."""
        return self.manifest.name

    @cached_property
    def plan(self) -> Plan:
        """What it looks at, as a plan."""
        return build_plan(self.task, logic="three-valued")

    @cached_property
    def in_memory(self) -> bool:
        """Whether its plan can do with a record in memory."""
        return can_answer(self.plan)

    @cached_property
    def wanted(self) -> Wanted:
        """What its plan looks at."""
        return Wanted.by([self.plan])
