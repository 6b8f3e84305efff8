"""Consents that close what a stretch of time tells: results, stays and letters in it, over HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.api.fhir.conftest import potassium, take_in
from tests.lake.rows import event, lineage
from tests.trust.over_http.conftest import SignIn, consent, patient, subject_of
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM, Access

Json = dict[str, Any]
IN_SPRING = datetime(2024, 4, 20, 10, tzinfo=UTC)
ROSSI = Access("rossi", "clinician", "treatment")
CARERS: Json = {
    "resourceType": "CareTeam",
    "id": "carers",
    "status": "active",
    "subject": {"reference": "Patient/anna"},
    "period": {"start": "2023-01-01", "end": "2025-01-01"},
    "participant": [{"member": {"reference": "Practitioner/okoro"}}],
}
SPRING = {"start": "2024-04", "end": "2024-05"}


def closed(period: Json) -> Json:
    """A block of what one stretch of Anna's life tells."""
    block = consent("stretch", "anna", rule="OPTIN", purpose="TREAT")
    block["provision"]["provision"] = [{"type": "deny", "dataPeriod": period}]
    return block


def stay(name: str, start: str, end: str) -> Json:
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": "Patient/anna"},
        "period": {"start": start, "end": end},
    }


def letter(name: str, at: str) -> Json:
    text = {"contentType": "text/plain", "data": "U2VlbiBpbiB0aGUgY2xpbmljLg=="}
    return {
        "resourceType": "DocumentReference",
        "id": name,
        "status": "current",
        "subject": {"reference": "Patient/anna"},
        "date": at,
        "content": [{"attachment": text}],
    }


def status_of(path: str, records: list[Json], lake: Lake, sign_in: SignIn, folder: Path) -> int:
    take_in(lake, records, folder)
    return int(sign_in("rossi").get(f"/fhir/{path}").status_code)


@pytest.mark.parametrize(
    "record",
    [
        potassium("in", "anna", "5.9", "2024-04-30T23:59:00Z"),
        potassium("in", "anna", "5.9", "2024"),
        stay("in", "2024-03-20", "2024-04-02"),
        stay("in", "2024-05-31", "2024-06-10"),
        stay("in", "2023-01-01", "2025-01-01"),
        letter("in", "2024-04-15T09:00:00Z"),
    ],
    ids=["inside", "a year that may be inside", "ends", "begins", "around it", "letter"],
)
def test_what_a_closed_stretch_of_time_tells__is_hidden(
    record: Json, hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    path = f"{record['resourceType']}/in"
    assert status_of(path, [record], hospital, sign_in, tmp_path) == 200
    assert status_of(path, [closed(SPRING)], hospital, sign_in, tmp_path) == 404


@pytest.mark.parametrize(
    "record",
    [
        potassium("out", "anna", "5.9", "2024-03-31T23:59:59Z"),
        potassium("out", "anna", "5.9", "2024-06-01T00:00:00Z"),
        stay("out", "2024-03-01", "2024-03-31"),
        letter("out", "2024-06-01T00:00:00Z"),
    ],
    ids=["before", "after", "ended before", "letter after"],
)
def test_what_other_times_tell__stays_open(
    record: Json, hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    path = f"{record['resourceType']}/out"
    assert status_of(path, [record, closed(SPRING)], hospital, sign_in, tmp_path) == 200


def test_patient_who_died_in_a_closed_stretch__still_has_a_name(
    hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    died = {"birthDate": "1950-06-01", "deceasedDateTime": "2024-04-20"}
    take_in(hospital, [patient("anna", "Müller", "Anna", mrn="A-1", **died)], tmp_path)
    take_in(hospital, [closed(SPRING)], tmp_path)
    client = sign_in("rossi")
    assert client.get("/fhir/Patient/anna").status_code == 200
    assert client.get("/fhir/Observation/k1").status_code == 404
    banner = client.get(f"/api/patients/{subject_of(hospital, 'Müller')}/picture").json()["banner"]
    assert (banner["family"], banner["given"]) == ("Müller", "Anna")


def test_message_of_a_closed_stretch__is_hidden_and_the_name_in_it_is_not(
    hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    """A message of admission tells who somebody is and where they lay, in one."""
    take_in(hospital, [closed(SPRING)], tmp_path)
    anna = subject_of(hospital, "Müller")
    whence = {**lineage(), "subject_id": anna, "version_id": 4711}
    admitted = {**event(88, subject=anna, time=IN_SPRING), "version_id": 4711}
    hospital.append(SYSTEM, {"event": [admitted], "patient": [{**whence, "family": "Møller"}]})
    with hospital.read(ROSSI) as reader:
        assert reader.find("event", key=88).num_rows == 0
        names = reader.rows("patient", subjects=[anna]).column("family").to_pylist()
    assert sorted(names) == ["Møller", "Müller"]


def test_closed_stretch__is_gone_from_picture_notes_and_stays(
    hospital: Lake, sign_in: SignIn, tmp_path: Path
) -> None:
    long_stay = stay("long", "2023-01-01", "2025-01-01")
    records = [long_stay, letter("note", "2024-04-15T09:00:00Z"), CARERS]
    take_in(hospital, records, tmp_path)
    page = f"/api/patients/{subject_of(hospital, 'Müller')}/picture"
    client = sign_in("rossi")
    assert "4.1" in client.get(page).text
    take_in(hospital, [closed(SPRING)], tmp_path)
    after = client.get(page)
    assert after.status_code == 200
    assert "4.1" not in after.text
    with hospital.read(ROSSI) as reader:
        of_anna = [subject_of(hospital, "Müller")]
        assert reader.rows("note", subjects=of_anna).num_rows == 0
        assert reader.rows("encounter", subjects=of_anna).num_rows == 0
