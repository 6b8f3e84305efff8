"""Recordings over the interface."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.ingest.library.wfdb.samples import ramp, record
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("numpy", reason="the extra 'signals' is not installed")


@pytest.fixture
def person(lake: Lake, tmp_path: Path) -> str:
    ingest([record(tmp_path / "wfdb", "first", {"II": ramp(30)})], lake, access=SYSTEM)
    with lake.read(SYSTEM) as reader:
        return str(reader.rows("signal", columns=["subject_id"])["subject_id"][0].as_py())


def test_anonymous__sees_no_signal(anonymous: TestClient, person: str) -> None:
    assert anonymous.get(f"/api/patients/{person}/signals").status_code == 401


def test_signal_of_another_person__is_not_there(rossi: TestClient, person: str) -> None:
    (channel,) = rossi.get(f"/api/patients/{person}/signals").json()
    path = f"/api/patients/1/signals/{channel['recording_id']}"
    answer = rossi.get(path, params={"channel": "II"})
    assert (answer.status_code, answer.json()["problem"]) == (404, "no-such-channel")


def test_more_than_ten_minutes_at_once__are_refused(rossi: TestClient, person: str) -> None:
    query = {"channel": "II", "seconds": "601"}
    assert rossi.get(f"/api/patients/{person}/signals/1", params=query).status_code == 422


def test_ten_seconds__come_with_unit_rate_and_time(rossi: TestClient, person: str) -> None:
    (channel,) = rossi.get(f"/api/patients/{person}/signals").json()
    assert (channel["channel"], channel["rate_hz"], channel["seconds"]) == ("II", 100.0, 30.0)
    path = f"/api/patients/{person}/signals/{channel['recording_id']}"
    told = rossi.get(path, params={"channel": "II", "at_seconds": "5"}).json()
    assert told["values"] == [number / 200 for number in range(500, 1500)]
    assert (told["unit"], told["start"]) == ("mV", "2024-03-05T07:15:05Z")


def test_window__comes_as_lowest_and_highest_when_far(rossi: TestClient, person: str) -> None:
    told = rossi.get(f"/api/patients/{person}/signals/recordings").json()
    (recording,) = told["recordings"]
    assert (recording["recording"], recording["zone_assumed"], recording["device"]) == (
        "first",
        True,
        None,
    )
    path = f"/api/patients/{person}/signals/{recording['recording_id']}/window"
    query = {"channel": "II", "at_seconds": "0", "seconds": "30", "points": "30"}
    (far,) = rossi.get(path, params=query).json()
    assert (far["samples"], far["step_seconds"], far["unit"]) == (100, 1.0, "mV")
    assert far["low"] == [number * 0.5 for number in range(30)]
    assert far["high"] == [(number * 100 + 99) / 200 for number in range(30)]
    (near,) = rossi.get(path, params=query | {"seconds": "1", "points": "500"}).json()
    assert near["low"][:3] == [0.0, 0.005, 0.01]


def test_window_and_recordings__are_refused_to_strangers(
    anonymous: TestClient, person: str
) -> None:
    path = f"/api/patients/{person}/signals/1/window"
    assert anonymous.get(path, params={"channel": "II"}).status_code == 401
    assert anonymous.get(f"/api/patients/{person}/signals/recordings").status_code == 401


def test_window__has_bounds(rossi: TestClient, person: str) -> None:
    path = f"/api/patients/{person}/signals/1/window"
    assert rossi.get(path).status_code == 422
    for query in ({"seconds": "1e9"}, {"points": "100000"}, {"channel": ["II"] * 17}):
        asked = {"channel": "II"} | query
        assert rossi.get(path, params=asked).status_code == 422
    assert rossi.get(path, params={"channel": "II"}).json()["problem"] == "no-such-channel"


def test_reading_a_window__is_audited_with_the_patient(
    rossi: TestClient, lake: Lake, person: str
) -> None:
    (channel,) = rossi.get(f"/api/patients/{person}/signals").json()
    path = f"/api/patients/{person}/signals/{channel['recording_id']}/window"
    answer = rossi.get(path, params={"channel": "II"})
    request = answer.headers["x-request-id"]
    (row,) = [
        row for row in lake.audit.rows(subject_id=int(person)) if row.access.request == request
    ]
    assert (row.access.who, row.access.purpose, row.deed.outcome) == ("rossi", "treatment", "done")
