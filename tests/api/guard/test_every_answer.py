"""Every route that answers leaves its row in the audit."""

from __future__ import annotations

from fastapi import FastAPI

from tests.api.client import TestClient
from tests.api.test_refusals import BODIES, filled, query, routes
from tests.api.watched import watched
from vitruvian.lake import Lake

OTHERS = ("/fhir/Patient", "/fhir/Observation?code=2823-3", "/fhir/Encounter", "/cds-services")

ENDS_THE_SESSION = {"/api/sign-out", "/api/password"}


def test_every_route__that_answers_is_written_down(rossi: TestClient, lake: Lake) -> None:
    assert isinstance(rossi.app, FastAPI)
    asked = [one for one in routes(rossi.app) if one[1] not in ENDS_THE_SESSION]
    with watched(rossi, lake):
        answers = [
            rossi.request(method, filled(path), json=BODIES.get(path), params=query(path))
            for method, path in asked
        ]
        answers += [rossi.get(path) for path in OTHERS]
    assert sum(answer.is_success for answer in answers) > 25
