"""Sign in by one-time link or by name and password; sign out; set a password."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import COOKIE, SignedIn
from vitruvian.api.problems import described
from vitruvian.api.sign_in import Doorkeeper, Opened, SignedInAs
from vitruvian.base.errors import BadInput

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
    """Who is signed in, for what purpose, and until when."""

    name: str
    display_name: str
    role: str
    purpose: str
    expires_at: datetime
    must_set_password: bool


class NoCredentials(BadInput):
    """Neither a one-time link nor a name with a password was sent."""

    def __init__(self) -> None:
        super().__init__("Signing in needs a name and a password, or the token of a one-time link.")


def session_of(account: SignedInAs) -> Session:
    """The session as the page sees it."""
    return Session(
        name=account.name,
        display_name=account.display_name,
        role=account.role,
        purpose="treatment",
        expires_at=account.expires_at,
        must_set_password=account.must_set_password,
    )


def open_session(doorkeeper: Doorkeeper, wish: SignIn, *, client: str) -> Opened:
    """A new session, or the refusal."""
    if wish.token is not None:
        return doorkeeper.by_link(wish.token.get_secret_value(), client=client)
    if wish.name is not None and wish.password is not None:
        return doorkeeper.by_password(wish.name, wish.password.get_secret_value(), client=client)
    raise NoCredentials


def with_cookie(answer: Response, token: str, *, secure: bool) -> Response:
    """The answer carrying the session, out of reach of scripts and of other sites."""
    answer.set_cookie(COOKIE, token, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


@router.post("/sign-in", response_model=Session)
def sign_in(wish: SignIn, request: Request) -> Response:
    """Open a session."""
    client = request.client.host if request.client else "unknown"
    opened = open_session(request.app.state.doorkeeper, wish, client=client)
    answer = JsonAnswer(session_of(opened.account))
    return with_cookie(answer, opened.token, secure=request.url.scheme == "https")


@router.post("/sign-out", status_code=204)
def sign_out(visit: SignedIn) -> Response:
    """End this session."""
    visit.doorkeeper.end(visit.token)
    answer = Response(status_code=204)
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


@router.get("/session", response_model=Session)
def read_session(visit: SignedIn) -> Response:
    """Who is signed in."""
    return JsonAnswer(session_of(visit.account))


@router.post("/password", response_model=Session)
def set_password(wish: NewPassword, visit: SignedIn) -> Response:
    """Set one's own password; other sessions of the account end."""
    account = visit.doorkeeper.set_password(visit.token, wish.password.get_secret_value())
    return JsonAnswer(session_of(account))
