"""Spark answers as DuckDB does: random tasks, rows in any order, in several files."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.criteria.spark.twin import on_duckdb, on_spark
from tests.criteria.strategies import records, tasks
from vitruvian.criteria import Engine, Source, Wish, attrition, parse_task
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Logic, Plan
from vitruvian.lake.engines.spark import Spark

MEDS = Source("meds_events")
WISHES = [Wish(), Wish(keep=True, details=True)]
logics: st.SearchStrategy[Logic] = st.sampled_from(["strict", "three-valued"])


def shuffled(events: pa.Table, parts: int) -> pa.Table:
    """The same rows in another order, in several pieces."""
    order = Random(parts).sample(range(events.num_rows), events.num_rows)
    mixed = events.take(order)
    size = events.num_rows // parts + 1
    return pa.concat_tables(mixed.slice(at, size) for at in range(0, events.num_rows, size))


def check_equal(spark: Spark, task: str, events: pa.Table, logic: Logic) -> None:
    parsed = parse_task(task)
    here, there = on_duckdb(events, MEDS), on_spark(spark, shuffled(events, parts=7), MEDS)
    plan = build_plan(parsed, logic=logic)
    for wish in WISHES:
        expected = rows(here, plan, wish)
        assert rows(there, plan, wish) == expected
    left = attrition(parsed, here, logic=logic)
    assert attrition(parsed, there, logic=logic) == left


def rows(engine: Engine, plan: Plan, wish: Wish) -> list[dict[str, object]]:
    compiled = engine.compiled(plan, wish)
    found = engine.answer(compiled.sql)
    assert tuple(found.column_names) == compiled.columns
    return list(found.to_pylist())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), events=records, logic=logics)
def test_random_task__has_the_same_answer(
    spark: Spark, task: str, events: pa.Table, logic: Logic
) -> None:
    check_equal(spark, task, events, logic)


@pytest.mark.torture
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), events=records, logic=logics)
def test_five_hundred_random_tasks__have_the_same_answers(
    spark: Spark, task: str, events: pa.Table, logic: Logic
) -> None:
    check_equal(spark, task, events, logic)
