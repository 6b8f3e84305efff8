"""Bulk ingest of FHIR NDJSON against DuckDB's own `read_ndjson_objects` to Parquet.

The baseline only copies text into a column.
Ingest also validates, hashes, identifies, resolves references, maps onto the timeline,
and publishes with checksums: the ratio says what that costs.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb

from vitruvian.demo import write_demo
from vitruvian.ingest import Limits

PATIENTS = {"small": 60, "medium": 400, "large": 2_000}

# Runs in a process of its own, so that peak memory is that of the ingest alone.
CHILD = """
import json, sys, time
from pathlib import Path
from vitruvian.ingest import Limits, ingest
from bench.report.machine import peak_memory_mib
from vitruvian.lake import Lake
from vitruvian.trust import Access
me = Access(who="system", role="system", purpose="operations")
limits = Limits()
memory = f"{limits.engine_bytes >> 20}MiB"
with Lake.create(Path(sys.argv[2]), site="bench", memory_limit=memory) as lake:
    start, busy = time.perf_counter(), time.process_time()
    report = ingest([Path(sys.argv[1])], lake, access=me, limits=limits)
    seconds, busy = time.perf_counter() - start, time.process_time() - busy
    with lake.read(me) as reader:
        events = reader.rows("event", columns=["event_id"]).num_rows
peak = round(peak_memory_mib())
print(json.dumps([report.offered, report.loaded, seconds, busy, events, peak]))
"""


@dataclass(frozen=True)
class Taken:
    """What one way of taking the files in gave, and what it took."""

    records: int
    seconds: float
    busy_seconds: float
    events: int = 0
    peak_mib: int = 0


def measure(scale: str) -> list[dict[str, object]]:
    """Resources and events a second, peak memory, and the ratio to a plain copy."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_demo(root / "demo", patients=PATIENTS[scale], layout="ndjson")
        fhir = root / "demo" / "fhir"
        size = sum(each.stat().st_size for each in fhir.iterdir()) >> 20
        copied = _copy(fhir, root / "copy.parquet")
        taken = _ingest(fhir, root / "lake")
        assert copied.records == taken.records
    what = f"{PATIENTS[scale]} made-up patients, {taken.records:,} resources, {size} MiB"
    return figures(copied, taken, what=what)


def figures(copied: Taken, taken: Taken, *, what: str) -> list[dict[str, object]]:
    """Ingest beside the copy, by the clock and by the processor; its events; its memory."""
    return [
        {
            "name": "bulk ingest of NDJSON",
            "value": round(taken.records / taken.seconds),
            "unit": "resources/s",
            "versus": "DuckDB read_ndjson_objects to Parquet, "
            f"{copied.records / copied.seconds:,.0f}/s",
            "ratio": copied.seconds / taken.seconds,
            "note": f"{what}; the baseline copies text and maps nothing",
        },
        {
            "name": "bulk ingest of NDJSON, processor time",
            "value": round(taken.busy_seconds, 1),
            "unit": "CPU s",
            "versus": f"the same copy, {copied.busy_seconds:.1f} CPU s",
            "ratio": copied.busy_seconds / taken.busy_seconds,
            "note": "identity, references, timeline, versions and checksums included",
        },
        {"name": "events made", "value": round(taken.events / taken.seconds), "unit": "events/s"},
        {
            "name": "peak memory of ingest",
            "value": taken.peak_mib,
            "unit": "MiB",
            "note": f"allowed: {Limits().memory_bytes >> 20} MiB",
        },
    ]


def _copy(folder: Path, target: Path) -> Taken:
    start, busy = time.perf_counter(), time.process_time()
    with duckdb.connect() as engine:
        engine.execute(
            f"COPY (SELECT json, json->>'$.resourceType' AS kind, json->>'$.id' AS id "
            f"FROM read_ndjson_objects('{folder}/*.ndjson')) TO '{target}' (COMPRESSION zstd)"
        )
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        row = engine.execute(f"SELECT count(*) FROM '{target}'").fetchone()
    assert row is not None
    return Taken(int(row[0]), seconds, busy)


def _ingest(folder: Path, lake: Path) -> Taken:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(lake)],
        capture_output=True,
        check=True,
        text=True,
    )
    offered, loaded, *rest = json.loads(done.stdout.splitlines()[-1])
    assert offered == loaded
    return Taken(offered, *rest)
