"""Why one person is in a cohort, out or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vitruvian.criteria.cohorts.answer import Asked, placed
from vitruvian.criteria.cohorts.definition import Definition
from vitruvian.criteria.explain import Answer, Explained, explain


@dataclass(frozen=True)
class WhyLine:
    """One line for one trigger.

    Parameters
    ----------
    at, line, says
        Its path, where it stands in the text, and the line in words.
    answer
        What it gives.
    count
        How often the predicate was hit; None for other lines.
    events
        Ids of the events that it counted.
    missing
        What would decide it; empty unless unknown.
    """

    at: str
    line: int | None
    says: str
    answer: Answer
    count: int | None
    events: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True)
class WhyTrigger:
    """One trigger: the answer, the line that decided it, every line, and every number by its name.

    `units` are those of the numbers that declare one, in UCUM.
    """

    trigger: datetime
    answer: Answer
    decided_at: str | None
    lines: tuple[WhyLine, ...]
    measures: Mapping[str, float | None]
    units: Mapping[str, str]


@dataclass(frozen=True)
class Why:
    """One person; without triggers nothing in the record starts the question."""

    person_id: str
    triggers: tuple[WhyTrigger, ...]


def why(definition: Definition, asked: Asked, person_id: int) -> Why:
    """Every trigger of one person. Formulas over scores are not part of it."""
    with placed(definition):
        found = explain(definition.task, asked.engine, person_id, logic=definition.logic)
    return Why(str(person_id), tuple(_trigger(definition, each) for each in found))


def _trigger(definition: Definition, one: Explained) -> WhyTrigger:
    lines = tuple(
        WhyLine(
            at=line.at,
            line=definition.line(line.at),
            says=line.says,
            answer=line.answer,
            count=line.count,
            events=tuple(map(str, line.events)),
            missing=line.missing,
        )
        for line in one.lines
        if not line.says.endswith(" event of the record")
    )
    told = definition.task.constructs.measures.items()
    units = {name: of.number_unit for name, of in told if of.number_unit is not None}
    return WhyTrigger(one.trigger, one.answer, one.decided_at, lines, one.measures, units)
