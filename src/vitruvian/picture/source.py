"""Where an item comes from: its record's own bytes, and each step from there to the screen."""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, cast

import pyarrow as pa

from vitruvian.base.errors import NotFound, VitruvianError
from vitruvian.ingest import trace
from vitruvian.picture.facts.events import COLUMNS, align, instant, names
from vitruvian.picture.facts.named import name_in_release, with_names
from vitruvian.picture.facts.words import facts
from vitruvian.picture.pointer import Span, find_span, utf16_span
from vitruvian.picture.record import rows_of
from vitruvian.picture.types import Fact, Trace, Transformation

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Row = Mapping[str, Any]
Verdict = Literal["same", "different", "not-possible"]
# What reads a machine-read fact again from its note; it stands on a higher floor.
ReadAgain = Callable[["Reader", int], Verdict]
LOCATOR = re.compile(r"^(?:record (\d+))?\s*(/.*)?$", re.DOTALL)
# RFC 5147: the characters of a text from one place up to, not including, another.
CHARACTERS = re.compile(r"^(.*)#char=(\d+),(\d+)$", re.DOTALL)
RECOMPUTED = names(
    "time end_time code numeric_value unit comparator text_value value_code act status polarity"
)
EVENT_COLUMNS = [*COLUMNS, "locator", "recorded_at", "derivation_id", "time_min", "utc_offset"]
SOURCE_COLUMNS = names("media_type adapter adapter_version received_at time_zone")
RECORD_COLUMNS = names("record resource_type last_updated bytes")


class NoSuchEvent(NotFound):
    """There is no such event, or none at that moment."""

    def __init__(self) -> None:
        super().__init__(
            "There is no event with that id at the moment asked about. "
            "Open it from a patient's picture, or choose a later moment."
        )


@dataclass(frozen=True)
class Birth:
    """The stored rows behind one event."""

    event: Row
    source: Row
    record: Row
    derivation: Row
    place: NotePlace | None = None
    named: str | None = None


@dataclass(frozen=True)
class NotePlace:
    """The words of a note that a fact was read in: ``text[span.start:span.end]``."""

    locator: str
    text: str
    span: Span


def trace_event(
    reader: Reader,
    event_id: int,
    *,
    person_id: int | None = None,
    read_again: ReadAgain | None = None,
) -> Trace:
    """An event's record, verbatim, with the chain of transformations, recomputed now.

    Parameters
    ----------
    reader
        The door, as of the moment asked about.
    event_id
        The event.
    person_id
        Whose it is, where that is known: the answer comes faster.
    read_again
        What reads a fact again that an extractor read in a note; without it such a fact is
        shown in its note, and not recomputed.

    Raises
    ------
    NoSuchEvent
        When there is no such event at that moment.
    """
    subjects = None if person_id is None else reader.subjects_of(person_id)
    found = reader.history(
        "event",
        subjects=subjects,
        columns=EVENT_COLUMNS,
        where="event_id = ?",
        params=[event_id],
    )
    if found.num_rows == 0:
        raise NoSuchEvent
    event = rows_of(found)[0]
    reader.note([event["subject_id"]])
    told_in = birth(reader, event)
    if told_in.place is None:
        verdict = recomputed(reader, event)
    else:
        verdict = "not-possible" if read_again is None else read_again(reader, event_id)
    fact = fact_of(reader, event)
    bare = event["code_text"] is None
    named = name_in_release(event["code"], reader, shown=fact.label) if bare else None
    return told(replace(told_in, named=named), fact=fact, verdict=verdict)


def birth(reader: Reader, event: Row) -> Birth:
    """The rows of source, record and derivation."""
    return Birth(
        event=event,
        source=one(reader, "source", SOURCE_COLUMNS, key=("source_id", event["source_id"])),
        record=record_of(reader, event),
        derivation=one(
            reader, "derivation", ["name", "version"], key=("derivation_id", event["derivation_id"])
        ),
        place=place_in_note(reader, event),
    )


def place_in_note(reader: Reader, event: Row) -> NotePlace | None:
    """The words a machine-read fact was read in; None for a fact of a record itself."""
    said = CHARACTERS.match(event["locator"] or "")
    if said is None:
        return None
    notes = reader.history(
        "note",
        subjects=[event["subject_id"]],
        columns=["text"],
        where="version_id = ? AND coalesce(locator, '') = ?",
        params=[event["version_id"], said[1]],
    )
    text = notes.column("text")[0].as_py() if notes.num_rows else None
    span = Span(int(said[2]), int(said[3]))
    return None if text is None else NotePlace(said[1], text, span)


def one(
    reader: Reader, table: str, columns: Sequence[str], *, key: tuple[str, object]
) -> dict[str, Any]:
    """One row by its key, or a row of nulls."""
    found = rows_of(reader.history(table, columns=columns, where=f"{key[0]} = ?", params=[key[1]]))
    return found[0] if found else dict.fromkeys(columns)


def record_of(reader: Reader, event: Row) -> dict[str, Any]:
    """The stored record an event was read from, also when a newer version replaced it."""
    found = rows_of(
        reader.history(
            "resource",
            subjects=[event["subject_id"]],
            columns=RECORD_COLUMNS,
            where="version_id = ?",
            params=[event["version_id"]],
        )
    )
    return found[0] if found else dict.fromkeys(RECORD_COLUMNS)


def fact_of(reader: Reader, event: Row) -> Fact:
    """The fact on the screen, with every source that tells it, and any disagreement."""
    beside = reader.rows(
        "event",
        subjects=[event["subject_id"]],
        columns=COLUMNS,
        where="fact_key = ? OR code = ? OR event_id = ?",
        params=[event["fact_key"], event["code"], event["event_id"]],
    )
    aligned = align(with_names(beside, reader))
    ids = aligned.events.column("event_id")
    for row in aligned.shown:
        if any(ids[each] == event["event_id"] for each in aligned.told_by(row)):
            return facts(aligned, [row])[0]
    return alone(event)


def alone(event: Row) -> Fact:
    """An event that no longer holds, or is set aside, as a fact by itself."""
    columns = {
        name: pa.array([value], pa.int64()) if name in TIMES else pa.array([value])
        for name, value in event.items()
    }
    table = pa.table(columns)
    shown = table.set_column(table.column_names.index("status"), "status", pa.array(["final"]))
    aligned = align(shown)
    found = facts(aligned, aligned.shown)[0]
    return Fact(**{**vars(found), "status": event["status"]})


TIMES = frozenset({"time", "time_min", "time_max", "end_time", "known_at", "recorded_at"})


def recomputed(reader: Reader, event: Row) -> Verdict:
    """Whether the record's own bytes give the same event today."""
    try:
        fresh = trace(reader, int(event["event_id"]), subject_id=event["subject_id"])[1]
    except VitruvianError:
        return "not-possible"
    again = [row for row in rows_of(fresh) if row["event_id"] == event["event_id"]]
    if not again:
        return "different"
    told = [name for name in RECOMPUTED if not hidden(reader, event, name)]
    # A view that never fills a column leaves it out.
    return "same" if all(equal(event[n], again[0].get(n)) for n in told) else "different"


def hidden(reader: Reader, event: Row, name: str) -> bool:
    """Whether the door held a value back: an end that was not known yet at the moment asked."""
    return name == "end_time" and event[name] is None and reader.as_of.known_at is not None


def equal(stored: object, fresh: object) -> bool:
    """Equal values; two numbers that are not numbers are equal too."""
    if isinstance(stored, float) and isinstance(fresh, float):
        return stored == fresh or (math.isnan(stored) and math.isnan(fresh))
    return stored == fresh


def place_of(locator: str | None) -> tuple[int | None, str | None]:
    """The record number and the JSON pointer that a locator names.

    Examples
    --------
    >>> place_of("record 3/component/0/valueQuantity")
    (3, '/component/0/valueQuantity')
    """
    found = LOCATOR.match(locator or "")
    if found is None:
        return None, None
    record, pointer = found.groups()
    return (None if record is None else int(record)), pointer


def told(birth: Birth, *, fact: Fact, verdict: Verdict) -> Trace:
    """Everything as the page shows it."""
    event, source, record = birth.event, birth.source, birth.record
    stored: bytes = record["bytes"] or b""
    number, pointer = place_of(birth.place.locator if birth.place else event["locator"])
    if birth.place is None:
        text = stored.decode("utf-8", errors="replace")
        span = find_span(text, pointer) if pointer and text else None
    else:
        text, span = birth.place.text, birth.place.span
    marked = None if span is None else utf16_span(text, span)
    return Trace(
        event_id=str(event["event_id"]),
        fact=fact,
        site=event["site"],
        source_id=event["source_id"],
        media_type=source["media_type"],
        adapter=source["adapter"],
        received_at=instant(source["received_at"]),
        record=record["record"] if record["record"] is not None else number,
        pointer=pointer,
        resource_type=record["resource_type"],
        text=text,
        highlight_start=None if marked is None else marked.start,
        highlight_end=None if marked is None else marked.end,
        sha256=hashlib.sha256(stored).hexdigest(),
        steps=steps(birth),
        recomputed=verdict,
        known_at=cast("Any", instant(event["known_at"])),
        known_at_basis=event["known_at_basis"],
        recorded_at=cast("Any", instant(event["recorded_at"])),
    )


def steps(birth: Birth) -> list[Transformation]:
    """Received, read, mapped, put into canonical form, recorded."""
    event, source, record = birth.event, birth.source, birth.record
    kind = record["resource_type"] or "record"
    read = f"{kind}, record {record['record']}, its bytes kept as they came"
    if record["record"] is None:
        read = "a record that is not stored any more"
    return [
        Transformation(
            "received",
            f"source {event['source_id']} from {event['site']}",
            None,
            instant(source["received_at"]),
        ),
        Transformation(
            "read",
            read,
            version_of(source["adapter"], source["adapter_version"]),
            None,
        ),
        understood(birth),
        *conversions(birth),
        Transformation("recorded", "published", None, instant(event["recorded_at"])),
    ]


def understood(birth: Birth) -> Transformation:
    """How the record became the event: mapped, or read in the words of a note."""
    event, place = birth.event, birth.place
    by = version_of(birth.derivation["name"], birth.derivation["version"])
    if place is None:
        said = f"to {event['code']}, {event['act']}, {event['status']}"
        return Transformation("mapped", said, by, None)
    said = f"characters {place.span.start} to {place.span.end} of the note, as {event['code']}"
    about = (event["polarity"], event["certainty"], event["temporality"], event["experiencer"])
    return Transformation("read by machine", f"{said}: {', '.join(filter(None, about))}", by, None)


def version_of(name: str | None, version: str | None) -> str | None:
    """What did a step, with its version."""
    return None if name is None else f"{name} {version}" if version else name


def conversion(event: Row, *, sent: str, unit: str) -> str:
    """A value put into another unit, or a unit that only got its standard spelling."""
    before, after = event["value_as_sent"], f"{event['numeric_value']:.6g}"
    if before is not None and as_number(before) == event["numeric_value"]:
        return f"{sent} is written {unit} in UCUM"
    return f"{before} {sent} is {after} {unit}"


def as_number(text: str) -> float | None:
    """A value as sent, if it is a number."""
    try:
        return float(text)
    except ValueError:
        return None


def conversions(birth: Birth) -> list[Transformation]:
    """What was changed between the value sent and the value shown."""
    event, found = birth.event, []
    if birth.named is not None:
        found.append(Transformation("named", birth.named, None, None))
    sent, unit = event["unit_as_sent"], event["unit"]
    if event["numeric_value"] is not None and sent and sent != unit:
        detail = conversion(event, sent=sent, unit=unit or sent)
        found.append(Transformation("unit", detail, None, None))
    if event["time_as_sent"] and event["utc_offset"] is None and birth.source["time_zone"]:
        detail = f"{event['time_as_sent']} read in the zone {birth.source['time_zone']}"
        found.append(Transformation("time", detail, None, None))
    if event["known_at_basis"] == "assumed":
        detail = "the source does not say when it became visible; the adapter's rule was applied"
        found.append(Transformation("known at", detail, None, None))
    return found
