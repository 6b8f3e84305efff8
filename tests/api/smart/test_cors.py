"""Pages of declared apps may read answers in the browser, and no other site's may."""

from __future__ import annotations

import pytest

from tests.api.smart.conftest import Walker
from vitruvian.lake.apps.registry import App

THEIRS = "https://app.example"
ASKS = {"access-control-request-method": "GET", "access-control-request-headers": "authorization"}
STRANGERS = (
    "https://evil.example",
    "http://app.example",
    "https://app.example:8443",
    "https://app.example.evil.example",
    "https://sub.app.example",
    "HTTPS://APP.EXAMPLE",
    "null",
    "",
)


@pytest.mark.parametrize("origin", STRANGERS)
def test_stranger__is_told_nothing(walk: Walker, origin: str) -> None:
    for path in ("/fhir/metadata", "/.well-known/smart-configuration"):
        answer = walk.client.get(path, headers={"origin": origin})
        assert "access-control-allow-origin" not in answer.headers
        assert "origin" in answer.headers["vary"].lower()
    asked = walk.client.options("/fhir/Patient", headers={"origin": origin} | ASKS)
    assert "access-control-allow-origin" not in asked.headers
    assert "access-control-allow-methods" not in asked.headers


@pytest.mark.parametrize("path", ["/api/session", "/api/apps", "/sign-in", "/", "/oauth/authorize"])
def test_app__reads_only_the_interfaces_for_apps(walk: Walker, path: str) -> None:
    answer = walk.client.get(path, headers={"origin": THEIRS})
    assert "access-control-allow-origin" not in answer.headers


def test_app__never_comes_with_the_persons_cookies(walk: Walker) -> None:
    answer = walk.client.get("/fhir/metadata", headers={"origin": THEIRS})
    assert answer.headers["access-control-allow-origin"] == THEIRS
    assert "access-control-allow-credentials" not in answer.headers
    asked = walk.client.options("/fhir/Patient", headers={"origin": THEIRS} | ASKS)
    assert "access-control-allow-credentials" not in asked.headers


def test_app__that_was_removed_reads_no_more(walk: Walker) -> None:
    walk.lake.apps.registry.remove("growth")
    answer = walk.client.get("/fhir/metadata", headers={"origin": THEIRS})
    assert "access-control-allow-origin" not in answer.headers


def test_app__asks_first_and_then_reads(walk: Walker) -> None:
    asked = walk.client.options("/fhir/Patient", headers={"origin": THEIRS} | ASKS)
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == THEIRS
    assert "authorization" in asked.headers["access-control-allow-headers"]
    assert "x-content-type-options" in asked.headers
    given = walk.launched("user/Patient.rs")["access_token"]
    headers = {"origin": THEIRS, "authorization": f"Bearer {given}"}
    read = walk.client.get("/fhir/Patient/anna", headers=headers)
    assert (read.status_code, read.headers["access-control-allow-origin"]) == (200, THEIRS)
    # A refusal can be read too, so that an app knows why.
    refused = walk.client.get("/fhir/Observation", headers=headers)
    assert refused.status_code == 403
    assert refused.headers["access-control-allow-origin"] == THEIRS


def test_origin__is_written_as_a_browser_writes_it(walk: Walker) -> None:
    back = ("https://Ecg.Example:443/back", "http://127.0.0.1:8080/back")
    app = App("ecg", "ECG", redirects=back, scopes="patient/*.rs")
    walk.lake.apps.registry.add(app)
    for origin in ("https://ecg.example", "http://127.0.0.1:8080"):
        answer = walk.client.get("/fhir/metadata", headers={"origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
