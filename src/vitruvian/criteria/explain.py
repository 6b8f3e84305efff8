"""Why one subject is in, out or unknown: every line, and the events behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from vitruvian.criteria.attrition import in_words
from vitruvian.criteria.engines.duckdb.compiled import Wish
from vitruvian.criteria.engines.duckdb.evidence import evidence_sql
from vitruvian.criteria.engines.duckdb.tables import unsure_parts
from vitruvian.criteria.language.formula import names_in
from vitruvian.criteria.language.predicates import Absence
from vitruvian.criteria.language.task import Task
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Counted, Found, Holds, Line, Logic, Plan
from vitruvian.criteria.run import Connection, Engine, Reader, engine
from vitruvian.criteria.source import LAKE, Source

Answer: TypeAlias = Literal["in", "out", "unknown"]

# Any: one row as the engine gives it
Row: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Judged:
    """One line for one trigger.

    Parameters
    ----------
    at, says
        The line's path in the task, and the line in words.
    answer
        What it gives for this trigger.
    count
        How often the predicate was hit; None for other lines.
    events
        Ids of the events that it counted, 200 at most.
    missing
        Names of the predicates, measures or parts that would decide it; empty unless unknown.
    """

    at: str
    says: str
    answer: Answer
    count: int | None
    events: tuple[int, ...]
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Explained:
    """One trigger of a subject: the answer, the line that decided it, and all lines.

    `decided_at` is the first line that is out, else the first that is unknown, else None.
    `measures` are the task's numbers by name, None where unknown; empty under strict logic.
    """

    trigger: datetime
    answer: Answer
    decided_at: str | None
    lines: tuple[Judged, ...]
    measures: Mapping[str, float | None]


def explain(
    task: Task,
    over: Connection | Reader | Engine,
    subject_id: int,
    *,
    source: str | Source = LAKE,
    logic: Logic = "strict",
) -> tuple[Explained, ...]:
    """Every trigger of one subject, with the answer of every line.

    Parameters
    ----------
    task, over, source, logic
        As for `run_task`.
    subject_id
        Whom to explain; a subject without the trigger has no row.

    Returns
    -------
    tuple of Explained
        In the order of time. Events are named where the source names its rows.
    """
    found = engine(over, source).only(subject_id)
    plan = build_plan(found.opened(task), logic=logic)
    compiled = found.compiled(plan, Wish(keep=True, details=True))
    rows = found.answer(compiled.sql).to_pylist()
    return tuple(_explained(plan, row, found) for row in rows)


def _explained(plan: Plan, row: Row, found: Engine) -> Explained:
    lines = tuple(_judged(plan, line, row, found) for line in plan.lines)
    measures = {name: row.get(f"measure.{name}") for name in plan.measures}
    return explained_of(row["trigger"], lines, measures)


def explained_of(
    trigger: datetime, lines: tuple[Judged, ...], measures: Mapping[str, float | None]
) -> Explained:
    """A trigger by its lines: out by the first that is out, else unknown by the first unknown."""
    for answer in ("out", "unknown"):
        for line in lines:
            if line.answer == answer:
                return Explained(trigger, line.answer, line.at, lines, measures)
    return Explained(trigger, "in", None, lines, measures)


def _judged(plan: Plan, line: Line, row: Row, found: Engine) -> Judged:
    verdict = row.get(line.at)
    answer: Answer = "unknown" if verdict is None else "in" if verdict else "out"
    count = row[f"{line.span} {line.predicate}"] if isinstance(line, Counted) else None
    events = _events(plan, line, row, found) if isinstance(line, Found | Counted) else ()
    missing = missing_of(plan, line, row) if answer == "unknown" else ()
    return Judged(line.at, in_words(line), answer, count, events, missing)


def missing_of(plan: Plan, line: Line, row: Row) -> tuple[str, ...]:
    """What would decide a line that nobody can answer."""
    if isinstance(line, Holds):
        return tuple(sorted(n for n in names_in(line.formula) if row.get(f"measure.{n}") is None))
    parts = unsure_parts(plan, line.predicate) or (line.predicate,)
    looked = (plan.absences.get(part, Absence()).looked or (part,) for part in parts)
    return tuple(dict.fromkeys(each for names in looked for each in names))


def _events(plan: Plan, line: Found | Counted, row: Row, found: Engine) -> tuple[int, ...]:
    """Ids of the events that a line counted, in the order of time."""
    start, end = row[f"{line.span} from"], row[f"{line.span} until"]
    if start is None or end is None or found.source.event_id is None:
        return ()
    sql = evidence_sql(plan, line, source=found.source, between=(start, end))
    return () if sql is None else tuple(found.answer(sql)["event_id"].to_pylist())
