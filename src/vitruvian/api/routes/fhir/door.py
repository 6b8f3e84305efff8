"""Who calls, and what one call works with.

A caller is a local account: by the session cookie of the web pages, by ``Authorization: Bearer``
with a session's token, or by ``Authorization: Basic`` with name and password. Or it is an app of
SMART App Launch with an access token, that acts in the name of an account and within its scopes.

References
----------
RFC 7617 (Basic), RFC 6750 (Bearer).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
import threading
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, FastAPI, Request

from vitruvian.api.deps import COOKIE, NobodySignedIn, access_by, access_of, said_by
from vitruvian.api.frame import SAFE_METHODS
from vitruvian.api.problems import MissingHeader, request_id
from vitruvian.api.routes.fhir.exporting.exports import Exports
from vitruvian.api.routes.fhir.outcome import BadRequest, TooLarge
from vitruvian.api.routes.fhir.serving.finding import Finder
from vitruvian.api.routes.fhir.serving.pages import Pages
from vitruvian.api.routes.fhir.writing.writer import Writer
from vitruvian.api.routes.smart.bearer import holder_of
from vitruvian.trust.smart import expect_scope

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.lake.accounts import Session
    from vitruvian.trust import Access
    from vitruvian.trust.smart.narrowing import Letter

MOST_BYTES = 32 * 2**20
MOST_REMEMBERED = 1_000
_STARTING = threading.Lock()


class NotServed(BadRequest):
    """The answer was asked for in a format other than JSON."""

    status = 406
    code = "not-supported"

    def __init__(self) -> None:
        super().__init__("This server speaks FHIR in JSON only. Ask for application/fhir+json.")


class Remembered:
    """Sessions of callers who send name and password with every request.

    The slow hash of the password is computed once a session. What is kept is a hash of the header
    that only this process can compute, and the session still ends when the account's do.
    """

    def __init__(self) -> None:
        self._tokens: OrderedDict[bytes, str] = OrderedDict()
        self._guard = threading.Lock()
        self._key = secrets.token_bytes(32)

    def session(self, request: Request, lake: Lake, header: str) -> Session:
        """The session of a Basic header; raises when name and password do not fit."""
        name = hashlib.blake2b(header.encode(), key=self._key).digest()
        with self._guard:
            token = self._tokens.get(name)
        found = lake.accounts.session(token) if token else None
        if found is None:
            # Outside the guard: the slow hash of one caller must not hold up the others.
            found = self._signed_in(request, lake, header)
            with self._guard:
                self._tokens[name] = found.token
                while len(self._tokens) > MOST_REMEMBERED:
                    self._tokens.popitem(last=False)
        return found

    def _signed_in(self, request: Request, lake: Lake, header: str) -> Session:
        try:
            said = base64.b64decode(header, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise NobodySignedIn from None
        account, _, password = said.partition(":")
        client = request.client.host if request.client else "unknown"
        with request.app.state.patience.attempt(client):
            return lake.accounts.verify(account, password=password)


@dataclass
class Running:
    """What this interface keeps while the server runs."""

    pages: Pages
    writer: Writer
    exports: Exports
    remembered: Remembered = field(default_factory=Remembered)


def running(app: FastAPI) -> Running:
    """The one of this application, made at first use."""
    with _STARTING:
        if not hasattr(app.state, "fhir"):
            lake: Lake = app.state.lake
            clock = app.state.clock
            app.state.fhir = Running(Pages(), Writer(lake, clock=clock), Exports(lake, clock))
        found: Running = app.state.fhir
        return found


def session_of(request: Request) -> Session:
    """The caller's session; raises `NobodySignedIn` and its kin."""
    lake: Lake = request.app.state.lake
    scheme, _, said = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return running(request.app).remembered.session(request, lake, said.strip())
    own_page = not scheme
    token = request.cookies.get(COOKIE) if own_page else said.strip()
    bearer = own_page or scheme.lower() == "bearer"
    found = lake.accounts.session(token) if token and bearer else None
    if found is None:
        raise NobodySignedIn
    changes = request.method not in SAFE_METHODS and not request.url.path.endswith("/_search")
    if own_page and changes and request.headers.get("x-vitruvian") != "1":
        # A browser sends its cookie by itself: another site could make it change something.
        raise MissingHeader
    return found


def access_for(request: Request) -> Access:
    """Who asks: an app by its token, else an account; raises `NobodySignedIn` and its kin."""
    lake: Lake = request.app.state.lake
    holder = holder_of(request)
    if holder is not None:
        return access_by(lake, holder, request_id=request_id(request))
    session = session_of(request)
    return access_of(lake, session.account, said=said_by(request), request_id=request_id(request))


@dataclass(frozen=True)
class Call:
    """One request of one caller."""

    lake: Lake
    access: Access
    base: str
    now: datetime
    running: Running
    said: tuple[tuple[str, str], ...]
    prefer: tuple[str, ...]

    @contextmanager
    def finder(self, *, recorded_at: datetime | None = None) -> Iterator[Finder]:
        """A search room over the newest state, or over that of an instant."""
        with self.lake.read(self.access, recorded_at=recorded_at) as reader:
            yield self.finder_on(reader)

    def finder_on(self, reader: Reader) -> Finder:
        """The same on a reader in hand."""
        return Finder(reader, self.lake.site, self.now)

    @property
    def lenient(self) -> bool:
        """Whether unknown search parameters are to be left out."""
        return "handling=lenient" in self.prefer

    def expect(self, letter: Letter, resource_type: str) -> None:
        """Let one interaction go on, as far as the scopes of an app decide it."""
        expect_scope(self.access, letter, resource_type)

    def one(self, name: str) -> str | None:
        """The value of a parameter that may be said once."""
        values = [value for key, value in self.said if key == name]
        return values[0] if values else None


def call(request: Request) -> Call:
    """The call of this request; raises when nobody is signed in."""
    access = access_for(request)
    said = tuple(request.query_params.multi_items())
    check_format(request, dict(said).get("_format", ""))
    lake: Lake = request.app.state.lake
    preferences = ",".join(request.headers.getlist("prefer")).replace(";", ",").split(",")
    return Call(
        lake=lake,
        access=access,
        base=f"{str(request.base_url).rstrip('/')}/fhir",
        now=request.app.state.clock(),
        running=running(request.app),
        said=said,
        prefer=tuple(word.strip().lower() for word in preferences if word.strip()),
    )


def check_format(request: Request, wished: str) -> None:
    """Refuse answers in XML or Turtle."""
    accepted = wished or request.headers.get("accept", "*/*")
    # A plus sign in an address arrives as a space unless it was escaped.
    words = accepted.lower().replace(" ", "+")
    if not any(word in words for word in ("json", "*/*", "text/html", "application/*")):
        raise NotServed


async def body(request: Request) -> bytes:
    """The bytes sent; raises `TooLarge` before taking in more than this server does."""
    found = bytearray()
    async for part in request.stream():
        found += part
        if len(found) > MOST_BYTES:
            raise TooLarge(most=MOST_BYTES)
    return bytes(found)


Calling = Annotated[Call, Depends(call)]
Body = Annotated[bytes, Depends(body)]
