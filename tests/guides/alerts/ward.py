"""A ward of made-up patients whose observations are charted in rounds; NEWS2 is asked of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.lake.rows import lineage
from vitruvian.guides import guide_named
from vitruvian.guides.alerts import AlertRule
from vitruvian.guides.alerts.rule import rule_for

Row = dict[str, Any]
DAWN = datetime(2024, 5, 1, tzinfo=UTC)
WELL = {
    "9279-1": 16.0,
    "59408-5": 97.0,
    "8480-6": 120.0,
    "8867-4": 70.0,
    "8310-5": 37.0,
    "3151-8": 0.0,
    "9269-2": 15.0,
}
UNITS = {
    "9279-1": "/min",
    "59408-5": "%",
    "8480-6": "mm[Hg]",
    "8867-4": "/min",
    "8310-5": "Cel",
    "3151-8": "L/min",
    "9269-2": "{score}",
}
ILL = {"9279-1": 26.0, "59408-5": 90.0, "8867-4": 125.0}
"""3 + 3 + 2 points (RCP 2017, chart 1): high."""
NEWS2 = rule_for("deterioration", guide_named("news2"), answers=["high"])


def hour(number: float) -> datetime:
    """So many hours after the dawn of the first day."""
    return DAWN + timedelta(hours=number)


def rule(**said: Any) -> AlertRule:
    """The same alert, with other quiet hours or answers."""
    return rule_for("deterioration", guide_named("news2"), **{"answers": ["high"], **said})


def event(code: str, *, key: int, subject: int, at: datetime, **said: Any) -> Row:
    plain = {
        "event_id": key,
        "subject_id": subject,
        "fact_key": key,
        "time": at,
        "category": "vital",
        "code": code,
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
    }
    return {**plain, **lineage(), "known_at": at, **said}


def admitted(subject: int, *, since: datetime = DAWN, until: datetime | None = None) -> Row:
    """A stay, told when it began; its end is told from the start, as a file of the past does."""
    said = {
        "encounter_id": subject,
        "subject_id": subject,
        "version_id": subject,
        "status": "in-progress" if until is None else "finished",
        "class_code": "ACTCODE//IMP",
        "start_time": since,
        "end_time": until,
    }
    return {**said, **lineage(), "known_at": since}


def man(subject: int) -> list[Row]:
    """Born 1950, male."""
    born = datetime(1950, 6, 1, tzinfo=UTC)
    return [
        event("MEDS_BIRTH", key=subject * 10_000 + 1, at=born, subject=subject),
        event("GENDER//male", key=subject * 10_000 + 2, at=born, subject=subject),
    ]


def round_of(
    subject: int,
    at: datetime,
    values: Mapping[str, float],
    *,
    number: int,
    known: datetime | None = None,
) -> Iterator[Row]:
    """One round of observations; `number` keeps the ids of rounds apart."""
    for place, (loinc, value) in enumerate(values.items()):
        yield event(
            f"LOINC//{loinc}",
            key=subject * 10_000 + number * 10 + place + 10,
            subject=subject,
            at=at,
            known_at=known or at,
            numeric_value=value,
            unit=UNITS[loinc],
        )


def ill(subject: int, at: datetime, *, number: int, known: datetime | None = None) -> list[Row]:
    """A round with a high score."""
    return list(round_of(subject, at, WELL | ILL, number=number, known=known))


def well(subject: int, at: datetime, *, number: int, known: datetime | None = None) -> list[Row]:
    """A round with a score of nought."""
    return list(round_of(subject, at, WELL, number=number, known=known))


def taken_back(row: Row, *, known: datetime) -> Row:
    """The retirement of one event."""
    said = {
        "retirement_id": row["event_id"],
        "subject_id": row["subject_id"],
        "scope": "event",
        "target_id": row["event_id"],
        "reason": "superseded",
    }
    return {**said, **lineage(), "known_at": known}


def tables(events: Iterable[Row], visits: Iterable[Row], gone: Iterable[Row] = ()) -> Any:
    """What a lake takes."""
    return {"event": list(events), "encounter": list(visits), "retirement": list(gone)}
