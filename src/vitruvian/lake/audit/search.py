"""Searching the audit, newest first: by account, patient, purpose, kind, time, and flags.

One search looks at so many rows at most and says from where to go on, so that neither a rare word
nor an audit of years holds up the server.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any  # rows of SQLite

from vitruvian.lake.errors import Damaged
from vitruvian.trust import SYSTEM, AuditRow, Purpose
from vitruvian.trust.audit import DeedKind, Outcome
from vitruvian.trust.audit.flags import Flag

if TYPE_CHECKING:
    from vitruvian.lake.audit.chain import Audit

MOST_LOOKED = 400_000
WHO, PURPOSE = "$.row.access.who", "$.row.access.purpose"
KIND, OUTCOME = "$.row.deed.kind", "$.row.deed.outcome"
# Those who read the audit write "audit ..." as what they asked for.
BY_PEOPLE = (
    f"json_extract(line, '$.row.access.role')<>'{SYSTEM.role}'"
    f" AND NOT (json_extract(line, '{KIND}')='read'"
    " AND json_extract(line, '$.row.deed.definition') LIKE 'audit%')"
)

Flags = Callable[[AuditRow], tuple[Flag, ...]]


@dataclass(frozen=True)
class Wish:
    """Which rows are meant; what is left out leaves nothing out.

    Parameters
    ----------
    who
        The account, as it signs in.
    subjects
        Subjects of one patient: rows in which one of them was shown.
    purposes, kinds, outcomes
        Any one of them.
    since, until
        Half-open.
    flags
        Any one of these flags.
    upkeep
        Whether what the software does by itself, and reading of the audit, is meant as well.
    """

    who: str | None = None
    subjects: frozenset[int] | None = None
    purposes: frozenset[Purpose] = frozenset()
    kinds: frozenset[DeedKind] = frozenset()
    outcomes: frozenset[Outcome] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    flags: frozenset[Flag] = frozenset()
    upkeep: bool = True


@dataclass(frozen=True)
class Found:
    """Rows with their flags, newest first.

    Parameters
    ----------
    rows
        Those found.
    before
        The number from which a next search goes on; None when there is nothing older.
    """

    rows: tuple[tuple[AuditRow, tuple[Flag, ...]], ...]
    before: int | None


def search(
    audit: Audit, wish: Wish, flags: Flags, *, limit: int, before: int | None = None
) -> Found:
    """The newest rows that are meant.

    Parameters
    ----------
    audit
        Which.
    wish
        Which rows.
    flags
        What tells what a row should be asked about.
    limit
        How many at most.
    before
        Only rows with a smaller number; None begins with the newest.
    """
    newest = audit.head()[0] + 1 if before is None else before
    oldest = max(newest - MOST_LOOKED, 1)
    found: list[tuple[AuditRow, tuple[Flag, ...]]] = []
    with closing(_rows(audit, wish, newest, oldest)) as rows:
        for row in rows:
            said = flags(row)
            if wish.flags and wish.flags.isdisjoint(said):
                continue
            found.append((row, said))
            if len(found) == limit:
                return Found(tuple(found), row.seq if row.seq > 1 else None)
    return Found(tuple(found), oldest if oldest > 1 else None)


def count_before(audit: Audit, moment: datetime) -> int:
    """How many rows were written before an instant."""
    sql = "SELECT count(*) FROM audit WHERE json_extract(line, '$.row.at')<?"
    rows: list[Any] = audit.database.rows(sql, (moment.astimezone(UTC).isoformat(),))
    return int(rows[0][0])


def _rows(audit: Audit, wish: Wish, newest: int, oldest: int) -> Generator[AuditRow, None, None]:
    """Rows that SQLite can tell are meant, newest first, one after the other."""
    where, values = _asked(wish)
    sql = f"SELECT seq, line FROM audit WHERE seq<? AND seq>=?{where} ORDER BY seq DESC"
    with audit.database.reading() as connection:
        for seq, line in connection.execute(sql, (newest, oldest, *values)):
            try:
                yield AuditRow.parse(line)
            except (ValueError, KeyError, TypeError):
                raise Damaged(what=f"row {seq} of the audit is not readable") from None


def _asked(wish: Wish) -> tuple[str, list[object]]:
    """The conditions, and their values."""
    where: list[str] = []
    values: list[object] = []

    def among(what: str, wanted: frozenset[Any] | None, *, end: str = ")") -> None:
        if wanted is not None:
            where.append(f" AND {what} IN ({_marks(wanted)}{end}")
            values.extend(sorted(wanted))

    among("seq IN (SELECT seq FROM shown WHERE subject_id", wish.subjects, end="))")
    among(f"json_extract(line, '{WHO}')", frozenset({wish.who}) if wish.who else None)
    among(f"json_extract(line, '{PURPOSE}')", wish.purposes or None)
    among(f"json_extract(line, '{KIND}')", wish.kinds or None)
    among(f"json_extract(line, '{OUTCOME}')", wish.outcomes or None)
    if not wish.upkeep:
        where.append(f" AND {BY_PEOPLE}")
    for sign, moment in ((">=", wish.since), ("<", wish.until)):
        if moment is not None:
            where.append(f" AND json_extract(line, '$.row.at'){sign}?")
            values.append(moment.astimezone(UTC).isoformat())
    return "".join(where), values


def _marks(wanted: Collection[object]) -> str:
    return ",".join("?" * len(wanted))
