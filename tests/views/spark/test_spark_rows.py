"""Rows and values on Spark are those of DuckDB; their order is left aside.

The cases are those of the DuckDB tests, whose answers come from FHIRPath and from the plain
algorithm; here they are asked of the other engine, many in one view.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.views.support import column, unordered, view_of
from tests.views.test_paths import OURS, PATIENT, SHARED
from tests.views.test_rows import BARE, OTHER, TREE, VIEWS, evaluated, extensions, selects
from tests.views.test_values import BOTH, observation
from vitruvian.lake.engines.spark import Spark
from vitruvian.views import parse_view, run_on_spark, run_view

Rows = list[dict[str, Any]]


def on_spark(spark: Spark, view: Mapping[str, Any], *resources: Mapping[str, Any]) -> Rows:
    table = pa.table({"resource": [json.dumps(one) for one in resources]})
    rows: Rows = run_on_spark(parse_view(view), table, spark).to_pylist()
    return rows


def differing(found: Mapping[str, Any], cases: Sequence[tuple[str, object]]) -> list[Any]:
    answers = [(path, found[f"c{place}"], expected) for place, (path, expected) in enumerate(cases)]
    return [one for one in answers if one[1] != one[2]]


@pytest.mark.parametrize("cases", [SHARED, OURS], ids=["shared", "ours"])
def test_paths__give_on_spark_what_the_standard_says(
    spark: Spark, cases: Sequence[tuple[str, object]]
) -> None:
    columns = [column(f"c{place}", path) for place, (path, _) in enumerate(cases)]
    found = on_spark(spark, view_of("Patient", {"column": columns}), PATIENT)
    assert differing(found[0], cases) == []


@pytest.mark.parametrize("selects", VIEWS.values(), ids=VIEWS.keys())
def test_rows__are_those_of_duckdb(spark: Spark, selects: list[Any]) -> None:
    view = view_of("Patient", *selects)
    lines = [json.dumps(one) for one in (TREE, BARE, OTHER)]
    here = run_view(parse_view(view), lines).to_pylist()
    assert unordered(on_spark(spark, view, TREE, BARE, OTHER)) == unordered(here)


def test_element_of_the_wrong_json_type__is_empty(spark: Spark) -> None:
    patient = {"resourceType": "Patient", "id": "p", "name": "not a list", "active": "perhaps"}
    columns = [column("id", "id"), column("n", "name.exists()"), column("a", "active")]
    found = on_spark(spark, view_of("Patient", {"column": columns}), patient)
    assert found == [{"id": "p", "n": False, "a": None}]


def test_no_resource__gives_no_row(spark: Spark) -> None:
    view = parse_view(view_of("Patient", {"column": [column("id", "id")]}))
    found = run_on_spark(view, pa.table({"resource": pa.array([], pa.string())}), spark)
    assert (found.num_rows, found.column_names) == (0, ["id"])


def test_types_of_the_columns__are_those_of_duckdb(spark: Spark) -> None:
    columns = [
        column("id", "id"),
        column("active", "active"),
        column("born", "birthDate"),
        column("index", "%rowIndex"),
        column("half", "1 / 2"),
        column("given", "name.given", collection=True),
    ]
    view = parse_view(view_of("Patient", {"column": columns}))
    table = pa.table({"resource": [json.dumps(PATIENT)]})
    here, there = run_view(view, table), run_on_spark(view, table, spark)
    assert there.to_pylist() == here.to_pylist()
    assert [str(kind) for kind in there.schema.types][
        :5
    ] == "string bool string int64 double".split()
    assert pa.types.is_list(there.schema.types[5])


@pytest.mark.parametrize("number", ["1.50", "0.0010", "-3", "12345678901234567890.12", "1E+2"])
def test_decimal__comes_as_sent_and_as_a_number(spark: Spark, number: str) -> None:
    note = '"value": 7 \\ "'
    table = pa.table({"resource": [observation(number, note)]})
    found = run_on_spark(parse_view(BOTH), table, spark).to_pylist()
    assert found == [{"sent": number, "number": float(number)}]


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_rows__are_those_of_the_plain_algorithm_in_any_order(
    spark: Spark, data: st.DataObject
) -> None:
    names = iter(range(1000))
    select = data.draw(selects(names))
    patients = [
        {"resourceType": "Patient", "id": str(place), "extension": data.draw(extensions(depth=2))}
        for place in range(3)
    ]
    expected = [row for patient in patients for row in evaluated(select, patient)]
    assert unordered(on_spark(spark, view_of("Patient", select), *patients)) == unordered(expected)
