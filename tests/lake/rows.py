"""Made-up rows for the lake's tests: no medicine in them, only ids, times and lineage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow as pa

from vitruvian.record import TABLES
from vitruvian.trust import Access

DAY = timedelta(days=1)
START = datetime(2020, 1, 1, tzinfo=UTC)
DOCTOR = Access(who="dr.vega", role="clinician", purpose="treatment", request="r-1")
NOBODY = Access(who="", role="clinician", purpose="treatment")

Row = dict[str, Any]


def lineage(*, known_day: int = 0) -> Row:
    return {
        "site": "st-elsewhere",
        "source_id": "0123456789abcdef",
        "locator": "1#/",
        "known_at": START + known_day * DAY,
        "known_at_basis": "stated",
    }


def event(event_id: int, *, subject: int = 1, known_day: int = 0, **more: object) -> Row:
    said = {
        "event_id": event_id,
        "subject_id": subject,
        "time": START,
        "category": "laboratory",
        "code": "LOINC//2524-7",
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "codings": [{"system": "http://loinc.org", "code": "2524-7", "display": None}],
        "flags": ["implausible"],
    }
    return {**said, **lineage(known_day=known_day), **more}


def retirement(
    retirement_id: int,
    *,
    scope: str,
    target: int,
    subject: int | None = 1,
    known_day: int = 0,
) -> Row:
    said = {
        "retirement_id": retirement_id,
        "subject_id": subject,
        "scope": scope,
        "target_id": target,
        "reason": "superseded",
    }
    return {**said, **lineage(known_day=known_day)}


def resource(version_id: int, *, subject: int | None = 1, body: bytes = b"{}") -> Row:
    said = {
        "version_id": version_id,
        "subject_id": subject,
        "record": 0,
        "resource_type": "Observation",
        "resource_id": f"o{version_id}",
        "content_hash": "00",
        "deleted": False,
        "bytes": body,
    }
    return {**said, **lineage()}


def stay(stay_id: int, *, subject: int, ward: str = "Ward 7") -> Row:
    """Somebody who lies on a ward and has not left it."""
    said = {"stay_id": stay_id, "subject_id": subject, "encounter_id": stay_id}
    more = {"version_id": stay_id, "location_text": ward, "status": "active", "start_time": START}
    return {**said, **more, **lineage()}


def source(source_id: str) -> Row:
    return {**lineage(), "source_id": source_id, "sha256": "0" * 64}


def link(link_id: int, *, subject: int, person: int, linked: bool = True) -> Row:
    said = {"link_id": link_id, "subject_id": subject, "person_id": person, "linked": linked}
    return {**said, **lineage()}


def arrow(table: str, rows: Iterable[Mapping[str, object]]) -> pa.Table:
    """Rows as Arrow, with only the columns that some row names."""
    listed = list(rows)
    schema = TABLES[table].schema
    names = [name for name in schema.names if any(name in row for row in listed)]
    columns = {
        name: pa.array([row.get(name) for row in listed], schema.field(name).type) for name in names
    }
    return pa.table(columns)


def ids(rows: pa.Table, *, column: str = "event_id") -> list[int]:
    return sorted(rows.column(column).to_pylist())


class TickingClock:
    """A clock that goes one second forward each time it is asked."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now
