"""Blocks, broken glass, withdrawals, linked persons and sensitive records, over HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.api.fhir.conftest import JSON_TYPE, potassium, take_in
from tests.lake.rows import event, link
from tests.trust.over_http.conftest import SignIn, consent, patient, subject_of
from vitruvian.lake import Lake
from vitruvian.lake.permit.consents import consent_lines
from vitruvian.lake.permit.refresh import refresh_grants
from vitruvian.trust import SYSTEM, Access

REASON = "Unconscious in the emergency room"
FOR_HEART = Access("hearty", "researcher", "research", project="heart")


def test_glass__without_a_reason_stays_whole(hospital: Lake, sign_in: SignIn) -> None:
    person = str(subject_of(hospital, "Bianchi"))
    answer = sign_in("rossi").post("/api/break-glass", json={"person_id": person, "reason": "!"})
    assert (answer.status_code, answer.json()["problem"]) == (422, "reason-too-short")


@pytest.mark.parametrize("name", ["hearty", "stew", "anna", "watch"])
def test_glass__is_not_for_every_role(name: str, hospital: Lake, sign_in: SignIn) -> None:
    wish = {"person_id": str(subject_of(hospital, "Bianchi")), "reason": REASON}
    assert sign_in(name).post("/api/break-glass", json=wish).status_code == 403


def test_glass__of_somebody_unknown_cannot_be_broken(sign_in: SignIn) -> None:
    wish = {"identifier": "NOBODY-1", "reason": REASON}
    assert sign_in("rossi").post("/api/break-glass", json=wish).status_code == 404


def test_closed_record__says_so_and_opens_with_a_reason(hospital: Lake, sign_in: SignIn) -> None:
    person = subject_of(hospital, "Bianchi")
    page = f"/api/patients/{person}/picture"
    client = sign_in("rossi")
    closed = client.get(page)
    assert (closed.status_code, closed.json()["problem"]) == (403, "record-closed")
    opened = client.post("/api/break-glass", json={"identifier": "B-2", "reason": REASON})
    assert (opened.status_code, opened.json()["person_id"]) == (201, str(person))
    assert client.get(page).status_code == 200
    assert client.get("/fhir/Patient/bruno").status_code == 200
    assert sign_in("lens").get(page).status_code == 403


def test_broken_glass__waits_for_somebody_else_to_review_it(
    hospital: Lake, sign_in: SignIn
) -> None:
    wish = {"identifier": "B-2", "reason": REASON}
    ident = sign_in("boss").post("/api/break-glass", json=wish).json()["id"]
    verdict = {"verdict": "justified"}
    assert sign_in("boss").post(f"/api/break-glass/{ident}/review", json=verdict).status_code == 404
    assert (
        sign_in("rossi").post(f"/api/break-glass/{ident}/review", json=verdict).status_code == 403
    )
    watch = sign_in("watch")
    assert watch.get("/api/break-glass").json()["waiting"] == 1
    assert watch.post(f"/api/break-glass/{ident}/review", json=verdict).status_code == 200
    assert watch.get("/api/break-glass").json()["waiting"] == 0
    kinds = [row.deed.kind for row in hospital.audit.rows()]
    assert kinds.count("glass") == kinds.count("review") == 1
    assert list(hospital.audit.faults()) == []


def test_withdrawal__closes_research_at_once_and_leaves_treatment_alone(
    hospital: Lake, sign_in: SignIn
) -> None:
    anna = subject_of(hospital, "Müller")
    page = f"/api/patients/{anna}/picture"
    before = sign_in("rossi").get(page).json()
    assert sign_in("hearty").get("/fhir/Patient/anna").status_code == 200
    list(_export(sign_in, "hearty"))
    over = consent("anna-research", "anna", rule="OPTIN", purpose="HRESCH", status="inactive")
    body = json.dumps(over)
    put = sign_in("rossi").put("/fhir/Consent/anna-research", content=body, headers=JSON_TYPE)
    assert put.status_code == 200
    researcher = sign_in("hearty")
    assert researcher.get("/fhir/Patient/anna").status_code == 404
    assert researcher.get("/fhir/Observation").json()["total"] == 0
    assert researcher.get(page).status_code == 404
    assert sign_in("rossi").get(page).json()["panels"] == before["panels"]
    with hospital.read(SYSTEM) as reader:
        (line,) = consent_lines(reader, hospital.audit)
    assert (line.state, line.subject_id) == ("withdrawn", anna)
    assert [(left.who, left.purpose, left.certain) for left in line.left] == [
        ("hearty", "research", True)
    ]


def test_study_of_a_researcher_who_has_one__stands_in_the_audit(
    hospital: Lake, sign_in: SignIn
) -> None:
    assert sign_in("hearty").get("/fhir/Patient/anna").status_code == 200
    assert [row.access.project for row in hospital.audit.rows()][-1] == "heart"
    assert sign_in("rossi").get("/fhir/Patient/anna").status_code == 200
    assert [row.access.project for row in hospital.audit.rows()][-1] is None


def _sees_row(_: Lake, client: TestClient) -> bool:
    return bool(client.get("/fhir/Observation/k1").status_code == 200)


def _counts_her(hospital: Lake, _: TestClient) -> bool:
    """As a cohort counts; over HTTP so few would be told as too few to tell."""
    sql = "SELECT DISTINCT subject_id FROM event WHERE code = 'LOINC//2823-3'"
    with hospital.read(FOR_HEART) as reader:
        found = reader.query(sql, tables=["event"]).column(0).to_pylist()
    return subject_of(hospital, "Müller") in found


def _sees_panel(hospital: Lake, client: TestClient) -> bool:
    return "4.1" in client.get(f"/api/patients/{subject_of(hospital, 'Müller')}/picture").text


def _sees_derived(hospital: Lake, _: TestClient) -> bool:
    with hospital.read(FOR_HEART) as reader:
        return bool(reader.rows("event", where="event_id = 77").num_rows)


@pytest.mark.parametrize("sees", [_sees_row, _counts_her, _sees_panel, _sees_derived])
def test_withdrawal__takes_away(
    sees: Callable[[Lake, TestClient], bool], hospital: Lake, sign_in: SignIn
) -> None:
    anna = subject_of(hospital, "Müller")
    hospital.append(SYSTEM, {"event": [event(77, subject=anna, derivation_id=7)]})
    assert sees(hospital, sign_in("hearty"))
    over = consent("anna-research", "anna", rule="OPTIN", purpose="HRESCH", status="inactive")
    body = json.dumps(over)
    sign_in("rossi").put("/fhir/Consent/anna-research", content=body, headers=JSON_TYPE)
    assert not sees(hospital, sign_in("hearty"))


def _export(sign_in: SignIn, name: str) -> list[str]:
    client = sign_in(name)
    where = client.get("/fhir/$export", headers={"prefer": "respond-async"}).headers[
        "content-location"
    ]
    while (state := client.get(where)).status_code == 202:
        pass
    return [one["type"] for one in state.json()["output"]]


def test_consent_of_a_linked_subject__applies_to_the_person(
    hospital: Lake, sign_in: SignIn
) -> None:
    anna, bruno = subject_of(hospital, "Müller"), subject_of(hospital, "Bianchi")
    assert sign_in("rossi").get("/fhir/Patient/anna").status_code == 200
    hospital.append(SYSTEM, {"person_link": [link(1, subject=anna, person=bruno)]})
    assert sign_in("rossi").get("/fhir/Patient/anna").status_code == 404
    hospital.append(SYSTEM, {"person_link": [link(2, subject=anna, person=bruno, linked=False)]})
    assert sign_in("rossi").get("/fhir/Patient/anna").status_code == 200


def test_unreadable_consent__stops_research_and_export_and_never_treatment(
    hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    odd = consent("odd", "anna", rule="SOMETHING-NEW", purpose="TREAT")
    take_in(hospital, [odd], tmp_path)
    assert sign_in("rossi").get("/fhir/Patient/anna").status_code == 200
    assert sign_in("hearty").get("/fhir/Patient/anna").status_code == 404
    assert "Patient" not in _export(sign_in, "rossi")
    with hospital.read(SYSTEM) as reader:
        (line,) = consent_lines(reader, hospital.audit)
    assert line.state == "unreadable"
    assert "policyRule" in line.why


def test_sensitive_records__are_hidden_one_by_one(
    hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    marked = {"security": [{"code": "HIV"}]}
    secret = potassium("k9", "anna", "5.5", "2024-05-04T10:00:00Z", meta=marked)
    take_in(hospital, [secret], tmp_path)
    seen = {
        name: sign_in(name).get("/fhir/Observation/k9").status_code
        for name in ("rossi", "gene", "lens", "hearty", "anna")
    }
    assert seen == {"rossi": 200, "gene": 200, "lens": 404, "hearty": 404, "anna": 200}
    anna = subject_of(hospital, "Müller")
    assert "5.5" not in sign_in("lens").get(f"/api/patients/{anna}/picture").text
    assert "5.5" in sign_in("rossi").get(f"/api/patients/{anna}/picture").text


def test_a_consent_about_one_record__hides_that_record_only(
    hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    block = consent("one", "anna", rule="OPTIN", purpose="TREAT")
    inner = {"data": [{"meaning": "instance", "reference": {"reference": "Observation/k1"}}]}
    block["provision"]["provision"] = [{"type": "deny", **inner}]
    take_in(hospital, [block], tmp_path)
    client = sign_in("rossi")
    assert client.get("/fhir/Observation/k1").status_code == 404
    assert client.get("/fhir/Patient/anna").status_code == 200
    anna = subject_of(hospital, "Müller")
    assert "4.1" not in client.get(f"/api/patients/{anna}/picture").text


def test_new_record_of_a_code_that_a_consent_hides__is_hidden_at_once(
    hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    block = consent("some", "anna", rule="OPTIN", purpose="TREAT")
    inner = {"code": [{"coding": [{"system": "http://loinc.org", "code": "2823-3"}]}]}
    block["provision"]["provision"] = [{"type": "deny", **inner}]
    take_in(hospital, [block], tmp_path)
    client = sign_in("rossi")
    assert client.get("/fhir/Observation/k1").status_code == 404
    body = json.dumps(potassium("k8", "anna", "5.9", "2024-05-05T10:00:00Z"))
    client.put("/fhir/Observation/k8", content=body, headers=JSON_TYPE)
    assert client.get("/fhir/Observation/k8").status_code == 404
    anna = subject_of(hospital, "Müller")
    assert "5.9" not in client.get(f"/api/patients/{anna}/picture").text
    with hospital.read(SYSTEM) as reader:
        assert reader.rows("resource", where="resource_id = 'k8'").num_rows == 1


def test_changed_policy__is_refreshed_before_anything_leaves(
    hospital: Lake, sign_in: SignIn
) -> None:
    path = hospital.path / "policy.toml"
    text = path.read_text("utf-8").replace('"SNOMED//86406008",', '"LOINC//2823-3",')
    path.write_text(text, "utf-8")
    assert sign_in("hearty").get("/fhir/Patient").status_code == 409
    assert sign_in("lens").get("/fhir/Observation").json()["total"] == 1
    assert refresh_grants(hospital, SYSTEM) == 3
    assert sign_in("hearty").get("/fhir/Patient").status_code == 200
    assert sign_in("lens").get("/fhir/Observation").json()["total"] == 0


def test_write_into_a_closed_record__is_refused(hospital: Lake, sign_in: SignIn) -> None:
    body = json.dumps(potassium("new", "bruno", "4.4", "2024-05-05"))
    answer = sign_in("rossi").put("/fhir/Observation/new", content=body, headers=JSON_TYPE)
    assert answer.status_code in (403, 404)
    with hospital.read(Access("okoro", "clinician", "treatment")) as reader:
        assert reader.rows("resource", where="resource_id = 'new'").num_rows == 0
    with hospital.read(SYSTEM) as reader:
        assert reader.rows("resource", where="resource_id = 'new'").num_rows == 0


def test_new_patient__can_be_written_by_those_who_reach_the_hospital(sign_in: SignIn) -> None:
    body = json.dumps(patient("dora", "Dahl", "Dora", mrn="D-4"))
    answer = sign_in("rossi").put("/fhir/Patient/dora", content=body, headers=JSON_TYPE)
    assert answer.status_code == 201
