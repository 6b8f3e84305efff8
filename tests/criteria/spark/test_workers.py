"""One worker or two, one piece or four: the same answers."""

from __future__ import annotations

import pytest

from bench.criteria import TASK
from tests.criteria.spark.test_random_tasks import MEDS, check_equal, shuffled
from tests.criteria.spark.twin import on_duckdb, on_spark
from tests.criteria.spark.workers import sail
from tests.criteria.strategies import records_of
from vitruvian.criteria import attrition, parse_task, run_task
from vitruvian.lake.engines.spark import Spark, open_spark

COUNTED = """
predicates: {lab: {code: LAB//K}, drug: {code: DRUG}}
trigger: drug
windows:
  after: {start: trigger, end: start + 48h, start_inclusive: false, end_inclusive: true, has: {lab: "(1, 3)"}}
"""
TASKS = (
    TASK.replace("^HOSPITAL_ADMISSION//.*", "^ADMISSION//.*").replace(
        "^HOSPITAL_DISCHARGE//.*", "DISCHARGE"
    ),
    COUNTED,
)


@pytest.mark.parametrize("workers, pieces", [(1, 1), (2, 4)])
def test_cluster__answers_as_duckdb_whatever_its_workers(
    spark: Spark, workers: int, pieces: int
) -> None:
    del spark  # where Spark is not installed this skips
    events = records_of(workers)
    with sail(workers, parallelism=pieces) as address, open_spark(address) as session:
        for text in TASKS:
            task = parse_task(text)
            here, there = on_duckdb(events, MEDS), on_spark(session, shuffled(events, 5), MEDS)
            expected = run_task(task, here).to_pylist()
            assert expected
            assert run_task(task, there).to_pylist() == expected
            assert attrition(task, there) == attrition(task, here)
        check_equal(session, COUNTED, events, "three-valued")
