"""Refusals first: who may not come in, on every route, in one shape."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

import vitruvian.api
from tests.api.client import TestClient
from tests.api.conftest import OURS, PASSWORD, Hands
from vitruvian.lake import Lake

OPEN = {"/health", "/metrics", "/api/sign-in", "/api/sign-in/provider"}
# Ways to sign in, by another record system: each has refusals of its own.
OPEN |= {"/api/launch", "/api/launch/answered", "/api/launch/link"}
SHAPE = {"problem", "title", "detail", "status", "request_id"}
BODIES = {
    "/api/patients/search": {"text": "quux"},
    "/api/patients/{person_id}/search": {"text": "potassium"},
    "/api/password": {"password": PASSWORD},
}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of every route of the interface."""
    for path, methods in app.openapi()["paths"].items():
        for method in methods:
            yield method.upper(), path


FILLED = {"note_id": "700", "event_id": "41", "tag": "7FE00010"}


def filled(path: str) -> str:
    """The address with something in each place; where nothing fits better it is 1."""
    return re.sub(r"\{(\w+)[^}]*\}", lambda place: FILLED.get(place[1], "1"), path)


def query(path: str) -> dict[str, str]:
    return {"code": "LOINC//2823-3"} if path.endswith("/series") else {}


def closed(client: TestClient) -> list[tuple[str, str]]:
    app = client.app
    assert isinstance(app, FastAPI)
    return [(method, path) for method, path in routes(app) if path not in OPEN]


def test_anonymous__is_refused_on_every_route_that_shows_or_changes_anything(
    anonymous: TestClient,
) -> None:
    asked = closed(anonymous)
    assert len(asked) >= 14
    for method, path in asked:
        answer = anonymous.request(
            method, filled(path), headers=OURS, json=BODIES.get(path), params=query(path)
        )
        assert (path, answer.status_code) == (path, 401)
        assert answer.json()["problem"] == "nobody-signed-in"


def test_every_change__needs_the_header_that_only_our_page_sends(rossi: TestClient) -> None:
    del rossi.headers["X-Vitruvian"]
    changes = [(m, p) for m, p in [*closed(rossi), ("POST", "/api/sign-in")] if m != "GET"]
    assert len(changes) >= 6
    for method, path in changes:
        answer = rossi.request(method, filled(path), json=BODIES.get(path))
        assert (path, answer.status_code) == (path, 403)
        assert answer.json()["problem"] == "missing-header"


def test_every_refusal__has_one_shape_and_the_id_of_its_log_line(anonymous: TestClient) -> None:
    for method, path in closed(anonymous):
        answer = anonymous.request(method, filled(path), headers=OURS, params=query(path))
        body = answer.json()
        assert set(body) == SHAPE
        assert body["status"] == answer.status_code
        assert body["request_id"] == answer.headers["x-request-id"]


def test_foreign_host__is_not_answered(anonymous: TestClient) -> None:
    answer = anonymous.get("/api/session", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["problem"]) == (403, "unknown-host")


@pytest.mark.parametrize("path", ["/api/nothing", "/api", "/api/patients/1/nothing"])
def test_unknown_address__is_a_problem_not_a_page(rossi: TestClient, path: str) -> None:
    answer = rossi.get(path)
    assert (answer.status_code, answer.json()["problem"]) == (404, "no-such-page")


def test_wrong_method__has_the_one_shape(rossi: TestClient) -> None:
    answer = rossi.delete("/api/session")
    assert answer.status_code == 405
    assert set(answer.json()) == SHAPE


@pytest.mark.parametrize(
    "path",
    [
        "/api/patients/999/picture",
        "/api/patients/999/timeline",
        "/api/patients/99999999999999999999/picture",
        "/api/patients/1/notes/999",
        "/api/events/999/trace",
    ],
)
def test_unknown_id__is_not_found_or_invalid(rossi: TestClient, path: str) -> None:
    answer = rossi.get(path)
    assert answer.status_code in (404, 422)
    assert set(answer.json()) == SHAPE


@pytest.mark.parametrize(
    "path, body",
    [
        ("/api/sign-in", {"name": "rossi", "password": "Zaphod-Secret", "extra": "Beeblebrox"}),
        ("/api/patients/search", {"text": ["Zaphod"], "limit": "Beeblebrox"}),
        ("/api/patients/search", {"text": "Zaphod" * 100}),
        ("/api/patients/search", {"text": "a", "Zaphod Beeblebrox": 1}),
        ("/api/patients/1/search", {"text": 7, "known_at": "Zaphod Beeblebrox"}),
    ],
)
def test_invalid_request__names_fields_and_never_repeats_what_was_sent(
    rossi: TestClient, path: str, body: dict[str, object]
) -> None:
    answer = rossi.post(path, json=body)
    assert (answer.status_code, answer.json()["problem"]) == (422, "invalid-request")
    assert "Zaphod" not in answer.text
    assert "Beeblebrox" not in answer.text


def test_naive_moment__is_invalid_because_its_zone_is_unknown(rossi: TestClient) -> None:
    answer = rossi.get("/api/patients/1/picture", params={"known_at": "2024-05-01T12:00:00"})
    assert answer.status_code == 422


def test_unforeseen_failure__tells_nothing_but_its_id(
    rossi: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError(broken.__name__, "Anna Quux")

    monkeypatch.setattr("vitruvian.api.routes.patient.routes.build_picture", broken)
    answer = rossi.get("/api/patients/1/picture")
    assert (answer.status_code, answer.json()["problem"]) == (500, "unforeseen")
    assert "Quux" not in answer.text


def test_wrong_password__is_refused_and_after_too_many_nobody_is_heard(
    anonymous: TestClient,
) -> None:
    wrong = {"name": "rossi", "password": "not-the-password"}
    first = anonymous.post("/api/sign-in", json=wrong, headers=OURS)
    assert (first.status_code, first.json()["problem"]) == (401, "wrong-password")
    statuses = {
        anonymous.post("/api/sign-in", json=wrong, headers=OURS).status_code for _ in range(6)
    }
    assert 429 in statuses
    right = {"name": "rossi", "password": PASSWORD}
    assert anonymous.post("/api/sign-in", json=right, headers=OURS).status_code == 429


def test_guessed_links__from_one_machine_are_refused_after_twenty(
    anonymous: TestClient, clock: Hands
) -> None:
    def guess(token: str) -> int:
        answer = anonymous.post("/api/sign-in", json={"token": token}, headers=OURS)
        return int(answer.status_code)

    assert {guess(f"guess-{n}") for n in range(20)} == {401}
    assert guess("guess-20") == 429
    clock.later(minutes=6)
    assert guess("guess-21") == 401


def test_link__signs_in_once(anonymous: TestClient, lake: Lake) -> None:
    token = {"token": lake.accounts.sign_in_link("rossi")}
    assert anonymous.post("/api/sign-in", json=token, headers=OURS).status_code == 200
    assert anonymous.post("/api/sign-in", json=token, headers=OURS).status_code == 401


def test_idle_session__ends(rossi: TestClient, clock: Hands) -> None:
    assert rossi.get("/api/session").status_code == 200
    clock.later(hours=2)
    assert rossi.get("/api/session").status_code == 401


def test_sign_out__ends_the_session_also_for_who_kept_its_cookie(rossi: TestClient) -> None:
    kept = rossi.cookies["vitruvian_session"]
    assert rossi.post("/api/sign-out").status_code == 204
    rossi.cookies.clear()
    rossi.cookies.set("vitruvian_session", kept)
    assert rossi.get("/api/session").status_code == 401


def test_new_password__ends_other_sessions_and_keeps_this_one(
    rossi: TestClient, lake: Lake
) -> None:
    elsewhere = lake.accounts.open_session("rossi").token
    answer = rossi.post("/api/password", json={"password": "another-good-passphrase-8"})
    assert answer.status_code == 200
    assert lake.accounts.session(elsewhere) is None
    assert rossi.get("/api/session").json()["name"] == "rossi"


def test_cookie__is_out_of_reach_of_scripts_and_other_sites(anonymous: TestClient) -> None:
    signed = {"name": "rossi", "password": PASSWORD}
    cookie = anonymous.post("/api/sign-in", json=signed, headers=OURS).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie


def test_every_route__is_described_but_those_that_a_standard_describes() -> None:
    folder = Path(vitruvian.api.__file__).parent
    kept_out = {
        str(path.relative_to(folder).parent)
        for path in folder.rglob("*.py")
        if "include_in_schema=False" in path.read_text("utf-8")
    }
    standards = {"routes/fhir", "routes/fhir/exporting", "routes/fhir/writing", "routes/smart"}
    # A browser is sent there: files and redirects.
    pages = {"routes/sign_in", "routes/launch", "routes", "."}
    assert kept_out == standards | {"routes/cds_hooks"} | pages
