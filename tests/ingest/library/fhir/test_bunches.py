"""Shapes of many records read as one: the same are refused as by a look at each record alone."""

from __future__ import annotations

import json
from typing import Any

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.support import potassium
from vitruvian.ingest.library.fhir.reading.shapes import BUNCHES, bunches_of, reject_by_type
from vitruvian.ingest.library.fhir.records import staging
from vitruvian.ingest.report import Problems
from vitruvian.views.elements.shape import find_fault

SHAPES: list[Any] = [
    "words",
    4.1,
    None,
    {},
    [],
    {"text": "K"},
    [{"text": "K"}],
    ["words"],
    [{"text": ["K"]}],
]
PLACES = [
    "code",
    "category",
    "valueQuantity",
    "note",
    "colour",
    "component",
    "contained",
    "extension",
]
strange = st.dictionaries(st.sampled_from(PLACES), st.sampled_from(SHAPES), max_size=3)
resources = st.dictionaries(st.integers(0, 150), strange, max_size=4).map(
    lambda odd: [potassium(f"k{place}") | odd.get(place, {}) for place in range(151)]
)


def refused(records: list[dict[str, Any]]) -> set[tuple[int, str | None]]:
    """Record and pointer of what is taken off the stage."""
    texts = pa.array([json.dumps(one) for one in records], pa.large_string())
    rows = pa.table({"seq": pa.array(range(len(records)), pa.int64()), "resource": texts})
    problems = {0: Problems()}
    with duckdb.connect() as engine:
        staging.create_stage(engine)
        engine.register("given", rows)
        engine.register(BUNCHES, bunches_of(rows))
        engine.execute(
            f"INSERT INTO {staging.STAGE} BY NAME SELECT seq, 0 AS source_no, seq AS record FROM given"
        )
        assert reject_by_type(
            engine, "Observation", "given", lambda number, one: problems[number].add(one)
        )
        left = engine.execute(f"SELECT count(*) FROM {staging.STAGE}").fetchone()
    assert left == (len(records) - problems[0].rejected,)
    return {(one.record, one.pointer) for one in problems[0].kept if one.record is not None}


@settings(max_examples=20, deadline=None)
@given(records=resources)
def test_records_read_as_one__lose_what_each_alone_would(records: list[dict[str, Any]]) -> None:
    faults = {place: find_fault(one, "Observation") for place, one in enumerate(records)}
    assert refused(records) == {
        (place, fault.pointer) for place, fault in faults.items() if fault is not None
    }


def test_last_of_many__is_seen() -> None:
    records = [potassium(f"k{place}") for place in range(128)]
    records.append(potassium("bad", valueQuantity={"value": [4.1]}))
    assert refused(records) == {(128, "/valueQuantity/value")}


def test_long_records__are_read_a_few_at_a_time() -> None:
    texts = pa.array(["k" * size for size in [10] * 30 + [700_000] * 9 + [10] * 30])
    seq = pa.array(range(len(texts)), pa.int64())
    found = bunches_of(pa.table({"seq": seq, "resource": texts}))
    runs = [sum(map(len, run)) for run in found["texts"].to_pylist()]
    assert sum(runs) == 600 + 9 * 700_000
    assert max(runs) < 2_000_000
    assert found["first"][0].as_py() == 0
    assert found["last"][-1].as_py() == 68
