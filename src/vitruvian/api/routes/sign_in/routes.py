"""Sign in by one-time link or by name and password; sign out; set a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import COOKIE, SignedIn, first_purpose
from vitruvian.api.problems import described
from vitruvian.api.routes.cohorts.asking import shelf_of
from vitruvian.api.routes.sign_in.provider import is_declared
from vitruvian.base.errors import BadInput, Refused

if TYPE_CHECKING:
    from vitruvian.lake import Lake, accounts

router = APIRouter(tags=["sign-in"], responses=described(401, 403, 422, 429, 500))
Secret = Annotated[SecretStr, Field(max_length=400)]


class SignIn(BaseModel):
    """A name with its password, or the token of a one-time link."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    name: str | None = Field(default=None, max_length=200)
    password: Secret | None = None
    token: Secret | None = None


class NewPassword(BaseModel):
    """The password somebody chooses for themselves."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    password: Secret


@dataclass(frozen=True)
class Session:
    """Who is signed in, for what purpose, and until when.

    Attributes
    ----------
    sees_patients
        Whether cohorts and alerts name patients to this role; else they tell counts.
    """

    name: str
    display_name: str
    role: str
    purpose: str
    expires_at: datetime
    must_set_password: bool
    sees_patients: bool


class NoCredentials(BadInput):
    """Neither a one-time link nor a name with a password was sent."""

    def __init__(self) -> None:
        super().__init__("Signing in needs a name and a password, or the token of a one-time link.")


class NotByYourself(Refused):
    """A session that another record system opened sets no password."""

    def __init__(self) -> None:
        super().__init__(
            "Another record system opened this session, and it could set a password in your name. "
            "Sign in here by yourself, or ask whoever runs this server for a one-time link."
        )


def session_of(opened: accounts.Session, request: Request) -> Session:
    """The session as the page sees it."""
    lake: Lake = request.app.state.lake
    return Session(
        name=opened.account.name,
        display_name=opened.account.display_name,
        role=opened.account.role,
        purpose=first_purpose(lake, opened.account),
        expires_at=opened.expires_at,
        must_set_password=not (
            opened.account.has_password or by_others(opened, lake) or is_declared(lake.path)
        ),
        sees_patients=shelf_of(request).floor(opened.account.role).sees_patients,
    )


def by_others(opened: accounts.Session, lake: Lake) -> bool:
    """Whether another record system opened this session."""
    return lake.apps.openings.of(opened.token) is not None


def open_session(known: accounts.Accounts, wish: SignIn) -> accounts.Session:
    """A new session, or the refusal."""
    if wish.token is not None:
        return known.redeem(wish.token.get_secret_value())
    if wish.name is not None and wish.password is not None:
        return known.verify(wish.name, password=wish.password.get_secret_value())
    raise NoCredentials


def signed_in(opened: accounts.Session, request: Request) -> Response:
    """The session, its cookie out of reach of scripts and of other sites."""
    return with_cookie(JsonAnswer(session_of(opened, request)), opened, request)


def with_cookie(answer: Response, opened: accounts.Session, request: Request) -> Response:
    """The same answer, and the session's cookie with it."""
    answer.set_cookie(
        COOKIE,
        opened.token,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )
    return answer


@router.post("/sign-in", response_model=Session)
def sign_in(wish: SignIn, request: Request) -> Response:
    """Open a session."""
    client = request.client.host if request.client else "unknown"
    with request.app.state.patience.attempt(client):
        return signed_in(open_session(request.app.state.lake.accounts, wish), request)


@router.post("/sign-out", status_code=204)
def sign_out(visit: SignedIn) -> Response:
    """End this session."""
    visit.lake.accounts.end_session(visit.session.token)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


@router.get("/session", response_model=Session)
def read_session(visit: SignedIn, request: Request) -> Response:
    """Who is signed in."""
    return JsonAnswer(session_of(visit.session, request))


@router.post("/password", response_model=Session)
def set_password(wish: NewPassword, visit: SignedIn, request: Request) -> Response:
    """Set one's own password; every other session and link of the account ends."""
    if by_others(visit.session, visit.lake):
        raise NotByYourself
    known, name = visit.lake.accounts, visit.session.account.name
    known.set_password(name, password=wish.password.get_secret_value())
    return signed_in(known.open_session(name), request)
