"""What records say of who may see them: nothing that is broken or oddly spelt opens anything."""

from __future__ import annotations

import pytest

from tests.lake.rows import arrow, resource
from vitruvian.lake.permit.projection import projected
from vitruvian.trust.grants import grants_of
from vitruvian.trust.policy import DEFAULT, read_policy

VIP = {"security": [{"code": "VIP"}]}


@pytest.mark.parametrize("doctors", ["Practitioner/1", [None], {"reference": "Practitioner/1"}, 7])
def test_guard__stands_when_the_doctors_of_a_patient_cannot_be_read(doctors: object) -> None:
    patient = {"resourceType": "Patient", "meta": VIP, "generalPractitioner": doctors}
    assert [(one.kind, one.actor) for one in grants_of(patient)] == [("guard", "vip")]


def test_care_team__opens_what_can_be_read_of_it() -> None:
    members = [{"member": {"reference": "Practitioner/1"}}, None]
    team = {"resourceType": "CareTeam", "participant": members}
    assert [one.actor for one in grants_of(team)] == ["Practitioner/1"]


@pytest.mark.parametrize("name", ["security", "\\u0073ecurity", "securit\\u0079", "sec\\u0075rity"])
def test_label__is_seen_however_its_name_is_spelt(name: str) -> None:
    body = f'{{"resourceType":"Observation","meta":{{"{name}":[{{"code":"V"}}]}}}}'.encode()
    other = b'{"resourceType":"Observation","note":"caf\\u00e9 security"}'
    rows = arrow("resource", [resource(1, body=body), resource(2, body=other)])
    (label,) = projected("resource", rows, read_policy(DEFAULT.read_text()))[
        "sensitive"
    ].to_pylist()
    assert (label["version_id"], label["label"]) == (1, "very-restricted")
