"""An access token in the hand of an app: whose it is, and what the door is told of it.

References
----------
RFC 6750 (2012); RFC 9068 (2021), section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import Request

from vitruvian.api.routes.smart.proofs.signing import signer_of
from vitruvian.lake.accounts import Session
from vitruvian.trust import Access, Purpose
from vitruvian.trust.smart import Claims, OutOfScope, read_claims, scopes_of
from vitruvian.trust.smart.claims import TYPE

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.accounts import Account
    from vitruvian.lake.apps.given import Given
    from vitruvian.lake.apps.registry import App

IMAGING = "ImagingStudy"
# Where tokens may be used: the interfaces that apps are for, and nothing of the pages' own.
AUDIENCES = ("/fhir", "/api/dicomweb", "/cds-services")


@dataclass(frozen=True)
class Holder:
    """An app with a token that holds."""

    app: App
    account: Account
    given: Given

    @property
    def session(self) -> Session:
        """A session that carries no secret: it ends with the grant."""
        return Session("", self.account, self.given.expires_at)

    def access(self, *, purpose: Purpose, request_id: str) -> Access:
        """Who asks, as the door wants to know it."""
        return Access(
            self.account.name,
            self.account.role,
            purpose,
            request=request_id,
            app=self.app.name,
            scopes=self.given.scopes,
            in_context=self.given.subject_id,
        )


def expect_imaging(request: Request, holder: Holder) -> None:
    """Refuse an app at the imaging interface what its scopes do not cover.

    Objects to be stored name their patient themselves, so only scopes that are not bound to one
    patient let an app store them.

    Raises
    ------
    OutOfScope
        When no scope covers it.
    """
    stores = request.method not in {"GET", "HEAD"}
    scopes = scopes_of(holder.given.scopes)
    if stores:
        fits = any(one.covers(IMAGING, "c") and one.context != "patient" for one in scopes)
    else:
        fits = any(one.covers(IMAGING, "r") or one.covers(IMAGING, "s") for one in scopes)
    if not fits:
        raise OutOfScope(kind=IMAGING, letter="c" if stores else "rs")


def base_of(request: Request) -> str:
    """The address of this server, as the request reached it."""
    return str(request.base_url).rstrip("/")


def audience_of(request: Request) -> str | None:
    """Which of the interfaces for apps a request goes to; None for any other address."""
    path = request.url.path
    found = [one for one in AUDIENCES if path == one or path.startswith(f"{one}/")]
    return f"{base_of(request)}{found[0]}" if found else None


def bearer_of(request: Request) -> str | None:
    """The token of the Authorization header, if it has one."""
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    return said.strip() if scheme.lower() == "bearer" and said.strip() else None


def claims_of(request: Request, text: str, *, audience: str) -> Claims | None:
    """What a token says, when this server made it and it holds here and now."""
    said = signer_of(request.app).proven(text, kind=TYPE)
    if said is None:
        return None
    now = request.app.state.clock()
    return read_claims(said, issuer=base_of(request), audience=audience, now=now)


def holder_of(request: Request) -> Holder | None:
    """The app that a request comes from; None when it is none, or its token does not hold."""
    text, audience = bearer_of(request), audience_of(request)
    if text is None or audience is None:
        return None
    claims = claims_of(request, text, audience=audience)
    return None if claims is None else living(request.app.state.lake, claims)


def living(lake: Lake, claims: Claims) -> Holder | None:
    """The grant of a token, unless it, its app or its account ended since."""
    given = lake.apps.grants.find(claims.grant)
    app, account = lake.apps.registry.find(claims.client), lake.accounts.find(claims.account)
    if given is None or app is None or account is None:
        return None
    fits = (given.app, given.account) == (app.name, account.name)
    return Holder(app, account, given) if fits else None
