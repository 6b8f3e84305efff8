"""The FHIR interface over real HTTP: read, search, page, write.

A demo hospital is written and ingested; up to forty resources of each patient are then copied
under new ids, because what matters is how many an answer must be found among.
"""

from __future__ import annotations

import os
import random
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx  # noqa: TC002 - as the benches beside it
import pyarrow as pa  # noqa: TC002

from bench.growing import grow, measured_while_growing, patients_of
from bench.picture import busy_row, served
from vitruvian.base.ids import stable_id_sql
from vitruvian.demo import write_demo
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

PATIENTS = {"small": (1_000,), "medium": (1_000, 10_000), "large": (1_000, 10_000, 100_000)}
INGESTED, KEPT_OF_EACH, COPIES_AT_ONCE = 100, 40, 50
ASKED, WARM_UP, WRITTEN = 200, 20, 30
GOAL_MS = 20.0
COPY_BITS = 53
Measured = dict[str, object]
COPIED = f"""
    SELECT r.* EXCLUDE (recorded_at, load_id, version_id, subject_id, resource_id, source_id),
        (version_id >> {63 - COPY_BITS}) | (copy << {COPY_BITS}) AS version_id,
        (subject_id >> {63 - COPY_BITS}) | (copy << {COPY_BITS}) AS subject_id,
        resource_id || '-' || copy AS resource_id, 'copied' AS source_id
    FROM originals r, (SELECT unnest(range(?::BIGINT, ?::BIGINT)) AS copy)
"""


def measure(scale: str) -> list[Measured]:
    """p50 and p95 in milliseconds, among more and more patients."""
    return measured_while_growing(PATIENTS[scale], called="fhir", build=build, measure=measure_copy)


def measure_copy(path: Path, patients: int) -> list[Measured]:
    """Measure a copy of a lake: what is written to it must not be kept."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / "lake"
        shutil.copytree(path, copy)
        with Lake.open(copy) as lake:
            return measure_lake(lake, patients=patients)


def build(path: Path, *, patients: int, before: Path | None) -> None:
    """A lake of so many patients, from the smaller one where there is one."""
    done = patients_of(before, least=INGESTED) // INGESTED

    def add(lake: Lake) -> None:
        copy_resources(lake, some_of_each(lake), done, upto=patients // INGESTED)

    grow(path, before=before, start=ingest_demo, add=add)


def ingest_demo(path: Path) -> None:
    """A lake with the demo hospital."""
    with tempfile.TemporaryDirectory() as folder, Lake.create(path, site="bench") as lake:
        write_demo(Path(folder) / "hospital", patients=INGESTED, layout="ndjson")
        ingest([Path(folder) / "hospital" / "fhir"], lake, access=SYSTEM)


def some_of_each(lake: Lake) -> pa.Table:
    """The patient and the first resources of each subject that was ingested."""
    with lake.read(SYSTEM) as reader:
        return reader.query(
            "SELECT * FROM resource WHERE subject_id IS NOT NULL AND source_id <> 'copied' "
            "QUALIFY row_number() OVER ("
            "PARTITION BY subject_id ORDER BY resource_type <> 'Patient', version_id) "
            f"<= {KEPT_OF_EACH}",
            tables=["resource"],
        )


def copy_resources(lake: Lake, originals: pa.Table, done: int, *, upto: int) -> None:
    """Copies under new ids, with their look-up keys."""
    key = "resource_type || '/' || resource_id"
    for first in range(done, upto, COPIES_AT_ONCE):
        with lake.bulk(SYSTEM) as load:
            engine = load.connection
            engine.register("originals", originals)
            engine.execute("SET enable_progress_bar = false")
            bounds = [first, min(upto, first + COPIES_AT_ONCE)]
            engine.execute(f"CREATE TEMP TABLE copied AS {COPIED}", bounds)
            load.write("resource", engine.execute("SELECT * FROM copied").to_arrow_table())
            keys = engine.execute(
                f"SELECT {stable_id_sql(key)} AS key_id, {key} AS key, subject_id, version_id, "
                "site, source_id, locator, known_at, known_at_basis, resource_type, resource_id "
                "FROM copied"
            ).to_arrow_table()
            load.write("resource_key", keys)


def measure_lake(lake: Lake, *, patients: int) -> list[Measured]:
    """Ask one after another."""
    with lake.read(SYSTEM) as reader:
        names = reader.query(
            "SELECT * FROM (SELECT key FROM resource_key WHERE resource_type = 'Observation') "
            f"USING SAMPLE reservoir({ASKED + WARM_UP} ROWS) REPEATABLE (1)",
            tables=["resource_key"],
        )
        whose = reader.query(
            "SELECT * FROM (SELECT resource_id FROM resource_key WHERE resource_type = 'Patient' "
            f"AND key = 'Patient/' || resource_id) USING SAMPLE reservoir({ASKED} ROWS) "
            "REPEATABLE (1)",
            tables=["resource_key"],
        )
    keys, people = names.column(0).to_pylist(), whose.column(0).to_pylist()
    random.Random(1).shuffle(keys)
    with served(lake) as client:
        for key in keys[:WARM_UP]:
            timed(client, f"/fhir/{key}")
        began = time.process_time()
        reads = [timed(client, f"/fhir/{key}") for key in keys[WARM_UP:]]
        busy = (time.process_time() - began) * 1000 / len(reads)
        searches = [timed(client, f"/fhir/Observation?patient={one}") for one in people]
        writes = [write(client, people[0]) for _ in range(WRITTEN)]
    return [
        *rows_of("/fhir/Observation/{id}", reads, patients=patients, goal=GOAL_MS),
        busy_row("/fhir/Observation/{id}", busy, patients=patients),
        *rows_of("/fhir/Observation?patient=, page of 50", searches, patients=patients),
        *rows_of("create of an Observation, on the timeline", writes, patients=patients),
        sync_row(lake.path, patients=patients),
    ]


def timed(client: httpx.Client, path: str) -> float:
    """Milliseconds until one answer has arrived."""
    began = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - began) * 1000


def write(client: httpx.Client, patient: str) -> float:
    """Milliseconds until one result is durable and on the timeline."""
    body: dict[str, Any] = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": "2823-3"}]},
        "subject": {"reference": f"Patient/{patient}"},
        "valueQuantity": {"value": 4.1, "unit": "mmol/L"},
    }
    began = time.perf_counter()
    client.post("/fhir/Observation", json=body).raise_for_status()
    return (time.perf_counter() - began) * 1000


def sync_row(folder: Path, *, patients: int) -> Measured:
    """What this machine's disk takes to make one small write durable."""
    with tempfile.NamedTemporaryFile(dir=folder) as file:
        times = [taken(lambda: os.fsync(file.write(b"x") and file.fileno())) for _ in range(50)]
    name = f"one fsync of this disk beside those writes, among {patients:,} patients, p50"
    return {"name": name, "value": statistics.median(times), "unit": "ms"}


def taken(work: Callable[[], object]) -> float:
    """Milliseconds that a piece of work takes."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def rows_of(
    what: str, milliseconds: list[float], *, patients: int, goal: float | None = None
) -> list[Measured]:
    """Median and 95th percentile."""
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    figures = (("p50", statistics.median(milliseconds)), ("p95", p95))
    return [
        {
            "name": f"{what}, among {patients:,} patients, {name}",
            "value": figure,
            "unit": "ms",
            "versus": f"goal {goal:.0f} ms" if goal and name == "p95" else "",
            "ratio": goal / figure if goal and name == "p95" else None,
            "note": f"{len(milliseconds)} requests one after another over HTTP, "
            f"{patients * KEPT_OF_EACH:,} resources",
        }
        for name, figure in figures
    ]
