"""A cohort on Sail with one worker and with two: the same rows, and the speed-up."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import duckdb

from bench.criteria import TASK, write_events
from tests.criteria.spark.workers import sail
from vitruvian.criteria import Engine, Source, parse_task, run_task
from vitruvian.criteria.over_lake.on_spark import OnSpark
from vitruvian.lake.engines.spark import open_spark

EVENTS = {"small": 400_000, "medium": 2_000_000, "large": 10_000_000}
PIECES = 8
REPEATS = 2
SOURCE = Source("stored", instants=True)


def write_parts(folder: Path, count: int) -> Path:
    """The events in as many files as a plan has pieces, each subject in one of them."""
    whole, parts = folder / "events.parquet", folder / "parts"
    write_events(whole, count)
    parts.mkdir()
    with duckdb.connect() as connection:
        for piece in range(PIECES):
            connection.execute(
                f"COPY (SELECT subject_id, time::TIMESTAMPTZ AS time, code, "
                f"numeric_value::DOUBLE AS numeric_value FROM '{whole}' "
                f"WHERE subject_id % {PIECES} = {piece}) TO '{parts}/{piece}.parquet'"
            )
    whole.unlink()
    return parts


def on_sail(parts: Path, *, workers: int) -> tuple[float, list[dict[str, object]]]:
    """Seconds of the fastest run, and the rows."""
    stored = f'"stored" AS (SELECT * FROM parquet."{parts}")'
    with (
        sail(workers, parallelism=2, pinned=True) as address,
        open_spark(address) as session,
    ):
        engine = Engine(OnSpark(session, "stored", (stored,)), SOURCE)
        return _fastest(engine)


def on_duckdb(parts: Path) -> tuple[float, list[dict[str, object]]]:
    """The same on DuckDB with the whole machine."""
    with duckdb.connect() as connection:
        connection.execute(f"CREATE VIEW stored AS FROM '{parts}/*.parquet'")
        return _fastest(Engine(connection, SOURCE))


def _fastest(engine: Engine) -> tuple[float, list[dict[str, object]]]:
    best, rows = float("inf"), []
    for _ in range(REPEATS):
        start = time.perf_counter()
        rows = run_task(parse_task(TASK), engine).to_pylist()
        best = min(best, time.perf_counter() - start)
    return best, rows


def measure(scale: str) -> list[dict[str, object]]:
    """Rows for the benchmarks page."""
    count = EVENTS[scale]
    with tempfile.TemporaryDirectory() as place:
        parts = write_parts(Path(place), count)
        stored = sum(path.stat().st_size for path in parts.iterdir())
        here, expected = on_duckdb(parts)
        one, first = on_sail(parts, workers=1)
        two, second = on_sail(parts, workers=2)
    assert first == second == expected
    load = f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    return [
        {
            "name": f"cohort over {count:,} events, Sail, 1 worker on 1 core",
            "value": count / one,
            "unit": "events/s",
            "versus": f"DuckDB on all cores, {count / here:,.0f} events/s",
            "ratio": here / one,
            "note": f"{len(expected):,} rows, equal; {stored / count:.1f} bytes an event; {load}",
        },
        {
            "name": f"cohort over {count:,} events, Sail, 2 workers on 2 cores",
            "value": count / two,
            "unit": "events/s",
            "versus": f"1 worker, {count / one:,.0f} events/s",
            "ratio": one / two,
            "note": "the speed-up; rows equal; workers shuffle over the network",
        },
    ]
