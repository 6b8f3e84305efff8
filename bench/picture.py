"""The picture at the API: banner, panels and the binned timeline, over real HTTP.

A demo hospital is written and ingested; its rows are then copied under new ids, because what
matters here is how many patients the answer must be found among. The lake is then compacted.
One more patient holds 5,000 results, so that the timeline has something to bin.
"""

from __future__ import annotations

import logging
import os
import random
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.compute as pc
import structlog
import uvicorn

from bench.growing import grow, measured_while_growing, patients_of
from vitruvian.api import create_app
from vitruvian.api.serve import Address, collect_seldom, listen
from vitruvian.demo import write_demo
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.record import table_named
from vitruvian.trust import SYSTEM

PATIENTS = {"small": (1_000,), "medium": (1_000, 10_000), "large": (1_000, 10_000, 100_000)}
INGESTED = 200
ASKED = 200
ASKED_FOR_LISTS = 40
BEGINNINGS = ("an", "be", "jo", "ma", "el", "da", "ri", "so", "mi", "ka")
WARM_UP = 20
HEAVY_EVENTS = 5_000
HEAVY_PERSON = 2**62 + 7
GOAL_MS = 50.0
COPIED = ("patient", "event", "encounter", "location_stay", "note", "image")
IDS = {"subject_id", "event_id", "version_id", "encounter_id", "part_of_id", "stay_id"}
IDS |= {"note_id", "image_id"}
# 200 ids of 63 bits keep apart in 53; the ten bits above number the copy.
COPY_BITS = 53
Measured = dict[str, object]


def measure(scale: str) -> list[Measured]:
    """p50 and p95 in milliseconds, of any patient and of one with 5,000 results."""
    return measured_while_growing(
        PATIENTS[scale], called="picture", build=build, measure=measure_folder
    )


def measure_folder(path: Path, patients: int) -> list[Measured]:
    """Measure a copy of a lake: what is written to it must not be kept."""
    with copy_of(path) as lake:
        return measure_lake(lake, patients=patients)


@contextmanager
def copy_of(path: Path) -> Iterator[Lake]:
    """A copy of a lake beside it, open, and gone afterwards."""
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        copy = Path(folder) / "lake"
        shutil.copytree(path, copy, copy_function=copied)
        with Lake.open(copy) as lake:
            yield lake


def copied(source: str, target: str) -> None:
    """A copy of a file; table files never change, so a second name of one is a copy."""
    if source.endswith(".parquet"):
        os.link(source, target)
    else:
        shutil.copy2(source, target)


def build(path: Path, *, patients: int, before: Path | None) -> None:
    """A lake of so many patients, from the smaller one where there is one."""
    copies = patients_of(before, least=INGESTED) // INGESTED

    def add(lake: Lake) -> None:
        copy_rows(lake, copies, upto=patients // INGESTED)

    grow(path, before=before, start=ingest_demo, add=add)


def ingest_demo(path: Path) -> None:
    """A lake with the demo hospital and the patient of many results."""
    with (
        tempfile.TemporaryDirectory() as folder,
        Lake.create(path, site="bench") as lake,
    ):
        hospital = Path(folder) / "hospital"
        write_demo(hospital, patients=INGESTED, layout="ndjson")
        ingest([hospital / "fhir"], lake, access=SYSTEM)
        with lake.bulk(SYSTEM) as load:
            load.write("event", heavy_events())


def heavy_events() -> pa.Table:
    """5,000 results of twenty analytes, one every ten minutes."""
    began = datetime(2024, 1, 1, tzinfo=UTC)
    schema = table_named("event").schema
    return pa.Table.from_pylist([heavy_event(n, began=began) for n in range(HEAVY_EVENTS)], schema)


def heavy_event(number: int, *, began: datetime) -> dict[str, object]:
    """One result."""
    at = began + timedelta(minutes=10 * number)
    words = {"act": "observed", "status": "final", "polarity": "affirmed", "certainty": "certain"}
    whose = {"temporality": "current", "experiencer": "patient", "subject_id": HEAVY_PERSON}
    lineage = {"site": "bench", "source_id": "bench", "known_at_basis": "stated", "known_at": at}
    return {
        **words,
        **whose,
        **lineage,
        "event_id": 2**61 + number,
        "fact_key": number,
        "time": at,
        "category": "laboratory" if number % 2 else "vital",
        "code": f"LOINC//bench-{number % 20}",
        "code_text": f"Analyte {number % 20}",
        "numeric_value": 4.0 + number % 7,
        "unit": "mmol/L",
        "range_low": 3.5,
        "range_high": 8.0,
    }


def copy_rows(lake: Lake, done: int, *, upto: int) -> None:
    """Copy the ingested patients under new ids until there are enough."""
    originals = originals_of(lake)
    for copy in range(done, upto):
        with lake.bulk(SYSTEM) as load:
            for name, rows in originals.items():
                load.write(name, renumbered(rows, copy=copy))


def originals_of(lake: Lake) -> dict[str, pa.Table]:
    """By table the rows that were ingested, without what a load adds to them."""
    with lake.read(SYSTEM) as reader:
        return {
            name: reader.rows(name, where="source_id NOT IN ('copied', 'bench')").drop_columns(
                ["recorded_at", "load_id"]
            )
            for name in COPIED
        }


def renumbered(rows: pa.Table, *, copy: int, bits: int = COPY_BITS) -> pa.Table:
    """The same rows of other people; so many bits keep theirs apart, those above number them."""
    for place, name in enumerate(rows.column_names):
        if name in IDS:
            shifted = pc.shift_right(rows.column(name), 63 - bits)
            rows = rows.set_column(place, name, pc.bit_wise_or(shifted, copy << bits))
    place = rows.column_names.index("source_id")
    return rows.set_column(place, "source_id", pa.array(["copied"] * rows.num_rows))


def measure_lake(lake: Lake, *, patients: int) -> list[Measured]:
    """Ask for random patients, then for the one of many results."""
    with lake.read(SYSTEM) as reader:
        known = reader.rows("patient", columns=["subject_id"]).column(0).to_pylist()
    persons = random.Random(1).sample(sorted(set(known)), ASKED + WARM_UP)
    with served(lake) as client:
        lists = lists_of(lake, client, patients=patients)
        for person in persons[:WARM_UP]:
            ask(client, person)
        began = time.process_time()
        pairs = [ask(client, person) for person in persons[WARM_UP:]]
        busy = (time.process_time() - began) * 1000 / len(pairs)
        heavy = [sum(ask(client, HEAVY_PERSON)) for _ in range(ASKED // 2 + WARM_UP)][WARM_UP:]
    return [
        *rows_of("picture, any patient", [one for one, _ in pairs], patients=patients),
        *rows_of("picture and timeline, any patient", list(map(sum, pairs)), patients=patients),
        busy_row("picture and timeline, any patient", busy, patients=patients),
        *rows_of("picture and timeline, 5,000 binned events", heavy, patients=patients),
        *lists,
    ]


def lists_of(lake: Lake, client: httpx.Client, *, patients: int) -> list[Measured]:
    """The worklist and the search: lines not read before, lines kept, and after a new result."""
    pages = min(ASKED_FOR_LISTS, patients // 50)
    places = [f"/api/worklist?offset={50 * page}" for page in range(pages)]
    wishes = [{"text": text, "offset": 50 * page} for page in range(4) for text in BEGINNINGS]

    def listed() -> list[float]:
        return [timed(client, "GET", place) for place in places[1:]]

    def found() -> list[float]:
        return [timed(client, "POST", "/api/patients/search", json=wish) for wish in wishes]

    def after() -> list[float]:
        return [after_a_result(lake, client, number) for number in range(ASKED_FOR_LISTS)]

    rows = [first_row(timed(client, "GET", places[0]), patients=patients)]
    for what, ask_all in (
        ("worklist, 50 lines not read before", listed),
        ("worklist, 50 lines kept", listed),
        ("worklist, first page after a new result", after),
        ("search, 50 shown, most not read before", found),
        ("search, 50 shown, lines kept", found),
    ):
        began = time.process_time()
        taken = ask_all()
        busy = (time.process_time() - began) * 1000 / len(taken)
        rows += [*rows_of(what, taken, patients=patients), busy_row(what, busy, patients=patients)]
    return rows


def first_row(milliseconds: float, *, patients: int) -> Measured:
    """The first question of all, which works out the order of everybody."""
    return {
        "name": f"worklist, first question of a process, among {patients:,} patients",
        "value": milliseconds,
        "unit": "ms",
        "note": "once a process, a policy and a great change; the order of everybody with it",
    }


def after_a_result(lake: Lake, client: httpx.Client, number: int) -> float:
    """Milliseconds of the first page, one of whose patients has a new result."""
    listed = client.get("/api/worklist").raise_for_status().json()["patients"]
    whose = int(listed[number % len(listed)]["person_id"])
    row = heavy_event(HEAVY_EVENTS + number, began=datetime.now(UTC) - timedelta(days=300))
    lake.append(SYSTEM, {"event": [{**row, "subject_id": whose}]})
    return timed(client, "GET", "/api/worklist")


@contextmanager
def served(lake: Lake) -> Iterator[httpx.Client]:
    """A signed-in client of a real server on this machine."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    lake.warm()
    collect_seldom()
    listening = listen(Address(port=0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(lake), log_config=None, access_log=False, lifespan="off")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with httpx.Client(base_url=base, headers={"X-Vitruvian": "1"}, timeout=60) as client:
        if lake.accounts.find("bench") is None:
            lake.accounts.create("bench", display_name="Bench", role="clinician")
        token = {"token": lake.accounts.sign_in_link("bench")}
        client.post("/api/sign-in", json=token).raise_for_status()
        yield client
    server.should_exit = True
    thread.join()


def ask(client: httpx.Client, person: int) -> tuple[float, float]:
    """Milliseconds until the picture has arrived, and then until the timeline has."""
    address = f"/api/patients/{person}"
    return timed(client, "GET", f"{address}/picture"), timed(client, "GET", f"{address}/timeline")


def busy_row(what: str, milliseconds: float, *, patients: int) -> Measured:
    """Processor time of one request, which the load of the machine does not change much."""
    return {
        "name": f"{what}, among {patients:,} patients, processor time",
        "value": milliseconds,
        "unit": "CPU ms",
        "note": "server and client together, mean",
    }


def timed(client: httpx.Client, method: str, path: str, **sent: Any) -> float:
    """Milliseconds until one answer has arrived."""
    began = time.perf_counter()
    client.request(method, path, **sent).raise_for_status()
    return (time.perf_counter() - began) * 1000


def rows_of(what: str, milliseconds: list[float], *, patients: int) -> list[Measured]:
    """Median and 95th percentile."""
    p95 = statistics.quantiles(milliseconds, n=20)[-1]
    figures = (("p50", statistics.median(milliseconds)), ("p95", p95))
    return [
        {
            "name": f"{what}, among {patients:,} patients, {name}",
            "value": figure,
            "unit": "ms",
            "versus": f"goal {GOAL_MS:.0f} ms" if name == "p95" else "",
            "ratio": GOAL_MS / figure if name == "p95" else None,
            "note": f"{len(milliseconds)} requests one after another over HTTP; "
            f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores",
        }
        for name, figure in figures
    ]
