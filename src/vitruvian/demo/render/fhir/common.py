"""Small pieces of FHIR JSON that every resource is made of.

What repeats (a concept, a place) is encoded once and kept as ready JSON; numbers go out
exactly as the laboratory printed them, trailing zeros and all.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import orjson

from vitruvian.demo.catalogue import hospital

if TYPE_CHECKING:
    from vitruvian.demo.life import Coding, Concept

TERMS = "http://terminology.hl7.org/CodeSystem"
UCUM = "http://unitsofmeasure.org"


class Pen:
    """Writes references and times for one life."""

    __slots__ = ("key", "patient")

    def __init__(self, key: str) -> None:
        self.key = key
        self.patient = {"reference": f"Patient/{key}"}

    def id(self, fact_id: str) -> str:
        """Give the resource id of a fact."""
        return f"{self.key}-{fact_id}"

    def ref(self, kind: str, fact_id: str) -> dict[str, str]:
        """Give a relative reference to a fact of this life."""
        return {"reference": f"{kind}/{self.key}-{fact_id}"}

    def encounter(self, fact_id: str | None) -> dict[str, Any]:
        """Give the ``encounter`` element, or nothing where there was none."""
        return {"encounter": self.ref("Encounter", fact_id)} if fact_id else {}


_ZONE = ZoneInfo(hospital().time_zone)
_HOUR = timedelta(hours=1)


@lru_cache(maxsize=4096)
def _offset(hour: datetime) -> tuple[timedelta, str]:
    offset = hour.astimezone(_ZONE).utcoffset() or timedelta()
    hours = int(offset / _HOUR)
    return offset, f"{hours:+03d}:00"


@lru_cache(maxsize=256)
def wall(instant: datetime) -> str:
    """Write an instant on the hospital's clock, with its offset."""
    naive = instant.replace(tzinfo=None)
    offset, suffix = _offset(naive.replace(minute=0, second=0, microsecond=0, tzinfo=UTC))
    return (naive + offset).isoformat() + suffix


def when(moment: datetime | date) -> str:
    """Write an instant, or a date where only the day is known."""
    return wall(moment) if isinstance(moment, datetime) else moment.isoformat()


def period(start: datetime, end: datetime | None) -> dict[str, str]:
    """Write a period; without an end it goes on."""
    return {"start": wall(start)} if end is None else {"start": wall(start), "end": wall(end)}


def coding(one: Coding) -> dict[str, str]:
    """Write one coding."""
    return {"system": one.system, "code": one.code, "display": one.display}


@lru_cache(maxsize=4096)
def concept(one: Concept) -> orjson.Fragment:
    """Write a concept with all its codings."""
    written: dict[str, Any] = {"text": one.text}
    if one.codings:
        written = {"coding": [coding(each) for each in one.codings], "text": one.text}
    return orjson.Fragment(orjson.dumps(written))


@lru_cache(maxsize=512)
def term(system: str, code: str) -> orjson.Fragment:
    """Write a concept of one of FHIR's own code systems, such as a status."""
    return orjson.Fragment(
        orjson.dumps({"coding": [{"system": f"{TERMS}/{system}", "code": code}]})
    )


def quantity(value: str, unit: str, ucum: str) -> dict[str, Any]:
    """Write a quantity with the number exactly as printed."""
    return {
        "value": orjson.Fragment(value),
        "unit": unit,
        "system": UCUM,
        "code": ucum,
    }


def practitioner(key: str) -> dict[str, str]:
    """Refer to a practitioner of the hospital."""
    family, given, _ = hospital().practitioners[key]
    return {"reference": f"Practitioner/{key}", "display": f"Dr {given} {family}"}


def ward(key: str) -> dict[str, str]:
    """Refer to a ward of the hospital."""
    return {"reference": f"Location/{key}", "display": hospital().wards[key]}
