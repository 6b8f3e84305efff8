"""The SMART server of this software, in a process of its own, opens this server for its patient."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, PASSWORD
from tests.api.fhir.conftest import take_in
from tests.api.launch.conftest import STAY, Json, declare, person, signed_in
from vitruvian.api.serve import Address, listen
from vitruvian.lake import Lake
from vitruvian.lake.apps.registry import App

# Their names for the same people: other ids, and another spelling.
THEIRS: list[Json] = [
    {
        "resourceType": "Patient",
        "id": "p-9",
        "identifier": [{"system": "urn:mrn", "value": "A-1"}],
        "name": [{"family": "Mueller", "given": ["A."]}],
    },
    {
        "resourceType": "Patient",
        "id": "p-404",
        "identifier": [{"system": "urn:mrn", "value": "A-404"}],
        "name": [{"family": "Elsewhere"}],
    },
    STAY | {"id": "e-9", "subject": {"reference": "Patient/p-9"}},
]
SCOPES = "launch openid fhirUser profile patient/Patient.r patient/Encounter.r"


@dataclass
class System:
    """The other system, as a doctor uses it."""

    address: str
    hands: httpx.Client

    def launch(self, family: str) -> Json:
        """Open this server from a patient's page; what the browser is sent along with."""
        found = self.hands.post("/api/patients/search", json={"text": family}).json()
        whose = found["patients"][0]["person_id"]
        sent = self.hands.post(f"/api/patients/{whose}/apps/vitruvian").json()["address"]
        assert sent.startswith(f"{ORIGIN}/launch?")
        return dict(parse_qsl(urlsplit(sent).query))

    def allow(self, address: str) -> Json:
        """Allow what this server asks for; what the browser comes back with."""
        page = self.hands.get(address).headers["location"]
        said = {"query": urlsplit(page).query, "allow": True}
        back = self.hands.post("/api/apps/decided", json=said).json()["address"]
        assert back.startswith(f"{ORIGIN}/launch/answered?")
        return dict(parse_qsl(urlsplit(back).query))


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    with Lake.create(folder / "lake", site="north") as lake:
        take_in(lake, THEIRS, folder)
        lake.accounts.create("house", display_name="Dr House", role="clinician")
        lake.accounts.set_password("house", password=PASSWORD)
        lake.desk.tie("house", kind="practitioner", value="Practitioner/77")
        back = (f"{ORIGIN}/launch/answered",)
        app = App("vitruvian", "Vitruvian", back, SCOPES, launch=f"{ORIGIN}/launch")
        lake.apps.registry.add(app)
    with listen(Address(port=0)) as free:
        port = free.getsockname()[1]
    yield from _served(folder / "lake", port)
    shutil.rmtree(folder)


def _served(lake: Path, port: int) -> Iterator[System]:
    command = [sys.executable, "-m", "vitruvian", "serve", "--lake", str(lake), "--port", str(port)]
    quiet = subprocess.DEVNULL
    address = f"http://127.0.0.1:{port}"
    with (
        subprocess.Popen(command, stdout=quiet, stderr=quiet) as process,
        httpx.Client(base_url=address, headers=OURS, timeout=60) as hands,
    ):
        try:
            for _ in range(900):
                try:
                    hands.get("/health")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            said = {"name": "house", "password": PASSWORD}
            assert hands.post("/api/sign-in", json=said).status_code == 200
            yield System(address, hands)
        finally:
            process.terminate()


@pytest.fixture(autouse=True)
def declared(hospital: Lake, system: System) -> None:
    """Both sides know each other."""
    declare(hospital, issuer=f"{system.address}/fhir", client_id="vitruvian")
    user = f"{system.address}/fhir/Practitioner/77"
    hospital.desk.tie("rossi", kind="practitioner", value=user)


def walked(browser: TestClient, system: System, family: str) -> Any:
    away = browser.post("/api/launch", json=system.launch(family))
    assert away.status_code == 200, away.text
    return browser.post("/api/launch/answered", json=system.allow(away.json()["address"]))


def test_patient__who_is_unknown_here_opens_nothing(browser: TestClient, system: System) -> None:
    answer = walked(browser, system, "Elsewhere")
    assert (answer.status_code, answer.json()["problem"]) == (404, "unknown-patient")
    assert not signed_in(browser)


def test_user__whose_tie_was_undone_stays_outside(
    browser: TestClient, system: System, hospital: Lake
) -> None:
    user = f"{system.address}/fhir/Practitioner/77"
    hospital.desk.untie("rossi", kind="practitioner", value=user)
    answer = walked(browser, system, "Mueller")
    assert (answer.status_code, answer.json()["problem"]) == (401, "unknown-user")
    assert not signed_in(browser)


def test_launch__lands_on_the_same_patient_under_another_id(
    browser: TestClient, system: System, hospital: Lake
) -> None:
    answer = walked(browser, system, "Mueller")
    assert answer.status_code == 200, answer.text
    assert browser.get("/api/session").json()["name"] == "rossi"
    assert answer.json()["person_id"] == person(hospital, browser, "Müller")
    assert browser.get("/api/context").json()["context"]["family"] == "Müller"
