"""Somebody signs in by an identity provider: another program, in a process of its own."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from tests.api.client import TestClient
from tests.api.conftest import ORIGIN, OURS
from tests.lakes import empty_lake
from vitruvian.api import create_app
from vitruvian.api.routes.sign_in.provider import (
    BadProvider,
    Provider,
    account_named,
    new_attempt,
    provider_of,
    way_to,
)
from vitruvian.api.routes.sign_in.vouching import NotVouchedFor, fault_of
from vitruvian.base.clock import system_clock
from vitruvian.lake import Lake

PEOPLE = {"7001": {"account": "rossi"}, "7002": {"account": "nobody-here"}, "7003": {}}


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """The provider's address, once it answers."""
    if find_spec("oidc_provider_mock") is None:
        pytest.skip("oidc-provider-mock is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    people = [json.dumps({"sub": sub, **claims}) for sub, claims in PEOPLE.items()]
    words = [word for one in people for word in ("--user-claims", one)]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *words]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                try:
                    httpx.get(f"{address}/.well-known/openid-configuration")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield address
        finally:
            process.terminate()


@pytest.fixture
def lake(tmp_path: Path, issuer: str) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake") as made:
        made.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
        declare(made, issuer=issuer)
        yield made


def declare(lake: Lake, **said: str) -> None:
    secret = lake.path / "secret"
    secret.write_text("an-agreed-word\n", "utf-8")
    words = {"title": "Hospital account", "client_id": "vitruvian", "claim": "account"} | said
    words["secret_file"] = str(secret)
    lines = [f"{name} = {json.dumps(value)}" for name, value in words.items()]
    (lake.path / "sign_in.toml").write_text("\n".join(["[provider]", *lines]), "utf-8")


@pytest.fixture
def browser(lake: Lake) -> Iterator[TestClient]:
    with TestClient(create_app(lake), base_url=ORIGIN, follow_redirects=False) as client:
        yield client


def vouched(browser: TestClient, sub: str, *, then: str = "/cohorts") -> str:
    """There and to the provider's answer: the address the browser is sent back to."""
    away = browser.get("/sign-in/with-provider", params={"then": then})
    assert away.status_code == 303, away.text
    answer = httpx.post(away.headers["location"], data={"sub": sub})
    assert answer.status_code in {302, 303}, answer.text
    return str(answer.headers["location"])


def signed_in(browser: TestClient) -> bool:
    return bool(browser.get("/api/session").status_code == 200)


def test_answer__of_another_browser_signs_nobody_in(browser: TestClient, lake: Lake) -> None:
    back = vouched(browser, "7001")
    with TestClient(create_app(lake), base_url=ORIGIN, follow_redirects=False) as other:
        assert other.get(back).status_code == 401
        assert not signed_in(other)
    browser.cookies.clear()
    assert browser.get(back).status_code == 401


def test_answer__is_taken_once(browser: TestClient) -> None:
    back = vouched(browser, "7001")
    cookie = dict(browser.cookies)
    answer = browser.get(back)
    assert answer.status_code == 303, answer.text
    browser.cookies.clear()
    browser.cookies.update(cookie)
    assert browser.get(back).status_code == 401


@pytest.mark.parametrize("sub", ["7002", "7003"])
def test_person__without_an_account_here_stays_outside(browser: TestClient, sub: str) -> None:
    answer = browser.get(vouched(browser, sub))
    assert answer.status_code == 401
    assert "nobody-here" not in answer.text
    assert not signed_in(browser)


def test_answer__without_a_code_or_of_another_provider(browser: TestClient) -> None:
    back = vouched(browser, "7001")
    state = dict(parse_qsl(urlsplit(back).query))["state"]
    assert browser.get(f"/sign-in/answered?state={state}&error=access_denied").status_code == 401
    again = vouched(browser, "7001")
    assert browser.get(f"{again}&iss=https://other.example").status_code == 401
    assert browser.get("/sign-in/answered?state=&code=x").status_code == 401


def test_provider__that_calls_itself_otherwise_is_not_asked(
    browser: TestClient, lake: Lake, issuer: str
) -> None:
    declare(lake, issuer=issuer.replace("127.0.0.1", "localhost") + "/")
    assert browser.get("/sign-in/with-provider").status_code in {401, 503}
    declare(lake, issuer="http://10.0.0.1")
    assert browser.get("/sign-in/with-provider").status_code == 503


def test_code__of_another_attempt_is_refused(browser: TestClient, lake: Lake) -> None:
    declared = provider_of(lake.path)
    assert declared is not None
    attempt = new_attempt(back=f"{ORIGIN}/sign-in/answered", then="/")
    answer = httpx.post(way_to(declared, attempt), data={"sub": "7001"})
    code = dict(parse_qsl(urlsplit(answer.headers["location"]).query))["code"]
    other = replace(attempt, nonce="another")
    with pytest.raises(NotVouchedFor):
        account_named(declared, other, code, now=system_clock())
    with pytest.raises(NotVouchedFor):  # and the code is spent
        account_named(declared, attempt, code, now=system_clock())
    assert not signed_in(browser)


def test_person__is_signed_in_as_the_account_that_the_claim_names(
    browser: TestClient, lake: Lake
) -> None:
    assert browser.get("/api/sign-in/provider").json() == {"title": "Hospital account"}
    answer = browser.get(vouched(browser, "7001"))
    assert (answer.status_code, answer.headers["location"]) == (303, "/cohorts")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    said = browser.get("/api/session").json()
    assert (said["name"], said["role"]) == ("rossi", "clinician")
    assert said["must_set_password"] is False  # it would outlive the account at the provider
    assert browser.post("/api/sign-out", headers=OURS).status_code == 204
    assert not signed_in(browser)


@pytest.mark.parametrize("then", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_person__is_sent_to_no_other_site(browser: TestClient, then: str) -> None:
    assert browser.get(vouched(browser, "7001", then=then)).headers["location"] == "/"


# ------------------------------------------------------------------ without a provider

GOOD: dict[str, Any] = {
    "iss": "https://idp.example",
    "aud": "vitruvian",
    "exp": 1_000,
    "iat": 900,
    "nonce": "n",
}
DECLARED = Provider(
    title="x", issuer="https://idp.example", client_id="vitruvian", claim="preferred_username"
)


@pytest.mark.parametrize(
    "said",
    [
        {"iss": "https://other.example"},
        {"aud": "other"},
        {"aud": ["vitruvian", "other"], "azp": "other"},
        {"exp": 900},
        {"exp": None},
        {"iat": 2_000},
        {"iat": None},
        {"nonce": "other"},
        {"nonce": None},
    ],
    ids=str,
)
def test_claims__that_do_not_fit(said: dict[str, Any]) -> None:
    assert fault_of(GOOD, DECLARED, nonce="n", now=950) == ""
    assert fault_of(GOOD | said, DECLARED, nonce="n", now=950)


def test_declaration__that_cannot_be_read_says_where(tmp_path: Path) -> None:
    assert provider_of(tmp_path) is None
    for text in ("[provider", "[provider]\ntitle='x'", "[provider]\nissuer='ftp://x'"):
        (tmp_path / "sign_in.toml").write_text(text, "utf-8")
        with pytest.raises(BadProvider):
            provider_of(tmp_path)


def test_page__without_a_provider_says_nothing_of_one(tmp_path: Path) -> None:
    with (
        empty_lake(tmp_path / "lake") as lake,
        TestClient(create_app(lake), base_url=ORIGIN, follow_redirects=False) as client,
    ):
        assert client.get("/api/sign-in/provider").json() == {"title": None}
        assert client.get("/sign-in/with-provider").headers["location"] == "/sign-in"
