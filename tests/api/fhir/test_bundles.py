"""Batch and transaction: many requests at once, each alone or all together."""

from __future__ import annotations

import base64
import json
from typing import Any

from tests.api.client import TestClient
from tests.api.fhir.conftest import Ids, Json, potassium, sent
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM


def bundle(kind: str, *entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": kind, "entry": list(entries)}


def entry(method: str, url: str, resource: Any = None, **said: Any) -> Json:
    full_url = {"fullUrl": said.pop("full_url")} if "full_url" in said else {}
    body = {} if resource is None else {"resource": resource}
    return {**full_url, **body, "request": {"method": method, "url": url, **said}}


def statuses(answer: Any) -> list[str]:
    return [one["response"]["status"] for one in answer.json()["entry"]]


def test_transaction__resolves_references_between_its_entries(
    client: TestClient, hospital: Lake
) -> None:
    result = potassium("x", "x", "7.1", "2024-06-01") | {"subject": {"reference": "urn:uuid:a"}}
    del result["id"]
    answer = sent(
        client,
        "POST",
        "",
        bundle(
            "transaction",
            entry("POST", "Observation", result),
            entry("POST", "Patient", {"resourceType": "Patient"}, full_url="urn:uuid:a"),
        ),
    )
    assert statuses(answer) == ["201 Created", "201 Created"]
    observation, patient = (one["resource"] for one in answer.json()["entry"])
    assert observation["subject"]["reference"] == f"Patient/{patient['id']}"
    with hospital.read(SYSTEM) as reader:
        events = reader.rows("event", where="numeric_value = 7.1").to_pylist()
    assert len(events) == 1


def test_transaction__that_fails_changes_nothing(client: TestClient, ids: Ids) -> None:
    answer = sent(
        client,
        "POST",
        "",
        bundle(
            "transaction",
            entry("PUT", "Patient/new", {"resourceType": "Patient", "id": "new"}),
            entry("DELETE", "Patient/bruno"),
            entry(
                "PUT", "Patient/anna", {"resourceType": "Patient", "id": "anna"}, ifMatch='W/"9"'
            ),
        ),
    )
    assert answer.status_code == 412
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert ids("Patient?_sort=_id") == ["anna", "bruno"]


def test_transaction__finds_what_a_conditional_reference_names(
    client: TestClient, ids: Ids
) -> None:
    result = potassium("c", "x", "5.5", "2024-06-01")
    result["subject"] = {"reference": "Patient?identifier=urn:mrn|B-2"}
    wanted = bundle("transaction", entry("PUT", "Observation/c", result))
    assert statuses(sent(client, "POST", "", wanted)) == ["201 Created"]
    assert ids("Observation?patient=bruno&_sort=_id") == ["c", "k3"]
    result["subject"] = {"reference": "Patient?identifier=urn:mrn|nobody"}
    wanted = bundle("transaction", entry("POST", "Observation", result))
    assert sent(client, "POST", "", wanted).status_code == 400


def test_transaction__creates_on_a_condition_once(client: TestClient, ids: Ids) -> None:
    patient = {"resourceType": "Patient", "identifier": [{"system": "urn:mrn", "value": "C-3"}]}
    one = entry(
        "POST", "Patient", patient, full_url="urn:uuid:p", ifNoneExist="identifier=urn:mrn|C-3"
    )
    stay = {
        "resourceType": "Encounter",
        "status": "planned",
        "subject": {"reference": "urn:uuid:p"},
    }
    wanted = bundle("transaction", one, entry("POST", "Encounter", stay))
    assert statuses(sent(client, "POST", "", wanted)) == ["201 Created", "201 Created"]
    assert statuses(sent(client, "POST", "", wanted)) == ["200 OK", "201 Created"]
    found = ids("Patient?identifier=urn:mrn|C-3")
    assert len(found) == 1
    assert len(ids(f"Encounter?patient={found[0]}")) == 2


def test_transaction__reads_and_searches_after_it_has_written(client: TestClient) -> None:
    patient = {"resourceType": "Patient", "id": "anna", "gender": "other"}
    answer = sent(
        client,
        "POST",
        "",
        bundle(
            "transaction",
            entry("GET", "Patient?gender=other"),
            entry("GET", "Patient/anna"),
            entry("GET", "Patient/anna/_history/1"),
            entry("PUT", "Patient/anna", patient),
        ),
    )
    search, read, before, _ = answer.json()["entry"]
    assert search["resource"]["total"] == 1
    assert read["resource"]["gender"] == "other"
    assert before["resource"]["gender"] == "female"


def test_transaction__patches_by_binary(client: TestClient) -> None:
    steps = json.dumps([{"op": "replace", "path": "/gender", "value": "unknown"}]).encode()
    binary = {"resourceType": "Binary", "contentType": "application/json-patch+json",
              "data": base64.b64encode(steps).decode()}  # fmt: skip
    answer = sent(client, "POST", "", bundle("transaction", entry("PATCH", "Patient/anna", binary)))
    assert answer.json()["entry"][0]["resource"]["gender"] == "unknown"


def test_transaction__changes_a_resource_once_at_most(client: TestClient) -> None:
    twice = [entry("PUT", "Patient/t", {"resourceType": "Patient", "id": "t"}) for _ in range(2)]
    assert sent(client, "POST", "", bundle("transaction", *twice)).status_code == 400


def test_batch__does_each_by_itself(client: TestClient, ids: Ids) -> None:
    answer = sent(
        client,
        "POST",
        "",
        bundle(
            "batch",
            entry("GET", "Patient/nobody"),
            entry("PUT", "Patient/b", {"resourceType": "Patient", "id": "b"}),
            entry("DELETE", "Patient/bruno"),
            entry("GET", "Patient?nonsense=1"),
        ),
    )
    assert statuses(answer) == ["404", "201 Created", "204 No Content", "400"]
    assert answer.json()["entry"][0]["response"]["outcome"]["resourceType"] == "OperationOutcome"
    assert ids("Patient?_sort=_id") == ["anna", "b"]
