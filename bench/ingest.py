"""Bulk ingest of FHIR NDJSON against DuckDB's own `read_ndjson_objects` to Parquet.

The baseline only copies text into a column.
Ingest also validates, hashes, identifies, resolves references, maps onto the timeline,
and publishes with checksums: the ratios say what that costs, together and step by step.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from vitruvian.demo import write_demo
from vitruvian.ingest import Limits
from vitruvian.views import compile_view, parse_view

# `large` is more than 500 MB of NDJSON.
PATIENTS = {"small": 60, "medium": 400, "large": 2_500}
# Of each copy the fastest counts.
COPIES = 3

# Runs in a process of its own, so that peak memory is that of the ingest alone.
CHILD = """
import json, sys, time
from pathlib import Path
from vitruvian.ingest import Limits, ingest
from vitruvian.ingest.library.fhir.tables import TableWriter
from bench.report.machine import peak_memory_mib
from bench.report.steps import FHIR_STEPS, timed_steps
from vitruvian.lake import Lake
from vitruvian.trust import Access
if sys.argv[3:] == ["records only"]:
    TableWriter.write_meaning = lambda self, connection, resource_type: None
me = Access(who="system", role="system", purpose="operations")
limits = Limits()
memory = f"{limits.engine_bytes >> 20}MiB"
with Lake.create(Path(sys.argv[2]), site="bench", memory_limit=memory) as lake:
    with timed_steps(FHIR_STEPS) as steps:
        start, busy = time.perf_counter(), time.process_time()
        report = ingest([Path(sys.argv[1])], lake, access=me, limits=limits)
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
    with lake.read(me) as reader:
        events = reader.rows("event", columns=["event_id"]).num_rows
peak = round(peak_memory_mib())
print(json.dumps([report.offered, report.loaded, seconds, busy, events, peak, steps]))
"""

FLAT = {
    "resource": "Observation",
    "select": [
        {
            "column": [
                {"name": "id", "path": "id", "type": "id"},
                {"name": "patient", "path": "subject.reference", "type": "string"},
                {"name": "time", "path": "effective.ofType(dateTime)", "type": "dateTime"},
                {"name": "value", "path": "value.ofType(Quantity).value", "type": "decimal"},
                {"name": "unit", "path": "value.ofType(Quantity).code", "type": "code"},
            ]
        },
        {
            "forEach": "code.coding",
            "column": [
                {"name": "system", "path": "system", "type": "uri"},
                {"name": "code", "path": "code", "type": "code"},
            ],
        },
    ],
}


@dataclass(frozen=True)
class Taken:
    """What one way of taking the files in gave, and what it took."""

    records: int
    seconds: float
    busy_seconds: float
    events: int = 0
    peak_mib: int = 0
    steps: Mapping[str, float] = field(default_factory=dict)


def measure(scale: str) -> list[dict[str, object]]:
    """Resources and events a second, what each step costs, peak memory, the ratio to a copy."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_demo(root / "demo", patients=PATIENTS[scale], layout="ndjson")
        fhir = root / "demo" / "fhir"
        size = sum(each.stat().st_size for each in fhir.iterdir()) // 10**6
        copied = _copy(fhir, root / "copy.parquet")
        taken = ingested(fhir, root / "lake")
        stored = ingested(fhir, root / "lake-of-records", "records only")
        flat = _flatten(fhir, root / "copy.parquet")
        assert copied.records == taken.records
    what = f"{PATIENTS[scale]:,} made-up patients, {taken.records:,} resources, {size:,} MB"
    return [
        *figures(copied, taken, what=what),
        *_parts(copied, taken, stored),
        *_flat_figures(*flat),
    ]


def figures(copied: Taken, taken: Taken, *, what: str) -> list[dict[str, object]]:
    """Ingest beside the copy, by the clock and by the processor; its steps, events, memory."""
    against = "DuckDB read_ndjson_objects to Parquet"
    return [
        {
            "name": "bulk ingest of NDJSON",
            "value": round(taken.records / taken.seconds),
            "unit": "resources/s",
            "versus": f"{against}, {copied.records / copied.seconds:,.0f}/s",
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
        *(_step(name, seconds, taken.records) for name, seconds in taken.steps.items()),
        {"name": "events made", "value": round(taken.events / taken.seconds), "unit": "events/s"},
        {
            "name": "peak memory of ingest",
            "value": taken.peak_mib,
            "unit": "MiB",
            "note": f"resident, in the same run; allowed: {Limits().memory_bytes >> 20} MiB",
        },
    ]


def _parts(copied: Taken, taken: Taken, stored: Taken) -> list[dict[str, object]]:
    """The load without its timeline, and what the timeline adds to it, each beside the copy."""
    alone = {
        "without the timeline": (stored.seconds, stored.busy_seconds),
        "what the timeline adds": (
            taken.seconds - stored.seconds,
            taken.busy_seconds - stored.busy_seconds,
        ),
    }
    return [
        {
            "name": f"bulk ingest, {name}",
            "value": round(taken.records / seconds),
            "unit": "resources/s",
            "versus": f"the same copy, {copied.records / copied.seconds:,.0f}/s",
            "ratio": copied.seconds / seconds,
            "note": f"{seconds:.1f} s, {busy:.1f} CPU s, the copy {copied.busy_seconds:.1f} CPU s",
        }
        for name, (seconds, busy) in alone.items()
    ]


def _step(name: str, seconds: float, records: int) -> dict[str, object]:
    return {
        "name": f"step: {name}",
        "value": round(seconds, 2),
        "unit": "s",
        "note": f"{seconds / records * 1e6:.1f} us a resource; steps run beside one another",
    }


def _copy(folder: Path, target: Path, *, of: str = "*") -> Taken:
    """The fastest of some copies: one alone was seen to take 2.5 to 4 seconds."""
    return min((_copied(folder, target, of) for _ in range(COPIES)), key=lambda one: one.seconds)


def _copied(folder: Path, target: Path, of: str) -> Taken:
    start, busy = time.perf_counter(), time.process_time()
    with duckdb.connect() as engine:
        engine.execute(
            f"COPY (SELECT json, json->>'$.resourceType' AS kind, json->>'$.id' AS id "
            f"FROM read_ndjson_objects('{folder}/{of}.ndjson')) TO '{target}' (COMPRESSION zstd)"
        )
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
        row = engine.execute(f"SELECT count(*) FROM '{target}'").fetchone()
    assert row is not None
    return Taken(int(row[0]), seconds, busy)


def _flatten(folder: Path, target: Path) -> tuple[Taken, Taken]:
    """A flat view of all observations to Parquet, after the copy of the same file."""
    copied = _copy(folder, target, of="Observation")
    sql = compile_view(parse_view(FLAT), source="given").sql
    start, busy = time.perf_counter(), time.process_time()
    with duckdb.connect() as engine:
        engine.execute(
            "CREATE VIEW given AS SELECT json::VARCHAR AS resource "
            f"FROM read_ndjson_objects('{folder}/Observation.ndjson')"
        )
        engine.execute(f"COPY ({sql}) TO '{target}' (COMPRESSION zstd)")
        seconds, busy = time.perf_counter() - start, time.process_time() - busy
    return copied, Taken(copied.records, seconds, busy)


def _flat_figures(copied: Taken, flat: Taken) -> list[dict[str, object]]:
    return [
        {
            "name": "flat view of the observations, to Parquet",
            "value": round(flat.records / flat.seconds),
            "unit": "resources/s",
            "versus": f"the copy of the same file, {copied.records / copied.seconds:,.0f}/s",
            "ratio": copied.seconds / flat.seconds,
            "note": "a row a coding, with value, unit, time and patient",
        }
    ]


def ingested(folder: Path, lake: Path, *words: str) -> Taken:
    """A folder or file taken in by a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(lake), *words],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    offered, loaded, *rest = json.loads(done.stdout.splitlines()[-1])
    assert offered == loaded
    return Taken(offered, *rest)
