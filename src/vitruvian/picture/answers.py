"""The smaller answers around a picture: lists of patients, one series, one note, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vitruvian.picture.types import Fact, Identifier


@dataclass(frozen=True)
class PatientSummary:
    """One line of the worklist."""

    person_id: str
    family: str | None
    given: str | None
    sex: str | None
    birth_date: str | None
    age_text: str | None
    identifiers: list[Identifier]
    deceased: bool | None
    ward: str | None
    last_time: datetime | None
    last_label: str | None
    problems: list[str]
    unseen: int


@dataclass(frozen=True)
class PatientList:
    """One page of patients, and how many there are in all."""

    total: int
    patients: list[PatientSummary]


@dataclass(frozen=True)
class SeriesPoint:
    """One result of an analyte, with its laboratory's own limits."""

    time: datetime
    value: float | None
    text: str
    comparator: str | None
    event_id: str
    low: float | None
    high: float | None
    interpretation: str | None
    abnormal: bool | None
    status: str


@dataclass(frozen=True)
class Series:
    """One analyte in one unit over time, oldest first."""

    code: str
    label: str
    unit: str | None
    points: list[SeriesPoint]


@dataclass(frozen=True)
class NoteText:
    """One document with its text."""

    note_id: str
    title: str
    time: datetime | None
    known_at: datetime
    status: str | None
    language: str | None
    media_type: str | None
    text: str | None
    url: str | None
    event_id: str | None


@dataclass(frozen=True)
class FoundFacts:
    """Facts that match, newest first; `total` counts those beyond the ones listed too."""

    total: int
    facts: list[Fact]


@dataclass(frozen=True)
class NewFacts:
    """What became known since this reader last looked; `since` is null when they never did."""

    since: datetime | None
    total: int
    facts: list[Fact]
