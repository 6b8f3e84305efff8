"""What is stored in one place and harms in another: scripts, addresses, paths, formulas.

Entities in XML and archives that unpack without end are refused at the way in, where
``tests/ingest`` looks at them.
"""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import OURS
from tests.api.fhir.conftest import Ids, client, hospital, ids, stranger, taken_in
from tests.api.launch.fake import Fake, answering

__all__ = ["Ids", "client", "hospital", "ids", "stranger", "taken_in"]

SCRIPT = "<script>window.stolen=1</script>"
IMAGE = '"><img src=x onerror=window.stolen=1>'
JSON_TYPE = {"content-type": "application/fhir+json"}


def hostile_patient() -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "name": [{"family": f"Zz{SCRIPT}", "given": [IMAGE]}],
        "identifier": [{"system": "urn:mrn", "value": f"Z-1{IMAGE}"}],
        "text": {"status": "generated", "div": f"<div>{SCRIPT}</div>"},
    }


def document(url: str, kind: str = "text/html") -> dict[str, Any]:
    return {
        "resourceType": "DocumentReference",
        "status": "current",
        "subject": {"reference": "Patient/anna"},
        "type": {"text": IMAGE},
        "content": [{"attachment": {"contentType": kind, "url": url, "title": SCRIPT}}],
    }


# ------------------------------------------------------------------ scripts


def test_script__in_a_record_never_comes_back_as_a_page(client: TestClient) -> None:
    made = client.post("/fhir/Patient", content=json.dumps(hostile_patient()), headers=JSON_TYPE)
    assert made.status_code == 201, made.text
    ident = made.json()["id"]
    html = {"accept": "text/html,application/xhtml+xml,*/*"}
    answers = [
        client.get(f"/fhir/Patient/{ident}", headers=html),
        client.get(f"/fhir/Patient/{ident}?_format=html", headers=html),
        client.get("/fhir/Patient?name=Zz", headers=html),
        client.get(f"/fhir/Patient/{ident}/$everything", headers=html),
        client.get(f"/fhir/{SCRIPT}/{SCRIPT}", headers=html),
        client.get(f"/fhir/Patient?{SCRIPT}={SCRIPT}", headers=html),
        client.get("/api/nothing", params={"x": SCRIPT}, headers=html),
        client.get(f"/oauth/authorize?client_id={SCRIPT}&redirect_uri={SCRIPT}", headers=html),
        client.post("/open", data={"token": SCRIPT}, headers=html, follow_redirects=False),
    ]
    for answer in answers:
        kind = answer.headers.get("content-type", "")
        assert not kind.startswith(("text/html", "image/svg", "application/xhtml")), kind
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "script-src 'self';" in policy
        assert "unsafe-inline" not in policy.partition("script-src")[2].partition(";")[0]


def test_script__that_was_sent_is_not_repeated_in_a_refusal(client: TestClient) -> None:
    for path in (
        f"/fhir/Patient/{SCRIPT}",
        f"/fhir/{SCRIPT}",
        f"/oauth/authorize?client_id={SCRIPT}",
    ):
        answer = client.get(path)
        assert answer.status_code >= 400
        assert "<script>" not in answer.text


# ------------------------------------------------------------------ addresses in records


def test_address__in_a_record_is_never_fetched(client: TestClient) -> None:
    with answering(Fake()) as inside:
        for url in (f"{inside.address}/secret", "file:///etc/passwd", "http://169.254.169.254/x"):
            sent = json.dumps(document(url))
            made = client.post("/fhir/DocumentReference", content=sent, headers=JSON_TYPE)
            assert made.status_code in {201, 400, 422}, made.text
            if made.status_code == 201:
                read = client.get(f"/fhir/DocumentReference/{made.json()['id']}")
                assert "root:" not in read.text
        bundle = {
            "resourceType": "Bundle",
            "type": "batch",
            "entry": [{"request": {"method": "GET", "url": f"{inside.address}/fhir/Patient/anna"}}],
        }
        answer = client.post("/fhir", content=json.dumps(bundle), headers=JSON_TYPE)
        assert answer.status_code < 500
        assert inside.asked == []


# ------------------------------------------------------------------ paths

CLIMBS = (
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
    "/assets/..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "/assets/%2e%2e%2f%2e%2e%2fapp.py",
    "/workstation/..%2f..%2f..%2fapp.py",
    "/workstation/....//....//app.py",
    "/..%5c..%5cetc%5cpasswd",
    "//etc/passwd",
    "/%00/etc/passwd",
    "/assets/%c0%ae%c0%ae/app.py",
)


@pytest.mark.parametrize("path", CLIMBS)
def test_path__never_leads_out_of_its_folder(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code < 500 or answer.status_code == 503  # pages that are not built
    assert "root:" not in answer.text
    assert "create_app" not in answer.text


@pytest.mark.parametrize("step", ["..", "../..", "..%2f..", "%2e%2e", "....//"])
def test_id__never_leads_out_of_the_lake(client: TestClient, step: str) -> None:
    for place in (
        "/fhir/Patient/{}/_history/1",
        "/fhir/Binary/{}",
        "/api/dicomweb/studies/{}/series/1/instances/1",
        "/api/dicomweb/studies/1/series/{}/instances/1/bulkdata/7FE00010",
        "/api/notes/{}",
    ):
        answer = client.get(place.format(f"{step}/accounts.sqlite"), headers=OURS)
        # Steps that the client itself takes may end at the page for every address.
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        assert "SQLite" not in answer.text


# ------------------------------------------------------------------ formulas

FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "=HYPERLINK(0)", "\t=1", "\r=1")


def exported(rossi: TestClient, name: str) -> Any:
    """Members of a definition from a colleague; the name of one of its lines can be a cell."""
    said = {
        "predicates": {
            "any": {"code": {"any": ["LOINC//2823-3", "LOINC//8867-4"]}},
            name: {"code": "LOINC//99999-9"},
        },
        "trigger": "any",
        "windows": {
            "before": {
                "start": None,
                "end": "trigger",
                "start_inclusive": True,
                "end_inclusive": True,
                "has": {name: "(1, None)"},
            }
        },
    }
    wish = {"text": json.dumps(said), "form": "csv"}
    return rossi.post("/api/cohorts/export", json=wish)


def test_table__has_no_cell_that_a_spreadsheet_runs(rossi: TestClient) -> None:
    for formula in FORMULAS:
        answer = exported(rossi, formula)
        assert (answer.status_code, answer.json()["problem"]) == (422, "broken-definition")
    answer = exported(rossi, "plain")
    assert answer.status_code == 200, answer.text
    cells = [cell for row in csv.reader(io.StringIO(answer.text)) for cell in row]
    assert cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@", "\t", "\r", "-"))]
