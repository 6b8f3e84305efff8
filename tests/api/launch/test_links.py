"""A record system without SMART opens this server by a signed link: once, soon, and as itself."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS, PASSWORD, Hands
from tests.api.launch.conftest import Json, declare, person, signed_in
from tests.api.launch.fake import b64, confused
from tests.api.launch.test_smart import expect_refused
from vitruvian.api import create_app
from vitruvian.lake import Lake

KEY = ECKey.generate_key("P-256", auto_kid=True)
ALGORITHM = "ES256"
TYPE = "context+jwt"


@pytest.fixture(autouse=True)
def keys(hospital: Lake, tmp_path: Path) -> Path:
    """The site declared the public key of its record system."""
    path = tmp_path / "north.jwks.json"
    path.write_text(json.dumps(KeySet([KEY]).as_dict(private=False)), "utf-8")
    declare(hospital, keys_file=str(path))
    return path


def claims(clock: Hands, **said: Any) -> Json:
    now = int(clock().timestamp())
    whole: Json = {
        "iss": "north",
        "aud": f"{ORIGIN}/open",
        "sub": "rossi",
        "patient": "A-1",
        "iat": now,
        "exp": now + 60,
        "jti": secrets.token_hex(8),
    } | said
    return {name: value for name, value in whole.items() if value is not None}


def link(clock: Hands, *, key: Any = KEY, typ: str | None = TYPE, **said: Any) -> str:
    header = {"alg": ALGORITHM, "kid": str(KEY.kid)} | ({"typ": typ} if typ else {})
    return jwt.encode(header, claims(clock, **said), key, algorithms=[ALGORITHM])


def used(browser: TestClient, token: str) -> Any:
    return browser.post("/api/launch/link", json={"token": token})


# ------------------------------------------------------------------ refused


UNFIT: list[Json] = [
    {"aud": "https://another.example/open"},
    {"aud": f"{ORIGIN}/oauth/token"},
    {"aud": None},
    {"aud": []},
    {"exp": 1_000, "iat": 970},
    {"exp": None},
    {"iat": None},
    {"exp": True},
    {"nbf": 99_999_999_999},
    {"jti": None},
    {"jti": ""},
    {"jti": "x" * 500},
    {"sub": None},
    {"sub": 7},
    {"patient": None},
    {"patient": ["A-1"]},
    {"encounter": {"id": "V-1"}},
]


def test_link__that_does_not_fit_opens_nothing(browser: TestClient, clock: Hands) -> None:
    for said in UNFIT:
        expect_refused(used(browser, link(clock, **said)), browser, "not-opened")


def test_link__that_holds_for_long_is_refused(browser: TestClient, clock: Hands) -> None:
    ends = int(clock().timestamp()) + 600
    expect_refused(used(browser, link(clock, exp=ends)), browser, "not-opened")


def test_link__that_expired_opens_nothing(browser: TestClient, clock: Hands) -> None:
    token = link(clock)
    clock.later(seconds=60)
    expect_refused(used(browser, token), browser, "not-opened")


def test_link__opens_once(browser: TestClient, clock: Hands) -> None:
    token = link(clock)
    assert used(browser, token).status_code == 200
    browser.cookies.clear()
    expect_refused(used(browser, token), browser, "not-opened")


def test_link__of_an_unknown_patient_is_spent_too(browser: TestClient, clock: Hands) -> None:
    token = link(clock, patient="A-404")
    expect_refused(used(browser, token), browser, "unknown-patient", 404)
    expect_refused(used(browser, token), browser, "not-opened")


KINDS: list[str | None] = [None, "JWT", "at+jwt"]


def test_token__of_another_kind_is_no_link(browser: TestClient, clock: Hands) -> None:
    for typ in KINDS:
        expect_refused(used(browser, link(clock, typ=typ)), browser, "not-opened")


def test_link__signed_by_nobody_or_somebody_else(browser: TestClient, clock: Hands) -> None:
    said = claims(clock)
    unsigned = f"{b64({'alg': 'none', 'typ': TYPE})}.{b64(said)}."
    stranger = link(clock, key=ECKey.generate_key("P-256", {"kid": str(KEY.kid)}))
    # The published key taken for a shared secret, in both forms in which it is published.
    shared = [
        confused({"alg": "HS256", "typ": TYPE, "kid": str(KEY.kid)}, said, secret)
        for secret in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode())
    ]
    whole = link(clock)
    header, body, seal = whole.split(".")
    altered = f"{header}.{b64(said | {'patient': 'B-2'})}.{seal}"
    for token in (unsigned, stranger, *shared, altered, whole[:-4], body, "", "a.b.c", "x" * 9_000):
        answer = used(browser, token)
        assert answer.status_code in {401, 422}, answer.text
        assert not signed_in(browser)


STRANGERS: list[Any] = ["south", "", None, "north ", 7]


def test_link__of_an_undeclared_system(browser: TestClient, clock: Hands) -> None:
    for iss in STRANGERS:
        expect_refused(used(browser, link(clock, iss=iss)), browser, "unknown-system")


def test_link__for_a_user_who_is_unknown(browser: TestClient, clock: Hands) -> None:
    expect_refused(used(browser, link(clock, sub="nobody")), browser, "unknown-user")


def test_link__exchanges_nobody_who_is_signed_in(
    browser: TestClient, clock: Hands, hospital: Lake
) -> None:
    hospital.accounts.create("holt", display_name="Dr Holt", role="clinician")
    hospital.accounts.set_password("holt", password=PASSWORD)
    signed = {"name": "holt", "password": PASSWORD}
    assert browser.post("/api/sign-in", json=signed).status_code == 200
    token = link(clock)
    answer = used(browser, token)
    assert (answer.status_code, answer.json()["problem"]) == (409, "other-account")
    assert browser.get("/api/session").json()["name"] == "holt"
    assert browser.post("/api/sign-out").status_code == 204
    assert used(browser, token).status_code == 200  # it was not spent on the refusal


NO_KEYS: list[str] = ["", "{", "[]", '{"keys": []}', '{"keys": [7]}', "private"]


def test_keys__that_cannot_be_used_open_nothing(
    browser: TestClient, clock: Hands, keys: Path
) -> None:
    for text in NO_KEYS:
        whole = json.dumps(KeySet([KEY]).as_dict(private=True))
        keys.write_text(whole if text == "private" else text, "utf-8")
        answer = used(browser, link(clock))
        assert (answer.status_code, answer.json()["problem"]) == (422, "bad-ehr-file")
        assert str(keys) not in answer.text
        assert not signed_in(browser)


def test_form__is_for_one_browser_and_once(
    browser: TestClient, clock: Hands, hospital: Lake
) -> None:
    posted = browser.post("/open", data={"token": link(clock)})
    assert posted.status_code == 303
    held = posted.headers["location"].partition("#held=")[2]
    with TestClient(create_app(hospital), base_url=ORIGIN, headers=OURS) as other:
        expect_refused(other.post("/api/launch/link", json={"held": held}), other, "not-opened")
    assert browser.post("/api/launch/link", json={"held": held}).status_code == 200
    browser.cookies.clear()
    expect_refused(browser.post("/api/launch/link", json={"held": held}), browser, "not-opened")


def test_form__that_is_too_large_or_twice_is_refused(browser: TestClient) -> None:
    assert browser.post("/open", data={"token": "x" * 70_000}).status_code in {400, 413}
    twice = browser.post(
        "/open",
        content="token=a&token=b",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert twice.status_code == 400
    assert browser.post("/open", json={"token": "a"}).status_code == 400


# ------------------------------------------------------------------ opened


def test_link__lands_on_the_patient_as_the_account(
    browser: TestClient, clock: Hands, hospital: Lake
) -> None:
    posted = browser.post("/open", data={"token": link(clock, encounter="V-1")})
    # Nothing of the link stands in an address.
    assert posted.headers["location"].startswith("/open#held=")
    assert "A-1" not in posted.headers["location"]
    assert posted.headers["cache-control"] == "no-store"
    held = posted.headers["location"].partition("#held=")[2]
    answer = browser.post("/api/launch/link", json={"held": held})
    assert answer.status_code == 200, answer.text
    assert browser.get("/api/session").json()["name"] == "rossi"
    assert answer.json()["person_id"] == person(hospital, browser, "Müller")
    context = browser.get("/api/context").json()["context"]
    assert (context["ehr"], context["known"]) == ("North Hospital", True)
    assert context["encounter"] is not None


def test_link__opens_again_for_the_next_patient(browser: TestClient, clock: Hands) -> None:
    first = used(browser, link(clock)).json()["person_id"]
    second = used(browser, link(clock, patient="B-2")).json()["person_id"]
    assert first != second
    assert browser.get("/api/context").json()["context"]["person_id"] == second
