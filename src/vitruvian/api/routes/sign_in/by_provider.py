"""Signing in by the hospital's identity provider: there, and back with a session."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import PlainTextResponse, RedirectResponse

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.routes.sign_in.provider import (
    Attempt,
    account_named,
    new_attempt,
    provider_of,
    way_to,
)
from vitruvian.api.routes.sign_in.routes import with_cookie
from vitruvian.api.routes.sign_in.vouching import NotVouchedFor
from vitruvian.api.routes.sign_in.waiting import LIVES, Waiting, kept_of
from vitruvian.api.routes.smart.bearer import base_of
from vitruvian.base.errors import VitruvianError

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.accounts import Session

router = APIRouter(tags=["sign-in"])
pages = APIRouter(include_in_schema=False)
# It goes along when the provider sends the browser back, which the session's own would not.
COOKIE = "vitruvian_attempt"
BACK = "/sign-in/answered"


def attempts_of(app: FastAPI) -> Waiting[Attempt]:
    """Who is on the way, of this application."""
    return kept_of(app, "attempts", Waiting)


@dataclass(frozen=True)
class ProviderHere:
    """What the sign-in page calls the hospital's identity provider; None when there is none."""

    title: str | None


@router.get("/sign-in/provider", response_model=ProviderHere)
def read_provider(request: Request) -> Response:
    """Whether somebody can sign in by the hospital's identity provider."""
    provider = provider_of(request.app.state.lake.path)
    return JsonAnswer(ProviderHere(None if provider is None else provider.title))


@pages.get("/sign-in/with-provider")
def go_to_provider(request: Request) -> Response:
    """To the identity provider."""
    provider = provider_of(request.app.state.lake.path)
    if provider is None:
        return RedirectResponse("/sign-in", 303)
    then = request.query_params.get("then", "/")
    inside = then.startswith("/") and not then.startswith(("//", "/\\"))
    attempt = new_attempt(back=f"{base_of(request)}{BACK}", then=then if inside else "/")
    try:
        answer = RedirectResponse(way_to(provider, attempt), 303)
    except VitruvianError as refused:
        return PlainTextResponse(f"{refused}\n", refused.status)
    attempts_of(request.app).keep(attempt.state, attempt, now=request.app.state.clock())
    secure = request.url.scheme == "https"
    answer.set_cookie(
        COOKIE,
        attempt.state,
        max_age=int(LIVES.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=secure,
        path=BACK,
    )
    return answer


@pages.get(BACK)
def come_back(request: Request) -> Response:
    """Back from the identity provider, with a session or a sentence why not."""
    client = request.client.host if request.client else "unknown"
    try:
        with request.app.state.patience.attempt(client):
            opened, then = _signed_in(request)
    except VitruvianError as refused:
        return PlainTextResponse(f"{refused}\n", refused.status)
    answer = with_cookie(RedirectResponse(then, 303), opened, request)
    answer.delete_cookie(COOKIE, path=BACK, httponly=True, samesite="lax")
    return answer


def _signed_in(request: Request) -> tuple[Session, str]:
    lake: Lake = request.app.state.lake
    provider, now = provider_of(lake.path), request.app.state.clock()
    said = request.query_params
    state = said.get("state", "")
    if provider is None or not hmac.compare_digest(
        request.cookies.get(COOKIE, "").encode(), state.encode()
    ):
        raise NotVouchedFor("this answer belongs to another browser")  # noqa: TRY003
    attempt = attempts_of(request.app).take(state, now=now)
    if attempt is None:
        raise NotVouchedFor("this attempt is over, or was never begun here")  # noqa: TRY003
    if said.get("iss", provider.issuer) != provider.issuer or not said.get("code"):
        raise NotVouchedFor("the identity provider did not vouch for you")  # noqa: TRY003
    name = account_named(provider, attempt, said["code"], now=now)
    if lake.accounts.find(name) is None:
        raise NotVouchedFor("no account here is open to you; ask whoever runs this server")  # noqa: TRY003
    return lake.accounts.open_session(name), attempt.then
