"""What an app sees and changes: never more than its scopes, its patient, and its account may."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.api.conftest import OURS, PASSWORD
from tests.api.fhir.conftest import JSON_TYPE, potassium
from tests.api.smart.conftest import BACK, Walker
from vitruvian.lake.apps.registry import App


def ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return sorted(one["resource"]["id"] for one in answer.json().get("entry", []))


def token(walk: Walker, scope: str) -> str:
    """A token for Anna where a patient is needed; the browser's own session is gone."""
    person = walk.person("Müller") if "patient" in scope else None
    found = str(walk.launched(scope, person=person)["access_token"])
    walk.client.cookies.clear()
    return found


def send(walk: Walker, method: str, path: str, body: object, given: str) -> Any:
    headers = JSON_TYPE | {"authorization": f"Bearer {given}"}
    content = None if body is None else json.dumps(body)
    return walk.client.request(method, f"/fhir{path}", content=content, headers=headers)


# ------------------------------------------------------------------ one patient only


def test_patient__others_are_not_found_by_any_way(walk: Walker) -> None:
    given = token(walk, "launch/patient patient/*.rs")
    assert walk.get("/fhir/Patient/bruno", given).status_code == 404
    assert walk.get("/fhir/Observation/k3", given).status_code == 404
    assert walk.get("/fhir/Observation/k3/_history", given).status_code == 404
    assert walk.get("/fhir/Patient/bruno/$everything", given).status_code == 404
    assert ids(walk.get("/fhir/Observation?patient=bruno", given)) == []
    assert ids(walk.get("/fhir/Observation?code=2823-3&_summary=count", given)) == []
    assert walk.get("/fhir/Observation?code=2823-3", given).json()["total"] == 2
    assert ids(walk.get("/fhir/Patient?_revinclude=Observation:subject", given)) == [
        *("anna", "k1", "k2")
    ]
    assert "bruno" not in walk.get("/fhir/_history", given).text


def test_patient__the_chosen_one_is_there(walk: Walker) -> None:
    given = token(walk, "launch/patient patient/*.rs")
    assert walk.get("/fhir/Patient/anna", given).json()["birthDate"] == "1950-06-01"
    assert ids(walk.get("/fhir/Observation", given)) == ["k1", "k2"]
    assert ids(walk.get("/fhir/Encounter?_include=Encounter:subject", given)) == ["anna", "stay"]
    assert walk.get("/fhir/Practitioner/who", given).status_code == 200


def test_patient__types_without_a_scope_do_not_come_along(walk: Walker) -> None:
    given = token(walk, "launch/patient patient/Encounter.rs")
    assert ids(walk.get("/fhir/Encounter?_include=*", given)) == ["stay"]
    assert ids(walk.get("/fhir/Encounter?patient.family=M%C3%BCller", given)) == []
    for path in ("Patient/anna", "Observation/k1", "Observation", "Practitioner/who", "_history"):
        assert walk.get(f"/fhir/{path}", given).status_code == 403


def test_patient__nothing_is_written_to_another(walk: Walker) -> None:
    given = token(walk, "launch/patient patient/Observation.cruds")
    about_bruno = potassium("new", "bruno", "5.1", "2024-05-05")
    assert send(walk, "PUT", "/Observation/new", about_bruno, given).status_code == 403
    about_anna = potassium("new", "anna", "5.1", "2024-05-05")
    assert send(walk, "PUT", "/Observation/new", about_anna, given).status_code == 201
    assert ids(walk.get("/fhir/Observation", given)) == ["k1", "k2", "new"]


def test_patient__a_wide_and_a_near_scope_keep_apart(walk: Walker) -> None:
    given = token(walk, "launch/patient patient/Observation.rs user/Patient.rs")
    assert ids(walk.get("/fhir/Patient", given)) == ["anna", "bruno"]
    assert ids(walk.get("/fhir/Observation", given)) == ["k1", "k2"]
    found = ids(walk.get("/fhir/Patient?_revinclude=Observation:subject", given))
    assert found == ["anna", "bruno", "k1", "k2"]
    assert walk.get("/fhir/Observation/k3", given).status_code == 404
    assert ids(walk.get("/fhir/Observation?patient=bruno", given)) == []


# ------------------------------------------------------------------ letters


@pytest.mark.parametrize(
    "letters, expected",
    [
        ("r", {"read": 200}),
        ("s", {"search": 200}),
        ("rs", {"read": 200, "search": 200}),
        ("c", {"create": 201}),
        ("u", {"update": 200}),
        ("d", {"delete": 204}),
        ("ru", {"read": 200, "update": 200, "patch": 200}),
    ],
)
def test_letters__each_lets_its_own_deed_happen(
    walk: Walker, letters: str, expected: dict[str, int]
) -> None:
    given = token(walk, f"user/Observation.{letters}")
    fresh = potassium("x", "anna", "4.4", "2024-05-06")
    del fresh["id"]
    patch = [{"op": "replace", "path": "/status", "value": "amended"}]
    headers = {"authorization": f"Bearer {given}", "content-type": "application/json-patch+json"}
    found = {
        "read": walk.get("/fhir/Observation/k1", given).status_code,
        "search": walk.get("/fhir/Observation", given).status_code,
        "create": send(walk, "POST", "/Observation", fresh, given).status_code,
        "update": send(
            walk, "PUT", "/Observation/k2", potassium("k2", "anna", "6.0", "2024-05-03"), given
        ).status_code,
        "patch": walk.client.patch(
            "/fhir/Observation/k1", content=json.dumps(patch), headers=headers
        ).status_code,
        "delete": send(walk, "DELETE", "/Observation/k3", None, given).status_code,
    }
    assert found == dict.fromkeys(found, 403) | expected


def test_letters__a_bundle_is_no_way_around(walk: Walker) -> None:
    given = token(walk, "user/Observation.c")
    entries = [
        {"request": {"method": "GET", "url": "Observation/k1"}},
        {"request": {"method": "GET", "url": "Observation?code=2823-3"}},
        {"request": {"method": "DELETE", "url": "Observation/k1"}},
        {"request": {"method": "GET", "url": "Patient/anna"}},
    ]
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = send(walk, "POST", "", bundle, given).json()
    assert [one["response"]["status"] for one in answer["entry"]] == ["403"] * 4
    conditional = send(walk, "DELETE", "/Observation?code=2823-3", None, given)
    assert conditional.status_code == 403


def test_pages__of_one_app_are_not_anothers(walk: Walker) -> None:
    wide = str(walk.launched("user/Observation.rs")["access_token"])
    person = walk.person("Müller")
    near = str(walk.launched("patient/Observation.rs", person=person)["access_token"])
    walk.client.cookies.clear()
    page = walk.get("/fhir/Observation?_count=1", wide).json()
    following = next(one["url"] for one in page["link"] if one["relation"] == "next")
    assert walk.get(following, wide).status_code == 200
    assert walk.get(following, near).status_code in {404, 410}


# ------------------------------------------------------------------ never more than the account


def test_account__a_scope_never_widens_what_its_role_may(walk: Walker) -> None:
    lake = walk.lake
    lake.accounts.create("holt", display_name="Dr Holt", role="radiologist")
    lake.accounts.set_password("holt", password=PASSWORD)
    signed = {"name": "holt", "password": PASSWORD}
    assert walk.client.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    given = walk.launched("user/*.cruds")["access_token"]
    walk.client.cookies.clear()
    assert ids(walk.get("/fhir/Patient", given)) == ["anna", "bruno"]
    consents = walk.get("/fhir/Consent", given)
    assert consents.json().get("total", 0) == 0
    lake.accounts.create("bruno", display_name="Bruno", role="patient")
    lake.accounts.set_password("bruno", password=PASSWORD)
    signed["name"] = "bruno"
    assert walk.client.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    given = walk.launched("user/*.cruds")["access_token"]
    walk.client.cookies.clear()
    assert ids(walk.get("/fhir/Patient", given)) == []
    fresh = potassium("mine", "bruno", "4.4", "2024-05-06")
    assert send(walk, "PUT", "/Observation/mine", fresh, given).status_code == 403


def test_registry__an_app_gets_no_more_than_was_declared_for_it(walk: Walker) -> None:
    app = App("little", "Little", redirects=(BACK,), scopes="user/Patient.r")
    walk.lake.apps.registry.add(app)
    walk.app = "little"
    given = walk.launched("user/*.cruds offline_access openid")
    assert given["scope"] == "user/Patient.r"
    assert "refresh_token" not in given
    assert "id_token" not in given


def test_audit__names_the_app_its_scopes_and_the_patient(walk: Walker) -> None:
    given = token(walk, "launch/patient patient/Observation.rs")
    assert walk.get("/fhir/Observation?patient=anna", given).status_code == 200
    last = walk.lake.audit.rows()[-1]
    assert (last.access.who, last.access.app) == ("rossi", "growth")
    assert last.access.scopes == "launch/patient patient/Observation.rs"
    assert last.access.in_context in last.deed.subjects
    assert list(walk.lake.audit.faults()) == []


def test_imaging__is_behind_its_own_scope(walk: Walker) -> None:
    given = str(walk.launched("user/Patient.rs")["access_token"])
    person = walk.person("Müller")
    near = str(walk.launched("patient/ImagingStudy.cruds", person=person)["access_token"])
    wide = str(walk.launched("user/ImagingStudy.rs")["access_token"])
    walk.client.cookies.clear()
    assert walk.get("/api/dicomweb/studies", given).status_code == 403
    assert walk.get("/api/dicomweb/studies", wide).json() == []
    assert walk.get("/api/dicomweb/studies", near).json() == []
    headers = {"authorization": f"Bearer {near}"} | OURS
    assert walk.client.post("/api/dicomweb/studies", headers=headers).status_code == 403


def test_hooks__an_app_asks_within_its_scopes(walk: Walker) -> None:
    given = token(walk, "launch/patient patient/*.rs")
    blind = {"authorization": f"Bearer {given}x"}
    near = {"authorization": f"Bearer {given}"}

    def asked(patient: str, headers: dict[str, str]) -> int:
        context = {"userId": "Practitioner/who", "patientId": patient}
        body = {"hook": "patient-view", "hookInstance": "i-1", "context": context}
        path = "/cds-services/guidelines-patient-view"
        return int(walk.client.post(path, json=body, headers=headers).status_code)

    assert asked("anna", blind) == 401
    assert asked("anna", near) == 200
    assert asked("bruno", near) == 412  # nobody is there to speak of
