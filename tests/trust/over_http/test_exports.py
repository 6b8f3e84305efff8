"""Files of a bulk export: whoever fetches them is asked for again, and written down."""

from __future__ import annotations

import json
import shutil
import time

import pytest

from tests.api.client import TestClient
from tests.api.fhir.conftest import JSON_TYPE
from tests.trust.over_http.conftest import SignIn, consent, subject_of
from vitruvian.lake import Lake

ASYNC = {"prefer": "respond-async"}


def made(client: TestClient, path: str = "/fhir/$export") -> tuple[str, dict[str, str]]:
    """Where an export stands, and its files by type."""
    where = client.get(path, headers=ASYNC).headers["content-location"]
    while (state := client.get(where)).status_code == 202:
        time.sleep(0.01)
    return where, {one["type"]: one["url"] for one in state.json()["output"]}


def withdraw(client: TestClient) -> None:
    over = consent("anna-research", "anna", rule="OPTIN", purpose="HRESCH", status="inactive")
    put = client.put("/fhir/Consent/anna-research", content=json.dumps(over), headers=JSON_TYPE)
    assert put.status_code == 200


def test_files__are_given_no_more_after_a_withdrawal(hospital: Lake, sign_in: SignIn) -> None:
    where, files = made(sign_in("hearty"))
    assert "4.1" in sign_in("hearty").get(files["Observation"]).text
    withdraw(sign_in("rossi"))
    client = sign_in("hearty")
    refused = client.get(files["Observation"])
    assert (refused.status_code, "4.1" in refused.text) == (410, False)
    assert [client.get(one).status_code for one in (where, *files.values())] == [404] * 6
    assert list((hospital.path / "temp" / "exports").iterdir()) == []


def test_files_of_a_group__are_given_no_more_after_a_block(hospital: Lake, sign_in: SignIn) -> None:
    member = {"entity": {"reference": "Patient/anna"}}
    group = {"resourceType": "Group", "id": "g", "type": "person", "actual": True}
    body = json.dumps(group | {"member": [member]})
    client = sign_in("rossi")
    assert client.put("/fhir/Group/g", content=body, headers=JSON_TYPE).status_code == 201
    _, files = made(client, "/fhir/Group/g/$export")
    assert "4.1" in client.get(files["Observation"]).text
    block = consent("anna-block", "anna", rule="OPTOUT", purpose="TREAT")
    client.put("/fhir/Consent/anna-block", content=json.dumps(block), headers=JSON_TYPE)
    refused = client.get(files["Observation"])
    assert refused.status_code in (403, 404, 410)
    assert "4.1" not in refused.text


def test_files__are_given_no_more_once_the_study_is_left(hospital: Lake, sign_in: SignIn) -> None:
    _, files = made(sign_in("hearty"))
    hospital.desk.untie("hearty", kind="study", value="heart")
    refused = sign_in("hearty").get(files["Patient"])
    assert refused.status_code in (403, 404, 410)
    assert "Müller" not in refused.text


def test_files__stay_as_they_are_while_other_patients_change(sign_in: SignIn) -> None:
    _, files = made(sign_in("hearty"))
    before = {kind: sign_in("hearty").get(url).content for kind, url in files.items()}
    k7 = sign_in("okoro").get("/fhir/Observation/k7").json()
    k1 = sign_in("rossi").get("/fhir/Observation/k1").json()
    for name, said in (("okoro", k7), ("rossi", k1)):
        said["status"] = "amended"
        body = json.dumps(said)
        path = f"/fhir/Observation/{said['id']}"
        assert sign_in(name).put(path, content=body, headers=JSON_TYPE).status_code == 200
    assert {kind: sign_in("hearty").get(url).content for kind, url in files.items()} == before


@pytest.mark.parametrize("purpose", ["treatment", "operations", None])
def test_each_fetch__is_written_down_with_whom_it_is_about_and_its_own_purpose(
    purpose: str | None, hospital: Lake, sign_in: SignIn
) -> None:
    _, files = made(sign_in("hearty"))
    headers = {} if purpose is None else {"X-Vitruvian-Purpose": purpose}
    answer = sign_in("hearty").get(files["Observation"], headers=headers)
    assert answer.status_code == 200
    request = answer.headers["x-request-id"]
    (row,) = [one for one in hospital.audit.rows() if one.access.request == request]
    assert (row.access.who, row.access.purpose, row.deed.kind) == ("hearty", "research", "export")
    assert row.deed.subjects == (subject_of(hospital, "Müller"),)


@pytest.mark.parametrize("name", ["rossi", "rarely", "boss", "stew", "watch"])
def test_export__is_nobody_elses(name: str, sign_in: SignIn) -> None:
    where, files = made(sign_in("hearty"))
    other = sign_in(name)
    assert {other.get(one).status_code for one in (where, *files.values())} <= {403, 404}
    assert other.delete(where).status_code in (403, 404)
    assert sign_in("hearty").get(where).status_code == 200


def test_files__that_an_erasure_removed_are_over(hospital: Lake, sign_in: SignIn) -> None:
    _, files = made(sign_in("hearty"))
    for folder in (hospital.path / "temp" / "exports").iterdir():
        shutil.rmtree(folder)
    assert sign_in("hearty").get(files["Patient"]).status_code == 410
