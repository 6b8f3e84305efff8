"""What the patient's own page is made of. Words are for people who are no professionals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

Relation = Literal["self", "proxy"]


@dataclass(frozen=True)
class MyRecord:
    """One record the account may open: its own, or that of a child it speaks for.

    `closes_on` is the day from which nobody speaks for the child any more.
    """

    person_id: str
    relation: Relation
    name: str
    closes_on: date | None


@dataclass(frozen=True)
class MyRecords:
    """Every record the account may open; empty for accounts that are no patient's."""

    records: tuple[MyRecord, ...]


@dataclass(frozen=True)
class Item:
    """One line: what, its value with unit, when, and a word that explains it."""

    what: str
    value: str | None
    when: datetime | None
    note: str | None
    event_id: str | None
    note_id: str | None = None


@dataclass(frozen=True)
class Section:
    """Lines of one kind, with a sentence for people, and one for when there are none."""

    key: str
    title: str
    about: str
    empty: str
    items: tuple[Item, ...]
    more: int


@dataclass(frozen=True)
class KnownAboutMe:
    """What is known about a patient, in plain words.

    `waiting` says what is shown only after a clinician has released it; it is the same sentence
    whether or not anything waits.
    """

    person_id: str
    name: str
    birth_date: str | None
    age_text: str | None
    identifiers: tuple[str, ...]
    waiting: str
    sections: tuple[Section, ...]
    data_until: datetime | None


@dataclass(frozen=True)
class Look:
    """One account's looks of one kind on one day."""

    who: str
    role: str
    own: bool
    kind: Literal["looked", "took-out", "refused", "emergency", "reviewed", "wrote"]
    why: str
    reason: str | None
    first: datetime
    last: datetime
    times: int


@dataclass(frozen=True)
class Agreed:
    """What holds for one purpose: on what it rests, and what the patient's consents say."""

    purpose: str
    title: str
    answer: Literal["allowed", "refused", "not-asked", "unreadable", "no-consent-needed"]
    words: str
    basis: str


@dataclass(frozen=True)
class StudyLine:
    """One study the patient takes or took part in."""

    study: str
    title: str | None
    start: str | None
    end: str | None


@dataclass(frozen=True)
class Went:
    """One time that data left: when, to whom, for what; `certain` when it names the patient."""

    at: datetime
    who: str
    why: str
    what: str
    certain: bool


@dataclass(frozen=True)
class UseOfMyRecord:
    """Who looked, what was agreed to, which studies, what left."""

    person_id: str
    looks: tuple[Look, ...]
    earlier: int
    agreed: tuple[Agreed, ...]
    studies: tuple[StudyLine, ...]
    left: tuple[Went, ...]
