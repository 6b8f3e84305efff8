"""The events that a line counted."""

from __future__ import annotations

from datetime import datetime

from vitruvian.criteria.engines.duckdb.conditions import atoms_of
from vitruvian.criteria.engines.duckdb.tables import EVENTS, Tables, kind_of
from vitruvian.criteria.plan.nodes import Counted, Found, Plan
from vitruvian.criteria.source import Source

MOST = 200
"""Events named for one line; a count says the rest."""


def evidence_sql(
    plan: Plan, line: Found | Counted, *, source: Source, between: tuple[datetime, datetime]
) -> str | None:
    """SELECT of the ids of the events a line counted; None where every moment counts."""
    if kind_of(plan, line.predicate) != "hits":
        return None
    tables = Tables(plan, source)
    atoms = atoms_of(plan.meanings[line.predicate])
    hit = " OR ".join(f"({tables.rows_of(atom)})" for atom in atoms)
    return (
        f"WITH {EVENTS} AS ({tables.events()}) "
        f"SELECT {source.event_id} AS event_id FROM {EVENTS} "
        f"WHERE ({hit}) AND {_inside(plan, line, between, source)} "
        f"ORDER BY time, event_id LIMIT {MOST}"
    )


def _inside(
    plan: Plan, line: Found | Counted, between: tuple[datetime, datetime], source: Source
) -> str:
    """Condition that a time lies in a span; only its far event for a line that looked for it."""
    kind = "TIMESTAMPTZ" if source.instants else "TIMESTAMP"
    start, end = (f"{kind} '{moment.isoformat()}'" for moment in between)
    span = plan.span(line.span)
    if isinstance(line, Found):
        forward = span.nearest is None or span.nearest.forward
        return f"time = {end if forward else start}"
    left = ">=" if span.interval.start_inclusive else ">"
    right = "<=" if span.interval.end_inclusive else "<"
    return f"time {left} {start} AND time {right} {end}"
