"""The patient's own page: refused to everybody else, in plain words, and honest about looks."""

from __future__ import annotations

import pytest

from tests.trust.over_http.conftest import subject_of
from tests.trust.own_record.conftest import SignIn
from tests.trust.own_record.family import WAITING
from vitruvian.lake import Lake
from vitruvian.trust import Access, Deed

PAGES = ("known", "use")


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    "name, family",
    [
        ("greta", "Fremd"),
        ("greta", "Ossler-Berg"),
        ("parent", "Ohnegeburt"),
        ("parent", "Ossler"),
        ("lonely", "Ossler"),
        ("rossi", "Ossler"),
        ("stew", "Ossler"),
    ],
)
def test_page__is_nobodys_but_the_patients_and_who_speaks_for_the_child(
    name: str, family: str, page: str, home: Lake, sign_in: SignIn
) -> None:
    answer = sign_in(name).get(f"/api/my-record/{subject_of(home, family)}/{page}")
    assert (answer.status_code, answer.json()["problem"]) == (404, "no-such-record")


def test_list__names_own_record_and_child_with_the_day_it_ends(home: Lake, sign_in: SignIn) -> None:
    (own,) = sign_in("greta").get("/api/my-record").json()["records"]
    assert (own["relation"], own["name"], own["closes_on"]) == ("self", "Greta Ossler", None)
    (child,) = sign_in("parent").get("/api/my-record").json()["records"]
    assert (child["relation"], child["closes_on"]) == ("proxy", "2026-03-02")
    assert sign_in("rossi").get("/api/my-record").json() == {"records": []}


def test_known__is_in_sections_that_say_when_they_are_empty(home: Lake, sign_in: SignIn) -> None:
    answer = sign_in("greta").get(f"/api/my-record/{subject_of(home, 'Ossler')}/known")
    assert [word for word in WAITING if word in answer.text] == []
    sections = {one["key"]: one for one in answer.json()["sections"]}
    (result,) = sections["results"]["items"]
    assert (result["value"], result["when"]) == ("4.1 mmol/L", "2024-05-01T10:00:00Z")
    assert sections["genetics"]["items"] == sections["letters"]["items"] == []
    assert "Nobody has written down" in sections["allergies"]["empty"]


def test_waiting__says_the_same_whether_or_not_anything_waits(home: Lake, sign_in: SignIn) -> None:
    mine = sign_in("greta").get(f"/api/my-record/{subject_of(home, 'Ossler')}/known").json()
    child = subject_of(home, "Ossler-Berg")
    hers = sign_in("parent").get(f"/api/my-record/{child}/known").json()
    assert mine["waiting"] == hers["waiting"]


def test_looks__tell_who_when_and_why_from_the_audit(home: Lake, sign_in: SignIn) -> None:
    greta, zara = subject_of(home, "Ossler"), subject_of(home, "Fremd")
    doctor = sign_in("rossi")
    for person in (greta, greta, zara):
        assert doctor.get(f"/api/patients/{person}/picture").status_code == 200
    used = sign_in("greta").get(f"/api/my-record/{greta}/use").json()
    (look,) = [one for one in used["looks"] if one["role"] == "clinician"]
    assert (look["who"], look["why"], look["times"]) == ("Rossi", "to care for you", 2)
    rows = home.audit.rows(subject_id=greta)
    assert rows[-1].access.who == "greta"  # looking at the looks is a look


def test_names__give_way_to_roles_where_the_policy_says_so(home: Lake, sign_in: SignIn) -> None:
    path = home.path / "policy.toml"
    path.write_text(path.read_text().replace("names_staff = true", "names_staff = false"))
    greta = subject_of(home, "Ossler")
    sign_in("rossi").get(f"/api/patients/{greta}/picture")
    used = sign_in("greta").get(f"/api/my-record/{greta}/use")
    assert "A clinician of this hospital" in used.text
    assert "Rossi" not in used.text


def test_consents_and_studies__are_told_in_words(home: Lake, sign_in: SignIn) -> None:
    used = sign_in("greta").get(f"/api/my-record/{subject_of(home, 'Ossler')}/use").json()
    answers = {one["purpose"]: one["answer"] for one in used["agreed"]}
    assert answers == {
        "treatment": "not-asked",
        "research": "allowed",
        "quality": "not-asked",
        "operations": "no-consent-needed",
    }
    (study,) = used["studies"]
    assert (study["study"], study["title"]) == ("heart", "Heart and time")


def test_what_left__names_exports_of_the_patient_and_maybe_of_all(
    home: Lake, sign_in: SignIn
) -> None:
    greta, zara = subject_of(home, "Ossler"), subject_of(home, "Fremd")
    access = Access("hearty", "researcher", "research", project="heart", operation="export")
    for subjects, words in (((greta,), "own"), ((), "everybody"), ((zara,), "hers")):
        home.audit.record(access, Deed("export", subjects=subjects, definition=words))
    left = sign_in("greta").get(f"/api/my-record/{greta}/use").json()["left"]
    assert [(one["what"], one["certain"]) for one in left] == [("everybody", False), ("own", True)]


@pytest.mark.parametrize("name", ["greta", "parent", "hearty", "stew", "lonely"])
def test_release__is_refused_to_all_but_who_treats(name: str, home: Lake, sign_in: SignIn) -> None:
    page = f"/api/patients/{subject_of(home, 'Ossler')}/held"
    client = sign_in(name)
    assert client.get(page).status_code == 403
    assert client.post(page, json={"ids": ["1/0"]}).status_code == 403


def test_release__opens_what_was_released_and_nothing_else(home: Lake, sign_in: SignIn) -> None:
    greta = subject_of(home, "Ossler")
    page = f"/api/patients/{greta}/held"
    doctor = sign_in("rossi")
    held = doctor.get(page).json()["records"]
    assert {one["why"] for one in held} == {"genetic", "third-party", "letter", "marked", "refers"}
    (letter,) = [one for one in held if one["why"] == "letter"]
    assert doctor.post(page, json={"ids": ["5/0"]}).status_code == 404
    rest = doctor.post(page, json={"ids": letter["ids"]}).json()["records"]
    assert len(rest) == len(held) - 1
    patient = sign_in("greta")
    sections = patient.get(f"/api/my-record/{greta}/known").json()["sections"]
    (item,) = next(one["items"] for one in sections if one["key"] == "letters")
    text = patient.get(f"/api/patients/{greta}/notes/{item['note_id']}").text
    assert "ZLETTER" in text
    assert patient.get("/fhir/Observation/g1").status_code == 404
    kinds = [(row.access.who, row.deed.kind) for row in home.audit.rows(subject_id=greta)]
    assert ("rossi", "release") in kinds
