"""Cohorts and guidelines over HTTP: refusals first, then what a page needs."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.api.conftest import FIRST, OURS, SECOND
from tests.picture.rows import at, event
from tests.terms.releases.made import snomed
from vitruvian.criteria.cohorts.kept.saved import Shelf
from vitruvian.ingest.terminology import load_release
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

HIGH = """
predicates:
  diabetes: {code: SNOMED//44054006}
  potassium: {code: LOINC//2823-3, value_min: 6}
trigger: potassium
windows:
  before:
    start: null
    end: trigger
    start_inclusive: true
    end_inclusive: true
    has:
      diabetes: (1, None)
"""
ANYBODY = "predicates: {any: {code: {any: [LOINC//2823-3, LOINC//8867-4]}}}\ntrigger: any\n"
FORMS = [
    ("csv", "text/csv"),
    ("group", "application/fhir+json"),
    ("meds", "application/vnd.apache.parquet"),
]
PATIENTS_ONLY = ("patients", "why", "export")


@pytest.fixture
def counting(lake: Lake, rossi: TestClient) -> TestClient:
    """A client whose role sees counts only."""
    lake.accounts.create("okafor", display_name="Dr Okafor", role="researcher")
    rossi.cookies.clear()
    rossi.cookies.set("vitruvian_session", lake.accounts.open_session("okafor").token)
    return rossi


def test_session__says_whether_the_role_sees_patients_here(
    lake: Lake, counting: TestClient
) -> None:
    assert counting.get("/api/session").json()["sees_patients"] is False
    with closing(Shelf(lake.path)) as shelf:
        shelf.set_floor("researcher", least=0)
    assert counting.get("/api/session").json()["sees_patients"] is True
    counting.cookies.clear()
    counting.cookies.set("vitruvian_session", lake.accounts.open_session("rossi").token)
    assert counting.get("/api/session").json()["sees_patients"] is True


def body(route: str) -> dict[str, object]:
    more = {"why": {"person_id": str(FIRST)}, "export": {"form": "csv"}}
    return {"text": ANYBODY, **more.get(route, {})}


@pytest.mark.parametrize("route", ["check", "answer", *PATIENTS_ONLY, "compare", "saved", "codes"])
def test_cohort__asked_by_nobody_is_refused(route: str, anonymous: TestClient) -> None:
    assert anonymous.post(f"/api/cohorts/{route}", json={}, headers=OURS).status_code == 401


@pytest.mark.parametrize("route", PATIENTS_ONLY)
def test_patients__are_refused_to_a_role_that_sees_counts_only(
    route: str, counting: TestClient
) -> None:
    answer = counting.post(f"/api/cohorts/{route}", json=body(route), headers=OURS)
    assert (answer.status_code, answer.json()["problem"]) == (403, "only-counts")


def test_small_counts__are_withheld_from_a_role_that_sees_counts_only(
    counting: TestClient,
) -> None:
    answer = counting.post("/api/cohorts/answer", json={"text": ANYBODY}, headers=OURS).json()
    assert answer["persons"] == {"in_cohort": None, "unknown": 0}
    assert {step["persons"] for step in answer["steps"]} == {None}
    assert {bar["total"] for bar in answer["breakdown"]["sex"]} == {None}
    assert answer["floor"] == 10


def test_broken_definition__is_refused_with_its_line(rossi: TestClient) -> None:
    wrong = {"text": HIGH.replace("trigger: potassium", "trigger: potasium")}
    refused = rossi.post("/api/cohorts/answer", json=wrong, headers=OURS)
    assert refused.status_code == 422
    assert "Line 5" in refused.json()["detail"]
    told = rossi.post("/api/cohorts/check", json=wrong, headers=OURS).json()
    assert (told["complaint"]["line"], told["complaint"]["hint"]) == (
        5,
        "Did you mean `potassium`?",
    )


def test_code_with_descendants__is_refused_without_a_release_and_pinned_with_one(
    rossi: TestClient, lake: Lake, tmp_path: Path
) -> None:
    text = "predicates:\n  wide: {code: {with_descendants: SNOMED//111}}\ntrigger: wide\n"
    refused = rossi.post("/api/cohorts/answer", json={"text": text}, headers=OURS)
    assert refused.status_code == 422
    assert "Line 2" in refused.json()["detail"]
    assert "no terminology release" in refused.json()["detail"]
    load_release(lake, snomed(tmp_path / "release"), access=SYSTEM)
    answer = rossi.post("/api/cohorts/answer", json={"text": text}, headers=OURS).json()
    assert answer["persons"]["in_cohort"] == 0
    assert answer["descendants"] == [
        {"code": "SNOMED//111", "codes": 3, "releases": ["snomed 20250101"]}
    ]


def test_check__gives_text_and_elements_in_step(rossi: TestClient) -> None:
    first = rossi.post("/api/cohorts/check", json={"text": HIGH}, headers=OURS).json()
    first["document"]["predicates"]["potassium"]["value_min"] = 7
    asked = {"document": first["document"]}
    second = rossi.post("/api/cohorts/check", json=asked, headers=OURS).json()
    assert second["complaint"] is None
    assert "value_min: 7" in second["text"]
    assert second["document"] == first["document"]


def test_answer__counts_who_is_in_and_lists_them(rossi: TestClient) -> None:
    answer = rossi.post("/api/cohorts/answer", json={"text": ANYBODY}, headers=OURS).json()
    assert answer["persons"] == {"in_cohort": 2, "unknown": 0}
    assert {bar["name"]: bar["total"] for bar in answer["breakdown"]["sex"]} == {
        "female": 1,
        "male": 1,
    }
    page = {"text": ANYBODY, "limit": 1, "offset": 1}
    listed = rossi.post("/api/cohorts/patients", json=page, headers=OURS).json()
    assert (listed["total"], listed["patients"][0]["person_id"]) == (2, str(SECOND))


def test_answer__as_known_then_does_not_see_what_came_later(rossi: TestClient) -> None:
    early = {"text": ANYBODY, "known_at": "2024-05-01T00:30:00Z"}
    answer = rossi.post("/api/cohorts/answer", json=early, headers=OURS).json()
    assert answer["triggers"]["in_cohort"] < 3


def test_why__shows_the_facts_behind_a_line(rossi: TestClient) -> None:
    text = HIGH.replace("diabetes: (1", "potassium: (1")
    asked = {"text": text, "person_id": str(FIRST)}
    found = rossi.post("/api/cohorts/why", json=asked, headers=OURS).json()
    (trigger,) = found["triggers"]
    assert trigger["answer"] == "in"
    assert trigger["lines"][-1]["facts"][0]["event_id"] == "62"


def test_comparison__names_the_line_and_the_patients(rossi: TestClient) -> None:
    two = {"first": ANYBODY, "second": ANYBODY.replace("LOINC//2823-3, ", "")}
    found = rossi.post("/api/cohorts/compare", json=two, headers=OURS).json()
    (split,) = found["splits"]
    assert (split["first"], split["second"], split["line"]) == ("in", "no trigger", 2)
    assert [one["person_id"] for one in split["patients"]] == [str(FIRST)]


def test_comparison_of_two_moments__lists_whom_later_knowledge_changed(rossi: TestClient) -> None:
    two = {"first": ANYBODY, "second": ANYBODY, "first_known_at": "2000-01-01T00:00:00Z"}
    found = rossi.post("/api/cohorts/compare", json=two, headers=OURS).json()
    (split,) = found["splits"]
    assert (split["first"], split["second"]) == ("no trigger", "in")
    whom = {one["person_id"] for one in split["patients"]}
    assert whom == {str(FIRST), str(SECOND)}


def test_comparison_with_a_site_nobody_told_of__is_refused(rossi: TestClient) -> None:
    two = {"first": ANYBODY, "second": ANYBODY, "first_site": "nowhere"}
    refused = rossi.post("/api/cohorts/compare", json=two, headers=OURS)
    assert (refused.status_code, refused.json()["problem"]) == (422, "no-such-site")


def test_sites__asked_by_nobody_are_refused(anonymous: TestClient) -> None:
    assert anonymous.get("/api/cohorts/sites").status_code == 401


def test_sites__are_listed(rossi: TestClient, lake: Lake) -> None:
    assert rossi.get("/api/cohorts/sites").json() == {"sites": [lake.site]}


def test_saved__is_listed_for_its_owner_with_the_examples(rossi: TestClient) -> None:
    saving = {"name": "salt", "text": HIGH}
    assert rossi.post("/api/cohorts/saved", json=saving, headers=OURS).json()["version"] == 1
    listed = rossi.get("/api/cohorts/saved").json()
    assert [one["name"] for one in listed["saved"]] == ["salt"]
    assert len(listed["examples"]) == 3


@pytest.mark.parametrize("form, media", FORMS)
def test_export__comes_in_the_form_asked_for(form: str, media: str, rossi: TestClient) -> None:
    wish = {"text": ANYBODY, "form": form}
    answer = rossi.post("/api/cohorts/export", json=wish, headers=OURS)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media)


def test_codes__are_found_by_their_words(rossi: TestClient) -> None:
    found = rossi.post("/api/cohorts/codes", json={"text": "diab"}, headers=OURS).json()
    assert [one["code"] for one in found["codes"]] == ["SNOMED//44054006"]


def test_guides__of_an_unknown_patient_are_not_found(rossi: TestClient) -> None:
    assert rossi.get("/api/patients/77/guides").status_code == 404


def test_guides__say_what_is_missing_in_words_of_the_ward(rossi: TestClient) -> None:
    found = rossi.get(f"/api/patients/{FIRST}/guides").json()
    cards = {card["name"]: card for card in found["cards"]}
    assert set(cards) >= {"news2", "qtc", "kdigo_aki", "hcm_risk_scd"}
    news = cards["news2"]
    assert (news["status"], news["answer"]) == ("unknown", None)
    assert "respiratory rate" in news["missing"]
    assert news["criteria"][0]["cite"]


def test_guides__name_the_events_behind(lake: Lake, rossi: TestClient) -> None:
    told = {"time": at("2024-05-10T11:00"), "known_at": at("2024-05-10T11:00")}
    pulse = event("LOINC//8867-4", event_id=99, numeric_value=70.0, unit="/min", **told)
    lake.append(SYSTEM, {"event": [pulse]})
    found = rossi.get(f"/api/patients/{FIRST}/guides").json()
    (news,) = [card for card in found["cards"] if card["name"] == "news2"]
    behind = {fact["event_id"] for criterion in news["criteria"] for fact in criterion["facts"]}
    assert behind == {"99"}
    assert "pulse" not in news["missing"]


def test_guides__asked_about_the_past_do_not_see_what_came_later(
    lake: Lake, rossi: TestClient
) -> None:
    told = {"time": at("2024-05-10T11:00"), "known_at": at("2024-05-10T11:00")}
    pulse = event("LOINC//8867-4", event_id=99, numeric_value=70.0, unit="/min", **told)
    asked = "?known_at=2024-05-10T10:59:00Z"
    before = rossi.get(f"/api/patients/{FIRST}/guides{asked}").json()
    lake.append(SYSTEM, {"event": [pulse]})
    assert rossi.get(f"/api/patients/{FIRST}/guides{asked}").json() == before
