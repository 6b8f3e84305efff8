"""Break the glass with a reason; list what was broken; say whether it was right."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from vitruvian.api.answers import JsonAnswer
from vitruvian.api.deps import REFUSALS, NoSuchRecord, SignedIn, Visit, number
from vitruvian.base.errors import Refused
from vitruvian.lake.permit.desk import reason_said
from vitruvian.trust import SYSTEM, Deed

if TYPE_CHECKING:
    from vitruvian.lake.permit.desk import Breaking

router = APIRouter(prefix="/break-glass", tags=["break-glass"], responses=REFUSALS)
Identifier = Annotated[str, Field(min_length=1, max_length=200)]


class NotForThisRole(Refused):
    """The role may not do this with broken glass."""

    def __init__(self, *, doing: str) -> None:
        super().__init__(
            f"The policy of this hospital does not let your role {doing}. "
            "Ask the person who runs this installation."
        )


class BreakGlass(BaseModel):
    """Whose record to open and why: by its number, or by an identifier as a wristband has it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    reason: str = Field(max_length=1000)
    person_id: str | None = Field(default=None, pattern=r"^[0-9]{1,19}$")
    identifier: Identifier | None = None


class Reviewing(BaseModel):
    """What a reviewer thinks of one breaking."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    verdict: Literal["justified", "not-justified"]
    words: str = Field(default="", max_length=1000)


@dataclass(frozen=True)
class BrokenGlass:
    """One glass that was broken."""

    id: str
    name: str
    role: str
    person_id: str
    reason: str
    opened_at: datetime
    until: datetime
    reviewed_by: str | None
    reviewed_at: datetime | None
    verdict: str | None
    words: str | None


@dataclass(frozen=True)
class BrokenGlasses:
    """Broken glass, newest first; a reviewer sees everybody's, others their own."""

    reviewer: bool
    waiting: int
    glasses: tuple[BrokenGlass, ...]


@router.post("", response_model=BrokenGlass, status_code=201)
def break_glass(wish: BreakGlass, visit: SignedIn) -> Response:
    """Open a closed record for a few hours; it is always reviewed."""
    lake, account = visit.lake, visit.session.account
    policy = lake.policy
    if not policy.breaks_glass(account.role):
        raise NotForThisRole(doing="open closed records")
    # Asked for first: a reason that will not do must not tell whether there is such a patient.
    reason_said(wish.reason, policy=policy)
    person = person_of(wish, visit)
    broken = lake.desk.break_glass(
        name=account.name,
        role=account.role,
        person_id=person,
        reason=wish.reason,
        policy=policy,
    )
    lake.audit.record(visit.access, Deed("glass", subjects=(person,), definition=broken.id))
    return JsonAnswer(shown(broken), status_code=201)


@router.get("", response_model=BrokenGlasses)
def list_broken(visit: SignedIn) -> Response:
    """What was broken: everybody's for a reviewer, one's own for others."""
    reviewer = visit.session.account.role in visit.lake.policy.reviewers
    own = None if reviewer else visit.session.account.name
    found = tuple(map(shown, visit.lake.desk.breakings(name=own)))
    waiting = sum(one.verdict is None for one in found)
    told = tuple(sorted({int(one.person_id) for one in found}))
    visit.lake.audit.record(visit.access, Deed("read", subjects=told, definition="broken glass"))
    return JsonAnswer(BrokenGlasses(reviewer=reviewer, waiting=waiting, glasses=found))


@router.post("/{glass_id}/review", response_model=BrokenGlass)
def review_broken(
    glass_id: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")], wish: Reviewing, visit: SignedIn
) -> Response:
    """Say whether a breaking was right; nobody reviews their own."""
    lake, account = visit.lake, visit.session.account
    if account.role not in lake.policy.reviewers:
        raise NotForThisRole(doing="review broken glass")
    found = lake.desk.review(glass_id, by=account.name, verdict=wish.verdict, words=wish.words)
    deed = Deed("review", subjects=(found.person_id,), definition=f"{found.id} {wish.verdict}")
    lake.audit.record(visit.access, deed)
    return JsonAnswer(shown(found))


def person_of(wish: BreakGlass, visit: Visit) -> int:
    """The person meant; raises `NoSuchRecord` unless there is exactly one."""
    sql = "SELECT DISTINCT subject_id FROM patient WHERE "
    value: int | str | None
    if wish.person_id is not None:
        where, value = "subject_id = ?", number(wish.person_id, kind="patient")
    else:
        where, value = "len(list_filter(identifiers, x -> x.value = ?)) > 0", wish.identifier
    looks = replace(SYSTEM, request=visit.request_id, reason="break the glass")
    with visit.lake.read(looks) as reader:
        found = reader.query(sql + where, tables=["patient"], params=[value]).column(0).to_pylist()
        persons = {reader.person_of(one) for one in found}
        reader.note(sorted(persons))
    if len(persons) != 1:
        # Who tries numbers until one fits is seen in the audit under the own name.
        visit.lake.audit.record(visit.access, Deed("refused", "refused", definition="break glass"))
        raise NoSuchRecord("patient")
    return persons.pop()


def shown(broken: Breaking) -> BrokenGlass:
    """One breaking as the page shows it."""
    return BrokenGlass(
        id=broken.id,
        name=broken.name,
        role=broken.role,
        person_id=str(broken.person_id),
        reason=broken.reason,
        opened_at=broken.opened_at,
        until=broken.until,
        reviewed_by=broken.reviewed_by,
        reviewed_at=broken.reviewed_at,
        verdict=broken.verdict,
        words=broken.words,
    )
