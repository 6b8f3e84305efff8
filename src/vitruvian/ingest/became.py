"""What did this record become? From a stored record to its events.

The other direction, from an event to its record, is ``ingest.trace``.

NotFound
`-- NoSuchStored        nothing is stored under that number, or at that place of a source
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.base.errors import NotFound

if TYPE_CHECKING:
    from vitruvian.lake import Reader

MOST_CHARACTERS = 50_000
MOST_EVENTS = 500
MOST_VERSIONS = 50
_RECORD = [
    "version_id", "subject_id", "site", "source_id", "record", "resource_type", "resource_id",
    "known_at", "recorded_at", "deleted",
]  # fmt: skip
_EVENT = [
    "event_id", "time", "category", "code", "code_text", "value_as_sent", "numeric_value", "unit",
    "unit_as_sent", "text_value", "act", "status", "locator",
]  # fmt: skip
Row = Mapping[str, Any]


class NoSuchStored(NotFound):
    """No record is stored there, or none you may see."""

    def __init__(self) -> None:
        super().__init__(
            "No record is stored under that number or at that place, or none you may see. "
            "A record that was rejected is not stored: look it up in the source itself."
        )


@dataclass(frozen=True)
class StoredRecord:
    """One version of one record, without its content; ``number`` as text (64 bits)."""

    number: str
    person_id: str | None
    site: str
    source_id: str
    record: int
    resource_type: str
    resource_id: str
    known_at: datetime
    recorded_at: datetime
    deleted: bool


@dataclass(frozen=True)
class BecameEvent:
    """One event that a record became; it ``holds`` unless something took it back since."""

    event_id: str
    time: datetime | None
    category: str | None
    code: str
    label: str
    value: str | None
    act: str
    status: str
    locator: str | None
    holds: bool


@dataclass(frozen=True)
class Became:
    """A record with its own characters and everything it became.

    ``cut`` tells that the text is longer than is shown, ``event_count`` how many events there are.
    """

    record: StoredRecord
    text: str
    cut: bool
    event_count: int
    events: list[BecameEvent]


def stored_at(reader: Reader, *, source_id: str, record: int) -> list[StoredRecord]:
    """The records stored from one place of a source: by number from 0, as problems name them."""
    rows = reader.history(
        "resource",
        columns=_RECORD,
        where="source_id = ? AND record = ?",
        params=[source_id, record],
    ).to_pylist()
    if not rows:
        raise NoSuchStored
    reader.note([row["subject_id"] for row in rows if row["subject_id"] is not None])
    return [_stored(reader, row) for row in rows[:MOST_VERSIONS]]


def became(reader: Reader, number: int) -> Became:
    """A stored record, verbatim, and the events it became.

    Raises
    ------
    NoSuchStored
        When nothing is stored under that number, or nothing the reader may see.
    """
    rows = reader.history(
        "resource", columns=[*_RECORD, "bytes"], where="version_id = ?", params=[number]
    ).to_pylist()
    if not rows:
        raise NoSuchStored
    row = rows[0]
    subject = row["subject_id"]
    if subject is not None:
        reader.note([subject])
    said = _events(reader, subject, number)
    text = (row["bytes"] or b"").decode("utf-8", errors="replace")
    return Became(
        record=_stored(reader, row),
        text=text[:MOST_CHARACTERS],
        cut=len(text) > MOST_CHARACTERS,
        event_count=len(said),
        events=said[:MOST_EVENTS],
    )


def _stored(reader: Reader, row: Row) -> StoredRecord:
    subject = row["subject_id"]
    return StoredRecord(
        number=str(row["version_id"]),
        person_id=None if subject is None else str(reader.person_of(subject)),
        **{name: row[name] for name in _RECORD if name not in {"version_id", "subject_id"}},
    )


def _events(reader: Reader, subject: int | None, number: int) -> list[BecameEvent]:
    """Every event of a record in its order of time; about nobody there are none."""
    if subject is None:
        return []
    asked: dict[str, Any] = {
        "subjects": [subject],
        "where": "version_id = ?",
        "params": [number],
    }
    holding = set(reader.rows("event", columns=["event_id"], **asked)["event_id"].to_pylist())
    rows = reader.history("event", columns=_EVENT, **asked).to_pylist()
    rows.sort(key=lambda row: (str(row["time"]), row["code"], row["event_id"]))
    return [_event(row, holds=row["event_id"] in holding) for row in rows]


def _event(row: Row, *, holds: bool) -> BecameEvent:
    value = row["value_as_sent"]
    if value is None and row["numeric_value"] is not None:
        value = f"{row['numeric_value']:g}"
    unit = row["unit_as_sent"] or row["unit"]
    number = f"{value} {unit}" if value is not None and unit else value
    return BecameEvent(
        event_id=str(row["event_id"]),
        label=row["code_text"] or row["code"],
        value=number if number is not None else row["text_value"],
        holds=holds,
        **{name: row[name] for name in ("time", "category", "code", "act", "status", "locator")},
    )
