"""Alerts over HTTP: refusals first, then the walk from a draft to a retired alert."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.client import TestClient
from tests.api.conftest import FIRST
from tests.api.test_guides import tracing
from tests.picture.rows import at, lineage
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

Json = dict[str, Any]
NEW = {"name": "long_qt", "guide": "qtc", "answers": ["very long"]}


@pytest.fixture
def traced(lake: Lake, rossi: TestClient) -> TestClient:
    """Anna's QTc is 520 ms."""
    lake.append(SYSTEM, {"event": tracing(FIRST, 9000, qt=520.0)})
    return rossi


@pytest.fixture
def drafted(traced: TestClient) -> TestClient:
    assert traced.post("/api/alerts", json=NEW).status_code == 201
    return traced


def tried(client: TestClient, **said: object) -> Json:
    """The alert when its trial is done."""
    found: Json = {"finished": False}
    while not found["finished"]:
        answer = client.post("/api/alerts/long_qt/trial", json=said)
        assert answer.status_code == 200, answer.text
        found = answer.json()
    page: Json = found["alert"]
    return page


def moved(client: TestClient, state: str, **said: str) -> Any:
    return client.post("/api/alerts/long_qt/state", json={"state": state} | said)


@pytest.mark.parametrize("path", ["", "/choices"])
def test_alerts__asked_by_nobody_are_refused(path: str, anonymous: TestClient) -> None:
    assert anonymous.get(f"/api/alerts{path}").status_code == 401


@pytest.mark.parametrize("path", ["", "/choices"])
def test_role_that_sees_counts_only__sees_no_alerts(
    path: str, lake: Lake, rossi: TestClient
) -> None:
    lake.accounts.create("okafor", display_name="Dr Okafor", role="researcher")
    rossi.cookies.clear()
    rossi.cookies.set("vitruvian_session", lake.accounts.open_session("okafor").token)
    assert rossi.get(f"/api/alerts{path}").status_code == 403
    assert rossi.post("/api/alerts", json=NEW).status_code == 403


@pytest.mark.parametrize(
    "said, status",
    [
        ({"name": "Long QT"}, 422),
        ({"answers": ["nothing"]}, 422),
        ({"guide": "qsofa", "answers": []}, 422),
        ({"guide": "nothing", "answers": []}, 404),
        ({"quiet_hours": -1}, 422),
    ],
)
def test_draft_that_cannot_be__is_refused(said: Json, status: int, rossi: TestClient) -> None:
    assert rossi.post("/api/alerts", json=NEW | said).status_code == status
    assert rossi.get("/api/alerts").json() == []


def test_second_draft_of_a_name__is_a_conflict(drafted: TestClient) -> None:
    assert drafted.post("/api/alerts", json=NEW).status_code == 409


def test_unknown_alert__is_not_found(rossi: TestClient) -> None:
    assert rossi.post("/api/alerts/nothing/trial", json={}).status_code == 404


def test_active__without_a_trial_or_an_owner_is_refused(drafted: TestClient) -> None:
    refused = moved(drafted, "active", owner="Dr Rossi")
    assert (refused.status_code, "no silent trial" in refused.text) == (409, True)
    tried(drafted)
    refused = moved(drafted, "active")
    assert (refused.status_code, "nobody answers" in refused.text) == (409, True)


def test_outcome_that_is_no_definition__is_refused_with_its_line(drafted: TestClient) -> None:
    refused = drafted.post("/api/alerts/long_qt/trial", json={"outcome": "trigger: ["})
    assert refused.status_code == 422


def test_choices__name_answers_that_can_fire_and_no_guideline_that_must_not(
    rossi: TestClient,
) -> None:
    found = rossi.get("/api/alerts/choices").json()
    guides = {each["guide"]: each["answers"] for each in found["guides"]}
    assert "qsofa" not in guides
    assert {"answer": "very long", "loud": True} in guides["qtc"]
    assert found["outcomes"][0]["title"] == "Death"
    assert found["owner"] == "rossi"


def test_walk__from_draft_to_retired_leaves_a_receipt(drafted: TestClient, lake: Lake) -> None:
    before = len(lake.audit.rows())
    outcome = drafted.get("/api/alerts/choices").json()["outcomes"][0]["text"]
    page = tried(drafted, outcome=outcome, within_hours=48)
    trial = page["trial"]
    assert (trial["fires"], trial["patients_fired"], trial["current"]) == (1, 1, True)
    assert trial["days"] == [{"day": "2024-05-10", "fires": 1}]
    # the stretch ends with the last fact, so the two days after the alert are not over
    assert (trial["judged"]["ppv"]["of"], trial["judged"]["open"]) == (0, 1)
    rows = lake.audit.rows()[before:]
    assert {row.deed.subjects for row in rows} == {()}
    assert any("trial of alert long_qt (of 2 subjects)" in row.deed.definition for row in rows)

    page = moved(drafted, "active", owner="Dr Rossi").json()
    assert (page["speaks"], page["owner"], page["next"]) == (
        True,
        "Dr Rossi",
        ["silent", "retired"],
    )
    assert moved(drafted, "retired").status_code == 409
    page = moved(drafted, "retired", why="overridden too often").json()
    assert (page["state"], page["why"], page["next"]) == ("retired", "overridden too often", [])
    assert [step["by"] for step in page["steps"]] == ["rossi"] * 3
    assert drafted.get("/api/alerts").json() == [page]


def test_live_rows__are_counted_by_day(drafted: TestClient, lake: Lake) -> None:
    assert drafted.get("/api/alerts").json()[0]["live"]["days"] == []
    row = {
        "alert_id": 1,
        "subject_id": FIRST,
        "name": "long_qt",
        "guide": "qtc",
        "edition": "1",
        "fingerprint": "f",
        "state": "silent",
        "answer": "very long",
        "fired_at": at("2024-05-10T23:59"),
        "facts": [1],
    }
    lake.append(SYSTEM, {"alert": [row | lineage(known_at=at("2024-05-10T11:00"))]})
    live = drafted.get("/api/alerts").json()[0]["live"]
    assert (live["silent"], live["active"], live["patients"]) == (1, 0, 1)
    assert live["days"] == [{"day": "2024-05-10", "fires": 1}]
