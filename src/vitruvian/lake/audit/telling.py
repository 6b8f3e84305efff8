"""Bringing rows and checkpoints of the audit to other places, from where the last time ended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal  # rows of SQLite

from vitruvian.lake.audit.lookups import flagged
from vitruvian.trust import SYSTEM, AuditRow
from vitruvian.trust.audit.cef import as_cef
from vitruvian.trust.audit.checkpoint import parse_checkpoint
from vitruvian.trust.audit.syslog import Message

if TYPE_CHECKING:
    from vitruvian.lake.audit.places import Place
    from vitruvian.lake.lake import Lake

Kind = Literal["checkpoint", "audit"]
BATCH = 500


def tell_checkpoints(lake: Lake, place: Place) -> int:
    """Bring the checkpoints there that it has not; how many.

    Raises
    ------
    PlaceDown, StorageFailed
        When the place does not take them; the next time tells them again.
    """
    sql = "SELECT number, line FROM checkpoint WHERE number>? ORDER BY number"
    rows = _after(lake, place, "checkpoint", sql)
    messages = [Message(_signed_at(line), "checkpoint", line) for _, line in rows]
    if messages:
        place.tell(messages)
        _note(lake, place, "checkpoint", rows[-1][0])
    return len(messages)


def tell_rows(lake: Lake, place: Place) -> int:
    """Bring the rows there that it has not, in Common Event Format with their flags; how many.

    Raises
    ------
    PlaceDown, StorageFailed
        When the place does not take them; the next time tells them again.
    """
    sql = f"SELECT seq, line FROM audit WHERE seq>? ORDER BY seq LIMIT {BATCH}"
    told = 0
    while rows := _after(lake, place, "audit", sql):
        # Looking for flags is a row of its own: not one each time that nobody listens.
        place.tell(())
        place.tell(list(_events(lake, [AuditRow.parse(line) for _, line in rows])))
        _note(lake, place, "audit", rows[-1][0])
        told += len(rows)
        if len(rows) < BATCH:
            break
    return told


def _events(lake: Lake, rows: Sequence[AuditRow]) -> Iterator[Message]:
    # Looking at names is itself a row: only where somebody was shown, or it would never end.
    about = [row for row in rows if row.deed.subjects or row.deed.kind == "glass"]
    flags = {row.seq: said for row, said in flagged(lake, about, access=SYSTEM)} if about else {}
    for row in rows:
        said = flags.get(row.seq, ())
        asks = bool(said) or row.deed.outcome == "refused"
        words = as_cef(row, version=version("vitruvian"), flags=said)
        at = datetime.fromisoformat(row.at)
        yield Message(at, "audit", words, "warning" if asks else "notice")


def _signed_at(line: str) -> datetime:
    found = parse_checkpoint(line)
    assert found is not None  # noqa: S101 - we wrote it
    return datetime.fromisoformat(found.at)


def _after(lake: Lake, place: Place, kind: Kind, sql: str) -> list[Any]:
    """What came after the last that the place was told."""
    known: list[Any] = lake.audit.database.rows(
        "SELECT upto FROM sent WHERE place=? AND kind=?", (place.name, kind)
    )
    return lake.audit.database.rows(sql, (known[0][0] if known else 0,))


def _note(lake: Lake, place: Place, kind: Kind, upto: int) -> None:
    with lake.audit.database.writing() as connection:
        connection.execute("INSERT OR REPLACE INTO sent VALUES(?,?,?)", (place.name, kind, upto))
