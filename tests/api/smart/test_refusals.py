"""Whatever does not fit is refused: wrong addresses, proofs, tokens, and second uses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.api.conftest import ORIGIN, OURS, Hands
from tests.api.smart.conftest import BACK, VERIFIER, Walker, challenge_of
from vitruvian.lake.apps.registry import App

OBSERVATIONS = "launch/patient patient/Observation.rs"


def expect_refused(answer: Any, code: str, *, status: int = 400) -> None:
    assert (answer.status_code, answer.json()["error"]) == (status, code), answer.text
    assert "access_token" not in answer.text


# ------------------------------------------------------------------ at the authorize address


@pytest.mark.parametrize(
    "said",
    [
        {"client_id": "nobody"},
        {"redirect_uri": "https://evil.example/back"},
        {"redirect_uri": f"{BACK}/more"},
        {"redirect_uri": f"{BACK}?x=1"},
        {"redirect_uri": ""},
    ],
)
def test_authorize__an_undeclared_app_or_address_is_told_nothing(
    walk: Walker, said: dict[str, str]
) -> None:
    answer = walk.client.get(f"/oauth/authorize?{walk.query(OBSERVATIONS, **said)}")
    form = dict(parse_qsl(walk.query(OBSERVATIONS, **said)))
    for each in (answer, walk.client.post("/oauth/authorize", data=form)):
        assert each.status_code == 400
        assert "location" not in each.headers


def test_authorize__a_parameter_that_comes_twice_is_refused(walk: Walker) -> None:
    query = f"{walk.query(OBSERVATIONS)}&redirect_uri=https://evil.example"
    assert walk.client.get(f"/oauth/authorize?{query}").status_code == 400
    form = {"content-type": "application/x-www-form-urlencoded"}
    answer = walk.client.post("/oauth/authorize", content=query, headers=form)
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "said, error",
    [
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain", "code_challenge": VERIFIER}, "invalid_request"),
        ({"code_challenge_method": ""}, "invalid_request"),
        ({"state": ""}, "invalid_request"),
        ({"aud": "https://other.example/fhir"}, "invalid_request"),
        ({"aud": ""}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "patient/Nothing"}, "invalid_scope"),
        ({"scope": "system/*.rs"}, "invalid_scope"),
        ({"launch": "never-was", "scope": f"launch {OBSERVATIONS}"}, "invalid_request"),
    ],
)
def test_authorize__what_is_wrong_goes_back_to_the_declared_address(
    walk: Walker, said: dict[str, str], error: str
) -> None:
    scope = said.pop("scope", OBSERVATIONS)
    answer = walk.client.get(f"/oauth/authorize?{walk.query(scope, **said)}")
    address = urlsplit(answer.headers["location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == BACK
    assert dict(parse_qsl(address.query))["error"] == error


def test_deciding__needs_somebody_signed_in(walk: Walker) -> None:
    walk.client.cookies.clear()
    sent = {"query": walk.query("user/Patient.rs"), "allow": True}
    assert walk.client.post("/api/apps/decided", json=sent, headers=OURS).status_code == 401


def test_deciding__is_not_done_by_another_site(walk: Walker) -> None:
    sent = {"query": walk.query("user/Patient.rs"), "allow": True}
    assert walk.client.post("/api/apps/decided", json=sent).status_code == 403


def test_deciding__a_patient_must_be_chosen(walk: Walker) -> None:
    sent = {"query": walk.query(OBSERVATIONS), "allow": True}
    answer = walk.client.post("/api/apps/decided", json=sent, headers=OURS)
    assert answer.json()["problem"] == "patient-not-chosen"


def test_deciding__no_is_told_to_the_app(walk: Walker) -> None:
    back = walk.decide(walk.query(OBSERVATIONS), allow=False)
    assert (back["error"], back["state"]) == ("access_denied", "s-123")
    assert "code" not in back


# ------------------------------------------------------------------ at the token address


def code(walk: Walker) -> str:
    return str(walk.decide(walk.query("user/Patient.rs offline_access"))["code"])


@pytest.mark.parametrize(
    "said",
    [
        {"code_verifier": VERIFIER.replace("a", "b")},
        {"code_verifier": ""},
        {"code_verifier": challenge_of(VERIFIER)},
        {"redirect_uri": "https://evil.example/back"},
        {"code": "never-was"},
    ],
)
def test_code__does_not_fit(walk: Walker, said: dict[str, str]) -> None:
    good = code(walk)
    expect_refused(walk.redeem(**({"code": good} | said)), "invalid_grant")
    if "code" not in said:
        expect_refused(walk.redeem(good), "invalid_grant")  # a code once shown wrongly is spent


def test_code__used_twice_ends_what_it_gave(walk: Walker) -> None:
    good = code(walk)
    token = walk.redeem(good).json()["access_token"]
    assert walk.get("/fhir/Patient", token).status_code == 200
    expect_refused(walk.redeem(good), "invalid_grant")
    assert walk.get("/fhir/Patient", token).status_code == 401


def test_code__too_late(walk: Walker, clock: Hands) -> None:
    good = code(walk)
    clock.later(seconds=61)
    expect_refused(walk.redeem(good), "invalid_grant")


def test_code__of_another_app(walk: Walker) -> None:
    good = code(walk)
    other = App("other", "Other", redirects=(BACK,), scopes="user/*.rs")
    walk.lake.apps.registry.add(other)
    expect_refused(walk.redeem(good, client_id="other"), "invalid_grant")


def test_refresh__used_twice_ends_both_lines(walk: Walker) -> None:
    first = walk.redeem(code(walk)).json()
    second = walk.token(grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    again = walk.token(grant_type="refresh_token", refresh_token=first["refresh_token"])
    expect_refused(again, "invalid_grant")
    stolen = walk.token(grant_type="refresh_token", refresh_token=second["refresh_token"])
    expect_refused(stolen, "invalid_grant")
    assert walk.get("/fhir/Patient", second["access_token"]).status_code == 401


def test_refresh__of_another_app(walk: Walker) -> None:
    mine = walk.redeem(code(walk)).json()["refresh_token"]
    walk.lake.apps.registry.add(App("other", "Other", redirects=(BACK,), scopes="user/*.rs"))
    asked = {"grant_type": "refresh_token", "refresh_token": mine}
    expect_refused(walk.token(**asked, client_id="other"), "invalid_grant")
    assert walk.token(**asked).status_code == 200  # and it is not spent by that


def test_secret__wrong_missing_or_in_the_wrong_place(walk: Walker) -> None:
    app = App("safe", "Safe", redirects=(BACK,), scopes="user/*.rs")
    secret = walk.lake.apps.registry.add(app, with_secret=True)
    assert secret is not None
    walk.app = "safe"
    good = code(walk)
    expect_refused(walk.redeem(good), "invalid_client", status=401)
    expect_refused(walk.redeem(good, client_secret=secret), "invalid_client", status=401)
    walk.auth = ("safe", "wrong")
    expect_refused(walk.redeem(good), "invalid_client", status=401)
    walk.auth = ("safe", secret)
    assert walk.redeem(good).status_code == 200


def test_secret__guessing_is_slowed(walk: Walker) -> None:
    walk.auth = ("growth", "guess")
    said = [walk.redeem("x").status_code for _ in range(21)]
    assert said == [401] * 20 + [429]


def test_token__only_a_form_is_taken(walk: Walker) -> None:
    answer = walk.client.post("/oauth/token", json={"grant_type": "authorization_code"})
    expect_refused(answer, "invalid_request")
    twice = "client_id=growth&client_id=other&grant_type=refresh_token"
    form = {"content-type": "application/x-www-form-urlencoded"}
    expect_refused(walk.client.post("/oauth/token", content=twice, headers=form), "invalid_request")
    expect_refused(walk.token(grant_type="password", username="rossi"), "unsupported_grant_type")


# ------------------------------------------------------------------ with a token at the door


def claims_of(token: str) -> dict[str, Any]:
    """What a token says, read without any library."""
    body = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found


def part(data: bytes) -> str:
    """One part of a token, written without any library."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def opens(walk: Walker, token: str) -> int:
    return int(walk.get("/fhir/Patient", token).status_code)


@pytest.fixture
def good(walk: Walker) -> str:
    token = str(walk.launched("user/Patient.rs")["access_token"])
    walk.client.cookies.clear()
    assert opens(walk, token) == 200
    return token


def test_door__a_key_of_ones_own_opens_nothing(walk: Walker, good: str) -> None:
    own = RSAKey.generate_key(2048)
    forged = jwt.encode({"alg": "RS256", "typ": "at+jwt"}, claims_of(good), own)
    assert opens(walk, forged) == 401


def test_door__an_unsigned_token_opens_nothing(walk: Walker, good: str) -> None:
    head = part(b'{"alg":"none","typ":"at+jwt"}')
    assert opens(walk, f"{head}.{good.split('.')[1]}.") == 401


def test_door__the_public_key_as_a_shared_secret_opens_nothing(walk: Walker, good: str) -> None:
    public = walk.client.get("/oauth/jwks").json()["keys"][0]
    head = part(json.dumps({"alg": "HS256", "typ": "at+jwt", "kid": public["kid"]}).encode())
    signed = f"{head}.{good.split('.')[1]}"
    for secret in (RSAKey.import_key(public).as_pem(private=False), json.dumps(public).encode()):
        proof = hmac.new(secret, signed.encode(), hashlib.sha256).digest()
        assert opens(walk, f"{signed}.{part(proof)}") == 401


def test_door__a_changed_token_opens_nothing(walk: Walker, good: str) -> None:
    head, body, proof = good.split(".")
    for changed in (
        f"{head}.{body[:-2]}AA.{proof}",
        f"{head}.{body}.{proof[:-4]}AAAA",
        "x",
        "a.b.c",
    ):
        assert opens(walk, changed) == 401


def test_door__an_expired_token_opens_nothing(walk: Walker, good: str, clock: Hands) -> None:
    clock.later(minutes=15)
    assert opens(walk, good) == 401


def test_door__a_token_for_another_server_opens_nothing(walk: Walker, good: str) -> None:
    headers = {"authorization": f"Bearer {good}", "host": "localhost"}
    assert walk.client.get("/fhir/Patient", headers=headers).status_code == 401


def test_door__an_identity_token_is_no_access_token(walk: Walker) -> None:
    given = walk.launched("openid user/Patient.rs")
    walk.client.cookies.clear()
    assert opens(walk, given["id_token"]) == 401


def test_door__what_ended_opens_nothing(walk: Walker, good: str) -> None:
    walk.lake.apps.registry.remove("growth")
    assert opens(walk, good) == 401


def test_door__a_revoked_token_opens_nothing(walk: Walker, good: str) -> None:
    said = {"client_id": "growth", "token": good}
    assert walk.client.post("/oauth/revoke", data=said).status_code == 200
    assert opens(walk, good) == 401
    assert walk.client.post("/oauth/introspect", data=said).json() == {"active": False}


def test_door__apps_reach_nothing_of_the_pages(walk: Walker, good: str) -> None:
    for path in ("/api/session", "/api/worklist", "/api/broken-glass", "/api/review"):
        assert walk.get(path, good).status_code in {401, 404, 405}


def test_tokens_of_others__are_neither_told_of_nor_ended(walk: Walker, good: str) -> None:
    walk.lake.apps.registry.add(App("other", "Other", redirects=(BACK,), scopes="user/*.rs"))
    said = {"client_id": "other", "token": good}
    assert walk.client.post("/oauth/introspect", data=said).json() == {"active": False}
    walk.client.post("/oauth/revoke", data=said)
    assert opens(walk, good) == 200


def test_secrets__stand_in_no_file_of_the_lake(walk: Walker) -> None:
    given = walk.launched("user/Patient.rs offline_access")
    walk.lake.apps.database.connection().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for path in walk.lake.path.glob("*"):
        if path.is_file():
            for word in (given["access_token"], given["refresh_token"]):
                assert word.encode() not in path.read_bytes()


def test_address__of_the_server_is_never_taken_from_a_token(walk: Walker) -> None:
    assert timedelta(seconds=walk.launched("user/Patient.rs")["expires_in"]) <= timedelta(
        minutes=15
    )
    assert claims_of(walk.launched("user/Patient.rs")["access_token"])["iss"] == ORIGIN
