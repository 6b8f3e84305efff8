"""One record answered in memory gives what DuckDB gives, line by line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
import pytest
import yaml  # type: ignore[import-untyped]
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vitruvian.criteria import Engine, Explained, Source, explain, parse_task
from vitruvian.criteria.engines.alone.explain import EPOCH, can_answer, explain_alone
from vitruvian.criteria.engines.alone.hits import Record, Row
from vitruvian.criteria.plan.build import build_plan

START = datetime(2020, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
CODES = ("ASK", "A", "B", "C")
AXES = {"polarity": ("affirmed",)}
SOURCE = Source(
    "events",
    instants=True,
    axes=AXES,
    fact_key="fact_key",
    event_id="event_id",
    doubts=True,
)
PREDICATES: dict[str, Any] = {
    "ask": {"code": "ASK"},
    "a": {"code": "A", "absence": {"looked": ["c"]}},
    "b": {"code": {"any": ["B", "C"]}, "absence": "unknown"},
    "c": {"code": "C"},
    "high": {
        "code": "A",
        "value_min": 5,
        "value_min_inclusive": True,
        "absence": {"looked": ["a"]},
    },
    "band": {"code": "A", "value_min": 2, "value_max": 6},
    "low": {"code": "B", "value_max": 3.5},
    "denied": {"code": "C", "polarity": "negated"},
    "either": {"expr": "or(high, low)"},
    "both": {"expr": "and(a, low)"},
}
NAMES = [name for name in PREDICATES if name != "ask"]
PLACES = st.sampled_from(
    ["trigger", "trigger - 6h", "trigger + 6h", "trigger <- c", "trigger -> b"]
)
COUNTS = st.sampled_from(["(1, None)", "(None, 0)", "(2, None)", "(1, 2)", "(0, None)"])
TAKES = st.sampled_from(["last", "first", "min", "max", "count", "sum", "delta", "slope"])


@st.composite
def tasks(draw: st.DrawFn) -> str:
    """A three-valued task of windows around a trigger, with measures in them."""
    windows: dict[str, Any] = {}
    for name in ("one", "two"):
        far = draw(st.sampled_from([None, "end - 12h", "end - 2d", "end <- a", "end <- either"]))
        windows[name] = {
            "start": far,
            "end": draw(PLACES),
            "start_inclusive": draw(st.booleans()),
            "end_inclusive": draw(st.booleans()),
            "has": draw(st.dictionaries(st.sampled_from(NAMES), COUNTS, max_size=3)),
        }
    measure = {
        f"m{at}": {
            "of": draw(st.sampled_from(["a", "high", "low", "band"])),
            "window": draw(st.sampled_from(["one", "two"])),
            "take": draw(TAKES),
            **({"unit": "mg"} if draw(st.booleans()) else {}),
        }
        for at in range(2)
    }
    task = {"predicates": PREDICATES, "trigger": "ask", "windows": windows, "measure": measure}
    return str(yaml.safe_dump(task, sort_keys=False))


def event(number: int, random: Random) -> dict[str, Any]:
    """One event; some dates are partial, some values are told with a comparator."""
    time = START + HOUR * random.randint(0, 72)
    partial = random.random() < 0.15
    return {
        "event_id": number,
        "subject_id": 1,
        "time": time,
        "time_min": time - HOUR * 5 if partial else None,
        "time_max": time + HOUR * 5 if partial else None,
        "code": random.choice(CODES),
        "numeric_value": random.choice([None, 1.0, 2.0, 3.5, 5.0, 6.0]),
        "unit": random.choice(["mg", "mg", "mg", "g"]),
        "comparator": random.choice([None, None, None, None, "<", "<=", ">", ">="]),
        "fact_key": random.choice([None, None, random.randint(1, 6)]),
        "polarity": random.choice(["affirmed", "affirmed", "affirmed", "negated"]),
    }


def events_of(seed: int) -> list[dict[str, Any]]:
    random = Random(seed)
    ask = {**event(1, random), "code": "ASK", "polarity": "affirmed", "comparator": None}
    rest = [event(number, random) for number in range(2, random.randint(2, 25))]
    return [{**ask, "time_min": None, "time_max": None}, *rest]


SCHEMA = pa.schema(
    [
        *((name, pa.int64()) for name in ("event_id", "subject_id", "fact_key")),
        *((name, pa.timestamp("us", "UTC")) for name in ("time", "time_min", "time_max")),
        *((name, pa.string()) for name in ("code", "unit", "comparator", "polarity")),
        ("numeric_value", pa.float64()),
    ]
)


def by_duckdb(task: str, events: list[dict[str, Any]]) -> tuple[Explained, ...]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.register("rows", pa.Table.from_pylist(events, schema=SCHEMA))
        connection.execute("CREATE TABLE events AS FROM rows")
        engine = Engine(connection, SOURCE)
        return explain(parse_task(task), engine, 1, logic="three-valued")


def micros(at: datetime) -> int:
    return (at - EPOCH) // timedelta.resolution


def in_memory(task: str, events: list[dict[str, Any]]) -> tuple[Explained, ...]:
    rows = []
    for told in events:
        t, exact = micros(told["time"]), told["time_min"] is None
        first = t if exact else micros(told["time_min"])
        last = t if exact else micros(told["time_max"]) - 1
        rows.append(Row(t, told["code"], told["numeric_value"], told, first, last, exact))
    seen = [row.t for row in rows if row.told["polarity"] == "affirmed"]
    plan = build_plan(parse_task(task), logic="three-valued")
    assert can_answer(plan)
    return explain_alone(plan, Record(rows, min(seen), max(seen)), source=SOURCE)


def told(one: Explained) -> tuple[Any, ...]:
    numbers = {k: None if v is None else pytest.approx(v) for k, v in one.measures.items()}
    return (one.trigger, one.answer, one.decided_at, one.lines, numbers)


def check(task: str, seed: int) -> None:
    events = events_of(seed)
    expected, found = by_duckdb(task, events), in_memory(task, events)
    assert [told(one) for one in found] == [told(one) for one in expected]


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), seed=st.integers(0, 2**32))
def test_in_memory__equals_duckdb_on_a_random_task(task: str, seed: int) -> None:
    check(task, seed)


@pytest.mark.torture
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), seed=st.integers(0, 2**32))
def test_in_memory__equals_duckdb_on_many_random_tasks(task: str, seed: int) -> None:
    check(task, seed)


@pytest.mark.parametrize(
    "change",
    [
        {"predicates": {**PREDICATES, "a": {"code": {"regex": "A"}}}},
        {"predicates": {**PREDICATES, "a": {"code": "A", "absence": "observed"}}},
        {"expr": {"sure": "m > 1"}},
        {"trigger": "_ANY_EVENT"},
    ],
    ids=["pattern", "observed", "formula", "every moment"],
)
def test_in_memory__leaves_to_an_engine_what_needs_one(change: dict[str, Any]) -> None:
    window = {"start": None, "end": "trigger", "start_inclusive": True, "end_inclusive": True}
    task = {
        "predicates": PREDICATES,
        "trigger": "ask",
        "windows": {"w": {**window, "has": {"a": "(1, None)"}}},
        "measure": {"m": {"of": "low", "window": "w", "take": "last"}},
        **change,
    }
    plan = build_plan(parse_task(yaml.safe_dump(task)), logic="three-valued")
    assert not can_answer(plan)


@pytest.mark.parametrize("called", ["a", "t", "r", "subject_id", "t0", "hits", "events"])
def test_predicate__may_be_called_like_a_column(called: str) -> None:
    task = f"""
predicates: {{ask: {{code: ASK}}, {called}: {{code: A, absence: unknown}}}}
trigger: ask
windows:
  w: {{start: null, end: trigger, start_inclusive: true, end_inclusive: true, has: {{{called}: "(1, None)"}}}}
"""
    check(task, 7)
