"""The page of what comes in: who may see counts, who may see content."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.api.conftest import OURS, PASSWORD
from tests.ingest.library.hl7v2.samples import message, write
from tests.ingest.support import PATIENT, ndjson, potassium
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

NOBODY = message("ADT^A08", "PID|1||||Ward^Test", control="N")


@pytest.fixture
def source(lake: Lake, tmp_path: Path) -> str:
    """Two FHIR records and a message that waits; the source of the first two."""
    path = ndjson(tmp_path / "a.ndjson", PATIENT, potassium("k1"))
    report = ingest([path], lake, access=SYSTEM)
    ingest([write(tmp_path / "a.hl7", NOBODY)], lake, access=SYSTEM)
    return report.sources[0].source_id


@pytest.fixture
def steward(lake: Lake, rossi: TestClient) -> TestClient:
    """The same browser after a data steward signed in."""
    return somebody(lake, rossi, role="data steward")


def somebody(lake: Lake, browser: TestClient, *, role: str) -> TestClient:
    lake.accounts.create("someone", display_name="Someone", role=role)
    lake.accounts.set_password("someone", password=PASSWORD)
    signed = {"name": "someone", "password": PASSWORD}
    assert browser.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    return browser


def test_clinician_and_auditor__see_no_feeds(lake: Lake, rossi: TestClient, source: str) -> None:
    assert source
    assert rossi.get("/api/ingest").status_code == 403
    assert rossi.post("/api/ingest/quarantine/replay").status_code == 403
    auditor = somebody(lake, rossi, role="auditor")
    assert auditor.get("/api/ingest").status_code == 403


def test_steward__sees_feeds_and_what_waits(steward: TestClient, source: str) -> None:
    told = steward.get("/api/ingest").json()
    assert {feed["adapter"]: feed["loaded"] for feed in told["feeds"]} == {"fhir": 2, "hl7v2": 1}
    assert source in {each["source_id"] for each in told["latest"]}
    (kind,) = told["waiting"]
    assert (kind["reason"], kind["count"]) == ("no-patient", 1)
    assert "Ward" not in str(told)


def test_replay__tells_how_many_were_tried_and_mapped(steward: TestClient, source: str) -> None:
    assert source
    assert steward.post("/api/ingest/quarantine/replay").json() == {"tried": 1, "mapped": 0}


def test_clinician__sees_what_a_record_of_a_patient_became(rossi: TestClient, source: str) -> None:
    place = {"source_id": source, "record": "1"}
    (head,) = rossi.get("/api/ingest/records", params=place).json()
    told = rossi.get(f"/api/ingest/records/{head['number']}").json()
    (event,) = told["events"]
    assert (event["value"], event["holds"]) == ("4.1 mmol/L", True)
    assert '"k1"' in told["text"]
    back = rossi.get(f"/api/events/{event['event_id']}/trace").json()
    assert back["text"] == told["text"]


def test_researcher__sees_no_content(lake: Lake, rossi: TestClient, source: str) -> None:
    (head,) = rossi.get("/api/ingest/records", params={"source_id": source, "record": 1}).json()
    researcher = somebody(lake, rossi, role="researcher")
    answer = researcher.get(f"/api/ingest/records/{head['number']}")
    assert answer.status_code in {403, 404}
    assert "k1" not in answer.text


def test_record_that_is_not_there__is_a_problem(rossi: TestClient) -> None:
    answer = rossi.get("/api/ingest/records/7")
    assert (answer.status_code, answer.json()["problem"]) == (404, "no-such-stored")
