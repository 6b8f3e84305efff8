"""Why one record is in, out or unknown, by every line: as `criteria.explain`, without an engine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from vitruvian.criteria.attrition import in_words
from vitruvian.criteria.engines.alone.hits import Hits, Record
from vitruvian.criteria.engines.alone.judge import Bench
from vitruvian.criteria.engines.duckdb.conditions import wants_ends
from vitruvian.criteria.engines.duckdb.tables import kind_of
from vitruvian.criteria.explain import Answer, Explained, Judged, explained_of, missing_of
from vitruvian.criteria.plan.nodes import Always, Counted, Found, Holds, Line, Plan
from vitruvian.criteria.source import Source

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def can_answer(plan: Plan) -> bool:
    """Whether a plan can be answered without an engine.

    Not: two-valued logic, regular expressions, demographics, ends of intervals, every moment of
    a record, formulas, and absence by observation periods.
    """
    return (
        plan.logic == "three-valued"
        and not plan.demographics
        and kind_of(plan, plan.trigger) == "hits"
        and all(x.codes.kind != "regex" and not wants_ends(x) for x in plan.atoms.values())
        and not any(isinstance(each, Always) for each in _asked(plan))
        and not any(isinstance(line, Holds) for line in plan.lines)
        and all(each.kind != "observed" for each in plan.absences.values())
    )


def _asked(plan: Plan) -> list[object]:
    names = [line.predicate for line in plan.lines if not isinstance(line, Holds)]
    return [plan.meanings.get(name) for name in names]


def explain_alone(plan: Plan, record: Record, *, source: Source) -> tuple[Explained, ...]:
    """Every trigger of one record, with the answer of every line.

    Parameters
    ----------
    plan
        One that `can_answer`.
    record
        Rows of every code that the plan names.
    source
        What counts by default, and whether doubts are told.
    """
    hits = Hits(plan, source, record)
    triggers = [each.t for each in hits.moments if hits.number(plan.trigger, each.told)]
    return tuple(_explained(Bench(hits, trigger)) for trigger in triggers)


def _explained(bench: Bench) -> Explained:
    lines = tuple(_judged(bench, line) for line in bench.plan.lines)
    trigger = EPOCH + timedelta(microseconds=bench.trigger)
    return explained_of(trigger, lines, bench.measures())


def _judged(bench: Bench, line: Line) -> Judged:
    assert isinstance(line, Found | Counted)  # noqa: S101 - `can_answer` says so
    verdict = bench.found(line) if isinstance(line, Found) else bench.counted(line)
    answer: Answer = "unknown" if verdict is None else "in" if verdict else "out"
    count = None
    if isinstance(line, Counted):
        count = bench.shown(bench.plan.span(line.span), line.predicate)
    missing = missing_of(bench.plan, line, {}) if answer == "unknown" else ()
    return Judged(line.at, in_words(line), answer, count, bench.events(line), missing)
