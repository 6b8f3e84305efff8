"""Headers, size and the sign that only our own page gives, over every route and page there is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from tests.api.client import TestClient
from tests.api.conftest import OURS, PASSWORD
from tests.api.test_refusals import filled, routes
from vitruvian.api import Settings, create_app
from vitruvian.api.guard.bodies import MIB
from vitruvian.lake import Lake

PAGES = ["/", "/patients/1", "/smart/allow", "/sign-in", "/index.html", "/a/../b", "/nowhere"]
STRICT = {
    "default-src": "'self'",
    "script-src": "'self'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
    "connect-src": "'self'",
}
OWN_SIGN = ("/api", "/fhir")


@pytest.fixture
def built(lake: Lake, tmp_path: Path) -> Iterator[TestClient]:
    """Encrypted, with pages that are built."""
    static = tmp_path / "static"
    for folder in ("assets", "workstation"):
        (static / folder).mkdir(parents=True)
        (static / folder / "index.html").write_text("<p>page</p>", "utf-8")
    (static / "assets" / "a1.js").write_text("1", "utf-8")
    (static / "index.html").write_text("<p>page</p>", "utf-8")
    app = create_app(lake, settings=Settings(static=static))
    with TestClient(app, base_url="https://127.0.0.1") as client:
        yield client


def every(client: TestClient) -> list[tuple[str, str]]:
    app = client.app
    assert isinstance(app, FastAPI)
    pages = [("GET", page) for page in [*PAGES, "/workstation/", "/assets/a1.js", "/api/none"]]
    return [*((method, filled(path)) for method, path in routes(app)), *pages]


def policy(said: str) -> dict[str, str]:
    parts = [part.strip().partition(" ") for part in said.split(";")]
    return {name: words for name, _, words in parts}


def test_every_answer__carries_a_strict_policy_and_encryption_from_now_on(
    built: TestClient,
) -> None:
    asked = every(built)
    assert len(asked) > 60
    for method, path in asked:
        headers = built.request(method, path, headers=OURS, follow_redirects=False).headers
        said = policy(headers["content-security-policy"])
        wanted = (
            STRICT
            if not path.startswith("/workstation")
            else STRICT | {"script-src": "'self' 'unsafe-eval'"}
        )
        assert {name: said[name] for name in STRICT} == wanted, path
        assert "'unsafe-inline'" not in said["script-src"], path
        assert headers["x-content-type-options"] == "nosniff", path
        assert headers["strict-transport-security"], path
        assert headers["x-request-id"], path


def test_encryption_from_now_on__is_not_said_in_the_clear(anonymous: TestClient) -> None:
    assert "strict-transport-security" not in anonymous.get("/health").headers


def test_what_is_not_a_file_of_the_pages__is_kept_by_no_cache(built: TestClient) -> None:
    for method, path in every(built):
        headers = built.request(method, path, headers=OURS, follow_redirects=False).headers
        said = headers.get("cache-control", "")
        if path.startswith(("/api", "/fhir", "/cds-services")):
            assert "no-store" in said, path
    assert "immutable" in built.get("/assets/a1.js").headers["cache-control"]


def test_every_cookie__is_for_encrypted_connections_our_site_and_no_script(
    built: TestClient,
) -> None:
    signed = {"name": "rossi", "password": PASSWORD}
    set_cookies = built.post("/api/sign-in", json=signed, headers=OURS).headers.get_list(
        "set-cookie"
    )
    assert len(set_cookies) == 1
    words = {word.strip().lower() for word in set_cookies[0].split(";")[1:]}
    assert {"secure", "httponly", "samesite=strict", "path=/"} <= words


def test_every_change_by_cookie__needs_the_header_that_no_other_site_can_send(
    built: TestClient,
) -> None:
    signed = {"name": "rossi", "password": PASSWORD}
    assert built.post("/api/sign-in", json=signed, headers=OURS).status_code == 200
    assert isinstance(built.app, FastAPI)
    changes = [
        (method, path)
        for method, path in routes(built.app)
        if method not in {"GET", "HEAD"}
        and path.startswith(OWN_SIGN)
        and not path.endswith("/_search")
    ]
    assert len(changes) > 20
    for method, path in changes:
        refused = built.request(method, filled(path))
        assert refused.status_code == 403, (method, path)
        assert "X-Vitruvian: 1" in refused.text, (method, path)


class Endless:
    """A body that says nothing of its length."""

    def __init__(self, megabytes: int) -> None:
        self.taken = 0
        self._left = megabytes

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(self._left):
            self.taken += 1
            yield b" " * MIB


def test_every_change__that_is_too_large_by_its_own_word_is_refused_unread(
    built: TestClient,
) -> None:
    assert isinstance(built.app, FastAPI)
    for method, path in routes(built.app):
        if method in {"GET", "HEAD"}:
            continue
        headers = OURS | {"content-length": str(1 << 40)}
        refused = built.request(method, filled(path), headers=headers, content=b"{}")
        assert refused.status_code == 413, (method, path)
        assert "request-too-large" in refused.text, (method, path)


@pytest.mark.parametrize("path", ["/api/patients/search", "/api/sign-in", "/cds-services/x"])
def test_body_of_unknown_length__is_taken_in_up_to_the_bound_only(
    path: str, built: TestClient
) -> None:
    refused = built.post(path, headers=OURS, content=iter(Endless(10)))
    assert (refused.status_code, refused.json()["problem"]) == (413, "request-too-large")


def test_body_within_its_bound__arrives_whole(built: TestClient) -> None:
    signed = f'{{"name": "rossi",{" " * (MIB - 100)}"password": "{PASSWORD}"}}'
    pieces = (signed[at : at + 70_000].encode() for at in range(0, len(signed), 70_000))
    assert built.post("/api/sign-in", headers=OURS, content=pieces).status_code == 422
    headers = OURS | {"content-type": "application/json"}
    assert built.post("/api/sign-in", headers=headers, content=signed).status_code == 200
