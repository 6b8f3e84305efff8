"""The token address: a code, a refresh token or a signed assertion in, an access token out.

References
----------
RFC 6749 (2012), sections 4.1.3, 4.4, 5.1 and 6. RFC 7662 (2015). RFC 7009 (2013).
SMART App Launch 2.2.0, App Launch: Obtain access token; Backend Services.
OpenID Connect Core 1.0 (2023), section 2: the identity token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any  # JSON

from fastapi import Request

from vitruvian.api.deps import first_purpose
from vitruvian.api.routes.smart.bearer import AUDIENCES, base_of, claims_of, living
from vitruvian.api.routes.smart.proofs.signing import signer_of
from vitruvian.lake.apps.given import Given, new_id
from vitruvian.trust import Access, Deed, decide
from vitruvian.trust.smart import (
    AppRefused,
    Claims,
    access_claims,
    challenge_fits,
    common,
    read_scopes,
)
from vitruvian.trust.smart.claims import TOKEN_LIVES, TYPE

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.apps.registry import App

SERVICE_LIVES = timedelta(minutes=5)
Json = dict[str, Any]


@dataclass(frozen=True)
class Till:
    """One request at the token address."""

    request: Request
    app: App
    said: Mapping[str, str]

    @property
    def lake(self) -> Lake:
        """Whose door the tokens open."""
        found: Lake = self.request.app.state.lake
        return found

    @property
    def now(self) -> datetime:
        """The present."""
        found: datetime = self.request.app.state.clock()
        return found


def given_tokens(till: Till) -> Json:
    """The answer of the token address; raises `AppRefused`."""
    kinds = {
        "authorization_code": by_code,
        "refresh_token": by_refresh,
        "client_credentials": by_itself,
    }
    kind = kinds.get(till.said.get("grant_type", ""))
    if kind is None:
        words = f"Expected grant_type to be one of {', '.join(kinds)}."
        raise AppRefused("unsupported_grant_type", words)
    return kind(till)


def by_code(till: Till) -> Json:
    """Tokens for a code that a person's browser brought the app."""
    found = till.lake.apps.grants.redeem(till.said.get("code", ""))
    if found is None:
        raise AppRefused("invalid_grant", "The code was used, has expired, or never was.")
    grant, bound = found
    fits = (
        grant.app == till.app.name
        and bound.redirect == till.said.get("redirect_uri")
        and challenge_fits(bound.challenge, verifier=till.said.get("code_verifier", ""))
    )
    if not fits:
        # Whoever sent it is not the one who asked for it: nothing may ever stand on it.
        till.lake.apps.grants.end(grant.id)
        why = "The code was given to another app, for another address or another code_verifier."
        raise AppRefused("invalid_grant", why)
    return tokens(till, grant)


def by_refresh(till: Till) -> Json:
    """New tokens for a refresh token, which is spent by it."""
    word = till.said.get("refresh_token", "")
    known = till.lake.apps.grants.of_refresh(word)
    if known is not None and known.app != till.app.name:
        raise AppRefused("invalid_grant", "The refresh token was given to another app.")
    grant = till.lake.apps.grants.spend_refresh(word)
    if grant is None or till.lake.accounts.find(grant.account) is None:
        raise AppRefused("invalid_grant", "The refresh token was used, has ended, or never was.")
    return tokens(till, grant)


def by_itself(till: Till) -> Json:
    """A token for a service that acts with nobody signed in."""
    app, lake = till.app, till.lake
    account = lake.accounts.find(app.account) if app.account else None
    if account is None or "client_assertion" not in till.said:
        raise AppRefused("unauthorized_client", "This app may not act without a person.")
    asked = common(till.said.get("scope", ""), app.scopes)
    scopes = " ".join(word for word in asked.split() if word.startswith("system/"))
    if not scopes:
        raise AppRefused("invalid_scope", "None of the scopes asked for may be given to this app.")
    purpose = app.purpose or first_purpose(lake, account)
    decision = decide(Access(account.name, account.role, purpose), lake.policy)
    if not decision.allowed:
        raise AppRefused("unauthorized_client", decision.reason)
    wish = Given(new_id(), app.name, account.name, scopes, till.now + SERVICE_LIVES)
    grant = lake.apps.grants.give(wish)
    deed = Deed("account", definition=f"app {app.name} acts by itself")
    access = Access(account.name, account.role, purpose, app=app.name, scopes=scopes)
    lake.audit.record(access, deed)
    return tokens(till, grant)


def tokens(till: Till, grant: Given) -> Json:
    """What an app is given on a grant."""
    base = base_of(till.request)
    ends = min(till.now + TOKEN_LIVES, grant.expires_at)
    claims = Claims(new_id(), grant.id, grant.app, grant.account, int(ends.timestamp()))
    audience = tuple(f"{base}{one}" for one in AUDIENCES)
    whole = access_claims(claims, issuer=base, audience=audience, now=till.now)
    found: Json = {
        "access_token": signer_of(till.request.app).signed(whole, kind=TYPE),
        "token_type": "Bearer",
        "expires_in": claims.expires - int(till.now.timestamp()),
        "scope": grant.scopes,
    }
    found |= _context(grant)
    plain = read_scopes(grant.scopes)[1]
    if "openid" in plain:
        found["id_token"] = _identity(till, grant, base)
    if {"offline_access", "online_access"} & set(plain):
        found["refresh_token"] = till.lake.apps.grants.refresh_token(grant)
    return found


def _context(grant: Given) -> Json:
    """The patient and encounter in context."""
    said: Json = {"patient": grant.patient, "encounter": grant.encounter}
    found = {name: value for name, value in said.items() if value is not None}
    return found | ({"need_patient_banner": True} if grant.patient else {})


def _identity(till: Till, grant: Given, base: str) -> str:
    """Who allowed it, signed for the app alone."""
    account = till.lake.accounts.find(grant.account)
    now = int(till.now.timestamp())
    claims: Json = {
        "iss": base,
        "sub": grant.account,
        "aud": grant.app,
        "iat": now,
        "exp": now + int(TOKEN_LIVES.total_seconds()),
    }
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    plain = read_scopes(grant.scopes)[1]
    if "profile" in plain and account is not None:
        claims["name"] = account.display_name
    known = sorted(till.lake.desk.ties(grant.account).practitioner)
    if "fhirUser" in plain and known:
        claims["fhirUser"] = f"{base}/fhir/{known[0]}"
    return signer_of(till.request.app).signed(claims, kind="JWT")


# ------------------------------------------------------------------ after they were given


def told_of(till: Till) -> Json:
    """Whether a token of this app holds, and what it stands for; nothing of others' tokens."""
    text, grants = till.said.get("token", ""), till.lake.apps.grants
    claims = claims_of(till.request, text, audience=f"{base_of(till.request)}/fhir")
    holder = None if claims is None else living(till.lake, claims)
    grant = holder.given if holder is not None else grants.of_refresh(text)
    if grant is None or grant.app != till.app.name:
        return {"active": False}
    ends = claims.expires if claims is not None else int(grant.expires_at.timestamp())
    found: Json = {
        "active": True,
        "scope": grant.scopes,
        "client_id": grant.app,
        "sub": grant.account,
        "iss": base_of(till.request),
        "exp": ends,
    }
    return found | _context(grant)


def revoke(till: Till) -> None:
    """End whatever stands on a token of this app; another text changes nothing."""
    text, grants = till.said.get("token", ""), till.lake.apps.grants
    claims = claims_of(till.request, text, audience=f"{base_of(till.request)}/fhir")
    grant = grants.find(claims.grant) if claims is not None else grants.of_refresh(text)
    if grant is not None and grant.app == till.app.name:
        grants.end(grant.id)
