"""Review over the web: refusals, the queue, one fact in its note, verdicts kept with their author."""

from __future__ import annotations

import pytest

from tests.api.client import TestClient
from tests.api.conftest import FIRST, SECOND
from tests.derive.lakes import note
from vitruvian.derive import derive
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

pytest.importorskip("ahocorasick_rs", reason="extractors need the text libraries")
pytest.importorskip("re2", reason="extractors need the text libraries")


@pytest.fixture
def read(lake: Lake) -> Lake:
    """The lake with a note, read."""
    lake.append(SYSTEM, {"note": [note("No fever. Possible pneumonia.", subject=FIRST)]})
    derive(lake, access=SYSTEM, only=["problems"])
    return lake


@pytest.mark.parametrize("path", ["queue", "standing", "facts/1"])
def test_review__without_signing_in_is_refused(anonymous: TestClient, path: str) -> None:
    assert anonymous.get(f"/api/review/{path}").status_code == 401


def test_verdict__on_an_unknown_fact_is_refused(rossi: TestClient, read: Lake) -> None:
    refused = rossi.post("/api/review/facts/7/verdict", json={"answer": "accept"})
    assert (refused.status_code, refused.json()["problem"]) == (404, "not-to-review")


def test_verdict__with_a_field_that_cannot_be_corrected_is_refused(
    rossi: TestClient, read: Lake
) -> None:
    event = rossi.get("/api/review/queue").json()["items"][0]["event_id"]
    body = {"answer": "correct", "said": {"subject_id": 2}}
    assert rossi.post(f"/api/review/facts/{event}/verdict", json=body).status_code == 422
    assert rossi.get("/api/review/standing").json()["judged"] == 0


def test_correction__is_kept_under_the_readers_name_and_hidden_while_judging(
    rossi: TestClient, read: Lake
) -> None:
    items = rossi.get("/api/review/queue").json()["items"]
    assert [one["label"] for one in items] == ["Pneumonia", "Fever"]
    event = items[1]["event_id"]
    body = {"answer": "correct", "said": {"polarity": "affirmed"}}
    assert rossi.post(f"/api/review/facts/{event}/verdict", json=body).status_code == 204
    fact = rossi.get(f"/api/review/facts/{event}").json()
    assert fact["about"]["polarity"] == "negated"
    assert [one["label"] for one in fact["facts"]] == ["Pneumonia"]
    shown = rossi.get(f"/api/patients/{FIRST}/notes/{fact['note_id']}/facts").json()
    assert {one["label"]: one["polarity"] for one in shown["facts"]}["Fever"] == "affirmed"
    readers = rossi.get("/api/review/standing").json()["readers"]
    assert [(one["reader"], one["verdicts"]) for one in readers] == [("rossi", 1)]


def test_note__under_another_patient_is_not_found(rossi: TestClient, read: Lake) -> None:
    event = rossi.get("/api/review/queue").json()["items"][0]["event_id"]
    number = rossi.get(f"/api/review/facts/{event}").json()["note_id"]
    assert rossi.get(f"/api/patients/{SECOND}/notes/{number}/facts").status_code == 404
