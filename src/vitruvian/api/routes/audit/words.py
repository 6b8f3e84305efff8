"""What is asked of the audit, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from vitruvian.trust import Purpose
from vitruvian.trust.audit import DeedKind, Outcome
from vitruvian.trust.audit.flags import Flag

Word = Annotated[str, Field(min_length=1, max_length=200)]


class AuditWish(BaseModel):
    """Which rows: all that fit everything said; a patient by number or by an identifier.

    Without `upkeep`, what the software does by itself and reading of the audit are left out.
    """

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    who: Word | None = None
    person_id: str | None = Field(default=None, pattern=r"^[0-9]{1,19}$")
    identifier: Word | None = None
    purposes: frozenset[Purpose] = frozenset()
    kinds: frozenset[DeedKind] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    flags: frozenset[Flag] = frozenset()
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    upkeep: bool = True


class AuditSearch(AuditWish):
    """One page of rows; `before` goes on where the page before ended."""

    before: int | None = Field(default=None, ge=1, le=2**53)
    limit: int = Field(default=50, ge=1, le=200)


class AuditExport(AuditWish):
    """Rows as a file."""

    form: Literal["csv", "cef"]


@dataclass(frozen=True)
class AuditLine:
    """One row of the audit.

    Parameters
    ----------
    row
        Its number in the chain.
    at
        When it was written.
    who, name
        The account, and how it is called; the name is None for what is no account.
    role, purpose, reason, project, app
        In which role and for what, in whose words, for which study, through which app.
    kind, outcome
        What was done, and how it ended.
    patients
        Of how many patients rows were shown.
    persons
        The first of them, by number; never by name.
    of
        What was asked of many, or further words about the deed.
    flags
        What somebody should ask about.
    """

    row: int
    at: datetime
    who: str
    name: str | None
    role: str
    purpose: Purpose
    reason: str | None
    project: str | None
    app: str | None
    kind: DeedKind
    outcome: Outcome
    patients: int
    persons: tuple[str, ...]
    of: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True)
class AuditState:
    """How the audit stands.

    Parameters
    ----------
    rows
        How many rows it has.
    signed_at, signed_rows
        When the newest checkpoint was signed, and how many rows it vouches for; None when there
        is none.
    down
        Sinks that could not be written last.
    """

    rows: int
    signed_at: datetime | None
    signed_rows: int | None
    down: tuple[str, ...]


@dataclass(frozen=True)
class AuditPage:
    """Rows, newest first; `before` is None when nothing older is left to look at."""

    rows: tuple[AuditLine, ...]
    before: int | None
    state: AuditState
