"""Every route that answers leaves its row in the audit: the client looks for it, in every test."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from tests.api.client import TestClient
from tests.api.test_refusals import BODIES, filled, query, routes
from vitruvian.lake.audit import Audit

OTHERS = ("/fhir/Patient", "/fhir/Observation?code=2823-3", "/fhir/Encounter", "/cds-services")

ENDS_THE_SESSION = {"/api/sign-out", "/api/password"}


def test_every_route__that_answers_is_written_down(rossi: TestClient) -> None:
    assert isinstance(rossi.app, FastAPI)
    asked = [one for one in routes(rossi.app) if one[1] not in ENDS_THE_SESSION]
    answers = [
        rossi.request(method, filled(path), json=BODIES.get(path), params=query(path))
        for method, path in asked
    ]
    answers += [rossi.get(path) for path in OTHERS]
    assert sum(answer.is_success for answer in answers) > 25


def test_answer_without_a_row__is_seen_by_the_client(
    rossi: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Audit, "record", lambda *_: None)
    with pytest.raises(AssertionError, match="without a row in the audit: GET /api/worklist 200"):
        rossi.get("/api/worklist")
