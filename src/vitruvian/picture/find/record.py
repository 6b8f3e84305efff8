"""Within one record: words, one analyte over time, one note, what is new."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from vitruvian.base.errors import NotFound
from vitruvian.picture.answers import FoundFacts, NewFacts, NoteText, Series, SeriesPoint
from vitruvian.picture.facts.events import COLUMNS, SAID, Aligned, align, instant, names, stamp
from vitruvian.picture.facts.judgement import abnormal
from vitruvian.picture.facts.words import facts, label, reading, value_text
from vitruvian.picture.record import expect_patient, read_events, rows_of, subjects_of
from vitruvian.terms import fold

if TYPE_CHECKING:
    from vitruvian.lake import Reader

MOST_FACTS = 200
SEARCHED = ("code_text", "code", "text_value", "value_code", "value_as_sent", "body_site")
NOTE_COLUMNS = names("note_id version_id known_at time title status language media_type text url")


class NoSuchNote(NotFound):
    """There is no such document in this record, or none at that moment."""

    def __init__(self) -> None:
        super().__init__(
            "This record holds no document with that id at the moment asked about. "
            "Open it from the list of documents, or choose a later moment."
        )


def search_record(reader: Reader, person_id: int, text: str) -> FoundFacts:
    """Facts that hold every word, in any order, whatever their case and accents.

    Looks at names, codes, values in words, and the text of documents.
    """
    words = fold(text).split()
    if not words:
        expect_patient(reader, person_id)
        return FoundFacts(0, [])
    aligned = align(read_events(reader, person_id, columns=COLUMNS))
    notes = folded_notes(reader, person_id)
    haystacks = folded_facts(aligned, notes)
    rows = [row for row in aligned.shown if all(word in haystacks[row] for word in words)]
    return FoundFacts(len(rows), facts(aligned, rows[:MOST_FACTS]))


def folded_notes(reader: Reader, person_id: int) -> dict[int, str]:
    """The folded text of each document, by resource version."""
    columns = ["version_id", "text"]
    found = rows_of(reader.rows("note", subjects=subjects_of(reader, person_id), columns=columns))
    return {row["version_id"]: fold(row["text"]) for row in found if row["text"]}


def folded_facts(aligned: Aligned, notes: dict[int, str]) -> list[str]:
    """What may be searched of each row; words that come often are folded once."""
    known: dict[str | None, str] = {None: ""}
    column = aligned.events.column

    def folded(text: str | None) -> str:
        if text not in known:
            known[text] = fold(cast("str", text))
        return known[text]

    categories, versions = column("category"), column("version_id")
    parts = zip(*(column(name) for name in SEARCHED), strict=True)
    return [
        " ".join([*map(folded, words), notes.get(version, "") if lane == "document" else ""])
        for words, lane, version in zip(parts, categories, versions, strict=True)
    ]


def whats_new(reader: Reader, person_id: int, *, since: datetime | None) -> NewFacts:
    """Facts recorded here, or known, after somebody last looked; newest knowledge first.

    Who never looked has no "new": `since` is null and the list is empty.
    """
    if since is None:
        expect_patient(reader, person_id)
        return NewFacts(None, 0, [])
    aligned = align(read_events(reader, person_id, columns=[*COLUMNS, "recorded_at"]))
    recorded, known = (aligned.events.column(name) for name in ("recorded_at", "known_at"))
    mark = stamp(since)
    rows = [row for row in aligned.shown if max(recorded[row], known[row]) > mark]
    rows.sort(key=lambda row: known[row], reverse=True)
    return NewFacts(since, len(rows), facts(aligned, rows[:MOST_FACTS]))


def read_series(reader: Reader, person_id: int, *, code: str, unit: str | None) -> Series:
    """One analyte in one unit over time, oldest first."""
    aligned = align(read_events(reader, person_id, columns=COLUMNS))
    codes, units, acts = (aligned.events.column(name) for name in ("code", "unit", "act"))
    rows = [
        row
        for row in reversed(aligned.shown)
        if codes[row] == code and units[row] == unit and acts[row] in SAID
    ]
    read = aligned.events.rows(rows)
    points = [
        point(row, when=aligned.events.when[place]) for row, place in zip(read, rows, strict=True)
    ]
    return Series(code, label(read[-1]) if read else code, unit, points)


def point(row: dict[str, Any], *, when: int) -> SeriesPoint:
    """One result."""
    return SeriesPoint(
        time=cast("datetime", instant(when)),
        value=row["numeric_value"],
        text=value_text(row) or "",
        comparator=row["comparator"],
        event_id=str(row["event_id"]),
        low=row["range_low"],
        high=row["range_high"],
        interpretation=row["interpretation"],
        abnormal=abnormal(reading(row)),
        status=row["status"],
    )


def document_text(reader: Reader, person_id: int, note_id: int) -> NoteText:
    """One document of one person with its text; raises `NoSuchNote`."""
    subjects = subjects_of(reader, person_id)
    found = rows_of(
        reader.rows(
            "note", subjects=subjects, columns=NOTE_COLUMNS, where="note_id = ?", params=[note_id]
        )
    )
    if not found:
        raise NoSuchNote
    note = found[0]
    return NoteText(
        note_id=str(note["note_id"]),
        title=note["title"] or "Document",
        time=instant(note["time"]),
        known_at=cast("datetime", instant(note["known_at"])),
        status=note["status"],
        language=note["language"],
        media_type=note["media_type"],
        text=note["text"],
        url=note["url"],
        event_id=event_of(reader, subjects, version=note["version_id"]),
    )


def event_of(reader: Reader, subjects: Sequence[int], *, version: int) -> str | None:
    """The timeline's event of a document."""
    found = reader.rows(
        "event",
        subjects=subjects,
        columns=["event_id"],
        where="version_id = ? AND category = 'document'",
        params=[version],
    )
    ids = found.column("event_id").to_pylist()
    return str(ids[0]) if ids else None
