"""ViewDefinitions on Spark (Sail) against DuckDB: the same rows in the same run."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import Any

import duckdb
import orjson
import pyarrow as pa

from bench.views import CODINGS, PARTS, observation
from vitruvian.lake.engines.spark import Spark, open_spark
from vitruvian.views import Options, compile_view, parse_view
from vitruvian.views.on_spark import shaped

SIZES = {"small": 2_000, "medium": 20_000, "large": 100_000}
REPEATS = 3
VIEWS = {
    "Observation, one row a coding": CODINGS,
    "Observation, filtered, one row a code or part": PARTS,
}


def fastest(work: Callable[[], pa.Table]) -> tuple[float, pa.Table]:
    """Seconds of the fastest of a few runs, and the answer."""
    best, answer = float("inf"), None
    for _ in range(REPEATS):
        start = time.perf_counter()
        answer = work()
        best = min(best, time.perf_counter() - start)
    return best, answer


def comparable(rows: pa.Table) -> list[bytes]:
    """Rows without their order."""
    return sorted(orjson.dumps(row) for row in rows.to_pylist())


def one_view(name: str, view: dict[str, Any], table: pa.Table, session: Spark) -> dict[str, object]:
    """Resources a second of one view on both engines; the resources are sent beforehand."""
    parsed = parse_view(view)
    here = compile_view(parsed, source="batch")
    there = compile_view(parsed, source="batch", options=Options(engine="spark"))
    with duckdb.connect() as connection:
        connection.register("batch", table)
        theirs, expected = fastest(lambda: connection.sql(here.sql).to_arrow_table())
    session.show("batch", table)
    ours, found = fastest(lambda: shaped(session.query(there.sql), there.columns))
    assert comparable(found) == comparable(expected)
    return {
        "name": f"{name}, on Sail in this process",
        "value": table.num_rows / ours,
        "unit": "resources/s",
        "versus": f"DuckDB, {table.num_rows / theirs:,.0f} resources/s",
        "ratio": theirs / ours,
        "note": "same rows; from Arrow in the engine to Arrow in hand",
    }


def measure(scale: str = "medium") -> list[dict[str, object]]:
    """Rows for the benchmarks page."""
    chance = random.Random(1)
    lines = [orjson.dumps(observation(n, chance)).decode() for n in range(SIZES[scale])]
    table = pa.table({"resource": lines})
    with open_spark() as session:
        return [one_view(name, view, table, session) for name, view in VIEWS.items()]
