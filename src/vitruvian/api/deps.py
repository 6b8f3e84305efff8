"""What a route may ask for: who is signed in, the door to the data, the moment asked about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime

from vitruvian.api.problems import described, request_id
from vitruvian.base.clock import Clock
from vitruvian.base.errors import NotFound, NotSignedIn
from vitruvian.picture import Moment
from vitruvian.trust import Access

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.lake.accounts import Session

COOKIE = "vitruvian_session"
LARGEST_ID = 2**63 - 1
REFUSALS = described(401, 403, 404, 422, 500)


class NobodySignedIn(NotSignedIn):
    """Nobody is signed in."""

    def __init__(self) -> None:
        super().__init__("Nobody is signed in, or the session has ended. Sign in and ask again.")


class NoSuchRecord(NotFound):
    """Nothing is stored under that id, or nothing you may see."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"There is no {kind} under that id at the moment asked about, or none you may see. "
            "Look it up from the worklist, or choose a later moment."
        )


@dataclass(frozen=True)
class Visit:
    """One request by one signed-in person."""

    lake: Lake
    session: Session
    clock: Clock
    request_id: str

    @property
    def access(self) -> Access:
        """Who asks and for what, as the door wants to know it."""
        return Access(
            who=self.session.account.name,
            role=self.session.account.role,
            purpose="treatment",
            request=self.request_id,
        )

    @property
    def now(self) -> Moment:
        """The present moment of knowledge."""
        return Moment(now=self.clock())

    def last_seen(self, person_id: int) -> datetime | None:
        """When this account last said it had looked at a patient; None for never."""
        return self.lake.accounts.last_seen(self.session.account.name, person_id=person_id)

    def mark_seen(self, person_id: int) -> None:
        """Remember that this account looked at a patient now."""
        name = self.session.account.name
        self.lake.accounts.seen(name, person_id=person_id, at=self.clock())

    @contextmanager
    def read(self, moment: Moment) -> Iterator[Reader]:
        """The stored data as of a moment."""
        with self.lake.read(
            self.access, known_at=moment.known_at, recorded_at=moment.recorded_at
        ) as reader:
            yield reader


def visit(request: Request) -> Visit:
    """The signed-in visitor of this request; raises `NobodySignedIn`."""
    lake: Lake = request.app.state.lake
    token = request.cookies.get(COOKIE)
    session = lake.accounts.session(token) if token else None
    if session is None:
        raise NobodySignedIn
    return Visit(
        lake=lake,
        session=session,
        clock=request.app.state.clock,
        request_id=request_id(request),
    )


def moment(
    request: Request,
    known_at: Annotated[
        AwareDatetime | None, Query(description="show what the care team could know then")
    ] = None,
    recorded_at: Annotated[
        AwareDatetime | None, Query(description="show what was stored here then")
    ] = None,
) -> Moment:
    """The moment asked about, from the address."""
    return Moment(now=request.app.state.clock(), known_at=known_at, recorded_at=recorded_at)


def number(text: str, *, kind: str) -> int:
    """A 63-bit id from its text; raises `NoSuchRecord` for one that cannot exist."""
    value = int(text)
    if value > LARGEST_ID:
        raise NoSuchRecord(kind)
    return value


IdText = Annotated[str, Path(pattern=r"^[0-9]{1,19}$", examples=["4611686018427387904"])]
SignedIn = Annotated[Visit, Depends(visit)]
AsKnownOn = Annotated[Moment, Depends(moment)]
