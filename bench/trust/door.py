"""The cost of the door: a picture and a cohort with policy and audit, and without either.

And how long a clinician waits who breaks a glass, over a socket: from the request, reason in hand,
to the record open on the screen.

The baseline is the same lake in the same run, read with no permit and with an audit that writes
nothing; both are told in processor time, which load on the machine does not stretch.
Every twentieth patient has a consent, every fiftieth of them a block, and one in a hundred
facts is sensitive; the clinician who asks does not see what is very restricted. Ten patients more
get a block before a glass is broken for each of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pyarrow as pa

from bench.growing import measured_while_growing
from bench.picture import build, copy_of, served
from vitruvian.criteria.cohorts import Asked, ask, examples, read_definition
from vitruvian.lake import Lake
from vitruvian.picture import Moment, build_picture
from vitruvian.record import table_named
from vitruvian.risks import scores
from vitruvian.trust import SYSTEM, Access

PATIENTS = {"small": (1_000,), "medium": (1_000,), "large": (10_000, 100_000)}
PICTURES, ROUNDS = 60, 5
GLASSES = 10
# A cohort among so many or more takes a minute of processor: it is asked in fewer turns.
MANY, ROUNDS_OF_MANY = 100_000, 3
GOAL = 1.3
DOCTOR = Access(who="dr.vega", role="clinician", purpose="treatment")
BLOCK = (
    '{"base":"permit","root":{"parts":[{"purposes":["TREAT"],"turn":"deny"}]},"scope":"privacy"}'
)
PERMIT = '{"base":"permit","root":{"purposes":["HRESCH"]},"scope":"privacy"}'
LINEAGE = {
    "site": "bench",
    "source_id": "bench",
    "known_at": datetime(2024, 1, 1, tzinfo=UTC),
    "known_at_basis": "stated",
}
Measured = dict[str, object]


def measure(scale: str) -> list[Measured]:
    """Medians of pictures and cohorts, with the door and without."""
    return measured_while_growing(
        PATIENTS[scale], called="picture", build=build, measure=measure_folder
    )


def measure_folder(path: Path, patients: int) -> list[Measured]:
    """Measure a copy of a lake: other benches read it without consents."""
    with copy_of(path) as lake:
        persons = grant(lake)
        turns = ROUNDS_OF_MANY if patients >= MANY else ROUNDS
        return [
            row("picture", patients, rounds(lake, lambda: pictures(lake, persons), ROUNDS)),
            row("cohort", patients, rounds(lake, lambda: cohorts(lake), turns)),
            permit_row(lake, patients),
            glass_row(patients, glasses(lake, persons[-GLASSES:])),
        ]


def grant(lake: Lake) -> list[int]:
    """Consents and labels, once; the patients to ask for."""
    with lake.read(SYSTEM) as reader:
        persons = reader.rows("patient", columns=["subject_id"]).column(0).to_pylist()
        facts = reader.rows(
            "event", columns=["subject_id", "version_id"], where="event_id % 100 = 0"
        )
        held = reader.rows("grant", columns=["grant_id"]).num_rows
    if held:
        return [one for one in persons if one % 20]
    consents = [consent(one) for one in persons if one % 20 == 0]
    labels = [label(row) for row in facts.to_pylist() if row["version_id"] is not None]
    with lake.bulk(SYSTEM) as load:
        for name, rows in (("grant", consents), ("sensitive", labels)):
            load.write(name, pa.Table.from_pylist(rows, table_named(name).schema))
    return [one for one in persons if one % 20]


def consent(subject: int) -> dict[str, Any]:
    """A consent to research; of every thousandth patient a block of treatment."""
    terms = BLOCK if subject % 1000 == 0 else PERMIT
    ids = {"grant_id": subject, "subject_id": subject, "version_id": subject}
    return {**ids, **LINEAGE, "kind": "consent", "terms": terms, "readable": True}


def label(fact: dict[str, Any]) -> dict[str, Any]:
    """One fact that is very restricted."""
    return {**fact, **LINEAGE, "sensitive_id": fact["version_id"], "label": "very-restricted"}


@contextmanager
def without(lake: Lake) -> Iterator[None]:
    """The same lake, with neither policy nor audit."""
    open_door = patch.object(lake.permits, "permit", lambda *_, **__: None)
    silent = patch.object(lake.audit, "record", lambda *_, **__: None)
    with open_door, silent:
        yield


def rounds(lake: Lake, run: Callable[[], float], turns: int) -> tuple[float, float]:
    """Medians of processor milliseconds with the door and without, in turns."""
    run()
    inside, outside = [], []
    for _ in range(turns):
        inside.append(run())
        with without(lake):
            outside.append(run())
    return statistics.median(inside), statistics.median(outside)


def pictures(lake: Lake, persons: list[int]) -> float:
    """Median processor milliseconds of a picture."""
    moment = Moment(now=datetime.now(UTC))
    taken = []
    for person in persons[:PICTURES]:
        began = time.process_time()
        with lake.read(DOCTOR) as reader:
            build_picture(reader, person, moment=moment)
        taken.append(1000 * (time.process_time() - began))
    return statistics.median(taken)


def cohorts(lake: Lake) -> float:
    """Processor milliseconds of a cohort."""
    definition = read_definition(examples()[0].text)
    began = time.process_time()
    with lake.read(DOCTOR) as reader:
        ask(definition, Asked(reader, scores()))
    return 1000 * (time.process_time() - began)


def permit_row(lake: Lake, patients: int) -> Measured:
    """What one account pays once a minute: policy is judged anew, now."""
    taken = []
    for minute in range(ROUNDS):
        later = datetime.now(UTC) + timedelta(minutes=1 + minute)
        with patch.object(lake.permits, "_clock", lambda later=later: later):
            began = time.process_time()
            with lake.read(DOCTOR):
                pass
            taken.append(1000 * (time.process_time() - began))
    return {
        "name": f"whom an account reaches among {patients:,} patients, once a minute",
        "value": round(statistics.median(taken), 1),
        "unit": "CPU ms",
    }


def glasses(lake: Lake, persons: list[int]) -> list[float]:
    """Milliseconds from breaking a glass to the opened picture, of patients with a block."""
    blocks = [{**consent(one), "terms": BLOCK} for one in persons]
    with lake.bulk(SYSTEM) as load:
        load.write("grant", pa.Table.from_pylist(blocks, table_named("grant").schema))
    taken = []
    with served(lake) as client:
        for person in map(str, persons):
            page = f"/api/patients/{person}/picture"
            expect(client.get(page).status_code, 403)
            wish = {"person_id": person, "reason": "unconscious in the emergency room"}
            began = time.perf_counter()
            broken = client.post("/api/break-glass", json=wish)
            opened = client.get(page)
            taken.append(1000 * (time.perf_counter() - began))
            expect(broken.status_code, 201)
            expect(opened.status_code, 200)
    return taken


def expect(found: int, status: int) -> None:
    """Stop where something else was measured than what the row says."""
    if found != status:
        raise RuntimeError(found, status)


def glass_row(patients: int, taken: list[float]) -> Measured:
    """What a clinician waits for in an emergency."""
    return {
        "name": f"breaking a glass to the opened picture, among {patients:,} patients",
        "value": round(statistics.median(taken), 1),
        "unit": "ms",
        "note": f"two requests by the clock; median of {len(taken)}, worst {max(taken):.1f}",
    }


def row(what: str, patients: int, found: tuple[float, float]) -> Measured:
    """One line of the page."""
    inside, outside = found
    return {
        "name": f"{what} among {patients:,} patients, with policy and audit",
        "value": round(inside, 1),
        "unit": "CPU ms",
        "versus": f"{outside:.1f} CPU ms without policy and audit, same run",
        "ratio": round(inside / outside, 2),
        "note": f"goal: at most {GOAL} times",
    }
