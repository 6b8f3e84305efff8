"""The hospital's own identity provider: declared beside the lake, asked by OpenID Connect.

The provider says who somebody is; which account that is, and what its role may do, stays here.
An account that does not exist is not made up: somebody declared it first.

References
----------
OpenID Connect Core 1.0 (2023), sections 3.1.2, 3.1.3 and 3.1.3.7 (checks of an identity token).
RFC 9207 (2022): `iss` in the answer.
"""

# ruff: noqa: TRY003 - one class of complaint, whose sentence names the fault

from __future__ import annotations

import secrets
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any  # JSON

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from vitruvian.api.routes.sign_in.vouching import (
    NotVouchedFor,
    basic_header,
    challenge_of,
    fault_of,
    proven,
)
from vitruvian.api.routes.smart.asking import address_with
from vitruvian.api.routes.smart.proofs.fetching import NotFetched, Sent, fetch_inside
from vitruvian.base.errors import BadInput

FILE = "sign_in.toml"
Json = Mapping[str, Any]


class BadProvider(BadInput):
    """The declaration of the identity provider cannot be used."""

    def __init__(self, where: str) -> None:
        super().__init__(
            f"{FILE} in the lake's folder cannot be used, at {where}. Expected a table [provider] "
            "with title, issuer, client_id, claim and, unless it is a public client, secret_file."
        )


class Provider(BaseModel):
    """The provider as declared.

    Parameters
    ----------
    title
        What the sign-in page calls it.
    issuer
        Its address, exactly as it calls itself.
    claim
        The claim of the identity token that is the name of a local account.
    secret_file
        A file that holds the secret of a confidential client; None for a public one.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    title: str = Field(min_length=1, max_length=60)
    issuer: str = Field(pattern=r"^https?://")
    client_id: str = Field(min_length=1)
    claim: str = Field(min_length=1)
    secret_file: Path | None = None
    scope: str = "openid profile email"


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    provider: Provider


def is_declared(lake: Path) -> bool:
    """Whether a provider is declared beside a lake, well or badly: accounts need no password."""
    return (lake / FILE).is_file()


def provider_of(lake: Path) -> Provider | None:
    """The provider declared beside a lake; None where there is none; raises `BadProvider`."""
    if not is_declared(lake):
        return None
    try:
        return _File.model_validate(tomllib.loads((lake / FILE).read_text("utf-8"))).provider
    except ValidationError as error:
        raise BadProvider(".".join(map(str, error.errors()[0]["loc"]))) from None
    except (OSError, ValueError, RecursionError):
        raise BadProvider("its first line: it is not TOML in UTF-8") from None


@dataclass(frozen=True)
class Attempt:
    """One person on the way to the provider and back."""

    state: str
    nonce: str
    verifier: str
    back: str
    then: str


def new_attempt(*, back: str, then: str) -> Attempt:
    """An attempt with words that nobody can guess."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    return Attempt(state, nonce, verifier, back, then)


def discovered(provider: Provider) -> Json:
    """What the provider says of itself; raises `NotVouchedFor` when it is another one."""
    said = fetch_inside(f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
    if not isinstance(said, dict) or said.get("issuer") != provider.issuer:
        raise NotVouchedFor("the identity provider calls itself by another name than was declared")
    return said


def way_to(provider: Provider, attempt: Attempt) -> str:
    """The address at the provider where somebody says who they are."""
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": attempt.back,
        "scope": provider.scope,
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": challenge_of(attempt.verifier),
        "code_challenge_method": "S256",
    }
    return address_with(str(discovered(provider)["authorization_endpoint"]), asked)


def account_named(provider: Provider, attempt: Attempt, code: str, *, now: datetime) -> str:
    """The name of the local account of whoever brought a code; raises `NotVouchedFor`."""
    said = discovered(provider)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": attempt.back,
        "client_id": provider.client_id,
        "code_verifier": attempt.verifier,
    }
    try:
        answer = fetch_inside(str(said["token_endpoint"]), Sent(form, _basic(provider)))
    except NotFetched:
        raise NotVouchedFor("the identity provider did not take the answer it gave") from None
    text = answer.get("id_token") if isinstance(answer, dict) else None
    claims = proven(str(text), fetch_inside(str(said["jwks_uri"])))
    fault = fault_of(claims, provider, nonce=attempt.nonce, now=int(now.timestamp()))
    if fault:
        raise NotVouchedFor(fault)
    name = claims.get(provider.claim)
    if not isinstance(name, str) or not name.strip():
        raise NotVouchedFor("the identity provider does not say what your account here is called")
    return name


def _basic(provider: Provider) -> str | None:
    """Name and secret of a confidential client."""
    if provider.secret_file is None:
        return None
    try:
        secret = provider.secret_file.read_text("utf-8").strip()
    except (OSError, ValueError):
        raise BadProvider("provider.secret_file: it cannot be read") from None
    return basic_header(provider.client_id, secret=secret)
