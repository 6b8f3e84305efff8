"""Two definitions, two dates or two sites: which triggers differ, and which line split them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from vitruvian.criteria.engines.duckdb.compiled import Wish
from vitruvian.criteria.language.task import Task
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Logic, Plan
from vitruvian.criteria.run import Engine

Verdict: TypeAlias = Literal["in", "out", "unknown", "no trigger"]
Key: TypeAlias = tuple[int, datetime]
Judgement: TypeAlias = tuple[Verdict, str | None]

NO_TRIGGER: Judgement = ("no trigger", None)

# Any: one row as the engine gives it
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Side:
    """One of the two: a task, and the events it is asked of."""

    task: Task
    engine: Engine
    logic: Logic = "strict"


@dataclass(frozen=True)
class Difference:
    """One trigger that the two sides judge differently.

    `first_at` and `second_at` are the lines that decided each side; None for `in`, and where
    that side has no such trigger.
    """

    subject_id: int
    trigger: datetime
    first: Verdict
    second: Verdict
    first_at: str | None
    second_at: str | None


def differences(first: Side, second: Side) -> tuple[Difference, ...]:
    """Triggers judged differently, ordered by subject and time.

    A side without scores is judged whole; formulas over scores are not part of it.

    Parameters
    ----------
    first, second
        The same task on two readers gives what changed between two instants or two sites; two
        tasks on one reader, what a new edition changes.
    """
    one, other = _judged(first, None), _judged(second, None)
    apart = {
        key
        for key in one.keys() | other.keys()
        if one.get(key, NO_TRIGGER)[0] != other.get(key, NO_TRIGGER)[0]
    }
    subjects = sorted({subject for subject, _ in apart})
    if not subjects:
        return ()
    # only who differs is asked again, now keeping who is out and at which line
    one, other = _judged(first, subjects), _judged(second, subjects)
    return tuple(
        _difference(key, one.get(key, NO_TRIGGER), other.get(key, NO_TRIGGER))
        for key in sorted(apart)
    )


def _difference(key: Key, one: Judgement, other: Judgement) -> Difference:
    return Difference(*key, one[0], other[0], one[1], other[1])


def _judged(side: Side, subjects: Iterable[int] | None) -> dict[Key, Judgement]:
    """Verdict of each trigger and the line that decided it; of all triggers of some subjects."""
    plan = build_plan(side.engine.opened(side.task), logic=side.logic)
    engine = side.engine if subjects is None else side.engine.only(*subjects)
    wish = Wish(keep=subjects is not None)
    compiled = engine.compiled(plan, wish)
    rows = engine.answer(compiled.sql).to_pylist()
    return {(row["subject_id"], row["trigger"]): _verdict(plan, row) for row in rows}


def _verdict(plan: Plan, row: Row) -> Judgement:
    lines = [line.at for line in plan.lines if line.at in row]
    for at in lines:
        if row[at] is False:
            return "out", at
    for at in lines:
        if row[at] is None:
            return "unknown", at
    return "in", None
