"""What a route may ask for: who is signed in, the door to the data, the moment asked about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Path, Query, Request
from pydantic import AwareDatetime

from vitruvian.api.problems import described, request_id
from vitruvian.api.routes.smart.bearer import Holder, expect_imaging, holder_of
from vitruvian.base.clock import Clock
from vitruvian.base.errors import BadInput, NotFound, NotSignedIn
from vitruvian.lake.permit.permits import only_project
from vitruvian.picture import Moment
from vitruvian.trust import Access, Purpose
from vitruvian.trust.access import PURPOSES, Operation

if TYPE_CHECKING:
    from vitruvian.lake import Lake, Reader
    from vitruvian.lake.accounts import Account, Session

COOKIE = "vitruvian_session"
PURPOSE_HEADER = "x-vitruvian-purpose"
PROJECT_HEADER = "x-vitruvian-project"
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


class UnknownPurpose(BadInput):
    """A request names a purpose that does not exist."""

    def __init__(self) -> None:
        super().__init__(
            "The header X-Vitruvian-Purpose names no purpose. "
            f"Expected one of {', '.join(PURPOSES)}, or leave it out."
        )


@dataclass(frozen=True)
class Said:
    """What a request itself says of its purpose; None leaves it to the policy."""

    purpose: Purpose | None = None
    project: str | None = None


def said_by(request: Request) -> Said:
    """What a request says of its purpose; raises `UnknownPurpose`."""
    named = request.headers.get(PURPOSE_HEADER)
    purpose = next((one for one in PURPOSES if one == named), None)
    if named is not None and purpose is None:
        raise UnknownPurpose
    return Said(purpose, request.headers.get(PROJECT_HEADER))


def access_of(lake: Lake, account: Account, *, said: Said, request_id: str) -> Access:
    """The context of a request: the purpose it names, else the first one of its role.

    The project of a researcher who has one need not be named; the audit says it all the same.
    """
    purpose = said.purpose or first_purpose(lake, account)
    project = None
    if purpose == "research":
        ties = lake.desk.ties(account.name)
        project = said.project or only_project(ties, lake.policy)
    return Access(account.name, account.role, purpose, request=request_id, project=project)


def first_purpose(lake: Lake, account: Account) -> Purpose:
    """What an account works for when it does not say: research only within a project."""
    open_to = lake.policy.purposes_of(account.role)
    for purpose in open_to:
        if purpose != "research" or lake.desk.ties(account.name).study:
            return purpose
    return "treatment"


@dataclass(frozen=True)
class Visit:
    """One request by one signed-in person, or by an app in the name of one."""

    lake: Lake
    session: Session
    clock: Clock
    request_id: str
    said: Said = Said()
    holder: Holder | None = None

    @property
    def access(self) -> Access:
        """Who asks and for what, as the door wants to know it."""
        if self.holder is not None:
            return access_by(self.lake, self.holder, request_id=self.request_id)
        account = self.session.account
        return access_of(self.lake, account, said=self.said, request_id=self.request_id)

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
    def read(self, moment: Moment, *, operation: Operation = "read") -> Iterator[Reader]:
        """The stored data as of a moment."""
        access = replace(self.access, operation=operation)
        known, recorded = moment.known_at, moment.recorded_at
        with self.lake.read(access, known_at=known, recorded_at=recorded) as reader:
            yield reader


def access_by(lake: Lake, holder: Holder, *, request_id: str) -> Access:
    """The context of an app's request: for the purpose declared for it, else its account's."""
    purpose = holder.app.purpose or first_purpose(lake, holder.account)
    return holder.access(purpose=purpose, request_id=request_id)


def visit(request: Request) -> Visit:
    """The signed-in visitor of this request; raises `NobodySignedIn`."""
    lake: Lake = request.app.state.lake
    holder = holder_of(request)
    if holder is not None:
        expect_imaging(request, holder)
    token = request.cookies.get(COOKIE)
    session = lake.accounts.session(token) if token else None
    session = session if holder is None else holder.session
    if session is None:
        raise NobodySignedIn
    return Visit(
        lake=lake,
        session=session,
        clock=request.app.state.clock,
        request_id=request_id(request),
        said=said_by(request),
        holder=holder,
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
