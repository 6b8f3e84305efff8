"""Services that act with nobody signed in prove themselves by a key, and act as an account."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

from tests.api.conftest import ORIGIN, Hands
from tests.api.smart.conftest import Json, Walker
from vitruvian.api.routes.smart.proofs import fetching
from vitruvian.api.routes.smart.proofs.fetching import NotFetched, fetch_json, machine_of
from vitruvian.lake.apps.registry import App

TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
KEY = RSAKey.generate_key(2048, {"kid": "one"})
PUBLIC = dict(KeySet([KEY]).as_dict(private=False))


@pytest.fixture
def service(walk: Walker) -> Walker:
    walk.lake.accounts.create("nightly", display_name="Nightly", role="data steward")
    app = App(
        "etl",
        "Nightly load",
        scopes="system/*.rs",
        account="nightly",
        purpose="operations",
        keys=PUBLIC,
    )
    walk.lake.apps.registry.add(app)
    walk.client.cookies.clear()
    return walk


def assertion(clock: Hands, key: Any = KEY, **said: Any) -> str:
    now = int(clock().timestamp())
    claims = {
        "iss": "etl",
        "sub": "etl",
        "aud": f"{ORIGIN}/oauth/token",
        "exp": now + 240,
        "jti": f"n-{time.monotonic_ns()}",
    } | said
    alg = said.pop("alg", "RS384")
    header = {"alg": alg, "kid": "one", "typ": "JWT"} | said.pop("header", {})
    claims = {name: value for name, value in claims.items() if name not in {"alg", "header"}}
    return jwt.encode(header, claims, key, algorithms=[alg])


def asked(walk: Walker, text: str, *, scope: str = "system/Observation.rs") -> Any:
    form = {
        "grant_type": "client_credentials",
        "scope": scope,
        "client_assertion_type": TYPE,
        "client_assertion": text,
    }
    return walk.client.post("/oauth/token", data=form)


@pytest.mark.parametrize(
    "said",
    [
        {"key": RSAKey.generate_key(2048, {"kid": "one"})},
        {"alg": "RS256"},
        {"alg": "HS256", "key": "shared"},
        {"aud": "https://other.example/token"},
        {"aud": ORIGIN},
        {"iss": "nobody", "sub": "nobody"},
        {"sub": "somebody-else"},
        {"exp": 1_000_000_000},
        {"exp": 99_999_999_999},
        {"exp": None},
        {"jti": None},
        {"jti": "x" * 201},
        {"nbf": 99_999_999_999},
        {"header": {"jku": "https://evil.example/keys"}},
        {"header": {"kid": "unknown"}},
    ],
    ids=lambda said: " ".join(said) if "key" in said else str(said),
)
def test_assertion__does_not_fit(service: Walker, clock: Hands, said: Json) -> None:
    if said.get("key") == "shared":
        said = said | {"key": OctKey.generate_key(256)}
    answer = asked(service, assertion(clock, **said))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client"), answer.text


def test_assertion__a_second_time_is_refused(service: Walker, clock: Hands) -> None:
    text = assertion(clock)
    assert asked(service, text).status_code == 200
    assert asked(service, text).json()["error"] == "invalid_client"


def test_service__has_no_person_and_no_patient(service: Walker, clock: Hands) -> None:
    answer = asked(service, assertion(clock), scope="user/*.rs patient/*.rs offline_access")
    assert answer.json()["error"] == "invalid_scope"


def test_service__a_role_without_a_purpose_is_refused(service: Walker, clock: Hands) -> None:
    service.lake.apps.registry.remove("etl")
    app = App("etl", "x", scopes="system/*.rs", account="nightly", purpose="research", keys=PUBLIC)
    service.lake.apps.registry.add(app)
    answer = asked(service, assertion(clock))
    assert answer.json()["error"] == "unauthorized_client"


def test_service__reads_what_its_scope_and_role_let_it(service: Walker, clock: Hands) -> None:
    answer = asked(service, assertion(clock)).json()
    assert answer["expires_in"] == 300
    assert "refresh_token" not in answer
    found = service.get("/fhir/Observation", answer["access_token"]).json()
    assert found["total"] == 3
    assert service.get("/fhir/Patient", answer["access_token"]).status_code == 403
    last = service.lake.audit.rows()[-2].access
    assert (last.who, last.app, last.purpose) == ("nightly", "etl", "operations")


def test_service__elliptic_keys_do_as_well(service: Walker, clock: Hands) -> None:
    key = ECKey.generate_key("P-384", {"kid": "one"})
    public = dict(KeySet([key]).as_dict(private=False))
    service.lake.apps.registry.remove("etl")
    app = App("etl", "Nightly", scopes="system/*.rs", account="nightly", keys=public)
    service.lake.apps.registry.add(app)
    assert asked(service, assertion(clock, key, alg="ES384")).status_code == 200


# ------------------------------------------------------------------ keys at an address


@pytest.mark.parametrize(
    "address",
    [
        "http://keys.example/jwks",
        "file:///etc/passwd",
        "https://user@keys.example/jwks",
        "https://127.0.0.1/jwks",
        "https://localhost:9/jwks",
        "https://10.0.0.1/jwks",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/jwks",
        "https://[::ffff:127.0.0.1]/jwks",
    ],
)
def test_keys__are_fetched_from_public_machines_over_tls_only(address: str) -> None:
    with pytest.raises(NotFetched):
        fetch_json(address)


def test_keys__a_name_that_leads_inside_by_one_of_its_machines_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answers = [(2, 1, 6, "", ("93.184.216.34", 443)), (2, 1, 6, "", ("192.168.1.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answers)
    with pytest.raises(NotFetched):
        machine_of("keys.example", 443)


def test_keys__at_the_declared_address_are_fetched_once(
    service: Walker, clock: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []

    def fetch(address: str) -> Json:
        seen.append(address)
        return PUBLIC

    monkeypatch.setattr(fetching, "KEYS", fetching.Keys(fetch))
    service.lake.apps.registry.remove("etl")
    at = "https://etl.example/jwks"
    app = App("etl", "Nightly", scopes="system/*.rs", account="nightly", keys_at=at)
    service.lake.apps.registry.add(app)
    header = {"jku": at}
    assert asked(service, assertion(clock, header=header)).status_code == 200
    assert asked(service, assertion(clock)).status_code == 200
    assert seen == [at]


def test_assertions__of_two_at_once_one_is_taken(service: Walker) -> None:
    took: list[bool] = []
    use: Callable[[], None] = lambda: took.append(  # noqa: E731
        service.lake.apps.grants.use_assertion(app="etl", jti="same", expires=9_999_999_999)
    )
    threads = [threading.Thread(target=use) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(took) == [False] * 7 + [True]
