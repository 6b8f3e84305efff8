"""Everything stored about one person that a page may need, read through the door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from vitruvian.base.errors import NotFound
from vitruvian.base.ids import stable_id
from vitruvian.picture.facts.events import COLUMNS, as_list, instant, names
from vitruvian.picture.facts.named import with_names
from vitruvian.picture.facts.then import events_then, stays_then
from vitruvian.picture.moment import Moment
from vitruvian.picture.types import AsOf

if TYPE_CHECKING:
    import pyarrow as pa

    from vitruvian.lake import Reader

Row = Mapping[str, Any]
STAY_COLUMNS = names("encounter_id location_text status start_time end_time")
ENCOUNTER_COLUMNS = names(
    "encounter_id version_id part_of_id status class_text type_text reason_text start_time "
    "end_time provider_text"
)
PATIENT_COLUMNS = names(
    "subject_id known_at family given birth_date sex deceased death_time identifiers"
)
NOTE_COLUMNS = names("note_id version_id known_at time title status text")
SOURCE_COLUMNS = names("source_id adapter media_type received_at")
IMAGE_COLUMNS = names(
    "image_id version_id study_uid series_uid modality body_site description time instance_count"
)


class NoSuchPatient(NotFound):
    """There is no such patient, or none at that moment."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is stored about a patient with that id at the moment asked about. "
            "Look the patient up in the worklist, or choose a later moment."
        )


@dataclass(frozen=True)
class Record:
    """The current rows of one person, as of a moment."""

    person_id: int
    moment: Moment
    as_of: AsOf
    events: pa.Table
    patients: Sequence[Row]
    encounters: Sequence[Row]
    stays: Sequence[Row]
    notes: Sequence[Row]
    images: Sequence[Row]
    superseded: int
    codings: Mapping[int, Sequence[Row]]
    sources: Mapping[str, Row]


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """A small table as rows; timestamps as microseconds since 1970."""
    columns = [as_list(column) for column in table.columns]
    return [
        dict(zip(table.column_names, values, strict=True)) for values in zip(*columns, strict=True)
    ]


def subjects_of(reader: Reader, person_id: int) -> list[int]:
    """The subjects that are one person.

    A subject that is another person's is nobody here. A number that nobody has stands for it, so
    that as much is read, and neither the time taken nor the answer tells that it exists.
    """
    return reader.subjects_of(person_id) or [stable_id("nobody", str(person_id))]


def expect_patient(reader: Reader, person_id: int) -> None:
    """Go on where something is stored about a person; raises `NoSuchPatient`."""
    subjects = subjects_of(reader, person_id)
    if read_patients(reader, subjects):
        return
    if not reader.rows("event", subjects=subjects, columns=["event_id"]).num_rows:
        raise NoSuchPatient


def read_patients(reader: Reader, subjects: Sequence[int]) -> list[Row]:
    """Who the sources say this is: those that give a name first, the newest first among them."""
    return named_first(rows_of(reader.rows("patient", subjects=subjects, columns=PATIENT_COLUMNS)))


def named_first(rows: Sequence[Row]) -> list[Row]:
    """Rows of one patient, newest first; a device that knows a number and no name comes last."""
    return sorted(rows, key=lambda row: (bool(row["family"]), row["known_at"]), reverse=True)


def read_events(reader: Reader, person_id: int, *, columns: Sequence[str]) -> pa.Table:
    """The events of one person; raises `NoSuchPatient` when nothing at all is stored."""
    subjects = subjects_of(reader, person_id)
    events = events_of(reader, subjects, columns=columns)
    if events.num_rows == 0 and not read_patients(reader, subjects):
        raise NoSuchPatient
    return events


def events_of(reader: Reader, subjects: Sequence[int], *, columns: Sequence[str]) -> pa.Table:
    """The events of some subjects; none says what could not be known at the moment asked."""
    stored = reader.rows("event", subjects=subjects, columns=columns)
    return with_names(events_then(stored, known_at=reader.as_of.known_at), reader)


def read_record(reader: Reader, person_id: int, *, moment: Moment) -> Record:
    """The whole record of one person; raises `NoSuchPatient` when nothing is stored."""
    subjects = subjects_of(reader, person_id)
    patients = read_patients(reader, subjects)
    told = events_of(reader, subjects, columns=(*COLUMNS, "codings"))
    events = told.drop_columns("codings")
    if not patients and events.num_rows == 0:
        raise NoSuchPatient

    def read(table: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        return rows_of(reader.rows(table, subjects=subjects, columns=columns))

    encounters = read("encounter", ENCOUNTER_COLUMNS)
    stays = read("location_stay", STAY_COLUMNS) if encounters else []
    return Record(
        person_id=person_id,
        moment=moment,
        as_of=as_of(reader, moment, events),
        events=events,
        patients=patients,
        encounters=encounters,
        stays=stays_then(stays, known_at=moment.known_at),
        notes=read("note", NOTE_COLUMNS),
        images=read("image", IMAGE_COLUMNS),
        superseded=count_superseded(reader, subjects, current=events.num_rows),
        codings=codings_of(told),
        sources=read_sources(reader, events),
    )


def codings_of(told: pa.Table) -> dict[int, Sequence[Row]]:
    """All codings of each medication event: two records may share one beside the one chosen."""
    medication = pc.equal(told.column("category"), "medication")
    found = told.select(["event_id", "codings"]).filter(medication)
    return {row["event_id"]: row["codings"] or () for row in rows_of(found)}


def read_sources(reader: Reader, events: pa.Table) -> dict[str, Row]:
    """The stored row of each source behind some events, by its id."""
    ids = sorted(set(as_list(events.column("source_id"))))
    if not ids:
        return {}
    found = reader.look_up("source", keys=ids, columns=SOURCE_COLUMNS)
    return {row["source_id"]: row for row in rows_of(found)}


def count_superseded(reader: Reader, subjects: Sequence[int], *, current: int) -> int:
    """Events that held once and no longer do: corrected, deleted or derived anew."""
    retired = reader.rows("retirement", subjects=subjects, columns=["target_id"])
    if retired.num_rows == 0:
        return 0
    every = reader.history("event", subjects=subjects, columns=["event_id"])
    return max(int(every.num_rows) - current, 0)


def as_of(reader: Reader, moment: Moment, events: pa.Table) -> AsOf:
    """Which moment of knowledge an answer shows."""
    latest = max(as_list(events.column("known_at")), default=None)
    return AsOf(
        known_at=moment.known_at,
        recorded_at=moment.recorded_at,
        snapshot=reader.snapshot.id,
        data_until=instant(latest),
    )
