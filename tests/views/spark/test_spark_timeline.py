"""The views behind our own timeline, on Spark: row for row those of DuckDB, ordinals included."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from tests.views.support import unordered
from vitruvian.demo import write_demo
from vitruvian.ingest.library import fhir
from vitruvian.lake.engines.spark import Spark
from vitruvian.views import Options, ViewDefinition, compile_view, parse_view

MOST = 40
VIEWS = [
    parse_view(path.read_text("utf-8"))
    for path in resources.files(fhir).joinpath("views").iterdir()
    if path.name.endswith(".json")
]
Resource = dict[str, Any]


def tables_by_type(found: Iterable[Resource], *, most: int) -> dict[str, pa.Table]:
    """At most so many resources of each type, numbered."""
    lines: dict[str, list[str]] = defaultdict(list)
    for one in found:
        if len(lines[one["resourceType"]]) < most:
            lines[one["resourceType"]].append(json.dumps(one))
    return {
        kind: pa.table({"seq": range(len(texts)), "resource": texts})
        for kind, texts in lines.items()
    }


def differing(spark: Spark, tables: dict[str, pa.Table]) -> tuple[int, list[str]]:
    """Rows seen on DuckDB, and the views whose rows differ on Spark."""
    seen, different = 0, []
    for view in VIEWS:
        if view.resource in tables:
            here = on_duckdb(view, tables[view.resource])
            seen += len(here)
            if here != on_spark(view, tables[view.resource], spark):
                different.append(view.name or view.resource)
    return seen, different


def on_duckdb(view: ViewDefinition, table: pa.Table) -> list[str]:
    options = Options(ordinal="place")
    sql = compile_view(view, source="batch", carry=("seq",), options=options).sql
    with duckdb.connect() as connection:
        connection.register("batch", table)
        return unordered(connection.sql(sql).to_arrow_table().to_pylist())


def on_spark(view: ViewDefinition, table: pa.Table, spark: Spark) -> list[str]:
    options = Options(engine="spark", ordinal="place")
    spark.show("batch", table)
    sql = compile_view(view, source="batch", carry=("seq",), options=options).sql
    return unordered(spark.query(sql).to_pylist())


def in_bundles(*paths: Path) -> Iterator[Resource]:
    for path in paths:
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for entry in json.loads(text)["entry"]:
            yield entry["resource"]


def test_timeline_of_made_up_patients__is_the_same(spark: Spark, tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", patients=3)
    bundles = sorted((tmp_path / "demo" / "fhir").rglob("*.json"))
    seen, different = differing(spark, tables_by_type(in_bundles(*bundles), most=MOST))
    assert different == []
    assert seen > 100


@pytest.mark.real_data
def test_timeline_of_real_records__is_the_same(spark: Spark, real_data: Path) -> None:
    folder = real_data / "clinical"
    examples = sorted((folder / "fhir-r4-examples").glob("*.json"))
    bundles = sorted((folder / "fhir-synthea-r4/bundles").glob("*.gz"))[:20]
    bulk = sorted((folder / "fhir-bulk-ndjson/10-patients").glob("[A-Z]*.gz"))
    found = [json.loads(path.read_text("utf-8")) for path in examples]
    found += list(in_bundles(*bundles))
    found += [
        json.loads(line)
        for path in bulk
        for line in gzip.decompress(path.read_bytes()).splitlines()
    ]
    seen, different = differing(spark, tables_by_type(found, most=MOST))
    assert different == []
    assert seen > 500
