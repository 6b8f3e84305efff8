"""The public SQL on FHIR v2 test suite on Spark: the same rows as on DuckDB, in any order."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.views.support import unordered
from vitruvian.lake.engines.spark import Spark
from vitruvian.views import ViewError, parse_view, run_on_spark, run_view

FOLDER = "clinical/sql-on-fhir-v2/tests"


def answer(view: Mapping[str, Any], lines: Sequence[str], spark: Spark | None) -> list[str] | str:
    """Rows without their order, or the name of the refusal."""
    table = pa.table({"resource": lines})
    try:
        parsed = parse_view(view)
        rows = run_view(parsed, table) if spark is None else run_on_spark(parsed, table, spark)
    except ViewError as refused:
        return type(refused).__name__
    return unordered(rows.to_pylist())


@pytest.mark.real_data
def test_suite__gives_on_spark_the_rows_of_duckdb(spark: Spark, real_data: Path) -> None:
    told, expected = {}, {}
    for path in sorted((real_data / FOLDER).glob("*.json")):
        document = json.loads(path.read_text("utf-8"))
        lines = [json.dumps(resource) for resource in document["resources"]]
        for case in document["tests"]:
            name = f"{path.stem}: {case['title']}"
            told[name] = answer(case["view"], lines, spark)
            expected[name] = answer(case["view"], lines, None)
            refused = case.get("expectError", False)
            assert refused or told[name] == unordered(case["expect"]), name
    assert len(told) >= 100
    assert told == expected
