"""How far back a guideline looks, code by code: what is older than that need not be read again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from vitruvian.criteria.engines.duckdb.conditions import atoms_of
from vitruvian.criteria.plan.nodes import Counted, Found, Interval, Plan

TRIGGER = "trigger"


def reach_of(plan: Plan) -> dict[str, int]:
    """Microseconds before the question within which a code can matter, by code.

    A code that may matter however old it is has no entry: one in a window that begins at another
    event or with the record, or one that nothing asks for by a window of known length.
    """
    backs: dict[str, int | None] = {}
    for predicate, back in _uses(plan):
        for code in _codes(plan, predicate):
            known = backs.get(code, 0)
            backs[code] = None if known is None or back is None else max(known, back)
    return {code: back for code, back in backs.items() if back is not None}


def _uses(plan: Plan) -> Iterator[tuple[str, int | None]]:
    """Every predicate that something looks for, and how far back; None for ever."""
    for span in plan.spans:
        if span.nearest is not None:
            yield span.nearest.predicate, None
    for line in plan.lines:
        if isinstance(line, Found):
            yield line.predicate, None
        elif isinstance(line, Counted):
            yield line.predicate, _back(plan.span(line.span).interval)
    for what, interval in plan.measures.values():
        yield what.predicate, _back(interval)
    if plan.label is not None:
        yield plan.label[1], None


def _back(interval: Interval) -> int | None:
    return -interval.start.offset if interval.start.anchor == TRIGGER else None


def _codes(plan: Plan, predicate: str) -> set[str]:
    """The codes of a predicate, and of all that tells whether somebody looked for it."""
    named = _with_looked(plan, predicate, set())
    return {code for name in named if name in plan.atoms for code in _of_atom(plan, name)}


def _of_atom(plan: Plan, name: str) -> Iterator[str]:
    yield from plan.atoms[name].codes.values


def _with_looked(plan: Plan, predicate: str, seen: set[str]) -> set[str]:
    if predicate in seen or predicate not in plan.meanings:
        return seen
    seen.add(predicate)
    parts: Mapping[str, None] = dict.fromkeys(atoms_of(plan.meanings[predicate]))
    absence = plan.absences.get(predicate)
    looked = () if absence is None else absence.looked
    for each in (*parts, *looked):
        seen |= _with_looked(plan, each, seen)
        seen.add(each)
    return seen
