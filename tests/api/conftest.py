"""A small lake with two made-up patients, served in process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.lakes import empty_lake
from tests.picture.rows import Row, at, event, lineage, potassium
from vitruvian.api import Settings, create_app
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

ORIGIN = "http://127.0.0.1"
OURS = {"X-Vitruvian": "1"}
PASSWORD = "a-long-enough-passphrase-7"
FIRST, SECOND = 1, 2


@dataclass
class Hands:
    """A clock that a test moves by hand."""

    now: datetime

    def __call__(self) -> datetime:
        """The time the hands show."""
        return self.now

    def later(self, **by: float) -> datetime:
        """Move on."""
        self.now += timedelta(**by)
        return self.now


def patient(subject: int, **said: object) -> Row:
    basic: Row = {
        "subject_id": subject,
        "version_id": subject,
        "family": "Quux",
        "given": "Anna",
        "birth_date": "1950-06-01",
        "sex": "female",
        "identifiers": [{"system": "urn:mrn", "value": f"MRN-{subject}", "label": "MR"}],
        "search_text": f"anna quux mrn-{subject}",
    }
    return basic | lineage(known_at=at("2024-01-01")) | said


def encounter(number: int, subject: int, **said: object) -> Row:
    basic: Row = {
        "encounter_id": number,
        "subject_id": subject,
        "version_id": number,
        "status": "in-progress",
        "class_code": "V3//IMP",
        "class_text": "inpatient",
        "start_time": at("2024-05-01T08:00"),
    }
    return basic | lineage() | said


def stay(number: int, subject: int, **said: object) -> Row:
    basic: Row = {
        "stay_id": number,
        "encounter_id": number,
        "subject_id": subject,
        "version_id": number,
        "location_text": "Ward 7",
        "status": "active",
        "start_time": at("2024-05-01T08:00"),
    }
    return basic | lineage() | said


def note(number: int, subject: int, **said: object) -> Row:
    basic: Row = {
        "note_id": number,
        "subject_id": subject,
        "version_id": number,
        "time": at("2024-05-01T18:00"),
        "title": "Progress note",
        "status": "current",
        "media_type": "text/plain",
        "text": "Walks along the corridor, appetite good.",
    }
    return basic | lineage() | said


@pytest.fixture
def clock() -> Hands:
    return Hands(at("2024-05-10T12:00"))


@pytest.fixture
def lake(tmp_path: Path, clock: Hands) -> Iterator[Lake]:
    """Anna (in hospital, with results) and Bruno (seen once)."""
    with empty_lake(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        rows = {
            "patient": [
                patient(FIRST),
                patient(SECOND, given="Bruno", sex="male", search_text="bruno quux mrn-2"),
            ],
            "event": [
                event("SNOMED//44054006", code_text="Diabetes", category="problem", state="active"),
                potassium(4.1, event_id=41, time=at("2024-05-01"), known_at=at("2024-05-01T02:00")),
                potassium(6.2, event_id=62, time=at("2024-05-03"), known_at=at("2024-05-03T02:00")),
                event("LOINC//34109-9", event_id=90, category="document", version_id=700),
                event("LOINC//8867-4", subject_id=SECOND, category="vital", numeric_value=70.0),
            ],
            "encounter": [encounter(500, FIRST)],
            "location_stay": [stay(500, FIRST)],
            "note": [note(700, FIRST)],
        }
        made.append(SYSTEM, rows)
        made.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        made.accounts.set_password("rossi", password=PASSWORD)
        yield made


@pytest.fixture
def anonymous(lake: Lake, clock: Hands, tmp_path: Path) -> Iterator[TestClient]:
    """A browser that has not signed in."""
    settings = Settings(clock=clock, static=tmp_path / "static")
    with TestClient(create_app(lake, settings=settings), base_url=ORIGIN) as client:
        yield client


@pytest.fixture
def rossi(anonymous: TestClient) -> TestClient:
    """The same browser after Dr Rossi signed in."""
    signed = {"name": "rossi", "password": PASSWORD}
    assert anonymous.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    anonymous.headers.update(OURS)
    return anonymous
