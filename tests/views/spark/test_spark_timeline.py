"""The views behind our own timeline, on Spark: row for row those of DuckDB, ordinals included."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from importlib import resources
from itertools import islice
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
AT_ONCE = 4_000
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
    seen, different = differing(spark, tables_by_type(real_resources(real_data, 20), most=MOST))
    assert different == []
    assert seen > 500


@pytest.mark.torture
@pytest.mark.real_data
def test_timeline_of_all_real_records__is_the_same(spark: Spark, real_data: Path) -> None:
    seen, waiting = 0, real_resources(real_data, None)
    while batch := list(islice(waiting, AT_ONCE)):
        rows, different = differing(spark, tables_by_type(batch, most=AT_ONCE))
        assert different == []
        seen += rows
    assert seen > 50_000


def real_resources(real_data: Path, most_bundles: int | None) -> Iterator[Resource]:
    """Shared records of FHIR R4: examples, bundles, bulk files of ten and of a hundred patients."""
    folder = real_data / "clinical"
    examples = sorted((folder / "fhir-r4-examples").glob("*.json"))
    bundles = sorted((folder / "fhir-synthea-r4/bundles").glob("*.gz"))[:most_bundles]
    sizes = ("10-patients",) if most_bundles else ("10-patients", "100-patients")
    bulk = [path for size in sizes for path in _bulk(folder / "fhir-bulk-ndjson" / size)]
    yield from (json.loads(path.read_text("utf-8")) for path in examples)
    yield from in_bundles(*bundles)
    for path in bulk:
        yield from (json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines())


def _bulk(folder: Path) -> list[Path]:
    return sorted(folder.glob("[A-Z]*.gz"))
