"""Strict mode answers as es-aces does, on random tasks and records."""

from __future__ import annotations

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings

from tests.criteria.oracle import ask_aces, same_answer
from tests.criteria.strategies import records, tasks
from vitruvian.criteria import Wish, compile_task, parse_task

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:polars")


def check_equal(task: str, events: pa.Table) -> None:
    with duckdb.connect() as connection:
        connection.register("events", events)
        compiled = compile_task(parse_task(task), source="events", wish=Wish(details=True))
        ours = connection.execute(compiled.sql).to_arrow_table().to_pylist()
    assert same_answer(ours, ask_aces(task, events))


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), events=records)
def test_strict__equals_es_aces_on_a_random_task(task: str, events: pa.Table) -> None:
    check_equal(task, events)


@pytest.mark.torture
@settings(max_examples=600, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), events=records)
def test_strict__equals_es_aces_on_six_hundred_random_tasks(task: str, events: pa.Table) -> None:
    check_equal(task, events)
