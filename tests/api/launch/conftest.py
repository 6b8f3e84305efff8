"""A hospital that a record system opens; the record system is made up, and may lie."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, Hands
from tests.api.fhir.conftest import take_in, taken_in
from tests.api.launch.fake import Fake, answering
from vitruvian.api import Settings, create_app
from vitruvian.base.clock import system_clock
from vitruvian.lake import Lake

__all__ = ["taken_in"]

Json = dict[str, Any]
STAY: Json = {
    "resourceType": "Encounter",
    "id": "here",
    "identifier": [{"system": "urn:visit", "value": "V-1"}],
    "status": "in-progress",
    "class": {"code": "IMP", "display": "inpatient encounter"},
    "subject": {"reference": "Patient/anna"},
    "period": {"start": "2024-05-01T08:00:00Z"},
}
OTHERS_STAY: Json = STAY | {
    "id": "there",
    "identifier": [{"system": "urn:visit", "value": "V-2"}],
    "subject": {"reference": "Patient/bruno"},
}
# Another name on purpose: nobody is looked for by name.
PATIENT: Json = {
    "resourceType": "Patient",
    "id": "p-9",
    "identifier": [
        {"system": "urn:mrn", "value": "A-1"},
        {"system": "urn:mrn", "value": "B-2", "use": "old"},
        {"system": "urn:other", "value": "B-2"},
    ],
    "name": [{"family": "Bianchi", "given": ["Bruno"]}],
}
ENCOUNTER: Json = {
    "resourceType": "Encounter",
    "id": "e-1",
    "identifier": [{"system": "urn:visit", "value": "V-1"}],
    "subject": {"reference": "Patient/p-9"},
}


def declare(lake: Lake, **said: Any) -> None:
    """One record system in the declaration beside a lake."""
    words: Json = {
        "name": "north",
        "title": "North Hospital",
        "patient_system": "urn:mrn",
        "encounter_system": "urn:visit",
    } | said
    kept = {name: value for name, value in words.items() if value is not None}
    lines = ["[[ehr]]", *(f"{name} = {json.dumps(value)}" for name, value in kept.items())]
    (lake.path / "ehr.toml").write_text("\n".join(lines), "utf-8")


@pytest.fixture
def clock() -> Hands:
    """A clock of hands that begins where the real one stands."""
    return Hands(system_clock())


@pytest.fixture(scope="session")
def with_stays(taken_in: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The lake at rest, with two stays that have numbers of their own."""
    folder = tmp_path_factory.mktemp("stays")
    shutil.copytree(taken_in, folder / "lake")
    with Lake.open(folder / "lake") as opened:
        take_in(opened, [STAY, OTHERS_STAY], folder, name="stays")
    return folder / "lake"


@pytest.fixture
def hospital(with_stays: Path, tmp_path: Path, clock: Hands) -> Iterator[Lake]:
    shutil.copytree(with_stays, tmp_path / "lake")
    with Lake.open(tmp_path / "lake", clock=clock) as opened:
        yield opened


@pytest.fixture
def browser(hospital: Lake, clock: Hands) -> Iterator[TestClient]:
    """A browser in which nobody is signed in."""
    app = create_app(hospital, settings=Settings(clock=clock))
    with TestClient(app, base_url=ORIGIN, follow_redirects=False, headers=OURS) as client:
        yield client


@pytest.fixture(scope="session")
def key() -> RSAKey:
    """What the record system signs with; made once, because it takes long."""
    return RSAKey.generate_key(2048, auto_kid=True)


@pytest.fixture
def ehr(hospital: Lake, key: RSAKey) -> Iterator[Fake]:
    """A record system that is declared and tells the truth, until a test lets it lie."""
    records = {"Patient/p-9": dict(PATIENT), "Encounter/e-1": dict(ENCOUNTER)}
    with answering(Fake(key=key, records=records)) as fake:
        declare(hospital, issuer=fake.issuer, client_id="vitruvian")
        hospital.desk.tie("rossi", kind="practitioner", value=f"{fake.issuer}/Practitioner/7")
        yield fake


def begun(browser: TestClient, ehr: Fake, **said: str) -> Any:
    """The first step: where the browser is to go."""
    wish = {"iss": ehr.issuer, "launch": "word-of-the-launch"} | said
    return browser.post("/api/launch", json=wish)


def opened(browser: TestClient, ehr: Fake, **more: str) -> Any:
    """The whole way; the answer to the last step."""
    first = begun(browser, ehr)
    assert first.status_code == 200, first.text
    back = ehr.back(first.json()["address"], **more)
    return browser.post("/api/launch/answered", json=back)


def signed_in(browser: TestClient) -> bool:
    return bool(browser.get("/api/session").status_code == 200)


def person(lake: Lake, browser: TestClient, family: str) -> str:
    """The person of that name, as somebody who is signed in finds them."""
    found = browser.post("/api/patients/search", json={"text": family}).json()
    return str(found["patients"][0]["person_id"])
