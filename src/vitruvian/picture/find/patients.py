"""Whose record: the worklist, and the search by name, identifier or birth date."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.picture.answers import PatientList, PatientSummary
from vitruvian.picture.facts.events import SAME_FACT, Aligned, align, instant, names, stamp
from vitruvian.picture.facts.words import label
from vitruvian.picture.moment import Moment
from vitruvian.picture.panels.banner import age_of, first, happened, identifiers
from vitruvian.picture.panels.episodes import current_stay, place
from vitruvian.picture.panels.statements import applies, is_current
from vitruvian.picture.record import (
    ENCOUNTER_COLUMNS,
    PATIENT_COLUMNS,
    STAY_COLUMNS,
    rows_of,
)
from vitruvian.terms import fold

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Row = Mapping[str, Any]
PROBLEMS_SHOWN = 4
EVENT_COLUMNS = sorted(
    {
        *SAME_FACT,
        *names("event_id subject_id time end_time status state temporality source_id known_at"),
        *names("code_text recorded_at unit numeric_value comparator text_value value_code"),
    }
)
# A subject that no link names is its own person.
PERSONS = """
    WITH latest AS (
        SELECT subject_id, arg_max(person_id, recorded_at) AS person_id,
               arg_max(linked, recorded_at) AS linked
        FROM person_link GROUP BY subject_id
    ), who AS (
        SELECT p.*, coalesce(CASE WHEN l.linked THEN l.person_id END, p.subject_id) AS person_id
        FROM patient p LEFT JOIN latest l USING (subject_id)
    )
"""
WORKLIST = f"""{PERSONS}, visits AS (
        SELECT subject_id, max(start_time) AS latest,
               bool_or(status IN ('in-progress', 'onleave') AND end_time IS NULL
                       AND class_code LIKE '%//IMP') AS here
        FROM encounter WHERE start_time <= $1 GROUP BY subject_id
    )
    SELECT person_id, count(*) OVER () AS total,
           coalesce(bool_or(here), false) AS here, max(latest) AS latest
    FROM who LEFT JOIN visits USING (subject_id) GROUP BY person_id
    ORDER BY here DESC, latest DESC NULLS LAST, person_id LIMIT $2 OFFSET $3
"""


@dataclass(frozen=True)
class Page:
    """Which part of a list, and when its reader last looked at a person."""

    limit: int = 50
    offset: int = 0
    last_seen: Callable[[int], datetime | None] = lambda _: None


def worklist(reader: Reader, *, moment: Moment, page: Page) -> PatientList:
    """Everybody: in-patients first, then by the latest encounter."""
    found = reader.query(
        WORKLIST,
        tables=["patient", "person_link", "encounter"],
        params=[moment.judged_at, page.limit, page.offset],
    )
    return listed(reader, found.to_pydict(), moment=moment, page=page)


def find_patients(reader: Reader, text: str, *, moment: Moment, page: Page) -> PatientList:
    """Those of whom every word begins a name, an identifier or the birth date."""
    words = fold(text).split()
    if not words:
        return worklist(reader, moment=moment, page=page)
    beginnings = " AND ".join(
        "(contains(' ' || search_text, ' ' || ?) OR starts_with(birth_date, ?))" for _ in words
    )
    sql = f"""{PERSONS}
        SELECT person_id, count(*) OVER () AS total FROM who WHERE {beginnings}
        GROUP BY person_id ORDER BY min(family), min(given), person_id LIMIT ? OFFSET ?
    """
    asked = [each for word in words for each in (word, word)]
    found = reader.query(
        sql, tables=["patient", "person_link"], params=[*asked, page.limit, page.offset]
    )
    return listed(reader, found.to_pydict(), moment=moment, page=page)


def listed(
    reader: Reader, found: Mapping[str, Sequence[Any]], *, moment: Moment, page: Page
) -> PatientList:
    """The lines of some persons, in the order found."""
    persons = list(found["person_id"])
    if not persons:
        return PatientList(0, [])
    subjects = {person: reader.subjects_of(person) for person in persons}
    tables = read_all(reader, [each for some in subjects.values() for each in some])
    lines = [
        summary(person, tables.only(subjects[person]), moment=moment, seen=page.last_seen(person))
        for person in persons
    ]
    return PatientList(int(found["total"][0]), lines)


@dataclass(frozen=True)
class Tables:
    """The rows of some subjects, by subject."""

    patient: Mapping[int, Sequence[Row]]
    encounter: Mapping[int, Sequence[Row]]
    stay: Mapping[int, Sequence[Row]]
    event: Any  # a pyarrow.Table, which ships no types
    places: Mapping[int, Sequence[int]]

    def only(self, subjects: Sequence[int]) -> Tables:
        """The rows of one person."""
        rows = [row for each in subjects for row in self.places.get(each, ())]
        return Tables(
            patient={each: self.patient.get(each, ()) for each in subjects},
            encounter={each: self.encounter.get(each, ()) for each in subjects},
            stay={each: self.stay.get(each, ()) for each in subjects},
            event=self.event.take(rows),
            places={},
        )


def read_all(reader: Reader, subjects: Sequence[int]) -> Tables:
    """What the lines of some subjects are made from, each table read once."""

    def read(table: str, columns: Sequence[str]) -> dict[int, list[Row]]:
        wanted = list(dict.fromkeys(["subject_id", *columns]))
        return by_subject(rows_of(reader.rows(table, subjects=subjects, columns=wanted)))

    event = reader.rows("event", subjects=subjects, columns=EVENT_COLUMNS)
    places: dict[int, list[int]] = {}
    for row, subject in enumerate(event.column("subject_id").to_pylist()):
        places.setdefault(subject, []).append(row)
    return Tables(
        patient=read("patient", PATIENT_COLUMNS),
        encounter=read("encounter", ENCOUNTER_COLUMNS),
        stay=read("location_stay", STAY_COLUMNS),
        event=event,
        places=places,
    )


def by_subject(rows: Sequence[Row]) -> dict[int, list[Row]]:
    """Rows by their subject."""
    found: dict[int, list[Row]] = {}
    for row in rows:
        found.setdefault(row["subject_id"], []).append(row)
    return found


def flat(by: Mapping[int, Sequence[Row]]) -> list[Row]:
    """All rows of one person."""
    return [row for rows in by.values() for row in rows]


def summary(
    person_id: int, tables: Tables, *, moment: Moment, seen: datetime | None
) -> PatientSummary:
    """One line of the list."""
    patients = sorted(flat(tables.patient), key=lambda row: row["known_at"], reverse=True)
    aligned, at = align(tables.event), moment.judged_at
    stay = current_stay(flat(tables.encounter), flat(tables.stay), at=at)
    birth, death = first(patients, "birth_date"), first(patients, "death_time")
    dead = first(patients, "deceased") is True and happened(death, at=at)
    last = newest(aligned, before=stamp(at))
    return PatientSummary(
        person_id=str(person_id),
        family=first(patients, "family"),
        given=first(patients, "given"),
        sex=first(patients, "sex"),
        birth_date=birth,
        age_text=age_of(birth, at=at, dead=dead, death=death),
        identifiers=identifiers(patients),
        deceased=True if dead else None,
        ward=None if stay is None else place(stay),
        last_time=None if last is None else instant(aligned.events.when[last]),
        last_label=None if last is None else label(aligned.events.rows([last])[0]),
        problems=going_on(aligned, at=at),
        unseen=unseen(aligned, since=seen),
    )


def newest(aligned: Aligned, *, before: int) -> int | None:
    """The latest thing that happened; neither what is planned nor what has no time."""
    times, lanes = aligned.events.column("time"), aligned.events.column("category")
    for row in aligned.shown:
        if times[row] is not None and times[row] <= before and lanes[row] != "other":
            return row
    return None


def going_on(aligned: Aligned, *, at: datetime) -> list[str]:
    """Names of the problems that are going on, the newest first."""
    rows = [
        row
        for row in aligned.where("problem")
        if applies(aligned, row) and is_current(aligned, row, at=at)
    ]
    names = Counter(str(label(row)) for row in aligned.events.rows(rows))
    return list(names)[:PROBLEMS_SHOWN]


def unseen(aligned: Aligned, *, since: datetime | None) -> int:
    """How many facts were recorded or became known since somebody last looked; 0 if never."""
    if since is None:
        return 0
    recorded, known = (aligned.events.column(name) for name in ("recorded_at", "known_at"))
    mark = stamp(since)
    return sum(1 for row in aligned.shown if max(recorded[row], known[row]) > mark)
