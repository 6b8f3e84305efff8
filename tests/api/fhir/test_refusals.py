"""Refusals first, in one shape; and nothing of a search stands in a log or in the audit."""

from __future__ import annotations

import base64
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from tests.api.client import TestClient
from tests.api.conftest import OURS, PASSWORD
from tests.api.fhir.conftest import JSON_TYPE, sent
from vitruvian.api import serve
from vitruvian.api.serve import log_as_json
from vitruvian.lake import Lake

ADDRESSES = [
    ("GET", "/Patient"),
    ("GET", "/Patient/anna"),
    ("GET", "/Patient/anna/_history"),
    ("GET", "/Patient/anna/_history/1"),
    ("GET", "/Patient/anna/$everything"),
    ("GET", "/_history"),
    ("GET", "/$export"),
    ("GET", "/$export/token"),
    ("POST", "/Patient/_search"),
    ("POST", "/Patient"),
    ("POST", ""),
    ("PUT", "/Patient/anna"),
    ("PATCH", "/Patient/anna"),
    ("DELETE", "/Patient/anna"),
    ("DELETE", "/Patient?_id=anna"),
]


@pytest.mark.parametrize("method, path", ADDRESSES)
def test_stranger__is_refused_everywhere_in_one_shape(
    stranger: TestClient, method: str, path: str
) -> None:
    kind = "application/json-patch+json" if method == "PATCH" else "application/fhir+json"
    answer = sent(stranger, method, path, {}, content_type=kind)
    body = answer.json()
    assert (answer.status_code, body["resourceType"]) == (401, "OperationOutcome")
    assert body["issue"][0]["code"] == "login"
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    "header",
    [
        "Basic " + base64.b64encode(b"rossi:wrong").decode(),
        "Basic not-base64",
        "Basic",
        "Bearer nonsense",
        "Digest x",
    ],
)
def test_wrong_credentials__are_refused(stranger: TestClient, header: str) -> None:
    answer = stranger.get("/fhir/Patient", headers={"authorization": header})
    assert answer.status_code == 401


def test_metadata__is_for_everybody(stranger: TestClient) -> None:
    assert stranger.get("/fhir/metadata").json()["resourceType"] == "CapabilityStatement"


def test_cookie__reads_but_changes_only_with_the_header_of_our_page(stranger: TestClient) -> None:
    signed = {"name": "rossi", "password": PASSWORD}
    stranger.post("/api/sign-in", json=signed, headers=OURS)
    assert stranger.get("/fhir/Patient/anna").status_code == 200
    person = {"resourceType": "Patient"}
    assert sent(stranger, "POST", "/Patient", person).status_code == 403
    assert sent(stranger, "POST", "/Patient", person, X_Vitruvian="1").status_code == 201


def test_session_token__opens_as_bearer(stranger: TestClient, hospital: Lake) -> None:
    token = hospital.accounts.open_session("rossi").token
    answer = stranger.get("/fhir/Patient/anna", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_new_password__ends_what_was_remembered_of_the_old(
    client: TestClient, hospital: Lake
) -> None:
    assert client.get("/fhir/Patient/anna").status_code == 200
    hospital.accounts.set_password("rossi", password="another-good-passphrase-8")
    assert client.get("/fhir/Patient/anna").status_code == 401


def test_pages_of_one_account__are_not_for_another(client: TestClient, hospital: Lake) -> None:
    bundle = client.get("/fhir/Observation?_count=1").json()
    following = next(link["url"] for link in bundle["link"] if link["relation"] == "next")
    hospital.accounts.create("verdi", display_name="Dr Verdi", role="clinician")
    hospital.accounts.set_password("verdi", password=PASSWORD)
    assert client.get(following, auth=httpx.BasicAuth("verdi", PASSWORD)).status_code == 410


@pytest.mark.parametrize(
    "path, status",
    [
        ("/fhir/Nonsense", 404),
        ("/fhir/Patient/nobody", 404),
        ("/fhir/Patient/anna/_history/2", 404),
        ("/fhir/Patient/anna/nonsense", 404),
        ("/fhir/a/b/c/d/e", 404),
        ("/fhir/Patient?nonsense=1", 400),
        ("/fhir/Patient?family:nonsense=1", 400),
        ("/fhir/Patient?birthdate=Zaphod", 400),
        ("/fhir/Patient?_count=Zaphod", 400),
        ("/fhir/Patient?_sort=Zaphod", 400),
        ("/fhir/Patient?_include=Zaphod", 400),
        ("/fhir/Observation?value-quantity=Zaphod", 400),
        ("/fhir/Patient?_page=Zaphod", 400),
        ("/fhir/Patient?_page=Zaphod.0", 410),
        ("/fhir/Patient?_format=xml", 406),
        ("/fhir/$export", 400),
        ("/fhir", 400),
    ],
)
def test_wrong_request__is_an_outcome_that_repeats_nothing(
    client: TestClient, path: str, status: int
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()["resourceType"]) == (status, "OperationOutcome")
    assert "Zaphod" not in answer.text


def test_form_of_another_site__cannot_write(client: TestClient) -> None:
    answer = client.post("/fhir/Patient", content="{}", headers={"content-type": "text/plain"})
    assert answer.status_code == 415


def test_too_much__is_refused_before_it_is_taken_in(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.api.routes.fhir.door.MOST_BYTES", 100)
    answer = client.post("/fhir/Patient", content=b" " * 101, headers=JSON_TYPE)
    assert answer.status_code == 413


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Everything that the server logs, as it is set up in production."""
    log_as_json()
    lines = io.StringIO()
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(lines))
    yield lines
    structlog.reset_defaults()


def test_search_values__stand_in_no_log_no_audit_and_no_link(
    client: TestClient, hospital: Lake, log_lines: io.StringIO
) -> None:
    secrets = ("Zebediah", "A-1", "1950-06-01")
    client.get("/fhir/Patient?family=Zebediah")
    client.get("/fhir/Patient?identifier=urn:mrn|A-1&birthdate=1950-06-01")
    client.get("/fhir/Patient?birthdate=1950-06-01,Zebediah")
    client.post("/fhir/Patient/_search", data={"family": "Zebediah"})
    client.get("/fhir/Patient/Zebediah")
    client.put("/fhir/Patient/Zebediah", content=b"Zebediah", headers=JSON_TYPE)
    bundle = client.get("/fhir/Patient?birthdate=lt1990,1950-06-01&_count=1").json()
    links = [link["url"] for link in bundle["link"] if link["relation"] != "self"]
    hospital.audit.flush()
    with sqlite3.connect(hospital.path / "audit.sqlite") as connection:
        audit = "\n".join(connection.iterdump())
    told = log_lines.getvalue() + audit + (hospital.path / "audit.jsonl").read_text()
    assert "/fhir/{resource_type}" in told
    assert links
    assert [word for word in secrets if word in told + " ".join(links)] == []


def test_server__writes_no_access_log_of_its_own() -> None:
    source = Path(serve.__file__).read_text("utf-8")
    assert "access_log=False" in source


def test_unforeseen_failure__tells_nothing_but_its_id(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError(broken.__name__, "Müller")

    monkeypatch.setattr("vitruvian.api.routes.fhir.routes.read_current", broken)
    answer = client.get("/fhir/Patient/anna")
    assert answer.status_code == 500
    assert "Müller" not in json.dumps(answer.json(), ensure_ascii=False)
