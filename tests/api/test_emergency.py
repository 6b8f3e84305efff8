"""The emergency view on the web: banner and header everywhere, questions answered, changes not."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, PASSWORD, patient
from tests.lakes import empty_lake
from vitruvian.api import Settings, create_app
from vitruvian.lake import EmergencyLake, emergency_view
from vitruvian.trust import SYSTEM

LINK = re.compile(r"^(http://127\.0\.0\.1:\d+)/sign-in#token=(\S+)$")


@pytest.fixture
def view(tmp_path: Path) -> Iterator[EmergencyLake]:
    with empty_lake(tmp_path / "lake") as lake:
        lake.append(SYSTEM, {"patient": [patient(1)]})
        lake.accounts.create("dr", display_name="Dr", role="clinician")
        lake.accounts.set_password("dr", password=PASSWORD)
    with emergency_view(tmp_path / "lake") as made:
        yield made


@pytest.fixture
def client(view: EmergencyLake, tmp_path: Path) -> TestClient:
    static = tmp_path / "static"
    static.mkdir()
    (static / "index.html").write_text("<html><body class='x'><div id='root'></div></body></html>")
    app = create_app(view, settings=Settings(static=static))
    return TestClient(app, base_url=ORIGIN, headers=OURS, raise_server_exceptions=False)


@pytest.fixture
def signed_in(client: TestClient) -> TestClient:
    answer = client.post("/api/sign-in", json={"name": "dr", "password": PASSWORD})
    assert answer.status_code == 200
    return client


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/api/patients/1/seen"),
        ("POST", "/api/password"),
        ("POST", "/api/cohorts/saved"),
        ("DELETE", "/api/anything"),
        ("PUT", "/api/anything/that/comes/later"),
    ],
)
def test_what_changes_something__is_refused_with_one_sentence(
    signed_in: TestClient, method: str, path: str
) -> None:
    answer = signed_in.request(method, path, json={})
    assert (answer.status_code, answer.json()["problem"]) == (503, "emergency-only")
    assert "nothing can be stored here" in answer.json()["detail"]
    assert "x-content-type-options" in answer.headers


@pytest.mark.parametrize(
    "method, path",
    [
        ("POST", "/fhir"),
        ("POST", "/fhir/Patient"),
        ("PUT", "/fhir/Patient/a"),
        ("PATCH", "/fhir/Patient/a"),
        ("DELETE", "/fhir/Patient/a"),
    ],
)
def test_a_fhir_write__is_refused_as_an_operation_outcome(
    signed_in: TestClient, method: str, path: str
) -> None:
    answer = signed_in.request(method, path, json={})
    assert answer.status_code == 503
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert "nothing can be stored here" in answer.json()["issue"][0]["diagnostics"]


def test_every_page__begins_with_the_banner(client: TestClient) -> None:
    for address in ("/", "/patients/1", "/sign-in"):
        answer = client.get(address)
        assert re.search(r"<body class='x'>.*<div role=\"alert\"[^>]*>Emergency view", answer.text)
        assert len(answer.content) == int(answer.headers["content-length"])
        assert answer.text.endswith("</html>")


def test_every_answer__says_so_in_a_header(signed_in: TestClient, view: EmergencyLake) -> None:
    for address in ("/api/worklist", "/fhir/metadata", "/health", "/api/nowhere", "/"):
        said = signed_in.get(address).headers["x-vitruvian-emergency"]
        assert said == f"read-only; stored until {view.until:%Y-%m-%d %H:%M} UTC"
    assert signed_in.get("/health").json()["status"] == "emergency"


def test_questions__are_answered_also_those_asked_in_a_body(signed_in: TestClient) -> None:
    assert signed_in.get("/api/worklist").json()["total"] == 1
    found = signed_in.post("/api/patients/search", json={"text": "quux"})
    assert found.json()["total"] == 1
    assert signed_in.get("/api/patients/1/picture").status_code == 200
    searched = signed_in.post("/api/patients/1/search", json={"text": "a"})
    assert searched.status_code == 200
    assert signed_in.post("/fhir/Observation/_search").json()["resourceType"] == "Bundle"


def test_a_lake_served_normally__has_neither_banner_nor_header(tmp_path: Path) -> None:
    with empty_lake(tmp_path / "usual") as lake:
        client = TestClient(create_app(lake), base_url=ORIGIN)
        answer = client.get("/health")
        assert answer.json()["status"] == "ok"
        assert "x-vitruvian-emergency" not in answer.headers


def test_a_server_that_was_killed__is_stood_in_for_by_the_command(tmp_path: Path) -> None:
    with empty_lake(tmp_path / "lake") as lake:
        lake.append(SYSTEM, {"patient": [patient(1)]})
    usual = started(tmp_path / "lake")
    usual.process.send_signal(signal.SIGKILL)
    usual.process.communicate()
    stand_in = started(tmp_path / "lake", "--emergency")
    try:
        assert stand_in.said[0].startswith("Emergency view, read-only")
        with httpx.Client(base_url=stand_in.base, headers=OURS, timeout=30) as client:
            signed = client.post("/api/sign-in", json={"token": stand_in.token})
            assert signed.status_code == 200
            assert client.get("/health").json()["status"] == "emergency"
    finally:
        stand_in.process.terminate()
        stand_in.process.communicate()


class Server:
    """A process of `vitruvian serve`, with what it said until it could be used."""

    def __init__(self, process: subprocess.Popen[str], *, link: bool) -> None:
        self.process = process
        self.said: list[str] = []
        self.base = self.token = ""
        assert process.stdout is not None
        for line in process.stdout:
            self.said.append(line.strip())
            found = LINK.match(line.strip())
            if found is not None:
                self.token = found[2]
            if line.startswith("Vitruvian serves at"):
                self.base = line.split()[-1]
            if self.token or (self.base and not link):
                return


def started(lake: Path, *more: str, link: bool = True) -> Server:
    """A server on a free port; `link` waits for the one of an account without a password."""
    command = [sys.executable, "-m", "vitruvian", "serve", "--lake", str(lake), "--port", "0"]
    process = subprocess.Popen(
        [*command, *more], text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    return Server(process, link=link)
