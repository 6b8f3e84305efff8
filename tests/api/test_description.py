"""The committed description is the one the server gives, and the server keeps to it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.client import TestClient
from vitruvian.api.describe import description

COMMITTED = Path(__file__).resolve().parents[2] / "web" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(description())
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
ENDS_THE_SESSION = {"/api/sign-in", "/api/sign-out", "/api/password"}
ASKED = [
    (method, path)
    for path, methods in DOCUMENT["paths"].items()
    for method in methods
    if path not in ENDS_THE_SESSION
]


def test_description__equals_the_committed_file() -> None:
    again = "run: python -m vitruvian.api.describe web/openapi.json"
    assert COMMITTED.read_text("utf-8") == description(), again


def test_description__names_no_server() -> None:
    assert "servers" not in DOCUMENT


def expected(method: str, path: str, *, status: int) -> dict[str, Any] | None:
    """The described schema of one answer; None where it has no JSON body."""
    answers = DOCUMENT["paths"][path][method]["responses"]
    assert str(status) in answers, f"{method} {path} answers an undescribed {status}"
    content = answers[str(status)].get("content", {}).get("application/json")
    return None if content is None else content["schema"] | {"components": DOCUMENT["components"]}


@pytest.mark.parametrize("method, path", ASKED)
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_route__answers_any_request_as_described(
    rossi: TestClient, method: str, path: str, data: st.DataObject
) -> None:
    case = data.draw(SCHEMA[path][method.upper()].as_strategy())
    answer = rossi.request(
        method.upper(),
        case.formatted_path,
        params=case.query,
        json=case.body if isinstance(case.body, dict) else None,
    )
    schema = expected(method, path, status=answer.status_code)
    assert answer.status_code < 500
    if schema is not None:
        jsonschema_rs.validate(schema, answer.json())


@pytest.mark.parametrize(
    "path",
    [
        "/api/worklist",
        "/api/patients/{person_id}/picture",
        "/api/patients/{person_id}/timeline",
        "/api/patients/{person_id}/new",
        "/api/patients/{person_id}/notes/{note_id}",
        "/api/patients/{person_id}/series",
        "/api/about",
        "/health",
    ],
)
def test_route__answers_about_a_patient_as_described(rossi: TestClient, path: str) -> None:
    address = path.format(person_id="1", note_id="700")
    answer = rossi.get(address, params={"code": "LOINC//2823-3", "unit": "mmol/L"})
    schema = expected("get", path, status=200)
    assert answer.status_code == 200
    assert schema is not None
    jsonschema_rs.validate(schema, answer.json())
