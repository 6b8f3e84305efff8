"""The list and page of guidelines, and how many patients get which answer; refusals first."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import FIRST, PASSWORD, SECOND, Hands
from tests.picture.rows import at, event
from vitruvian.guides import manifests
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

Json = dict[str, Any]
ROUTES = ("", "/qtc", "/qtc/population")


def tracing(subject: int, first: int, *, qt: float) -> list[Json]:
    """An electrocardiogram at 60 a minute, where the corrected QT is the measured one."""
    when = {"time": at("2024-05-10T08:00"), "known_at": at("2024-05-10T08:00")}
    read = {
        "LOINC//8634-8": {"numeric_value": qt, "unit": "ms"},
        "LOINC//8867-4": {"numeric_value": 60.0, "unit": "/min"},
        "LOINC//8633-0": {"numeric_value": 90.0, "unit": "ms"},
        "SNOMED//64730000": {},
    }
    said = [
        event(code, event_id=first + n, subject_id=subject, **values, **when)
        for n, (code, values) in enumerate(read.items())
    ]
    born = {"time": at("1950-06-01"), "known_at": at("2024-01-01")}
    birth = event("MEDS_BIRTH", event_id=first + 8, subject_id=subject, **born)
    sex = event("GENDER//female", event_id=first + 9, subject_id=subject, **born)
    return [*said, birth, sex]


@pytest.fixture
def traced(lake: Lake, rossi: TestClient) -> TestClient:
    """Anna's QTc is 520 ms, Bruno's chart holds a pulse only."""
    lake.append(SYSTEM, {"event": tracing(FIRST, 9000, qt=520.0)})
    return rossi


def counted(client: TestClient, guide: str, query: str = "") -> Json:
    """The count when all are asked."""
    found: Json = {"finished": False}
    while not found["finished"]:
        found = client.get(f"/api/guides/{guide}/population{query}").json()
    return found


def by_answer(found: Json) -> dict[str, int | None]:
    return {row["answer"] or row["kind"]: row["patients"] for row in found["rows"]}


@pytest.mark.parametrize("route", ROUTES)
def test_guidelines__asked_by_nobody_are_refused(route: str, anonymous: TestClient) -> None:
    assert anonymous.get(f"/api/guides{route}").status_code == 401


@pytest.mark.parametrize("route", ["/nothing", "/nothing/population"])
def test_unknown_guideline__is_not_found_and_the_known_are_named(
    route: str, rossi: TestClient
) -> None:
    refused = rossi.get(f"/api/guides{route}")
    assert refused.status_code == 404
    assert "qtc" in refused.json()["detail"]


def test_name_that_is_no_folder__is_refused(rossi: TestClient) -> None:
    assert rossi.get("/api/guides/..%2Fqtc").status_code in {404, 422}
    assert rossi.get("/api/guides/QTC").status_code == 422


def test_list__holds_every_guideline_and_the_retired_last(rossi: TestClient) -> None:
    found = rossi.get("/api/guides").json()
    assert {line["name"] for line in found} == set(manifests())
    retired = [line["state"] == "retired" for line in found]
    assert retired == sorted(retired)


def test_past_its_review_date__a_guideline_is_listed_as_silent(
    rossi: TestClient, clock: Hands
) -> None:
    before = {line["name"]: line for line in rossi.get("/api/guides").json()}
    assert before["qtc"]["state"] == "active"
    clock.later(days=365 * 10)
    signed = {"name": "rossi", "password": PASSWORD}
    assert rossi.post("/api/sign-in", json=signed).status_code == 200
    after = {line["name"]: line for line in rossi.get("/api/guides").json()}
    assert after["qtc"]["state"] == "silent"


@pytest.mark.parametrize("name", sorted(manifests()))
def test_page__cites_a_source_at_every_criterion_and_answer(name: str, rossi: TestClient) -> None:
    page = rossi.get(f"/api/guides/{name}").json()
    assert all(each["says"] and each["cite"] for each in [*page["criteria"], *page["answers"]])
    assert all(page[each] for each in ("intended_use", "population", "exclusions", "hazard"))
    answers = {row["answer"] for row in page["answers"]}
    assert {case["answer"] for case in page["cases"]} - {""} == answers
    said = {each["says"] for each in page["criteria"]}
    assert {case["clause"] for case in page["cases"]} <= said


def test_page__names_the_older_edition_after_the_newest(rossi: TestClient) -> None:
    names = [
        [line["name"] for line in rossi.get(f"/api/guides/{one}").json()["editions"]]
        for one in ("hcm_risk_scd", "hcm_risk_scd_2014")
    ]
    assert names == [["hcm_risk_scd", "hcm_risk_scd_2014"]] * 2


def test_population__counts_each_answer_and_what_is_open(traced: TestClient) -> None:
    found = counted(traced, "qtc")
    assert (found["asked"], found["done"], found["floor"]) == (2, 2, 0)
    counts = by_answer(found)
    assert counts["very long"] == 1
    assert sum(filter(None, counts.values())) == 2


def test_population__equals_what_each_patient_is_told(traced: TestClient) -> None:
    told = []
    for person in (FIRST, SECOND):
        cards = traced.get(f"/api/patients/{person}/guides").json()["cards"]
        (card,) = [one for one in cards if one["name"] == "qtc"]
        told.append(card["answer"] or card["status"])
    counts = by_answer(counted(traced, "qtc"))
    assert {name: number for name, number in counts.items() if number} == {
        name: told.count(name) for name in told
    }


def test_population__as_known_then_does_not_see_what_came_later(traced: TestClient) -> None:
    before = counted(traced, "qtc", "?known_at=2024-05-10T07:59:00Z")
    assert by_answer(before)["very long"] == 0


def test_population__is_counted_anew_when_the_lake_has_changed(
    lake: Lake, traced: TestClient, clock: Hands
) -> None:
    assert by_answer(counted(traced, "qtc"))["very long"] == 1
    lake.append(SYSTEM, {"event": tracing(SECOND, 9100, qt=530.0)})
    clock.later(minutes=1)
    assert by_answer(counted(traced, "qtc"))["very long"] == 2


def test_small_counts__are_withheld_from_a_role_that_sees_counts_only(
    lake: Lake, traced: TestClient
) -> None:
    lake.accounts.create("okafor", display_name="Dr Okafor", role="researcher")
    traced.cookies.clear()
    traced.cookies.set("vitruvian_session", lake.accounts.open_session("okafor").token)
    found = counted(traced, "qtc")
    assert (found["asked"], found["floor"]) == (None, 10)
    assert set(by_answer(found).values()) <= {0, None}
    assert {each["patients"] for each in found["missing"]} <= {None}


def test_population__leaves_one_audit_row_with_the_count_and_names_nobody(
    lake: Lake, traced: TestClient
) -> None:
    before = len(lake.audit.rows())
    counted(traced, "qtc")
    rows = lake.audit.rows()[before:]
    assert {row.deed.subjects for row in rows} == {()}
    assert any("guide qtc (of 2 subjects)" in row.deed.definition for row in rows)
