"""Bulk export: asked for, waited for, fetched; whole, and as of one instant."""

from __future__ import annotations

import json
import time
from typing import Any

import httpx

from tests.api.client import TestClient
from tests.api.conftest import PASSWORD
from tests.api.fhir.conftest import Json, sent
from vitruvian.lake import Lake

ASYNC = {"prefer": "respond-async"}


def exported(client: TestClient, path: str) -> tuple[Json, dict[str, list[Json]]]:
    """The manifest of an export and its resources by type."""
    asked = client.get(f"/fhir{path}", headers=ASYNC)
    assert asked.status_code == 202
    where = asked.headers["content-location"]
    answer: Any = client.get(where)
    for _ in range(200):
        if answer.status_code != 202:
            break
        time.sleep(0.05)
        answer = client.get(where)
    assert answer.status_code == 200
    manifest = answer.json()
    files = {}
    for one in manifest["output"]:
        lines = client.get(one["url"])
        assert lines.headers["content-type"] == "application/fhir+ndjson"
        files[one["type"]] = [json.loads(line) for line in lines.text.splitlines()]
        assert len(files[one["type"]]) == one["count"]
    return manifest, files


def test_export__holds_every_resource_that_holds_now(client: TestClient) -> None:
    sent(client, "DELETE", "/Observation/k3")
    manifest, files = exported(client, "/$export")
    assert manifest["requiresAccessToken"] is True
    assert {kind: len(some) for kind, some in files.items()} == {
        "Patient": 2,
        "Practitioner": 1,
        "Organization": 1,
        "Encounter": 1,
        "Observation": 2,
        "Condition": 1,
    }
    read = client.get("/fhir/Observation/k1").json()
    assert read in files["Observation"]


def test_export_of_patients__leaves_out_what_is_about_nobody(client: TestClient) -> None:
    _, files = exported(client, "/Patient/$export?_type=Patient,Practitioner,Observation")
    assert sorted(files) == ["Observation", "Patient"]


def test_export_since__begins_where_the_last_one_ended(client: TestClient) -> None:
    first, _ = exported(client, "/$export")
    changed = {"resourceType": "Patient", "id": "anna", "gender": "other"}
    sent(client, "PUT", "/Patient/anna", changed)
    _, files = exported(client, f"/$export?_since={first['transactionTime']}")
    assert [one["id"] for some in files.values() for one in some] == ["anna"]
    assert files["Patient"][0]["meta"]["versionId"] == "2"


def test_export__can_be_thrown_away_and_is_its_owners_alone(
    client: TestClient, hospital: Lake
) -> None:
    manifest, _ = exported(client, "/$export?_type=Patient")
    file = manifest["output"][0]["url"]
    where = file.rpartition("/")[0]
    hospital.accounts.create("verdi", display_name="Dr Verdi", role="clinician")
    hospital.accounts.set_password("verdi", password=PASSWORD)
    other = httpx.BasicAuth("verdi", PASSWORD)
    assert [client.get(x, auth=other).status_code for x in (where, file)] == [404, 404]
    assert client.delete(where).status_code == 202
    assert [client.get(x).status_code for x in (where, file)] == [404, 404]
    assert list((hospital.path / "temp" / "exports").iterdir()) == []


def test_export__refuses_what_it_cannot_do(client: TestClient) -> None:
    for query in ("_type=Nonsense", "_since=yesterday", "_outputFormat=csv", "_typeFilter=x"):
        assert client.get(f"/fhir/$export?{query}", headers=ASYNC).status_code == 400
    assert client.get("/fhir/$export").status_code == 400
    assert client.get("/fhir/$export/nothing").status_code == 404


def group(*members: Json) -> Json:
    return {"resourceType": "Group", "type": "person", "actual": True, "member": list(members)}


def member(reference: str, **said: Any) -> Json:
    return {"entity": {"reference": reference}, **said}


def test_export_of_a_group__refuses_what_is_not_there_or_not_asked_rightly(
    client: TestClient,
) -> None:
    assert client.get("/fhir/Group/none/$export", headers=ASYNC).status_code == 404
    sent(client, "PUT", "/Group/g", {**group(), "id": "g"})
    assert client.get("/fhir/Group/g/$export").status_code == 400
    assert client.get("/fhir/Group/g/$export?_type=No", headers=ASYNC).status_code == 400
    sent(client, "DELETE", "/Group/g")
    assert client.get("/fhir/Group/g/$export", headers=ASYNC).status_code == 410


def test_export_of_a_group__holds_what_is_about_its_present_members(client: TestClient) -> None:
    anna, bruno = member("Patient/anna"), member("Patient/bruno", inactive=True)
    rest = [
        member("Practitioner/who"),
        member("Patient/unknown"),
        {"entity": {"display": "somebody"}},
    ]
    made = sent(client, "PUT", "/Group/g", {**group(anna, bruno, *rest), "id": "g"})
    assert made.status_code == 201
    manifest, files = exported(client, "/Group/g/$export")
    assert manifest["request"].endswith("/fhir/Group/g/$export")
    assert [one["id"] for one in files["Patient"]] == ["anna"]
    everything = client.get("/fhir/Patient/anna/$everything?_count=100").json()
    about_anna = {
        (one["resource"]["resourceType"], one["resource"]["id"])
        for one in everything["entry"]
        if one["resource"]["resourceType"] not in {"Practitioner", "Organization", "Group"}
    }
    assert {(kind, one["id"]) for kind, some in files.items() for one in some} == about_anna


def test_export_of_a_group_without_members__is_empty(client: TestClient) -> None:
    sent(client, "PUT", "/Group/g", {**group(), "id": "g"})
    _, files = exported(client, "/Group/g/$export")
    assert files == {}
