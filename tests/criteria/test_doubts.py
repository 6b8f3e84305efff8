"""A partial date or a comparator whose place decides the answer gives unknown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.criteria.timeline import START, hour
from vitruvian.criteria import Engine, Source, parse_task, run_task

DAY = timedelta(days=1)


def engine_of(*events: dict[str, Any]) -> Engine:
    """Subject 1 with a visit at noon of day 10, and those events."""
    visit = {"code": "VISIT", "time": hour("252h")}
    names = ("time", "time_min", "time_max", "code", "numeric_value", "comparator", "unit")
    kinds = [*[pa.timestamp("us")] * 3, pa.string(), pa.float64(), pa.string(), pa.string()]
    schema = pa.schema([("subject_id", pa.int64()), *zip(names, kinds, strict=True)])
    rows = [{"subject_id": 1, **event} for event in (visit, *events)]
    connection = duckdb.connect()
    connection.register("events", pa.Table.from_pylist(rows, schema=schema))
    return Engine(connection, Source("events", doubts=True))


def on_day(number: int, *, days: int = 1, code: str = "STROKE") -> dict[str, Any]:
    """A fact whose date is known to the day, or to so many days."""
    first: datetime = START + number * DAY
    return {"code": code, "time": first, "time_min": first, "time_max": first + days * DAY}


def stroke(range_: str, predicate: str = "stroke") -> str:
    return f"""
predicates: {{visit: {{code: VISIT}}, stroke: {{code: STROKE}}, bleed: {{code: BLEED}}, event: {{expr: "or(stroke, bleed)"}}, both: {{expr: "and(stroke, bleed)"}}}}
trigger: visit
windows:
  week_before: {{start: end - 7d, end: trigger, start_inclusive: true, end_inclusive: true, has: {{{predicate}: "{range_}"}}}}
"""


def verdict(task: str, engine: Engine) -> str:
    rows = run_task(parse_task(task), engine, logic="three-valued").to_pylist()
    return "out" if not rows else "unknown" if rows[0]["unknown"] else "in"


@pytest.mark.parametrize(
    "day, answer",
    [(2, "out"), (3, "unknown"), (4, "in"), (9, "in"), (10, "unknown"), (11, "out")],
)
def test_partial_date__decides_only_where_all_of_it_lies_on_one_side(day: int, answer: str) -> None:
    assert verdict(stroke("(1, None)"), engine_of(on_day(day))) == answer


def test_partial_date__does_not_matter_where_another_fact_decides() -> None:
    sure = {"code": "STROKE", "time": hour("200h")}
    assert verdict(stroke("(1, None)"), engine_of(on_day(10), sure)) == "in"
    assert verdict(stroke("(None, 0)"), engine_of(on_day(10), sure)) == "out"
    assert verdict(stroke("(None, 1)"), engine_of(on_day(10), sure)) == "unknown"


def test_partial_date__wider_than_the_window_is_never_sure() -> None:
    engine = engine_of(on_day(0, days=365))
    assert verdict(stroke("(1, None)"), engine) == "unknown"
    assert verdict(stroke("(None, 0)"), engine) == "unknown"
    assert verdict(stroke("(None, 1)"), engine) == "in"


@pytest.mark.parametrize("day, answer", [(2, "out"), (3, "unknown"), (5, "in")])
def test_partial_date__inside_an_or(day: int, answer: str) -> None:
    assert verdict(stroke("(1, None)", "event"), engine_of(on_day(day))) == answer


def test_partial_date__inside_an_and_may_be_the_same_moment() -> None:
    engine = engine_of(on_day(5), {"code": "BLEED", "time": hour("126h")})
    assert verdict(stroke("(1, None)", "both"), engine) == "unknown"


def troponin(bounds: str) -> str:
    return f"""
predicates: {{visit: {{code: VISIT}}, troponin: {{code: TROPONIN, {bounds}}}}}
trigger: visit
windows:
  week_before: {{start: end - 7d, end: trigger, start_inclusive: true, end_inclusive: true, has: {{troponin: "(1, None)"}}}}
"""


ABOVE, ABOVE_OR_AT = "value_min: 5", "value_min: 5, value_min_inclusive: true"
BELOW, BELOW_OR_AT = "value_max: 5", "value_max: 5, value_max_inclusive: true"


@pytest.mark.parametrize(
    "said, bounds, answer",
    [
        ("< 5", ABOVE, "out"),
        ("< 5", ABOVE_OR_AT, "out"),
        ("<= 5", ABOVE, "out"),
        ("<= 5", ABOVE_OR_AT, "unknown"),
        ("< 6", ABOVE, "unknown"),
        ("> 5", ABOVE, "in"),
        (">= 5", ABOVE, "unknown"),
        (">= 5", ABOVE_OR_AT, "in"),
        ("> 4", ABOVE, "unknown"),
        ("< 5", BELOW, "in"),
        ("<= 5", BELOW, "unknown"),
        ("<= 5", BELOW_OR_AT, "in"),
        ("> 5", BELOW_OR_AT, "out"),
        (">= 5", BELOW_OR_AT, "unknown"),
        ("> 4", BELOW, "unknown"),
        ("< 4", f"{ABOVE}, value_max: 9", "out"),
        ("< 7", f"{ABOVE}, value_max: 9", "unknown"),
        ("ad 7", ABOVE, "unknown"),
    ],
)
def test_comparator__stands_for_all_values_on_its_side(said: str, bounds: str, answer: str) -> None:
    comparator, number = said.split()
    event = {
        "code": "TROPONIN",
        "time": hour("200h"),
        "numeric_value": float(number),
        "comparator": comparator,
    }
    assert verdict(troponin(bounds), engine_of(event)) == answer


def measured(take: str, *events: dict[str, Any]) -> float | None:
    task = f"""
predicates: {{visit: {{code: VISIT}}, value: {{code: LAB}}}}
trigger: visit
windows: {{w: {{start: end - 7d, end: trigger, start_inclusive: true, end_inclusive: true}}}}
measure: {{x: {{of: value, window: w, take: {take}}}}}
"""
    (row,) = run_task(parse_task(task), engine_of(*events), logic="three-valued").to_pylist()
    value: float | None = row["measure.x"]
    return value


def test_measure__over_a_doubtful_value_is_unknown() -> None:
    sure = {"code": "LAB", "time": hour("200h"), "numeric_value": 3.0}
    censored = {**sure, "comparator": "<"}
    dated = {**on_day(10, code="LAB"), "numeric_value": 4.0}
    assert measured("max", sure) == 3
    assert measured("max", sure, censored) is None
    assert measured("count", sure, censored) == 2
    assert measured("count", sure, dated) is None
    assert measured("count") == 0
