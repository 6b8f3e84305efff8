"""The lines of a list of patients: each read once, and kept until something of it changes."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.picture.answers import PatientSummary
from vitruvian.picture.facts.events import SAME_FACT, Aligned, align, instant, names, stamp
from vitruvian.picture.facts.named import with_names_each
from vitruvian.picture.facts.words import label
from vitruvian.picture.find.recent import last_of, news_of, that_count
from vitruvian.picture.panels.banner import age_of, first, happened, identifiers
from vitruvian.picture.panels.episodes import IN_HOSPITAL, NOT_TAKEN, current_stay, place
from vitruvian.picture.panels.statements import applies, is_current
from vitruvian.picture.record import (
    ENCOUNTER_COLUMNS,
    PATIENT_COLUMNS,
    STAY_COLUMNS,
    named_first,
    rows_of,
)
from vitruvian.terms.releases import Terms

if TYPE_CHECKING:
    from vitruvian.lake import Reader

Row = Mapping[str, Any]
Numbers = npt.NDArray[np.int64]
TABLES = ("patient", "encounter", "location_stay", "event")
PROBLEMS_SHOWN = 4
MOST_BYTES_KEPT = 32 * 2**20
WEIGHT_OF_A_LINE = 4096
LONG_AGO, NEVER = -(2**62), 2**62
EVENT_COLUMNS = sorted(
    {
        *SAME_FACT,
        *names("event_id subject_id time end_time status state temporality known_at code_text"),
        *names("flags recorded_at"),
    }
)
# What only results and allergies are told apart by: a line names neither, so it is not read.
NOT_OF_PROBLEMS = {
    **dict.fromkeys(names("source_id unit comparator text_value value_code"), pa.string()),
    "numeric_value": pa.float64(),
}


@dataclass(frozen=True)
class Line:
    """One line of a list, all but what depends on the reader's clock and on who reads.

    Parameters
    ----------
    subjects
        Who the person is.
    noted
        Those of them that the audit names when the line is shown.
    since, until
        From when until before when it is right, in microseconds since 1970.
    said
        The line, without age, death and what is unseen.
    birth, death, dead
        What the sources say of the person's life.
    news
        (n,) ascending: when each fact was told last, in microseconds since 1970.
    """

    subjects: tuple[int, ...]
    noted: tuple[int, ...]
    since: int
    until: int
    said: PatientSummary
    birth: str | None
    death: str | None
    dead: bool
    news: Numbers

    def holds(self, subjects: Sequence[int], *, at: int) -> bool:
        """Whether it is the line of these subjects at a moment."""
        return self.subjects == tuple(subjects) and self.since <= at < self.until

    def shown(self, *, at: datetime, seen: datetime | None) -> PatientSummary:
        """The line as of a moment, for somebody who last looked then."""
        dead = self.dead and happened(self.death, at=at)
        later = 0 if seen is None else int(np.searchsorted(self.news, stamp(seen), "right"))
        return replace(
            self.said,
            age_text=age_of(self.birth, at=at, dead=dead, death=self.death),
            deceased=True if dead else None,
            unseen=0 if seen is None else len(self.news) - later,
        )

    @property
    def weight(self) -> int:
        """Bytes it takes, about."""
        return WEIGHT_OF_A_LINE + int(self.news.nbytes)


class Book:
    """The lines asked for last in one state, within a budget of bytes; safe for threads."""

    def __init__(self, lines: Iterable[Line] = ()) -> None:
        self._lines = OrderedDict((int(one.said.person_id), one) for one in lines)
        self._bytes = sum(one.weight for one in self._lines.values())
        self._guard = threading.Lock()

    def get(self, person: int, subjects: Sequence[int], *, at: int) -> Line | None:
        """The line of a person, if it is kept and right at a moment."""
        with self._guard:
            found = self._lines.get(person)
            if found is None or not found.holds(subjects, at=at):
                return None
            self._lines.move_to_end(person)
            return found

    def put(self, line: Line) -> None:
        """Keep a line, and let go of those asked for longest ago."""
        person = int(line.said.person_id)
        with self._guard:
            before = self._lines.pop(person, None)
            self._bytes += line.weight - (0 if before is None else before.weight)
            self._lines[person] = line
            while self._bytes > MOST_BYTES_KEPT:
                self._bytes -= self._lines.popitem(last=False)[1].weight

    def without(self, touched: frozenset[int]) -> Book:
        """A book of the lines in which none of these subjects is."""
        with self._guard:
            return Book(one for one in self._lines.values() if touched.isdisjoint(one.subjects))


def lines_of(
    reader: Reader,
    persons: Sequence[int],
    *,
    at: datetime,
    last_seen: Callable[[int], datetime | None],
) -> list[PatientSummary]:
    """The lines of some persons, in the order given; the audit notes all of them."""
    # A release that comes names codes of patients of whom nothing else is new.
    releases = reader.once("releases", lambda: Terms(reader).releases, tables=["terminology"])
    question = " ".join(["lines", *(str(one.release_id) for one in releases)])
    book = reader.followed(question, make=Book, follow=Book.without, tables=TABLES)
    members = {person: reader.links.subjects_of(person) for person in persons}
    found = {person: book.get(person, members[person], at=stamp(at)) for person in persons}
    missing = {person: members[person] for person, line in found.items() if line is None}
    for line in read_lines(reader, missing, at=at) if missing else ():
        found[int(line.said.person_id)] = line
        if reader.as_of.recorded_at is None and reader.as_of.known_at is None:
            book.put(line)
    lines = [line for line in found.values() if line is not None]
    reader.note([one for line in lines for one in line.noted])
    return [line.shown(at=at, seen=last_seen(int(line.said.person_id))) for line in lines]


@dataclass(frozen=True)
class Tables:
    """What the lines of some subjects are made from, by subject."""

    patient: Mapping[int, Sequence[Row]]
    encounter: Mapping[int, Sequence[Row]]
    stay: Mapping[int, Sequence[Row]]
    last: Mapping[int, Row]
    news: Mapping[int, Numbers]
    problem: Mapping[int, pa.Table]
    turns: Mapping[int, tuple[int, int]]


def read_lines(reader: Reader, members: Mapping[int, Sequence[int]], *, at: datetime) -> list[Line]:
    """The lines of some persons, read from their rows: each table once for all."""
    tables = read_all(reader, [one for some in members.values() for one in some], at=at)
    return [
        line_of(person, tables, members[person], noted=reader.noted, at=at) for person in members
    ]


def read_all(reader: Reader, subjects: Sequence[int], *, at: datetime) -> Tables:
    """Each table read once for all."""

    def read(table: str, columns: Sequence[str]) -> pa.Table:
        wanted = list(dict.fromkeys(["subject_id", *columns]))
        return reader.rows(table, subjects=subjects, columns=wanted)

    events = read("event", EVENT_COLUMNS)
    problem = problems_of(events)
    counting = that_count(events)
    visits = may_be_going_on(read("encounter", ENCOUNTER_COLUMNS))
    stays = may_be_taken(read("location_stay", STAY_COLUMNS)) if visits.num_rows else None
    told = [(counting, "time"), (problem, "end_time")]
    lying = [one for one in (visits, stays) if one is not None]
    told += [(one, name) for one in lying for name in ("start_time", "end_time")]
    return Tables(
        patient=by_subject(read("patient", PATIENT_COLUMNS)),
        encounter=by_subject(visits),
        stay={} if stays is None else by_subject(stays),
        last=last_of(counting, at=at),
        news=news_of(counting),
        problem=with_names_each(parted(problem), reader),
        turns=turns_of(told, at=stamp(at)),
    )


def problems_of(events: pa.Table) -> pa.Table:
    """The problems among some events."""
    found = events.filter(pc.equal(events.column("category"), "problem"))
    for name, kind in NOT_OF_PROBLEMS.items():
        found = found.append_column(name, pa.nulls(found.num_rows, kind))
    return found


def may_be_going_on(visits: pa.Table) -> pa.Table:
    """Encounters in which a patient may lie, now or later."""
    known = pa.array(sorted(IN_HOSPITAL))
    return visits.filter(pc.is_in(visits.column("status"), value_set=known))


def may_be_taken(stays: pa.Table) -> pa.Table:
    """Stays in which a patient may lie, now or later."""
    known = pa.array(sorted(NOT_TAKEN))
    return stays.filter(pc.invert(pc.is_in(stays.column("status"), value_set=known)))


def turns_of(told: Iterable[tuple[pa.Table, str]], *, at: int) -> dict[int, tuple[int, int]]:
    """By subject, the last instant up to a moment and the first after it that its rows name.

    Between the two its line does not change by itself.
    """
    pairs = [(numbers(rows, "subject_id"), numbers(rows, name)) for rows, name in told]
    whose = np.concatenate([one for one, _ in pairs])
    times = np.concatenate([one for _, one in pairs])
    order = np.lexsort((times, whose))
    whose, times = whose[order], times[order]
    found: dict[int, tuple[int, int]] = {}
    if not len(whose):
        return found
    starts = np.flatnonzero(np.append([True], whose[1:] != whose[:-1]))
    for subject, own in zip(whose[starts].tolist(), np.split(times, starts[1:]), strict=True):
        place = int(np.searchsorted(own, at, "right"))
        before = int(own[place - 1]) if place else LONG_AGO
        found[subject] = (before, int(own[place]) if place < len(own) else NEVER)
    return found


def numbers(rows: pa.Table, name: str) -> Numbers:
    """(n,) a column of numbers or instants; what is absent lies before everything."""
    column = rows.column(name).cast(pa.int64())
    return np.asarray(pc.fill_null(column, LONG_AGO).to_numpy(), np.int64)


def parted(table: pa.Table) -> dict[int, pa.Table]:
    """Rows by their subject, not copied for each."""
    rows = table.sort_by("subject_id").combine_chunks()
    found = np.unique(numbers(rows, "subject_id"), return_index=True, return_counts=True)
    whose, starts, counts = (each.tolist() for each in found)
    return {one: rows.slice(*part) for one, *part in zip(whose, starts, counts, strict=True)}


def by_subject(table: pa.Table) -> dict[int, list[Row]]:
    """Rows by their subject."""
    found: dict[int, list[Row]] = {}
    for row in rows_of(table):
        found.setdefault(row["subject_id"], []).append(row)
    return found


def line_of(
    person_id: int,
    tables: Tables,
    subjects: Sequence[int],
    *,
    noted: AbstractSet[int],
    at: datetime,
) -> Line:
    """One line, and how long it holds."""

    def of(table: Mapping[int, Sequence[Row]]) -> list[Row]:
        return [row for each in subjects for row in table.get(each, ())]

    patients = named_first(of(tables.patient))
    turns = [tables.turns[each] for each in subjects if each in tables.turns]
    news = [tables.news[each] for each in subjects if each in tables.news]
    return Line(
        subjects=tuple(subjects),
        noted=tuple(one for one in subjects if one in noted),
        since=max((before for before, _ in turns), default=LONG_AGO),
        until=min((after for _, after in turns), default=NEVER),
        said=summary(person_id, tables, subjects, at=at),
        birth=first(patients, "birth_date"),
        death=first(patients, "death_time"),
        dead=first(patients, "deceased") is True,
        news=np.sort(np.concatenate(news)) if news else np.empty(0, np.int64),
    )


def summary(
    person_id: int, tables: Tables, subjects: Sequence[int], *, at: datetime
) -> PatientSummary:
    """What a line says beside age, death and what is unseen."""

    def of(table: Mapping[int, Sequence[Row]]) -> list[Row]:
        return [row for each in subjects for row in table.get(each, ())]

    patients = named_first(of(tables.patient))
    stay = current_stay(of(tables.encounter), of(tables.stay), at=at)
    latest = [tables.last[each] for each in subjects if each in tables.last]
    last = max(latest, key=lambda row: row["time"], default=None)
    own = [tables.problem[each] for each in subjects if each in tables.problem]
    return PatientSummary(
        person_id=str(person_id),
        family=first(patients, "family"),
        given=first(patients, "given"),
        sex=first(patients, "sex"),
        birth_date=first(patients, "birth_date"),
        age_text=None,
        identifiers=identifiers(patients),
        deceased=None,
        ward=None if stay is None else place(stay),
        last_time=None if last is None else instant(last["time"]),
        last_label=None if last is None else last["code_text"] or last["code"],
        problems=going_on(align(pa.concat_tables(own)), at=at) if own else [],
        unseen=0,
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
