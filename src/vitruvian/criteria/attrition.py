"""How many subjects and triggers are left after each line of a task."""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.criteria.language.predicates import ANY_EVENT, RECORD_END, RECORD_START
from vitruvian.criteria.language.task import Task
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Counted, Found, Line, Logic, Plan
from vitruvian.criteria.run import Connection, Engine, Reader, engine
from vitruvian.criteria.source import LAKE, Source


@dataclass(frozen=True)
class Left:
    """What is left after one line.

    Parameters
    ----------
    at
        The line's path in the task; `record` for all subjects.
    says
        The line in words.
    triggers
        Triggers still in, or unknown; None before there are any.
    subjects
        Subjects with at least one of them.
    """

    at: str
    says: str
    triggers: int | None
    subjects: int


RECORD, TRIGGER = -2, -1


def attrition(
    task: Task,
    over: Connection | Reader | Engine,
    *,
    source: str | Source = LAKE,
    logic: Logic = "strict",
) -> tuple[Left, ...]:
    """What is left after each line, in the order in which lines are judged.

    Lines are judged window by window as written; those that count every moment of a record
    come last, because they cost most. Formulas over scores are not part of it.

    Parameters
    ----------
    task, over, source, logic
        As for `run_task`.
    """
    found = engine(over, source)
    plan = build_plan(found.opened(task), logic=logic)
    compiled = found.compiled(plan)
    rows = found.answer(compiled.attrition).to_pylist()
    return tuple(_left(plan, row["position"], row["rows"], row["subjects"]) for row in rows)


def _left(plan: Plan, position: int, triggers: int | None, subjects: int) -> Left:
    if position == RECORD:
        met = ", ".join(map(_said, plan.demographics))
        says = f"meets {met}" if met else "has a record"
        return Left("record", says, None, subjects)
    if position == TRIGGER:
        what = _NAMED.get(plan.trigger, _said(plan.trigger))
        return Left("trigger", f"has {what}", triggers, subjects)
    line = plan.lines[position]
    return Left(line.at, in_words(line), triggers, subjects)


def in_words(line: Line) -> str:
    """A line as a short sentence.

    Examples
    --------
    >>> in_words(Counted("windows.gap.has.death", "gap.end", "death", None, 0))
    'gap holds no death'
    """
    if not isinstance(line, Found | Counted):
        return f"{_said(line.name)} is true"
    window, _, side = line.span.partition(".")
    what = _NAMED.get(line.predicate, _said(line.predicate))
    if isinstance(line, Found):
        return f"{_said(window)} {'begins' if side == 'start' else 'ends'} at {what}"
    return f"{_said(window)} holds {_how_often(line.low or 0, line.high)} {what}"


_NAMED = {
    RECORD_START: "the first event of the record",
    RECORD_END: "the last event of the record",
    ANY_EVENT: "events",
}


def _said(name: str) -> str:
    return name.replace("_", " ")


def _how_often(low: int, high: int | None) -> str:
    if high is None:
        return f"at least {low}"
    if high <= 0:
        return "no"
    if low <= 0:
        return f"at most {high}"
    return f"{low}" if low == high else f"{low} to {high}"
