"""Who looked at a record, when and why; and what left: from the audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from vitruvian.api.routes.my_record.types import Look, Went
from vitruvian.lake.permit.consents import Left

if TYPE_CHECKING:
    from vitruvian.trust import AuditRow

Kind = Literal["looked", "took-out", "refused", "emergency", "reviewed", "wrote"]
MOST = 300
KINDS: Mapping[str, Kind] = {
    "read": "looked",
    "append": "wrote",
    "export": "took-out",
    "refused": "refused",
    "glass": "emergency",
    "review": "reviewed",
    "release": "reviewed",
}
PURPOSES = {
    "treatment": "to care for you",
    "research": "for a study",
    "quality": "to check and better the care",
    "operations": "to keep the hospital's records",
}


@dataclass(frozen=True)
class Names:
    """How accounts are called on the page.

    Parameters
    ----------
    me
        The account that reads the page.
    shown
        Display names by account; empty where the policy shows roles only.
    """

    me: str
    shown: Mapping[str, str] | None

    def of(self, who: str, role: str) -> str:
        """What an account is called."""
        if who == self.me:
            return "You"
        if role == "system":
            return "The hospital's software"
        if self.shown is None:
            return f"A {role} of this hospital"
        return self.shown.get(who, who)


def looks(rows: Iterable[AuditRow], names: Names) -> tuple[tuple[Look, ...], int]:
    """Looks by account, purpose, kind and day, newest first; and how many older ones there are."""
    found: dict[tuple[object, ...], list[AuditRow]] = {}
    for row in rows:
        if row.deed.kind in KINDS and row.deed.outcome != "failed":
            access = row.access
            said = (access.who, access.role, access.purpose, access.reason, access.app)
            found.setdefault((row.at[:10], row.deed.kind, *said), []).append(row)
    every = sorted((_look(some, names) for some in found.values()), key=_newest, reverse=True)
    return tuple(every[:MOST]), max(len(every) - MOST, 0)


def _newest(look: Look) -> datetime:
    return look.last


def _look(rows: list[AuditRow], names: Names) -> Look:
    first, last = rows[0], rows[-1]
    access = first.access
    by_app = f", through the app {access.app}" if access.app else ""
    why = PURPOSES[access.purpose]
    project = f" ({access.project})" if access.project else ""
    return Look(
        who=names.of(access.who, access.role),
        role=access.role,
        own=access.who == names.me,
        kind=KINDS[first.deed.kind],
        why="to see the own record" if access.who == names.me else why + project + by_app,
        reason=access.reason,
        first=datetime.fromisoformat(first.at),
        last=datetime.fromisoformat(last.at),
        times=len(rows),
    )


def went(left: Iterable[Left], roles: Mapping[str, str], names: Names) -> Iterator[Went]:
    """What left, newest first."""
    for one in sorted(left, key=lambda each: each.at, reverse=True):
        who = names.of(one.who, roles.get(one.who, "member of staff"))
        why = PURPOSES.get(one.purpose, one.purpose)
        yield Went(datetime.fromisoformat(one.at), who, why, one.what, one.certain)
