"""A million patients in one lake: what was built and how long it took, then the picture and lists.

The patients are those of `bench.picture`, copied under new ids, with every eighth of their events:
so that a lake of a million is built in half an hour. It is measured once, at the scale `large`.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

import pyarrow as pa

from bench.growing import kept_folder
from bench.picture import (
    INGESTED,
    Measured,
    copied,
    ingest_demo,
    measure_lake,
    originals_of,
    renumbered,
)
from bench.report.machine import peak_memory_mib
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

PATIENTS = {"small": 2_000, "medium": 100_000, "large": 1_000_000}
EVERY, COPIES_A_LOAD = 8, 10
# 200 patients' ids of 63 bits keep apart in 50; the thirteen bits above number the copy.
COPY_BITS = 50


def measure(scale: str) -> list[Measured]:
    """What building took, and p50 and p95 in milliseconds."""
    patients = PATIENTS[scale]
    with kept_folder() as folder, tempfile.TemporaryDirectory(dir=folder) as beside:
        path, rows = folder / f"million-{patients}", list[Measured]()
        if not path.exists():
            rows += build(path, patients=patients)
        copy = Path(beside) / "lake"
        shutil.copytree(path, copy, copy_function=copied)
        with Lake.open(copy) as lake:
            return rows + measure_lake(lake, patients=patients) + [peak(patients)]


def build(path: Path, *, patients: int) -> list[Measured]:
    """A lake of so many patients, compacted; how long that took."""
    working = path.with_suffix(".building")
    shutil.rmtree(working, ignore_errors=True)
    ingest_demo(working)
    began = time.perf_counter()
    with Lake.open(working) as lake:
        events = copy_thinned(lake, upto=patients // INGESTED)
        loaded = time.perf_counter() - began
        lake.compact(SYSTEM)
        lake.vacuum(SYSTEM)
    took = time.perf_counter() - began
    working.rename(path)
    size = sum(each.stat().st_size for each in path.rglob("*.parquet")) / 1e9
    return [
        {
            "name": f"rows of {patients:,} patients written and merged",
            "value": events / took,
            "unit": "events/s",
            "note": f"{events:,} events, {loaded:.0f} s, and {took - loaded:.0f} s to compact and "
            f"vacuum; {size:.1f} GB of tables; peak {peak_memory_mib():,.0f} MiB",
        }
    ]


def copy_thinned(lake: Lake, *, upto: int) -> int:
    """Copy patients with every eighth of their events until there are enough; how many events."""
    originals = originals_of(lake)
    events = originals["event"]
    originals["event"] = events.take(pa.array(range(0, events.num_rows, EVERY)))
    for first in range(1, upto, COPIES_A_LOAD):
        copies = range(first, min(first + COPIES_A_LOAD, upto))
        with lake.bulk(SYSTEM) as load:
            for name, rows in originals.items():
                some = [renumbered(rows, copy=copy, bits=COPY_BITS) for copy in copies]
                load.write(name, pa.concat_tables(some))
    return int(originals["event"].num_rows) * upto


def peak(patients: int) -> Measured:
    """Most memory that the server and its client held together."""
    return {
        "name": f"peak memory, server and client, among {patients:,} patients",
        "value": peak_memory_mib(),
        "unit": "MiB",
        "note": "building, where it was built in the same run, and every question above",
    }
