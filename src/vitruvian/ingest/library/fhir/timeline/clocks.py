"""Dates and times of FHIR as instants: partial dates keep bounds, zones are stated or declared.

References
----------
HL7 FHIR R4 (4.0.1), 2.24.0.1 Primitive Types: date, dateTime, instant.
"""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.engine.sql import literal

_HAS_ZONE = "(t[-1] = 'Z' OR t[-6] IN ('+', '-'))"
# a time without seconds is not FHIR, and is sent all the same
_NO_SECONDS = r"regexp_replace(t, '^(\d{4}-\d\d-\d\dT\d\d:\d\d)(Z|[+-]\d\d:\d\d)?$', '\1:00\2')"


def create_macros(connection: Any, *, zone: str) -> None:
    """SQL functions over the text of a date, in the zone declared for texts without one.

    ``fhir_from(t)``
        earliest instant (null when the text is no date)
    ``fhir_until(t)``
        latest instant, exclusive, of a partial date; null for a full instant
    ``fhir_offset(t)``
        minutes east of UTC as sent; null when none was sent
    """
    for name, body in _macros(zone).items():
        connection.execute(f"CREATE OR REPLACE MACRO {name}(t) AS ({body})")


def _macros(zone: str) -> dict[str, str]:
    here = literal(zone)
    month = "try_cast(t || '-01' AS TIMESTAMP)"
    partial = f"CASE length(t) WHEN 4 THEN {_year()} WHEN 7 THEN {month} WHEN 10 THEN {_day()} END"
    until = (
        f"CASE length(t) WHEN 4 THEN {_year()} + INTERVAL 1 YEAR "
        f"WHEN 7 THEN {month} + INTERVAL 1 MONTH WHEN 10 THEN {_day()} + INTERVAL 1 DAY END"
    )
    full = (
        f"CASE WHEN {_HAS_ZONE} "
        f"THEN coalesce(try_cast(t AS TIMESTAMPTZ), try_cast({_NO_SECONDS} AS TIMESTAMPTZ)) "
        f"ELSE timezone({here}, try_cast({_NO_SECONDS} AS TIMESTAMP)) END"
    )
    return {
        "fhir_from": f"CASE WHEN length(t) <= 10 THEN timezone({here}, {partial}) ELSE {full} END",
        "fhir_until": f"CASE WHEN length(t) <= 10 THEN timezone({here}, {until}) END",
        "fhir_offset": _offset(),
    }


def _year() -> str:
    return "try_cast(t || '-01-01' AS TIMESTAMP)"


def _day() -> str:
    return "try_cast(t AS TIMESTAMP)"


def _offset() -> str:
    sign = "CASE WHEN t[-6] = '-' THEN -1 ELSE 1 END"
    minutes = "try_cast(t[-5:-4] AS INTEGER) * 60 + try_cast(t[-2:] AS INTEGER)"
    return (
        "CASE WHEN length(t) <= 10 THEN NULL WHEN t[-1] = 'Z' THEN 0 "
        rf"WHEN regexp_matches(t, '[+-]\d\d:\d\d$') THEN {sign} * ({minutes}) END::SMALLINT"
    )
