"""Whose record: the worklist, and the search by name, identifier or birth date."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.picture.answers import PatientList, PatientSummary
from vitruvian.picture.facts.events import (
    SAME_FACT,
    Aligned,
    align,
    instant,
    names,
)
from vitruvian.picture.facts.words import label
from vitruvian.picture.find.recent import last_of, that_count, unseen_of
from vitruvian.picture.moment import Moment
from vitruvian.picture.panels.banner import age_of, first, happened, identifiers
from vitruvian.picture.panels.episodes import current_stay, place
from vitruvian.picture.panels.statements import applies, is_current
from vitruvian.picture.record import (
    ENCOUNTER_COLUMNS,
    PATIENT_COLUMNS,
    STAY_COLUMNS,
    named_first,
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
        *names("code_text unit numeric_value comparator text_value value_code flags recorded_at"),
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
# Everybody in the order of the worklist; $1 is the moment judged from.
EVERYBODY = f"""{PERSONS}, visits AS (
        SELECT subject_id, max(start_time) FILTER (start_time <= $1) AS latest,
               min(start_time) FILTER (start_time > $1) AS planned,
               bool_or(start_time <= $1 AND status IN ('in-progress', 'onleave')
                       AND end_time IS NULL AND class_code LIKE '%//IMP') AS here
        FROM encounter GROUP BY subject_id
    )
    SELECT person_id, coalesce(bool_or(here), false) AS here, max(latest) AS latest,
           min(planned) AS planned
    FROM who LEFT JOIN visits USING (subject_id) GROUP BY person_id
    ORDER BY here DESC, latest DESC NULLS LAST, person_id
"""
POPULATION = ("patient", "person_link", "encounter")


@dataclass(frozen=True)
class Order:
    """Everybody in the order of the worklist, and how long that order holds by itself.

    Parameters
    ----------
    persons
        Ids, int64.
    since
        The moment it was judged from.
    until
        When the next planned encounter begins; None when none is planned.
    """

    persons: pa.ChunkedArray
    since: datetime
    until: datetime | None

    def holds(self, at: datetime) -> bool:
        """Whether the order is the same at another moment."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True)
class Page:
    """Which part of a list, and when its reader last looked at a person."""

    limit: int = 50
    offset: int = 0
    last_seen: Callable[[int], datetime | None] = lambda _: None


def worklist(reader: Reader, *, moment: Moment, page: Page) -> PatientList:
    """Everybody: in-patients first, then by the latest encounter."""
    at = moment.judged_at
    order = reader.once(
        "worklist",
        lambda: everybody(reader, at=at),
        tables=POPULATION,
        fits=lambda kept: kept.holds(at),
    )
    total = len(order.persons)
    persons = order.persons.slice(page.offset, page.limit).to_pylist()
    found = {"person_id": persons, "total": [total] * len(persons)}
    return listed(reader, found, moment=moment, page=page)


def everybody(reader: Reader, *, at: datetime) -> Order:
    """All persons: in-patients first, then by the latest encounter."""
    found = reader.query(EVERYBODY, tables=POPULATION, params=[at])
    planned = pc.min(found.column("planned")).as_py()
    return Order(found.column("person_id"), since=at, until=planned)


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
    members = members_of(reader, persons)
    marks = {
        subject: mark
        for person in persons
        if (mark := page.last_seen(person)) is not None
        for subject in members[person]
    }
    subjects = [subject for some in members.values() for subject in some]
    tables = read_all(reader, subjects, moment=moment, marks=marks)
    lines = [summary(person, tables, members[person], at=moment.judged_at) for person in persons]
    return PatientList(int(found["total"][0]), lines)


def members_of(reader: Reader, persons: Sequence[int]) -> dict[int, list[int]]:
    """The subjects of each person; a subject that no link names is its own person."""
    links = reader.persons()
    members = {
        person: [person] if links.get(person, person) == person else [] for person in persons
    }
    for subject, person in links.items():
        if person in members and subject not in members[person]:
            members[person].append(subject)
    return members


@dataclass(frozen=True)
class Tables:
    """What the lines of some subjects are made from, by subject."""

    patient: Mapping[int, Sequence[Row]]
    encounter: Mapping[int, Sequence[Row]]
    stay: Mapping[int, Sequence[Row]]
    last: Mapping[int, Row]
    unseen: Mapping[int, int]
    problem: Any  # a pyarrow.Table, which ships no types
    places: Mapping[int, Sequence[int]]


def read_all(
    reader: Reader, subjects: Sequence[int], *, moment: Moment, marks: Mapping[int, datetime]
) -> Tables:
    """Each table read once for all."""

    def read(table: str, columns: Sequence[str]) -> dict[int, list[Row]]:
        wanted = list(dict.fromkeys(["subject_id", *columns]))
        return by_subject(reader.rows(table, subjects=subjects, columns=wanted))

    events = reader.rows("event", subjects=subjects, columns=EVENT_COLUMNS)
    problem = events.filter(pc.equal(events.column("category"), "problem"))
    places: dict[int, list[int]] = {}
    for row, subject in enumerate(problem.column("subject_id").to_pylist()):
        places.setdefault(subject, []).append(row)
    counting = that_count(events)
    return Tables(
        patient=read("patient", PATIENT_COLUMNS),
        encounter=read("encounter", ENCOUNTER_COLUMNS),
        stay=read("location_stay", STAY_COLUMNS),
        last=last_of(counting, at=moment.judged_at),
        unseen=unseen_of(counting, marks=marks),
        problem=problem,
        places=places,
    )


def by_subject(table: pa.Table) -> dict[int, list[Row]]:
    """Rows by their subject."""
    found: dict[int, list[Row]] = {}
    for row in rows_of(table):
        found.setdefault(row["subject_id"], []).append(row)
    return found


def summary(
    person_id: int, tables: Tables, subjects: Sequence[int], *, at: datetime
) -> PatientSummary:
    """One line of the list."""

    def of(table: Mapping[int, Sequence[Row]]) -> list[Row]:
        return [row for each in subjects for row in table.get(each, ())]

    patients = named_first(of(tables.patient))
    stay = current_stay(of(tables.encounter), of(tables.stay), at=at)
    birth, death = first(patients, "birth_date"), first(patients, "death_time")
    dead = first(patients, "deceased") is True and happened(death, at=at)
    latest = [tables.last[each] for each in subjects if each in tables.last]
    last = max(latest, key=lambda row: row["time"], default=None)
    own = [row for each in subjects for row in tables.places.get(each, ())]
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
        last_time=None if last is None else instant(last["time"]),
        last_label=None if last is None else last["code_text"] or last["code"],
        problems=going_on(align(tables.problem.take(pa.array(own, pa.int64()))), at=at),
        unseen=sum(tables.unseen.get(each, 0) for each in subjects),
    )


def going_on(aligned: Aligned, *, at: datetime) -> list[str]:
    """Names of the problems that a record says are going on, the newest first."""
    rows = [
        row
        for row in aligned.where("problem")
        if applies(aligned, row)
        and is_current(aligned, row, at=at)
        and row not in aligned.events.machine_read
    ]
    found = aligned.events.rows(rows, columns=("code", "code_text"))
    return list(dict.fromkeys(label(row) for row in found))[:PROBLEMS_SHOWN]
