"""Whatever is sent to any route that the description names, the answer is no server error.

schemathesis makes requests out of the OpenAPI description: some that keep to it, most that do not.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.api.client import TestClient

schemathesis = pytest.importorskip(
    "schemathesis", reason="schemathesis is not installed: routes are not tried with its requests"
)

DESCRIPTION = Path(__file__).resolve().parents[3] / "web" / "openapi.json"
# Any: the description is JSON, and schemathesis ships loose types
WHOLE: Any = schemathesis.openapi.from_dict(json.loads(DESCRIPTION.read_text("utf-8")))
OPERATIONS: dict[str, Any] = {
    found.ok().label: found.ok() for found in WHOLE.get_all_operations() if found.ok()
}
# Signing out ends the session that the other requests need.
LEFT_OUT = ("sign-out",)
NAMES = [name for name in OPERATIONS if not any(word in name for word in LEFT_OUT)]


def calm(examples: int) -> settings:
    """Settings for slow examples that share a server."""
    return settings(
        max_examples=examples,
        deadline=None,
        phases=(Phase.generate,),
        database=None,
        suppress_health_check=list(HealthCheck),
    )


def try_route(name: str, client: TestClient, *, examples: int) -> int:
    """Send one operation that many requests; how many were answered."""
    seen = []

    @calm(examples)
    @given(case=OPERATIONS[name].as_strategy(), known=st.sampled_from(KNOWN_IDS))
    def send(case: Any, known: str | None) -> None:
        if known is not None:
            # Random ids find nobody: half of the requests ask about what is there.
            case.path_parameters = dict.fromkeys(case.path_parameters or {}, known)
        said = case.as_transport_kwargs(base_url="http://127.0.0.1")
        said["headers"] = {**dict(said.get("headers") or {}), **dict(client.headers)}
        answer = client.request(**{key: said[key] for key in KNOWN if key in said})
        seen.append(answer.status_code)
        assert answer.status_code < 500, (name, answer.status_code, answer.text[:500])

    send()
    return len(seen)


KNOWN_IDS = (None, None, None, "1", "2", "62", "700")
KNOWN = ("method", "url", "params", "headers", "json", "data", "files", "content")


@pytest.mark.parametrize("name", NAMES)
def test_route__never_fails_on_a_few_requests(name: str, rossi: TestClient) -> None:
    assert try_route(name, rossi, examples=4) > 0


@pytest.mark.torture
@pytest.mark.parametrize("name", NAMES)
def test_route__never_fails_on_many_requests(name: str, rossi: TestClient) -> None:
    assert try_route(name, rossi, examples=150) > 0


@pytest.mark.parametrize("name", NAMES)
def test_route__asked_by_nobody_is_refused_or_open(name: str, anonymous: TestClient) -> None:
    assert try_route(name, anonymous, examples=2) > 0
