"""Reading: resources with their versions, histories, pages, everything about a patient."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.api.client import TestClient
from tests.api.fhir.conftest import Ids, Json, ids_of, potassium, sent, take_in
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM


def test_read__gives_what_was_taken_in_with_its_version_here(client: TestClient) -> None:
    answer = client.get("/fhir/Observation/k2")
    body = answer.json()
    assert answer.headers["etag"] == 'W/"1"'
    assert answer.headers["content-type"].startswith("application/fhir+json")
    assert answer.headers["cache-control"] == "no-store"
    assert (body["id"], body["meta"]["versionId"]) == ("k2", "1")
    assert body["valueQuantity"]["value"] == 6.2


def test_decimal__keeps_the_digits_it_was_sent_with(client: TestClient) -> None:
    body = '{"resourceType":"Observation","status":"final","code":{"text":"pH"},"valueQuantity":{"value":7.400}}'
    answer = client.post(
        "/fhir/Observation", content=body, headers={"content-type": "application/fhir+json"}
    )
    assert '"value":7.400' in answer.text
    assert '"value":7.400' in client.get(f"/fhir/Observation/{answer.json()['id']}").text


def test_same_version__is_not_sent_again(client: TestClient) -> None:
    answer = client.get("/fhir/Patient/anna", headers={"if-none-match": 'W/"1"'})
    assert (answer.status_code, answer.content) == (304, b"")


def test_versions_of_a_source__are_numbered_as_they_were_recorded(
    client: TestClient, hospital: Lake, tmp_path: Path
) -> None:
    again = potassium("k1", "anna", "4.4", "2024-05-01T10:00:00Z", meta={"versionId": "7"})
    take_in(hospital, [again], tmp_path, name="again")
    assert client.get("/fhir/Observation/k1").json()["valueQuantity"]["value"] == 4.4
    history = client.get("/fhir/Observation/k1/_history").json()
    told = [
        (e["response"]["etag"], e["resource"]["valueQuantity"]["value"]) for e in history["entry"]
    ]
    assert told == [('W/"2"', 4.4), ('W/"1"', 4.1)]
    assert client.get("/fhir/Observation/k1/_history/1").json()["valueQuantity"]["value"] == 4.1


def test_two_versions_in_one_load__stand_in_the_order_of_their_source(
    client: TestClient, hospital: Lake, tmp_path: Path
) -> None:
    new, old = (
        potassium("k9", "anna", digits, "2024-05-01", meta={"versionId": number})
        for digits, number in (("2.0", "2"), ("1.0", "1"))
    )
    take_in(hospital, [new, old], tmp_path, name="both")
    assert client.get("/fhir/Observation/k9").json()["valueQuantity"]["value"] == 2.0
    first = client.get("/fhir/Observation/k9/_history/1").json()
    assert first["valueQuantity"]["value"] == 1.0


def test_history_of_a_type__is_newest_first_and_can_begin_at_an_instant(client: TestClient) -> None:
    before = client.get("/fhir/Patient/anna").json()["meta"]["lastUpdated"]
    made = sent(client, "POST", "/Patient", {"resourceType": "Patient"}).json()
    whole = client.get("/fhir/Patient/_history").json()
    assert whole["total"] == 3
    assert whole["entry"][0]["resource"]["id"] == made["id"]
    since = made["meta"]["lastUpdated"]
    assert since > before
    later = client.get("/fhir/Patient/_history", params={"_since": since}).json()
    assert [entry["resource"]["id"] for entry in later["entry"]] == [made["id"]]
    assert client.get("/fhir/_history").json()["total"] == 10


def pages(client: TestClient, address: str) -> list[Json]:
    found = [client.get(address).json()]
    while following := [x["url"] for x in found[-1]["link"] if x["relation"] == "next"]:
        found.append(client.get(following[0]).json())
    return found


def test_pages__hold_everything_once_in_the_order_asked(client: TestClient) -> None:
    found = pages(client, "/fhir/Observation?_sort=-value-quantity&_count=1")
    assert [ids_of(page) for page in found] == [["k2"], ["k1"], ["k3"]]
    assert {page["total"] for page in found} == {3}


def test_pages__stay_as_they_were_while_others_write(client: TestClient) -> None:
    first = client.get("/fhir/Observation?_sort=_id&_count=1").json()
    sent(client, "DELETE", "/Observation/k2")
    changed = potassium("k3", "bruno", "9.9", "2024-05-02")
    assert sent(client, "PUT", "/Observation/k3", changed).status_code == 200
    sent(client, "POST", "/Observation", potassium("new", "anna", "5.0", "2024-05-05"))
    rest = pages(client, next(x["url"] for x in first["link"] if x["relation"] == "next"))
    assert [ids_of(page) for page in rest] == [["k2"], ["k3"]]
    assert rest[1]["entry"][0]["resource"]["valueQuantity"]["value"] == 3.9


def test_count_of_nothing__is_a_count(client: TestClient) -> None:
    for asked in ("_count=0", "_summary=count"):
        bundle = client.get(f"/fhir/Observation?{asked}").json()
        assert (bundle["total"], bundle.get("entry")) == (3, None)


def test_total_none__tells_no_total(client: TestClient) -> None:
    assert "total" not in client.get("/fhir/Observation?_total=none").json()


def test_elements__are_those_asked_for_and_the_mandatory_ones(client: TestClient) -> None:
    bundle = client.get("/fhir/Observation?_id=k1&_elements=valueQuantity").json()
    shown = bundle["entry"][0]["resource"]
    assert set(shown) == {"resourceType", "id", "meta", "status", "code", "valueQuantity"}
    assert shown["meta"]["tag"][0]["code"] == "SUBSETTED"


def test_summary__leaves_out_what_the_specification_does_not_mark(client: TestClient) -> None:
    bundle = client.get("/fhir/Patient?_id=anna&_summary=true").json()
    shown = bundle["entry"][0]["resource"]
    assert "generalPractitioner" not in shown
    assert shown["birthDate"] == "1950-06-01"


def test_form__searches_like_an_address(client: TestClient) -> None:
    answer = client.post("/fhir/Patient/_search?gender=female", data={"family": "muller"})
    assert ids_of(answer.json()) == ["anna"]


def test_included__comes_along_once_and_marked(client: TestClient) -> None:
    bundle = client.get("/fhir/Observation?patient=anna&_include=Observation:encounter").json()
    told = [(e["search"]["mode"], e["resource"]["id"]) for e in bundle["entry"]]
    assert sorted(told) == [("include", "stay"), ("match", "k1"), ("match", "k2")]
    assert bundle["total"] == 2


def test_included__can_be_followed_further(client: TestClient) -> None:
    query = "Observation?_id=k1&_include=Observation:patient"
    deeper = "&_include:iterate=Patient:general-practitioner"
    assert along(client, query) == ["anna"]
    assert along(client, query + deeper) == ["anna", "who"]


def test_referring__comes_along(client: TestClient) -> None:
    assert along(client, "Patient?_id=anna&_revinclude=Condition:subject") == ["diabetes"]
    assert along(client, "Encounter?_id=stay&_revinclude=Observation:encounter") == ["k1", "k2"]
    assert along(client, "Organization?_id=ward&_revinclude=Patient:organization") == ["anna"]


def along(client: TestClient, query: str) -> list[str]:
    entries = client.get(f"/fhir/{query}").json()["entry"]
    return sorted(e["resource"]["id"] for e in entries if e["search"]["mode"] == "include")


def test_everything__is_the_patient_first_and_what_is_referred_to(client: TestClient) -> None:
    bundle = client.get("/fhir/Patient/anna/$everything").json()
    assert bundle["entry"][0]["resource"]["id"] == "anna"
    assert set(ids_of(bundle)) == {"anna", "stay", "k1", "k2", "diabetes"}
    brought = {e["resource"]["id"] for e in bundle["entry"] if e["search"]["mode"] == "include"}
    assert brought == {"who", "ward"}


def test_everything__can_be_of_some_types_and_dates(client: TestClient) -> None:
    def asked(query: str) -> list[str]:
        return sorted(ids_of(client.get(f"/fhir/Patient/anna/$everything?{query}").json()))

    assert asked("_type=Observation") == ["k1", "k2"]
    assert asked("_type=Observation&start=2024-05-02") == ["k2"]
    assert asked("_type=Observation&end=2024-05-02") == ["k1"]
    assert client.get("/fhir/Patient/nobody/$everything").status_code == 404


def test_lenient__leaves_out_what_it_does_not_know_and_says_so(client: TestClient) -> None:
    lenient = {"prefer": "handling=lenient"}
    bundle = client.get("/fhir/Patient?nonsense=1&gender=male", headers=lenient).json()
    assert ids_of(bundle) == ["bruno"]
    assert bundle["entry"][-1]["resource"]["resourceType"] == "OperationOutcome"
    assert bundle["link"][0]["url"].endswith("Patient?gender=male")


def test_capability__declares_every_parameter_that_is_searched(
    client: TestClient, ids: Ids
) -> None:
    statement = client.get("/fhir/metadata").json()
    assert (statement["fhirVersion"], statement["kind"]) == ("4.0.1", "instance")
    patient = next(x for x in statement["rest"][0]["resource"] if x["type"] == "Patient")
    declared = {one["name"]: one["type"] for one in patient["searchParam"]}
    assert declared["birthdate"] == "date"
    assert declared["_id"] == "token"
    assert "Observation:subject" in patient["searchRevInclude"]


def test_read__leaves_an_audit_row_that_names_the_subject_by_number(
    client: TestClient, hospital: Lake
) -> None:
    client.get("/fhir/Patient/anna")
    hospital.audit.flush()
    rows: list[Any] = [
        json.loads(x) for x in (hospital.path / "audit.jsonl").read_text().splitlines()
    ]
    shown = [row["row"] for row in rows if row["row"]["access"]["who"] == "rossi"]
    with hospital.read(SYSTEM) as reader:
        anna = reader.rows("patient", where="family = 'Müller'").to_pylist()[0]["subject_id"]
    assert shown[-1]["deed"]["subjects"] == [anna]
