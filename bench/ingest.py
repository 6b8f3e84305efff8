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
from pathlib import Path

import duckdb

from vitruvian.demo import write_demo

PATIENTS = {"small": 60, "medium": 400, "large": 2_000}

# Runs in a process of its own, so that peak memory is that of the ingest alone.
CHILD = """
import json, resource, sys, time
from pathlib import Path
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import Access
me = Access(who="system", role="system", purpose="operations")
with Lake.create(Path(sys.argv[2]), site="bench") as lake:
    start = time.perf_counter()
    report = ingest([Path(sys.argv[1])], lake, access=me)
    seconds = time.perf_counter() - start
    with lake.read(me) as reader:
        events = reader.rows("event", columns=["event_id"]).num_rows
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([report.offered, report.loaded, seconds, events, peak]))
"""


def measure(scale: str) -> list[dict[str, object]]:
    """Resources and events a second, peak memory, and the ratio to a plain copy."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_demo(root / "demo", patients=PATIENTS[scale], layout="ndjson")
        fhir = root / "demo" / "fhir"
        copied, copy_seconds = _copy(fhir, root / "copy.parquet")
        offered, loaded, seconds, events, peak = _ingest(fhir, root / "lake")
        assert copied == offered == loaded
    megabytes = f"{PATIENTS[scale]} made-up patients, {offered:,} resources"
    return [
        {
            "name": "bulk ingest of NDJSON",
            "value": round(offered / seconds),
            "unit": "resources/s",
            "versus": f"DuckDB read_ndjson_objects to Parquet, {copied / copy_seconds:,.0f}/s",
            "ratio": copy_seconds / seconds,
            "note": f"{megabytes}; the baseline copies text and maps nothing",
        },
        {"name": "events made", "value": round(events / seconds), "unit": "events/s"},
        {"name": "peak memory of ingest", "value": peak, "unit": "MiB"},
    ]


def _copy(folder: Path, target: Path) -> tuple[int, float]:
    start = time.perf_counter()
    with duckdb.connect() as engine:
        engine.execute(
            f"COPY (SELECT json, json->>'$.resourceType' AS kind, json->>'$.id' AS id "
            f"FROM read_ndjson_objects('{folder}/*.ndjson')) TO '{target}' (COMPRESSION zstd)"
        )
        seconds = time.perf_counter() - start
        row = engine.execute(f"SELECT count(*) FROM '{target}'").fetchone()
    assert row is not None
    return int(row[0]), seconds


def _ingest(folder: Path, lake: Path) -> tuple[int, int, float, int, int]:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(lake)],
        capture_output=True,
        check=True,
        text=True,
    )
    offered, loaded, seconds, events, peak = json.loads(done.stdout.splitlines()[-1])
    return offered, loaded, seconds, events, peak
