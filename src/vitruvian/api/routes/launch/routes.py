"""The addresses at which other record systems open this server, and the context they leave."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import COOKIE, SignedIn
from vitruvian.api.problems import described, request_id
from vitruvian.api.routes.launch.asking import Heard, Way, heard, new_way, way_to
from vitruvian.api.routes.launch.context import PatientInContext, in_context
from vitruvian.api.routes.launch.declared import Ehr, by_issuer, by_name, declared_systems
from vitruvian.api.routes.launch.entering import Entered, entered
from vitruvian.api.routes.launch.errors import NotOpened, OtherAccount
from vitruvian.api.routes.launch.links import LONGEST, heard_by, read_context_link
from vitruvian.api.routes.launch.meeting import account_of
from vitruvian.api.routes.sign_in.routes import with_cookie
from vitruvian.api.routes.sign_in.waiting import LIVES, Waiting, kept_of
from vitruvian.api.routes.smart.bearer import base_of
from vitruvian.api.routes.smart.forms import NEVER_KEPT, OAuthRoute, form
from vitruvian.trust.smart.context import LINK_LIVES

router = APIRouter(tags=["launch"], responses=described(401, 403, 404, 409, 422, 429, 500, 503))
# What another system's page sends a browser to; described by its own page of the documentation.
pages = APIRouter(route_class=OAuthRoute, include_in_schema=False)
Form = Annotated[Mapping[str, str], Depends(form)]
WAY, HELD = "vitruvian_launch", "vitruvian_link"
AT = "/api/launch"
BACK = "/launch/answered"
LINK = "/open"
Word = Annotated[str, Field(max_length=2_000)]


class Launch(BaseModel):
    """What a record system sends the browser along with."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    iss: Word
    launch: Word


class Answered(BaseModel):
    """What a record system sent the browser back with."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    state: Word
    code: Word | None = None
    error: Word | None = None
    iss: Word | None = None


class ContextLink(BaseModel):
    """A signed link itself, or the word under which the one that was posted waits."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    token: Annotated[SecretStr, Field(max_length=LONGEST)] | None = None
    held: Word | None = None


@dataclass(frozen=True)
class GoTo:
    """Where the browser goes now."""

    address: str


@dataclass(frozen=True)
class OpenedHere:
    """Whose record to show."""

    person_id: str


@dataclass(frozen=True)
class Context:
    """What the session was opened with; None when nobody else opened it."""

    context: PatientInContext | None


def ways_of(app: FastAPI) -> Waiting[Way]:
    """Who is on the way to a record system."""
    return kept_of(app, "ways", Waiting)


def links_of(app: FastAPI) -> Waiting[str]:
    """Links that were posted, until the browser comes for them."""
    return kept_of(app, "links", lambda: Waiting(lives=LINK_LIVES))


# ------------------------------------------------------------------ SMART App Launch


@router.post("/launch", response_model=GoTo)
def begin_launch(wish: Launch, request: Request) -> Response:
    """Where the browser goes to be vouched for; only for a declared record system."""
    state = request.app.state
    ehr = by_issuer(declared_systems(state.lake.path), wish.iss)
    way = new_way(ehr, back=f"{base_of(request)}{BACK}")
    answer = JsonAnswer(GoTo(way_to(ehr, way, launch=wish.launch)))
    ways_of(request.app).keep(way.state, way, now=state.clock())
    _bind(answer, request, name=WAY, word=way.state)
    return answer


@router.post("/launch/answered", response_model=OpenedHere)
def finish_launch(wish: Answered, request: Request) -> Response:
    """A session for whom the record system vouched for, and whose record to show."""
    with request.app.state.patience.attempt(_client(request)):
        ehr, said = _heard(wish, request)
        found = _entered(request, ehr, said)
    return _let_in(found, request, cookie=WAY)


def _heard(wish: Answered, request: Request) -> tuple[Ehr, Heard]:
    now = request.app.state.clock()
    _expect_bound(request, name=WAY, word=wish.state)
    way = ways_of(request.app).take(wish.state, now=now)
    if way is None:
        raise NotOpened("this attempt is over, or was never begun here")  # noqa: TRY003
    named = way.system.issuer if way.system.names_itself else wish.iss
    if wish.iss != named or (wish.iss is not None and wish.iss != way.system.issuer):
        raise NotOpened("another system answered than was asked")  # noqa: TRY003
    if not wish.code:
        raise NotOpened("the record system did not vouch for you")  # noqa: TRY003
    ehr = by_name(declared_systems(request.app.state.lake.path), way.ehr)
    return ehr, heard(ehr, way, wish.code, now=now)


# ------------------------------------------------------------------ signed links


@pages.post(LINK)
def post_link(said: Form, request: Request) -> Response:
    """Keep a link that was posted, and send the browser to the page that opens it."""
    word = secrets.token_urlsafe(32)
    links_of(request.app).keep(word, said.get("token", ""), now=request.app.state.clock())
    answer = RedirectResponse(f"{LINK}#held={word}", 303, headers=NEVER_KEPT)
    _bind(answer, request, name=HELD, word=word)
    return answer


@router.post("/launch/link", response_model=OpenedHere)
def open_link(wish: ContextLink, request: Request) -> Response:
    """A session for whom a signed link was made, and whose record to show; once."""
    with request.app.state.patience.attempt(_client(request)):
        text = _token(wish, request)
        lake, now = request.app.state.lake, request.app.state.clock()
        audience = f"{base_of(request)}{LINK}"
        systems = declared_systems(lake.path)
        ehr, link = read_context_link(text, systems, audience=audience, now=now)
        said = heard_by(ehr, link)
        _expect_no_other(request, account_of(lake, ehr, said.user).name)
        # The space keeps it apart from the names of apps, which have none.
        whose = f"ehr {ehr.name}"
        if not lake.apps.grants.use_assertion(app=whose, jti=link.jti, expires=link.expires):
            raise NotOpened("the link was used before")  # noqa: TRY003
        found = _entered(request, ehr, said)
    return _let_in(found, request, cookie=HELD)


def _token(wish: ContextLink, request: Request) -> str:
    if wish.token is not None:
        return wish.token.get_secret_value()
    _expect_bound(request, name=HELD, word=wish.held or "")
    text = links_of(request.app).take(wish.held or "", now=request.app.state.clock())
    if text is None:
        raise NotOpened("the link is over, or never came")  # noqa: TRY003
    return text


def _expect_no_other(request: Request, name: str) -> None:
    """Whoever is signed in here is not exchanged for another by a link alone."""
    token = request.cookies.get(COOKIE)
    session = request.app.state.lake.accounts.session(token) if token else None
    if session is not None and session.account.name != name:
        raise OtherAccount


# ------------------------------------------------------------------ the context


@router.get("/context", response_model=Context)
def read_context(visit: SignedIn) -> Response:
    """Which patient the session was opened for, and by which record system."""
    return JsonAnswer(Context(in_context(visit)))


@router.post("/context/leave", status_code=204)
def leave_context(visit: SignedIn) -> Response:
    """Go on without the other system's patient."""
    visit.lake.apps.openings.forget(visit.session.token)
    return Response(status_code=204)


# ------------------------------------------------------------------ shared


def _client(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _bind(answer: Response, request: Request, *, name: str, word: str) -> None:
    """Let only this browser go on."""
    answer.set_cookie(
        name,
        word,
        max_age=int(LIVES.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path=AT,
    )


def _expect_bound(request: Request, *, name: str, word: str) -> None:
    kept = request.cookies.get(name, "")
    if not word or not hmac.compare_digest(kept.encode(), word.encode()):
        raise NotOpened("this answer belongs to another browser")  # noqa: TRY003


def _entered(request: Request, ehr: Ehr, said: Heard) -> Entered:
    return entered(request.app.state.lake, ehr, said, request_id=request_id(request))


def _let_in(found: Entered, request: Request, *, cookie: str) -> Response:
    answer = with_cookie(
        JsonAnswer(OpenedHere(str(found.person_id)), headers=NEVER_KEPT), found.session, request
    )
    answer.delete_cookie(cookie, path=AT, httponly=True, samesite="strict")
    return answer
