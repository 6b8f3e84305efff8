"""The encounter in context of an app: told when there is just one, and never guessed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import OURS, encounter
from tests.api.smart.conftest import BACK, Walker
from tests.lake.rows import resource
from vitruvian.lake import Lake
from vitruvian.lake.apps.opened import Opening
from vitruvian.lake.apps.registry import App
from vitruvian.trust import SYSTEM

SCOPES = "launch/patient launch/encounter patient/*.rs"


def subject_of(lake: Lake, family: str) -> int:
    with lake.read(SYSTEM) as reader:
        rows = reader.rows("patient", columns=["subject_id", "family"]).to_pylist()
    return next(int(row["subject_id"]) for row in rows if row["family"] == family)


def stay(lake: Lake, number: int, **said: Any) -> int:
    """One more stay of Anna, as FHIR knows it: `e` and its number."""
    subject = subject_of(lake, "Müller")
    record = {**resource(number, subject=subject), "resource_type": "Encounter"}
    rows = {
        "encounter": [encounter(number, subject, **said)],
        "resource": [{**record, "resource_id": f"e{number}"}],
    }
    lake.append(SYSTEM, rows)
    return subject


def told(walk: Walker, scope: str = SCOPES) -> object:
    return walk.launched(scope, person=walk.person("Müller")).get("encounter")


def test_patient_who_is_not_here__has_no_encounter_in_context(walk: Walker) -> None:
    assert told(walk) is None


def test_app_that_did_not_ask__is_not_told(walk: Walker, hospital: Lake) -> None:
    stay(hospital, 901)
    assert told(walk, "launch/patient patient/*.rs") is None


@pytest.mark.parametrize(
    "second, expected",
    [
        ({"part_of_id": 901}, "e901"),
        ({"status": "finished"}, "e901"),
        ({"status": "planned"}, "e901"),
        ({}, None),
    ],
    ids=["a part of the first", "over", "to come", "two at once"],
)
def test_two_encounters__one_is_told_only_when_there_is_no_choice(
    walk: Walker, hospital: Lake, second: dict[str, Any], expected: str | None
) -> None:
    stay(hospital, 901)
    stay(hospital, 902, **second)
    assert told(walk) == expected


def test_encounter_that_another_system_handed_over__is_the_one_in_context(
    walk: Walker, hospital: Lake
) -> None:
    stay(hospital, 901)
    subject = stay(hospital, 902)
    token = next(one.value for one in walk.client.cookies.jar if one.value)
    hospital.apps.openings.put(token, Opening("north", subject, 902))
    assert told(walk) == "e902"


def test_app_opened_from_the_patient_s_page__is_told(walk: Walker, hospital: Lake) -> None:
    stay(hospital, 901)
    url, scopes = "https://app.example/launch", "launch patient/*.rs"
    hospital.apps.registry.add(App("near", "Near", (BACK,), scopes, launch=url))
    person = walk.person("Müller")
    sent = walk.client.post(f"/api/patients/{person}/apps/near", headers=OURS).json()["address"]
    word = sent.partition("launch=")[2]
    walk.app = "near"
    back = walk.decide(walk.query(scopes, launch=word))
    assert walk.redeem(back["code"]).json()["encounter"] == "e901"


def test_question__says_that_the_app_learns_of_the_visit(walk: Walker) -> None:
    query = walk.query("launch/encounter user/Patient.rs")
    asked = walk.client.post("/api/apps/asked", json={"query": query}, headers=OURS).json()
    assert "know which visit is going on" in asked["may"]
    assert asked["wants_patient"]
