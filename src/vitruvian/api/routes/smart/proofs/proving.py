"""How an app proves who it is: not at all, by a shared secret, or by a signed assertion.

References
----------
SMART App Launch 2.2.0, Client Authentication: Asymmetric (public key), Symmetric (shared secret).
RFC 7523 (2015), section 3; RFC 6749 (2012), 2.3.1.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any  # JSON
from urllib.parse import unquote_plus

import orjson
from fastapi import Request
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from vitruvian.api.routes.smart.bearer import base_of
from vitruvian.api.routes.smart.forms import UnknownApp
from vitruvian.api.routes.smart.proofs.fetching import fetched_keys
from vitruvian.api.routes.smart.proofs.signing import LONGEST
from vitruvian.trust.smart import AppRefused

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.apps.registry import App

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# Asymmetric ones only, and those that SMART asks every server for.
ALGORITHMS = ("RS384", "ES384")
LONGEST_SECONDS = 300
LEEWAY_SECONDS = 30
# Characters of an assertion's own name: one that is longer would only fill the list of used ones.
LONGEST_NAME = 200


def proven_app(request: Request, said: Mapping[str, str]) -> App:
    """The app that asks; wrong proofs count against the machine they come from.

    Raises
    ------
    UnknownApp
        When it is not declared, or its proof does not fit.
    TooMany
        When too many wrong ones came from one machine.
    """
    client = request.client.host if request.client else "unknown"
    with request.app.state.patience.attempt(client):
        return _proven(request, said)


def _proven(request: Request, said: Mapping[str, str]) -> App:
    lake: Lake = request.app.state.lake
    scheme, _, header = request.headers.get("authorization", "").partition(" ")
    by_secret, by_assertion = scheme.lower() == "basic", "client_assertion" in said
    if by_secret and by_assertion:
        raise AppRefused("invalid_request", "Prove who you are in one way, not in two.")
    if by_secret:
        return _by_secret(lake, header.strip(), said)
    if by_assertion:
        return _by_assertion(request, said)
    app = lake.apps.registry.find(said.get("client_id", ""))
    if app is None or app.confidential:
        raise UnknownApp("it is not declared here, or it must prove itself by secret or key")
    return app


def _by_secret(lake: Lake, header: str, said: Mapping[str, str]) -> App:
    try:
        name, _, secret = base64.b64decode(header, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        raise UnknownApp("its Authorization header cannot be read") from None
    name, secret = unquote_plus(name), unquote_plus(secret)
    app = lake.apps.registry.find(name)
    fits = lake.apps.registry.secret_fits(name, secret=secret)
    if app is None or not fits or said.get("client_id", name) != name:
        raise UnknownApp("name and secret do not belong together")
    return app


# ------------------------------------------------------------------ signed assertions


def _by_assertion(request: Request, said: Mapping[str, str]) -> App:
    if said.get("client_assertion_type") != ASSERTION:
        raise UnknownApp(f"its client_assertion_type is not {ASSERTION}")
    text = said["client_assertion"]
    lake: Lake = request.app.state.lake
    header, claims = _unproven(text)
    app = lake.apps.registry.find(str(claims.get("iss", "")))
    if app is None or said.get("client_id", app.name) != app.name:
        raise UnknownApp("the issuer of its assertion is not declared here")
    if header.get("alg") not in ALGORITHMS:
        raise UnknownApp(f"its assertion is not signed with {' or '.join(ALGORITHMS)}")
    if header.get("jku", app.keys_at) != app.keys_at:
        raise UnknownApp("its assertion names another address of keys than was declared")
    claims = _signed(text, app, kid=header.get("kid"))
    now = int(request.app.state.clock().timestamp())
    fault = _fault(claims, app, (f"{base_of(request)}/oauth/token", now))
    if fault:
        raise UnknownApp(fault)
    name, expires = str(claims["jti"]), int(claims["exp"])
    if not lake.apps.grants.use_assertion(app=app.name, jti=name, expires=expires + LEEWAY_SECONDS):
        raise UnknownApp("its assertion was used before")
    return app


def _unproven(text: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Header and claims before anything is proven: they only name whose key to try."""
    if len(text) > LONGEST:
        raise UnknownApp("its assertion is too long")
    try:
        token = jws.extract_compact(text.encode())
        claims = orjson.loads(token.payload)
    except (JoseError, ValueError):
        raise UnknownApp("its assertion is not a JWT") from None
    return token.headers(), claims if isinstance(claims, dict) else {}


def _signed(text: str, app: App, *, kid: object) -> Mapping[str, Any]:
    """The claims, once a key of the app fits the signature."""
    keys = app.keys or {}
    if app.keys_at is not None:
        keys = fetched_keys(app.keys_at, kid=str(kid))
    try:
        whole = KeySet.import_key_set({"keys": list(keys["keys"])})
        return jwt.decode(text, whole, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise UnknownApp("the signature of its assertion fits none of its keys") from None


def _fault(claims: Mapping[str, Any], app: App, here: tuple[str, int]) -> str:
    """What is wrong with the claims of an assertion; empty when nothing is."""
    audience, now = here
    aud, expires, jti = claims.get("aud"), claims.get("exp"), claims.get("jti")
    if (claims.get("iss"), claims.get("sub")) != (app.name, app.name):
        return "its assertion does not name it as issuer and subject"
    if audience not in (aud if isinstance(aud, list) else [aud]):
        return "its assertion was made for another address"
    if not isinstance(expires, int) or expires <= now - LEEWAY_SECONDS:
        return "its assertion has expired, or does not say when it does"
    if expires > now + LONGEST_SECONDS + LEEWAY_SECONDS:
        return "its assertion holds for longer than five minutes"
    starts = claims.get("nbf", now)
    if not isinstance(starts, int) or starts > now + LEEWAY_SECONDS:
        return "its assertion does not hold yet"
    named = isinstance(jti, str) and 0 < len(jti) <= LONGEST_NAME
    return "" if named else "its assertion has no `jti`"
