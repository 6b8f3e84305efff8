"""The addresses of OAuth and SMART App Launch, and those of the page where a person decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import IdText, SignedIn, Visit, number
from vitruvian.api.problems import described
from vitruvian.api.routes.smart import deciding, giving
from vitruvian.api.routes.smart.asking import Asked, SentBack, UndeclaredApp, read_asked
from vitruvian.api.routes.smart.bearer import base_of
from vitruvian.api.routes.smart.deciding import AppQuestion
from vitruvian.api.routes.smart.forms import NEVER_KEPT, OAuthRoute, form
from vitruvian.api.routes.smart.giving import Till
from vitruvian.api.routes.smart.known import openid_configuration, smart_configuration
from vitruvian.api.routes.smart.proofs.proving import proven_app
from vitruvian.api.routes.smart.proofs.signing import signer_of
from vitruvian.lake.apps.errors import NoApp

# For apps; described by their standards and by discovery, not in our own description.
oauth = APIRouter(route_class=OAuthRoute, include_in_schema=False)
# For our own page.
router = APIRouter(tags=["apps"], responses=described(400, 401, 403, 404, 422, 500))
Form = Annotated[Mapping[str, str], Depends(form)]
PAGE = "/allow"


@oauth.get("/fhir/.well-known/smart-configuration")
@oauth.get("/api/dicomweb/.well-known/smart-configuration")
@oauth.get("/cds-services/.well-known/smart-configuration")
@oauth.get("/.well-known/smart-configuration")
def read_smart_configuration(request: Request) -> Response:
    """Where an app asks, and for what; for everybody."""
    return JsonAnswer(smart_configuration(base_of(request)))


@oauth.get("/.well-known/openid-configuration")
def read_openid_configuration(request: Request) -> Response:
    """The same for those who only want to know who somebody is."""
    return JsonAnswer(openid_configuration(base_of(request)))


@oauth.get("/oauth/jwks")
def read_keys(request: Request) -> Response:
    """What signatures of this server are checked with."""
    return JsonAnswer(signer_of(request.app).public)


@oauth.get("/oauth/authorize")
def authorize(request: Request) -> Response:
    """To the page where a person decides, or back to the app when it asks wrongly."""
    return _to_the_page(request, request.url.query)


@oauth.post("/oauth/authorize")
def authorize_by_form(request: Request, said: Form) -> Response:
    """The same for an app that keeps what it asks for out of addresses (`authorize-post`)."""
    return _to_the_page(request, urlencode(said))


def _to_the_page(request: Request, query: str) -> Response:
    try:
        read_asked(query, request.app.state.lake.apps, issuer=base_of(request))
    except SentBack as told:
        return RedirectResponse(told.address, 303, headers=NEVER_KEPT)
    except UndeclaredApp as refused:
        return PlainTextResponse(f"{refused}\n", refused.status)
    return RedirectResponse(f"{PAGE}?{query}", 303, headers=NEVER_KEPT)


@oauth.post("/oauth/token")
def give_tokens(request: Request, said: Form) -> Response:
    """An access token."""
    return JsonAnswer(giving.given_tokens(_till(request, said)), headers=NEVER_KEPT)


@oauth.post("/oauth/introspect")
def introspect(request: Request, said: Form) -> Response:
    """Whether a token of the app that asks still holds."""
    return JsonAnswer(giving.told_of(_till(request, said)), headers=NEVER_KEPT)


@oauth.post("/oauth/revoke")
def revoke(request: Request, said: Form) -> Response:
    """End a token of the app that asks, and all that came with it."""
    giving.revoke(_till(request, said))
    return JsonAnswer({}, headers=NEVER_KEPT)


def _till(request: Request, said: Mapping[str, str]) -> Till:
    return Till(request, proven_app(request, said), said)


# ------------------------------------------------------------------ for our own page


class AppAsks(BaseModel):
    """What an app asks for: the query of the address it sent the browser to."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    query: str = Field(max_length=8_000)


class AppDecision(AppAsks):
    """The same, and what the person decided."""

    allow: bool
    person_id: str | None = Field(default=None, pattern=r"^[0-9]{1,19}$")


@dataclass(frozen=True)
class SendTo:
    """Where the browser goes now."""

    address: str


@dataclass(frozen=True)
class AppHere:
    """An app that can be opened from a patient's page."""

    app: str
    title: str


@router.get("/apps", response_model=list[AppHere])
def list_apps(visit: SignedIn) -> Response:
    """The apps that can be opened from a patient's page."""
    found = visit.lake.apps.registry.all()
    return JsonAnswer([AppHere(one.name, one.title) for one in found if one.launch is not None])


@router.post("/patients/{person_id}/apps/{app}", response_model=SendTo)
def open_app(person_id: IdText, app: str, visit: SignedIn, request: Request) -> Response:
    """Where the browser goes to open an app with this patient in context."""
    found = visit.lake.apps.registry.find(app)
    if found is None:
        raise NoApp
    person = number(person_id, kind="patient")
    return JsonAnswer(
        SendTo(deciding.opened(visit, found, person_id=person, base=base_of(request)))
    )


def _asked(visit: Visit, request: Request, query: str) -> Asked:
    return read_asked(query, visit.lake.apps, issuer=base_of(request))


@router.post("/apps/asked", response_model=AppQuestion)
def read_app_question(wish: AppAsks, visit: SignedIn, request: Request) -> Response:
    """What an app asks for, in words."""
    try:
        asked = _asked(visit, request, wish.query)
    except SentBack:
        raise UndeclaredApp from None
    return JsonAnswer(deciding.question_of(asked, visit))


@router.post("/apps/decided", response_model=SendTo)
def decide_app_question(wish: AppDecision, visit: SignedIn, request: Request) -> Response:
    """Allow an app what it asks for, or deny it."""
    try:
        asked = _asked(visit, request, wish.query)
    except SentBack as told:
        return JsonAnswer(SendTo(told.address))
    if not wish.allow:
        why = "The person did not allow it."
        return JsonAnswer(SendTo(asked.answer(error="access_denied", error_description=why)))
    person = None if wish.person_id is None else number(wish.person_id, kind="patient")
    return JsonAnswer(SendTo(deciding.allowed(asked, visit, person_id=person)))
