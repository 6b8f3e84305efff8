"""The lake: durable appends against the disk's own flush, one patient against a whole query."""

from __future__ import annotations

import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.lake import Lake
from vitruvian.record import TABLES
from vitruvian.trust import SYSTEM, Access

DOCTOR = Access(who="bench", role="clinician", purpose="treatment")
PATIENTS = {"small": 2_000, "medium": 20_000, "large": 100_000}
EVENTS_A_PATIENT = 50
START = datetime(2020, 1, 1, tzinfo=UTC)
ROW: dict[str, Any] = {
    "category": "laboratory",
    "code": "LOINC//2823-3",
    "code_text": "Potassium",
    "codings": [{"system": "http://loinc.org", "code": "2823-3", "display": "Potassium"}],
    "value_as_sent": "4.10",
    "unit": "mmol/L",
    "act": "observed",
    "status": "final",
    "polarity": "affirmed",
    "certainty": "certain",
    "temporality": "current",
    "experiencer": "patient",
    "site": "bench",
    "source_id": "0123456789abcdef",
    "known_at": START,
    "known_at_basis": "stated",
}


def measure(scale: str) -> list[dict[str, object]]:
    """Figures of the lake at one scale."""
    with made_lake() as lake:
        rows = [append_latency(lake), group_appends(lake), loading(lake, patients=PATIENTS[scale])]
        rows.append(compaction(lake))
        return [*rows, *reading(lake, patients=PATIENTS[scale])]


@contextmanager
def made_lake() -> Iterator[Lake]:
    """An empty lake that is removed afterwards."""
    with (
        tempfile.TemporaryDirectory(prefix="bench-lake-") as folder,
        Lake.create(Path(folder) / "lake") as lake,
    ):
        yield lake


def timed(work: Callable[[], object], *, times: int) -> list[float]:
    """Milliseconds of each run, ascending."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        found.append((time.perf_counter() - start) * 1e3)
    return sorted(found)


def flush_latency(folder: Path) -> float:
    """Median milliseconds of appending 4 KiB to a file and flushing it."""
    path = folder / "flush"
    with path.open("ab", buffering=0) as stream:

        def write() -> None:
            stream.write(b"x" * 4096)
            os.fsync(stream.fileno())

        median = statistics.median(timed(write, times=100))
    path.unlink()
    return median


def append_latency(lake: Lake) -> dict[str, object]:
    """One event, durable, against one flush of this disk."""
    flush = flush_latency(lake.path)
    ours = timed(lambda: lake.append(SYSTEM, {"event": [one_event()]}), times=200)
    median = statistics.median(ours)
    return {
        "name": "append one event, durable, p50",
        "value": median,
        "unit": "ms",
        "versus": f"one fsync of this disk: {flush:.3g} ms",
        "ratio": flush / median,
        "note": f"p95 {ours[190]:.3g} ms",
    }


def one_event() -> dict[str, Any]:
    """An event of a random subject."""
    return ROW | {"event_id": random.getrandbits(62), "subject_id": random.getrandbits(40)}


def group_appends(lake: Lake) -> dict[str, object]:
    """A thousand events in one call."""
    batch = [one_event() for _ in range(1000)]
    median = statistics.median(timed(lambda: lake.append(SYSTEM, {"event": batch}), times=10))
    return {"name": "append events, 1,000 a call", "value": 1e6 / median, "unit": "events/s"}


def loading(lake: Lake, *, patients: int) -> dict[str, object]:
    """Bulk rows a second, hashed, flushed and published."""
    blocks = [block(first, patients=500) for first in range(0, patients, 500)]
    lake.drain(SYSTEM)
    start = time.perf_counter()
    for half in (blocks[::2], blocks[1::2]):  # two loads, so that compaction has work
        with lake.bulk(SYSTEM) as load:
            for rows in half:
                load.write("event", rows)
    seconds = time.perf_counter() - start
    count = sum(rows.num_rows for rows in blocks)
    return {"name": "bulk load of events", "value": count / seconds, "unit": "rows/s"}


def block(first: int, *, patients: int) -> pa.Table:
    """Fifty events for each of some patients."""
    count = patients * EVENTS_A_PATIENT
    schema = TABLES["event"].schema
    columns = {
        name: pa.repeat(pa.scalar(v, schema.field(name).type), count) for name, v in ROW.items()
    }
    subjects = [first + n // EVENTS_A_PATIENT for n in range(count)]
    columns["subject_id"] = pa.array(subjects, pa.int64())
    for name in ("event_id", "version_id", "fact_key"):
        columns[name] = pa.array([random.getrandbits(62) for _ in range(count)], pa.int64())
    return pa.table(columns)


def compaction(lake: Lake) -> dict[str, object]:
    """Rows a second rewritten in clustering order."""
    start = time.perf_counter()
    lake.compact(SYSTEM)
    seconds = time.perf_counter() - start
    with lake.read(SYSTEM) as reader:
        count = reader.query("SELECT count(*) AS n FROM event", tables=["event"])["n"][0].as_py()
    return {"name": "compaction of events", "value": count / seconds, "unit": "rows/s"}


def reading(lake: Lake, *, patients: int) -> list[dict[str, object]]:
    """One patient's events, through the door's own path and through a query, audited both."""

    def near() -> None:
        with lake.read(DOCTOR) as reader:
            assert reader.rows("event", subjects=[random.randrange(patients)]).num_rows > 0

    def far() -> None:
        with lake.read(DOCTOR) as reader:
            sql = f"SELECT * FROM event WHERE subject_id = {random.randrange(patients)}"
            assert reader.query(sql, tables=["event"]).num_rows > 0

    near()
    far()
    ours, theirs = timed(near, times=100), timed(far, times=30)
    return [
        {
            "name": f"all columns of one patient's events among {patients:,}, p50",
            "value": statistics.median(ours),
            "unit": "ms",
            "versus": f"DuckDB over the same files: {statistics.median(theirs):.3g} ms",
            "ratio": statistics.median(theirs) / statistics.median(ours),
            "note": f"p95 {ours[94]:.3g} ms; lease, policy and audit row included",
        }
    ]
