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
