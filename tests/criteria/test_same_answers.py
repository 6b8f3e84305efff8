"""The same answers however the rows lie: their order, their files, the threads that read them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.criteria.strategies import START as BEGAN
from tests.criteria.strategies import records, records_of, tasks
from tests.criteria.test_over_a_lake import DOCTOR, event, load
from vitruvian.criteria import Engine, Source, Wish, attrition, parse_task
from vitruvian.criteria.cohorts import Answer, Asked, ask, read_definition
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Logic
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

EVENTS = Source("events")
logics: st.SearchStrategy[Logic] = st.sampled_from(["strict", "three-valued"])


def split(events: pa.Table, folder: Path, *, files: int) -> list[str]:
    """The rows in any order, in files of any size, in row groups of a few rows."""
    random = Random(files)
    order = random.sample(range(events.num_rows), events.num_rows)
    cuts = sorted(random.choices(range(events.num_rows + 1), k=files - 1))
    names = []
    for number, (start, end) in enumerate(
        zip([0, *cuts], [*cuts, events.num_rows], strict=True), start=1
    ):
        names.append(str(folder / f"{number}.parquet"))
        rows = events.take(pa.array(order[start:end], pa.int64()))
        pq.write_table(rows, names[-1], row_group_size=7)
    return names


def answers(connection: duckdb.DuckDBPyConnection, task: str, logic: Logic) -> list[Any]:
    """Everything a task tells: rows with every line, and what is left after each."""
    parsed, engine = parse_task(task), Engine(connection, EVENTS)
    wish = Wish(keep=True, details=True)
    compiled = engine.compiled(build_plan(parsed, logic=logic), wish)
    return [engine.answer(compiled.sql).to_pylist(), attrition(parsed, engine, logic=logic)]


@dataclass(frozen=True)
class Lying:
    """How rows lie: in how many files, read by how many threads."""

    files: int
    threads: int


lyings = st.builds(Lying, st.integers(1, 6), st.sampled_from([1, 2, 5]))


def check_same(task: str, events: pa.Table, lying: Lying, logic: Logic) -> None:
    with duckdb.connect() as whole:
        whole.register("events", events)
        expected = answers(whole, task, logic)
    with (
        TemporaryDirectory() as folder,
        duckdb.connect(
            config={"threads": lying.threads, "preserve_insertion_order": False}
        ) as parts,
    ):
        names = split(events, Path(folder), files=lying.files)
        parts.read_parquet(names).create_view("events")
        assert answers(parts, task, logic) == expected


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), events=records, lying=lyings, logic=logics)
def test_answer__is_the_same_for_rows_permuted_files_split_and_threads_changed(
    task: str, events: pa.Table, lying: Lying, logic: Logic
) -> None:
    check_same(task, events, lying, logic)


@pytest.mark.torture
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), events=records, lying=lyings, logic=logics)
def test_five_hundred_random_tasks__have_the_same_answers_however_rows_lie(
    task: str, events: pa.Table, lying: Lying, logic: Logic
) -> None:
    check_same(task, events, lying, logic)


STAYS = """
predicates:
  admission: {code: {regex: "^ADMISSION//.*"}}
  discharge: {code: DISCHARGE}
  lab: {code: {any: [LAB//K, LAB//NA]}}
  high: {code: LAB//K, value_min: 5, value_min_inclusive: true, absence: {looked: [lab]}}
trigger: admission
windows:
  stay: {start: trigger, end: start -> discharge, start_inclusive: true, end_inclusive: true, has: {lab: "(1, None)"}}
  after: {start: stay.end, end: start + 5d, start_inclusive: false, end_inclusive: true, has: {high: "(1, 3)"}, label: lab}
measure:
  last: {of: lab, window: stay, take: last}
  slope: {of: lab, window: stay, take: slope}
expr:
  known: last > 0
"""


def rows_of(seed: int) -> list[dict[str, Any]]:
    """Events of a timeline, with ids of their own."""
    rows = [row for row in records_of(seed).to_pylist() if row["time"] is not None]
    return [
        event(row["subject_id"], hours(row), row["code"], fact_key=number)
        | {"numeric_value": row["numeric_value"]}
        for number, row in enumerate(rows, start=1)
    ]


def hours(row: dict[str, Any]) -> float:
    return float((row["time"] - BEGAN).total_seconds() / 3600)


def loaded(folder: Path, loads: Sequence[Sequence[dict[str, Any]]]) -> Lake:
    lake = Lake.create(folder, site="st-elsewhere")
    for rows in loads:
        load(lake, *rows)
    return lake


def asked(lake: Lake) -> Answer:
    with lake.read(DOCTOR) as reader:
        return ask(read_definition(STAYS), Asked(reader, {}))


@pytest.mark.parametrize("seed", [3, 8])
def test_lake__answers_the_same_by_any_loads_and_after_compaction(
    tmp_path: Path, seed: int
) -> None:
    rows = [{"event_id": number, **row} for number, row in enumerate(rows_of(seed), start=1)]
    with loaded(tmp_path / "one", [rows]) as whole:
        expected = asked(whole)
    random = Random(seed)
    mixed = random.sample(rows, len(rows))
    pieces = [mixed[at::4] for at in range(4)]
    with loaded(tmp_path / "many", pieces[:3]) as many:
        many.append(DOCTOR, {"event": list(pieces[3])})
        assert asked(many) == expected
        many.compact(SYSTEM)
        assert asked(many) == expected
    assert {each.verdict for each in expected.members} == {"in", "unknown"}
