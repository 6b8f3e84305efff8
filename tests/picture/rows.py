"""Hand-made rows: a test states what matters and leaves the rest to these defaults."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from vitruvian.picture.facts.events import Aligned, align
from vitruvian.record import table_named

Row = dict[str, Any]
_numbers = itertools.count(1000)
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    """An instant in UTC from its ISO form, the zone left out."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def lineage(**said: object) -> Row:
    """Where a row comes from."""
    known_at = said.pop("known_at", None) or NOON
    return {
        "site": "st-elsewhere",
        "source_id": "aaaaaaaaaaaaaaaa",
        "locator": "record 0",
        "known_at": known_at,
        "known_at_basis": "stated",
        **said,
    }


def event(code: str, **said: object) -> Row:
    """One event: final, affirmed, about the patient, observed at noon."""
    number = next(_numbers)
    basic: Row = {
        "event_id": number,
        "subject_id": 1,
        "time": NOON,
        "category": "laboratory",
        "code": code,
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "version_id": number,
        "fact_key": number,
    }
    known_at = said.get("known_at") or said.get("time") or NOON
    return basic | lineage(known_at=known_at) | said


def potassium(value: float, **said: object) -> Row:
    """One potassium in mmol/L with its laboratory's range."""
    basic: Row = {
        "code_text": "Potassium",
        "numeric_value": value,
        "value_as_sent": str(value),
        "unit": "mmol/L",
        "unit_as_sent": "mmol/L",
        "range_low": 3.5,
        "range_high": 5.1,
    }
    return event("LOINC//2823-3", **(basic | said))


def table(name: str, *rows: Mapping[str, object]) -> pa.Table:
    """Rows as the stored table of that name."""
    return pa.Table.from_pylist([dict(row) for row in rows], schema=table_named(name).schema)


def aligned(*rows: Mapping[str, object]) -> Aligned:
    """Events as the panels see them."""
    return align(table("event", *rows))
