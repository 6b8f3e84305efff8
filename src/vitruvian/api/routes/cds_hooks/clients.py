"""Who may ask: systems declared beside the lake, each by its public keys.

References
----------
CDS Hooks 2.0, Trusting CDS Clients. RFC 7515, 7517, 7519.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from vitruvian.api.routes.cds_hooks.errors import BadClientFile, UnknownClient

FILE = "cds_clients.toml"
# asymmetric only: with a shared secret either side could have signed (CDS Hooks 2.0, JWT signing)
ALGORITHMS = ("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384")
LEEWAY_SECONDS = 30
LONGEST_SECONDS = 300


@dataclass(frozen=True)
class Client:
    """A declared system: it acts with the rights of one local account."""

    iss: str
    account: str
    # Any: a JWK Set as RFC 7517 has it
    jwks: Mapping[str, Any]


@dataclass(frozen=True)
class Token:
    """What an accepted token says."""

    client: Client
    jti: str
    expires: int


def declared_clients(lake: Path) -> dict[str, Client]:
    """The clients declared beside a lake; none where there is no such file.

    Raises
    ------
    BadClientFile
        When an entry lacks something.
    """
    path = lake / FILE
    if not path.is_file():
        return {}
    try:
        said = tomllib.loads(path.read_text("utf-8"))
        clients = [_client(entry) for entry in said.get("client", [])]
    except (tomllib.TOMLDecodeError, orjson.JSONDecodeError, KeyError, TypeError) as fault:
        raise BadClientFile(type(fault).__name__) from None
    return {client.iss: client for client in clients}


def _client(entry: Mapping[str, Any]) -> Client:
    jwks = entry["jwks"]
    keys = orjson.loads(jwks) if isinstance(jwks, str) else jwks
    if not keys["keys"]:
        raise KeyError
    return Client(str(entry["iss"]), str(entry["account"]), keys)


def verified(header: str, *, clients: Mapping[str, Client], audience: str, now: datetime) -> Token:
    """The token of an Authorization header, its signature and every claim checked.

    Raises
    ------
    UnknownClient
        When it is absent, unsigned, signed by somebody else, not for this address, or too old.
    """
    scheme, _, text = header.partition(" ")
    if scheme.lower() != "bearer" or not text:
        raise UnknownClient("there is none")
    client = clients.get(str(_unproven(text).get("iss")))
    if client is None:
        raise UnknownClient("its issuer is not declared here")
    claims = _signed_claims(text, client)
    fault = _fault(claims, audience=audience, seconds=int(now.timestamp()))
    if fault:
        raise UnknownClient(fault)
    return Token(client, str(claims["jti"]), int(claims["exp"]))


def _unproven(text: str) -> Mapping[str, Any]:
    """The claims before anything is proven: they only name whose key to try."""
    from joserfc import jws  # noqa: PLC0415 - 30 ms, needed by this interface only
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above

    try:
        found = orjson.loads(jws.extract_compact(text.encode()).payload)
    except (JoseError, ValueError):
        raise UnknownClient("it is not a JWT") from None
    return found if isinstance(found, dict) else {}


def _signed_claims(text: str, client: Client) -> Mapping[str, Any]:
    from joserfc import jwt  # noqa: PLC0415 - 30 ms, needed by this interface only
    from joserfc.errors import JoseError  # noqa: PLC0415 - as above
    from joserfc.jwk import KeySet  # noqa: PLC0415 - as above

    try:
        keys = KeySet.import_key_set({"keys": list(client.jwks["keys"])})
        return jwt.decode(text, keys, algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError, TypeError):
        raise UnknownClient("its signature does not fit a declared key") from None


def _fault(claims: Mapping[str, Any], *, audience: str, seconds: int) -> str:
    """What is wrong with the claims; empty when nothing is."""
    aud, exp, iat = claims.get("aud"), claims.get("exp"), claims.get("iat")
    if audience not in (aud if isinstance(aud, list) else [aud]):
        return "it was made for another address"
    if not isinstance(exp, int | float) or not isinstance(iat, int | float):
        return "it does not say from when until when it holds"
    if exp < seconds - LEEWAY_SECONDS:
        return "it has expired"
    if iat > seconds + LEEWAY_SECONDS or exp - iat > LONGEST_SECONDS:
        return "it holds for longer than five minutes, or not yet"
    return "" if isinstance(claims.get("jti"), str) and claims["jti"] else "it has no `jti`"
