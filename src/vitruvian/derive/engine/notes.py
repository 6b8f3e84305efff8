"""Notes as extractors get them: those of one share, after the earlier ones of the same persons."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from vitruvian.record import table_named

# What is read of a note.
NOTE_COLUMNS = (
    "note_id subject_id version_id site source_id locator known_at known_at_basis encounter_id "
    "time language status text recorded_at"
).split()
_NOTE = table_named("note").schema
AS_READ = pa.schema(
    [
        *(_NOTE.field(name) for name in NOTE_COLUMNS),
        pa.field("document_status", pa.string()),
        pa.field("is_new", pa.bool_()),
    ]
)
# Notes that must not be read: their text never held, or holds no longer.
SILENT = frozenset({"entered-in-error", "superseded", "cancelled", "wrong-patient"})
UNSIGNED = "preliminary"

# Notes of a subject, in the order in which they were written.
IN_ORDER = ("subject_id", "time", "note_id")
# The document that a note is the text of has its own event: there it says whether it is signed.
# Earlier notes come along where a person has a new one: what was copied from them is not new.
_SQL = f"""
    WITH document AS (
        SELECT version_id, max(status) AS document_status FROM event
        WHERE category = 'document' AND subject_id BETWEEN $low AND $high GROUP BY version_id
    ), wanted AS (
        SELECT DISTINCT subject_id FROM note WHERE recorded_at > $after AND recorded_at <= $upto
    )
    SELECT {", ".join(f"note.{name}" for name in NOTE_COLUMNS)}, document_status,
        note.recorded_at > $after AS is_new
    FROM note LEFT JOIN document ON document.version_id = note.version_id
    WHERE note.recorded_at <= $upto AND note.subject_id BETWEEN $low AND $high
        AND note.text IS NOT NULL AND note.subject_id IN (SELECT subject_id FROM wanted)
"""
_ORDERED = f"{_SQL} ORDER BY note.subject_id, note.time NULLS FIRST, note.note_id"


class Wanted(NamedTuple):
    """Notes recorded after one instant up to another, about a range of subjects, ends included."""

    after: datetime
    upto: datetime
    subjects: tuple[int, int]


class Sheet(NamedTuple):
    """What a note's row says to every fact read in it; the time in microseconds since 1970."""

    subject_id: int
    version_id: str
    locator: str
    time: int | None
    status: str
    is_new: bool


def notes_between(reader: Any, wanted: Wanted) -> pa.Table:
    """Notes recorded in a span of time about a range of subjects, as `AS_READ`, by subject."""
    found = reader.query(
        _numbered(_ORDERED, ("low", "high", "after", "upto")),
        tables=["note", "event"],
        params=[*wanted.subjects, wanted.after, wanted.upto],
    )
    return found.cast(AS_READ)


def notes_sql(wanted: Wanted) -> str:
    """The same in words that Spark knows, in no order."""
    sql = _SQL
    for name, bound in zip(("low", "high"), wanted.subjects, strict=True):
        sql = sql.replace(f"${name}", str(int(bound)))
    for name, at in (("after", wanted.after), ("upto", wanted.upto)):
        sql = sql.replace(f"${name}", f"TIMESTAMP '{at.isoformat()}'")
    return sql


def _numbered(sql: str, names: tuple[str, ...]) -> str:
    for number, name in enumerate(names, start=1):
        sql = sql.replace(f"${name}", f"${number}")
    return sql


def earlier_notes(reader: Any, note: dict[str, Any]) -> pa.Table:
    """One note, after the earlier ones of its person, as `AS_READ`."""
    about = [note["subject_id"]]
    others = reader.rows(
        "note", subjects=about, columns=NOTE_COLUMNS, where="time < ?", params=[note["time"]]
    )
    said = reader.history(
        "event",
        subjects=about,
        columns=["status"],
        where="version_id = ? AND category = 'document'",
        params=[note["version_id"]],
    )
    status = max(filter(None, said.column("status").to_pylist()), default=None)
    rows = [{**row, "is_new": False} for row in others.to_pylist() if row["text"]]
    rows.sort(key=lambda row: (row["time"], row["note_id"]))
    return pa.Table.from_pylist(
        [*rows, {**note, "document_status": status, "is_new": True}], schema=AS_READ
    )


def batches(notes: pa.Table, *, size: int) -> Iterator[pa.RecordBatch]:
    """Batches of at least so many rows, the last one aside, with all notes of a subject in one."""
    subjects = notes.column("subject_id").to_pylist()
    start = 0
    for place in range(1, len(subjects) + 1):
        ended = place == len(subjects)
        if ended or (place - start >= size and subjects[place] != subjects[place - 1]):
            yield from notes.slice(start, place - start).combine_chunks().to_batches()
            start = place


def sheets_of(notes: pa.RecordBatch) -> list[Sheet]:
    """One for each row, whose text may be read or not."""
    columns = {
        name: notes.column(name).to_pylist()
        for name in ("subject_id", "version_id", "locator", "status", "document_status", "is_new")
    }
    times = notes.column("time").cast(pa.int64()).to_pylist()
    return [
        Sheet(subject, str(version), f"{locator or ''}#char=", time, _status(own, document), new)
        for subject, version, locator, own, document, new, time in zip(
            *columns.values(), times, strict=True
        )
    ]


def _status(own: str | None, document: str | None) -> str:
    """Of a note's facts: preliminary while it is not signed; one of `SILENT` if not to read."""
    for said in (own, document):
        if said in SILENT:
            return str(said)
    return UNSIGNED if document == UNSIGNED else "final"
