"""One note with every fact read in it, at its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian.derive.errors import NoSuchNote
from vitruvian.derive.review.queue import value_of
from vitruvian.derive.review.verdicts import REVIEWED, machine_event
from vitruvian.record.event import MACHINE_READ

_PLACE = re.compile(r"^(.*)#char=(\d+),(\d+)$", re.DOTALL)
COLUMNS = (
    "event_id version_id locator time category code code_text text_value numeric_value unit act "
    "polarity certainty temporality experiencer relation body_site dose_text method flags "
    "derivation_id"
).split()
NOTE = "note_id subject_id version_id locator time language text known_at".split()


@dataclass(frozen=True)
class NoteFact:
    """A fact and where it stands (half-open, in code points of the text)."""

    event_id: str
    start: int
    end: int
    category: str
    code: str
    label: str
    value: str
    act: str
    polarity: str
    certainty: str
    temporality: str
    experiencer: str
    text_value: str | None
    numeric_value: float | None
    unit: str | None
    body_site: str | None
    dose_text: str | None
    time: datetime | None
    reviewed: bool


@dataclass(frozen=True)
class ReadNote:
    """A note with its facts; ``about`` is the one that was asked for."""

    note_id: str
    person_id: str
    time: datetime | None
    language: str | None
    text: str
    facts: tuple[NoteFact, ...]
    about: NoteFact | None = None


def read_note_facts(
    reader: Any, *, person_id: int | None = None, note_id: int | None = None,
    event_id: int | None = None,
) -> ReadNote:  # fmt: skip
    """A note by its own id, or the one that a fact was read in.

    Raises
    ------
    NoSuchNote
        When it is not stored, or not to be seen.
    NotToReview
        When the event is none that a machine read in a note.
    """
    about = None
    if event_id is not None:
        about = machine_event(reader, event_id)
        note = _note_of(reader, about)
    else:
        rows = reader.rows(
            "note", subjects=reader.subjects_of(person_id), columns=NOTE,
            where="note_id = ?", params=[note_id],
        ).to_pylist()  # fmt: skip
        note = rows[0] if rows else None
    if note is None or not note["text"]:
        raise NoSuchNote
    found = reader.rows(
        "event", subjects=[note["subject_id"]], columns=COLUMNS,
        where=f"version_id = ? AND list_contains(flags, '{MACHINE_READ}')",
        params=[note["version_id"]],
    ).to_pylist()  # fmt: skip
    facts = [fact for row in found if (fact := fact_of(row, note["locator"])) is not None]
    return ReadNote(
        str(note["note_id"]),
        str(reader.person_of(note["subject_id"])),
        note["time"],
        note["language"],
        note["text"],
        tuple(sorted(facts, key=lambda one: (one.start, -one.end))),
        None if about is None else fact_of(about, note["locator"]),
    )


def _note_of(reader: Any, event: dict[str, Any]) -> dict[str, Any] | None:
    place = _PLACE.match(event["locator"] or "")
    rows: list[dict[str, Any]] = reader.history(
        "note", subjects=[event["subject_id"]], columns=NOTE,
        where="version_id = ? AND coalesce(locator, '') = ?",
        params=[event["version_id"], place[1] if place else ""],
    ).to_pylist()  # fmt: skip
    return rows[0] if rows else None


def fact_of(row: dict[str, Any], locator: str | None) -> NoteFact | None:
    """A fact at its place; None for one of another text of the same record."""
    place = _PLACE.match(row["locator"] or "")
    if place is None or place[1] != (locator or ""):
        return None
    copied = ("category code act polarity certainty temporality experiencer text_value "
              "numeric_value unit body_site dose_text time").split()  # fmt: skip
    return NoteFact(
        event_id=str(row["event_id"]),
        start=int(place[2]),
        end=int(place[3]),
        label=row["code_text"] or row["code"],
        value=value_of(row),
        reviewed=REVIEWED in (row["flags"] or ()),
        **{name: row[name] for name in copied},
    )
