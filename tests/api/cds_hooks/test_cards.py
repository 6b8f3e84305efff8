"""Cards out of the lake, out of what the caller sends, and out of both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.cds_hooks.conftest import bundle, fluorouracil, hook, vital
from tests.api.client import TestClient
from tests.api.conftest import Hands
from vitruvian.criteria.engines.alone.explain import can_answer
from vitruvian.guides import guides
from vitruvian.guides.alerts import AlertShelf
from vitruvian.guides.alerts.page import NamedCount

VIEW = "/cds-services/guidelines-patient-view"
SIGN = "/cds-services/guidelines-order-sign"
SELECT = "/cds-services/guidelines-order-select"
Sign = Callable[..., dict[str, str]]
Json = dict[str, Any]


def call(client: TestClient, signed: Sign, path: str, body: Json) -> Json:
    found = client.post(path, json=body, headers=signed(path))
    assert found.status_code == 200, found.text
    answer: Json = found.json()
    return answer


def about(answer: Json, guide: str) -> list[Json]:
    return [card for card in answer["cards"] if card["source"]["topic"]["code"] == guide]


def test_every_guideline__can_be_asked_without_the_engine() -> None:
    """An overlay lies over the rows in memory; SQL would not see it."""
    assert all(can_answer(guide.plan) for guide in guides())


def test_discovery__names_the_four_hooks(client: TestClient) -> None:
    found = client.get("/cds-services").json()["services"]
    hooks = {each["hook"] for each in found}
    assert hooks == {"patient-view", "encounter-start", "order-select", "order-sign"}
    assert all(each["description"] and each["prefetch"] for each in found)


def test_patient_view__answers_from_the_stored_record(client: TestClient, signed: Sign) -> None:
    (card,) = about(call(client, signed, VIEW, hook("patient-view")), "lynch_reflex")
    assert card["indicator"] == "info"
    assert len(card["summary"]) < 140
    assert card["source"]["label"] == "NICE DG27, 2017"
    assert card["overrideReasons"][0]["display"]
    assert card["links"][0]["type"] == "absolute"
    assert "Taken as absent" in card["detail"]
    assert "newest fact" in card["detail"]
    order = card["suggestions"][0]["actions"][0]["resource"]
    assert (order["resourceType"], order["status"]) == ("ServiceRequest", "draft")


def test_answer__holds_no_null_and_nothing_empty(client: TestClient, signed: Sign) -> None:
    def bare(value: Any) -> bool:
        if isinstance(value, dict):
            return not value or any(bare(each) for each in value.values())
        if isinstance(value, list):
            return not value or any(bare(each) for each in value)
        return value in (None, "")

    cards = call(client, signed, VIEW, hook("patient-view"))["cards"]
    assert cards != []
    assert not any(bare(card) for card in cards)


def test_without_an_active_alert__no_card_interrupts(client: TestClient, signed: Sign) -> None:
    body = hook("order-sign", context={"draftOrders": bundle(fluorouracil())})
    (card,) = call(client, signed, SIGN, body)["cards"]
    assert card["indicator"] == "info"
    assert "Shown without interrupting" in card["detail"]


@pytest.mark.usefixtures("loud")
def test_draft_order__is_a_fact_that_would_hold(client: TestClient, signed: Sign) -> None:
    body = hook("order-sign", context={"draftOrders": bundle(fluorouracil())})
    (card,) = call(client, signed, SIGN, body)["cards"]
    assert "test first" in card["summary"]
    assert card["indicator"] == "warning"
    # and it is stored nowhere
    assert about(call(client, signed, VIEW, hook("patient-view")), "dpyd") == []


def test_order_that_no_guideline_speaks_of__has_no_card(client: TestClient, signed: Sign) -> None:
    other = fluorouracil(medicationCodeableConcept={"coding": [{"system": "x", "code": "1"}]})
    context = {"draftOrders": bundle(other), "selections": ["MedicationRequest/draft-1"]}
    assert call(client, signed, SELECT, hook("order-select", context=context)) == {"cards": []}


@pytest.mark.usefixtures("loud")
def test_prefetch_and_lake__are_used_together_and_the_difference_is_told(
    client: TestClient, signed: Sign
) -> None:
    vitals = [
        vital("9279-1", 26, "/min"),
        vital("59408-5", 90, "%"),
        vital("8480-6", 88, "mm[Hg]"),
        vital("8867-4", 135, "/min"),
        vital("8310-5", 38.5, "Cel"),
    ]
    body = hook("patient-view", prefetch={"observations": bundle(*vitals)})
    (card,) = about(call(client, signed, VIEW, body), "news2")
    assert card["indicator"] == "critical"
    assert "5 facts of your request are not stored here" in card["detail"]


def test_prefetch_in_another_unit__is_converted(client: TestClient, signed: Sign) -> None:
    before = vital("2160-0", 1.0, "mg/dL") | {"effectiveDateTime": "2024-05-09T11:30:00Z"}
    now = vital("2160-0", 3.2, "mg/dL")
    body = hook("patient-view", prefetch={"observations": bundle(before, now)})
    (card,) = about(call(client, signed, VIEW, body), "kdigo_aki")
    assert "stage 3" in card["summary"]


def test_outcome_in_prefetch__is_survived_and_said(client: TestClient, signed: Sign) -> None:
    failed = {"resourceType": "OperationOutcome", "issue": [{"severity": "error"}]}
    body = hook("patient-view", prefetch={"observations": failed, "patient": None})
    (card,) = about(call(client, signed, VIEW, body), "lynch_reflex")
    assert "Your system could not read: observations" in card["detail"]


def test_patient_not_stored__is_answered_from_prefetch_alone(
    client: TestClient, signed: Sign
) -> None:
    cancer = {
        "resourceType": "Condition",
        "id": "c9",
        "recordedDate": "2024-05-01T08:00:00Z",
        "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "C18.2"}]},
    }
    lynch = {
        "resourceType": "Condition",
        "id": "c8",
        "recordedDate": "2024-05-01T08:00:00Z",
        "verificationStatus": {"coding": [{"code": "refuted"}]},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716318002"}]},
    }
    context = {"patientId": "elsewhere"}
    body = hook("patient-view", context=context, prefetch={"conditions": bundle(cancer, lynch)})
    (card,) = about(call(client, signed, VIEW, body), "lynch_reflex")
    assert "only your data count" in card["detail"]


def test_same_card__is_not_said_twice_to_the_same_user_within_hours(
    client: TestClient, signed: Sign, clock: Hands
) -> None:
    first = call(client, signed, VIEW, hook("patient-view"))
    again = call(client, signed, VIEW, hook("patient-view"))
    assert again == {"cards": [], "extension": {"repeated": len(first["cards"])}}
    other = hook("patient-view", context={"userId": "Practitioner/other"})
    assert len(call(client, signed, VIEW, other)["cards"]) == len(first["cards"])
    clock.later(hours=9)
    assert len(call(client, signed, VIEW, hook("patient-view"))["cards"]) == len(first["cards"])


def test_feedback__is_kept_and_counted(client: TestClient, signed: Sign, loud: AlertShelf) -> None:
    (card,) = about(call(client, signed, VIEW, hook("patient-view")), "lynch_reflex")
    path = f"{VIEW}/feedback"
    at = "2024-05-10T12:01:00Z"
    override = {"reason": {"code": "done", "system": "x"}, "userComment": "seen"}
    told = [
        {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": at}
        | {"overrideReason": override},
        {"card": "unknown", "outcome": "overridden", "outcomeTimestamp": at},
    ]
    found = client.post(path, json={"feedback": told}, headers=signed(path))
    assert found.json() == {"kept": 2, "known": 1}
    found = client.app.state.cds_memory.overrides(loud.get("lynch_reflex").rule)  # type: ignore[attr-defined]
    assert (found.shown, found.answered, found.overridden.hits) == (1, 1, 1)
    assert found.reasons == [NamedCount("done", 1)]


def test_answer_changed_later__counts_as_the_last_one(
    client: TestClient, signed: Sign, loud: AlertShelf
) -> None:
    (card,) = about(call(client, signed, VIEW, hook("patient-view")), "lynch_reflex")
    path, at = f"{VIEW}/feedback", "2024-05-10T12:01:00Z"
    basic = {"card": card["uuid"], "outcomeTimestamp": at}
    taken = {"outcome": "accepted", "acceptedSuggestions": [{"id": "s"}]}
    for said in ({"outcome": "overridden"}, taken):
        client.post(path, json={"feedback": [basic | said]}, headers=signed(path))
    found = client.app.state.cds_memory.overrides(loud.get("lynch_reflex").rule)  # type: ignore[attr-defined]
    assert (found.shown, found.overridden.hits) == (1, 0)
