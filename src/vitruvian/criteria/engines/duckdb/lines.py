"""Lines of a plan as conditions on a row; NULL is unknown."""

from __future__ import annotations

from collections.abc import Callable

from vitruvian.criteria.engines.duckdb.conditions import atoms_of
from vitruvian.criteria.engines.duckdb.tables import kind_of, unsure_parts
from vitruvian.criteria.engines.duckdb.words import anchor, moment, name
from vitruvian.criteria.language.predicates import Absence
from vitruvian.criteria.plan.nodes import AllOf, AnyOf, Atom, Counted, Found, Meaning, Plan, Span
from vitruvian.criteria.source import Source


def number_column(plan: Plan, span: Span, predicate: str, *, side: str = "") -> str:
    """Column that holds how often a predicate is hit in a span.

    `side` is `most` for how many more hits there may be, `least` for how many surely are.
    """
    return name(f"v{plan.spans.index(span)}{side}:{predicate}")


def shown_number(plan: Plan, span: Span, predicate: str, *, source: Source) -> str:
    """How often a predicate is hit in a span; NULL where doubtful rows leave that open."""
    number = number_column(plan, span, predicate)
    if plan.logic == "strict" or not source.doubts or kind_of(plan, predicate) != "hits":
        return number
    most = number_column(plan, span, predicate, side="most")
    sure = number_column(plan, span, predicate, side="least")
    if isinstance(plan.meanings[predicate], AllOf | AnyOf):
        return f"CASE WHEN {most} = 0 THEN {number} END"
    return f"CASE WHEN {most} = {sure} THEN {number} + {sure} END"


def found(line: Found, *, plan: Plan) -> str:
    """Whether the event that ends a span exists."""
    event = f"{anchor(plan, line.span)} IS NOT NULL"
    if plan.absences.get(line.predicate, Absence()).kind == "negative" or plan.logic == "strict":
        return event
    return f"CASE WHEN {event} THEN true END"


def counted(line: Counted, *, plan: Plan, source: Source) -> str:
    """Whether a predicate is hit often enough, and not too often."""
    span = plan.span(line.span)
    number = number_column(plan, span, line.predicate)
    limits = [] if line.low is None else [f"{number} >= {line.low}"]
    limits += [] if line.high is None else [f"{number} <= {line.high}"]
    holds = " AND ".join(limits)
    if plan.logic == "strict":
        return holds
    if line.high is None and (line.low or 0) <= 0:
        return "true"
    doubted = source.doubts and kind_of(plan, line.predicate) == "hits"
    if doubted:
        holds, number = _over_range(line, plan=plan, span=span)
    known = f"{number} > 0 OR {_known_absent(line.predicate, plan=plan, span=span, source=source)}"
    reached = " AND ".join(
        f"{anchor(plan, point.anchor)} IS NOT NULL"
        for point in (span.interval.start, span.interval.end)
    )
    return f"CASE WHEN {reached} AND ({known}) THEN {holds} END"


def _over_range(line: Counted, *, plan: Plan, span: Span) -> tuple[str, str]:
    """A line over all counts that doubtful rows allow, and the greatest of them."""
    number = number_column(plan, span, line.predicate)
    most = f"({number} + {number_column(plan, span, line.predicate, side='most')})"
    sure = number_column(plan, span, line.predicate, side="least")
    meaning = plan.meanings[line.predicate]
    if isinstance(meaning, AllOf):
        least = number
    elif isinstance(meaning, AnyOf):
        least = f"greatest({number}, least({sure}, 1))"
    else:
        least = f"({number} + {sure})"
    yes = [] if line.low is None else [f"{least} >= {line.low}"]
    yes += [] if line.high is None else [f"{most} <= {line.high}"]
    no = [] if line.low is None else [f"{most} < {line.low}"]
    no += [] if line.high is None else [f"{least} > {line.high}"]
    verdict = f"CASE WHEN {' AND '.join(yes)} THEN true WHEN {' OR '.join(no)} THEN false END"
    return f"({verdict})", most


def _known_absent(predicate: str, *, plan: Plan, span: Span, source: Source) -> str:
    """Whether no hit means that it did not happen."""
    absence = plan.absences.get(predicate, Absence())
    if absence.kind == "unknown":
        return "false"
    if absence.kind == "looked":
        numbers = (number_column(plan, span, each) for each in absence.looked)
        return "(" + " OR ".join(f"{number} > 0" for number in numbers) + ")"
    if absence.kind == "observed":
        return observed(plan, span, source)
    if not unsure_parts(plan, predicate):
        return "true"

    def atom_absent(atom: str) -> str:
        known = _known_absent(atom, plan=plan, span=span, source=source)
        return f"({number_column(plan, span, atom)} = 0 AND {known})"

    def atom_seen(atom: str) -> str:
        return f"{number_column(plan, span, atom)} > 0"

    return _absent(plan.meanings[predicate], atom_absent, atom_seen)


def _absent(meaning: Meaning, absent: Callable[[str], str], seen: Callable[[str], str]) -> str:
    """A joining is known to be absent when enough of its parts are.

    Where all parts of an `and` are seen in the span, they were not so at one moment: a no.
    """
    if isinstance(meaning, Atom):
        return absent(meaning.name)
    if not isinstance(meaning, AllOf | AnyOf):
        return "false"
    parts = [_absent(part, absent, seen) for part in meaning.parts]
    if isinstance(meaning, AnyOf):
        return "(" + " AND ".join(parts) + ")"
    all_seen = " AND ".join(_seen(part, seen) for part in meaning.parts)
    return "(" + " OR ".join([*parts, f"({all_seen})"]) + ")"


def _seen(meaning: Meaning, seen: Callable[[str], str]) -> str:
    return "(" + " OR ".join(seen(atom) for atom in atoms_of(meaning)) + ")"


def observed(plan: Plan, span: Span, source: Source) -> str:
    """Whether the whole span lies inside one observation period."""
    if source.observed is None:
        return "false"
    return (
        f"EXISTS (SELECT 1 FROM {name(source.observed)} o WHERE o.subject_id = r.subject_id "
        f"AND epoch_us(o.start_time) <= {moment(plan, span.interval.start)} "
        f"AND epoch_us(o.end_time) >= {moment(plan, span.interval.end)})"
    )
