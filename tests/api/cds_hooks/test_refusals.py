"""Who is not answered, and what is not understood."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.api.cds_hooks.conftest import hook
from tests.api.client import TestClient

VIEW = "/cds-services/guidelines-patient-view"
Sign = Callable[..., dict[str, str]]


def test_request_without_a_token__is_refused(client: TestClient) -> None:
    assert client.post(VIEW, json=hook("patient-view")).status_code == 401


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://stranger.example/"},
        {"aud": "http://127.0.0.1/cds-services/guidelines-order-sign"},
        {"exp": 1_000},
        {"exp": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"jti": ""},
    ],
)
def test_token_with_a_wrong_claim__is_refused(
    client: TestClient, signed: Sign, claims: dict[str, Any]
) -> None:
    headers = signed(VIEW, **claims)
    assert client.post(VIEW, json=hook("patient-view"), headers=headers).status_code == 401


def test_token_of_another_key__is_refused(client: TestClient, signed: Sign) -> None:
    from joserfc.jwk import ECKey  # noqa: PLC0415 - skipped in conftest where absent

    other = ECKey.generate_key("P-384", parameters={"kid": "k1", "alg": "ES384"})
    headers = signed(VIEW, by=other)
    assert client.post(VIEW, json=hook("patient-view"), headers=headers).status_code == 401


def test_token_signed_by_nobody__is_refused(client: TestClient, signed: Sign) -> None:
    head, body, _ = signed(VIEW)["Authorization"].split(".")
    headers = {"Authorization": f"{head}.{body}."}
    assert client.post(VIEW, json=hook("patient-view"), headers=headers).status_code == 401


def test_token_sent_twice__is_refused_the_second_time(client: TestClient, signed: Sign) -> None:
    headers = signed(VIEW)
    assert client.post(VIEW, json=hook("patient-view"), headers=headers).status_code == 200
    assert client.post(VIEW, json=hook("patient-view"), headers=headers).status_code == 409


def test_service_that_nobody_made__is_not_found(client: TestClient, signed: Sign) -> None:
    path = "/cds-services/oracle"
    assert client.post(path, json=hook("x"), headers=signed(path)).status_code == 404


def test_hook_of_another_service__is_refused(client: TestClient, signed: Sign) -> None:
    found = client.post(VIEW, json=hook("order-sign"), headers=signed(VIEW))
    assert (found.status_code, found.json()["problem"]) == (400, "bad-hook-request")


@pytest.mark.parametrize("lacking", ["userId", "patientId"])
def test_context_that_lacks_an_id__is_refused(
    client: TestClient, signed: Sign, lacking: str
) -> None:
    body = hook("patient-view", context={lacking: ""})
    assert client.post(VIEW, json=body, headers=signed(VIEW)).status_code == 400


def test_patient_nobody_knows_without_data__fails_the_precondition(
    client: TestClient, signed: Sign
) -> None:
    body = hook("patient-view", context={"patientId": "nobody"})
    assert client.post(VIEW, json=body, headers=signed(VIEW)).status_code == 412


def test_feedback_without_an_outcome__is_refused(client: TestClient, signed: Sign) -> None:
    path = f"{VIEW}/feedback"
    body = {"feedback": [{"card": "x"}]}
    assert client.post(path, json=body, headers=signed(path)).status_code == 400
