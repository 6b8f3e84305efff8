"""Dates as the intervals they stand for, of search values and of what is stored.

Everything is compared in UTC; a value without a zone is taken as UTC.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.1.4.7 date: implicit ranges; 3.1.1.4.4 Prefixes, table of meanings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from vitruvian.api.routes.fhir.search.sql import Sql
from vitruvian.api.routes.fhir.search.words import BadValue, Prefix, prefixed

_FORM = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?)?)?)?"
)
APPROXIMATELY = 0.1
LATEST = datetime(9999, 12, 31, 23, 59, 59)  # noqa: DTZ001 - compared in UTC without a zone
FOREVER = "TIMESTAMP 'infinity'"
EVER = "TIMESTAMP '-infinity'"


@dataclass(frozen=True)
class Span:
    """An interval of time, its end exclusive; instants in UTC, without a zone."""

    low: datetime
    high: datetime


@dataclass(frozen=True)
class DateValue:
    """What a search asks of a date."""

    prefix: Prefix
    span: Span


def date_value(text: str) -> DateValue:
    """A search value from its text; raises `BadValue`.

    Examples
    --------
    >>> date_value("ge2024-02").span.high.isoformat()
    '2024-03-01T00:00:00'
    """
    prefix, rest = prefixed(text)
    # A plus sign in an address is a space unless it was escaped.
    rest = rest.replace(" ", "+")
    return DateValue(prefix, span_of(rest))


def span_of(text: str) -> Span:
    """The interval a date or an instant stands for; raises `BadValue`."""
    found = _FORM.fullmatch(text)
    span = None if found is None else _span(found)
    if span is None:
        raise BadValue("date", expected="a date or an instant, such as 2024-05-01")
    return span


def _span(found: re.Match[str]) -> Span | None:
    """The interval; None for a day that no calendar has."""
    try:
        low = _lowest(found)
        return Span(low, _highest(found, low))
    except (ValueError, OverflowError):
        return None


def _lowest(found: re.Match[str]) -> datetime:
    year, month, day, hour, minute, second = (int(found[n] or (n in {2, 3})) for n in range(1, 7))
    micro = round(float(found[7] or 0) * 1_000_000)
    local = datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  a wall clock; its zone is told apart
    local += timedelta(microseconds=min(micro, 999_999))
    zone = found[8]
    if zone in {None, "Z"}:
        return local
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return local - timedelta(minutes=minutes if zone[0] == "+" else -minutes)


def _highest(found: re.Match[str], low: datetime) -> datetime:
    if found[7]:
        return low + timedelta(milliseconds=1)
    steps = ((6, timedelta(seconds=1)), (4, timedelta(minutes=1)), (3, timedelta(days=1)))
    for group, step in steps:
        if found[group]:
            return min(low, LATEST - step) + step
    if found[2]:
        return (low.replace(day=1) + timedelta(days=32)).replace(day=1)
    return low.replace(year=low.year + 1)


# ------------------------------------------------------------------ what is stored, in SQL


def low_sql(text: str) -> str:
    """The earliest instant of a stored date, as a DuckDB expression over its text."""
    return f"""CASE length({text}) WHEN 4 THEN try_cast({text} || '-01-01' AS TIMESTAMP)
        WHEN 7 THEN try_cast({text} || '-01' AS TIMESTAMP)
        WHEN 10 THEN try_cast({text} AS TIMESTAMP)
        ELSE CASE WHEN {text}[-1] = 'Z' OR {text}[-6] IN ('+', '-')
            THEN timezone('UTC', try_cast({text} AS TIMESTAMPTZ))
            ELSE try_cast({text} AS TIMESTAMP) END END"""


def high_sql(text: str) -> str:
    """The end of a stored date, exclusive."""
    step = f"""CASE length({text}) WHEN 4 THEN INTERVAL 1 YEAR WHEN 7 THEN INTERVAL 1 MONTH
        WHEN 10 THEN INTERVAL 1 DAY
        ELSE CASE WHEN contains({text}, '.') THEN INTERVAL 1 MILLISECOND
            ELSE INTERVAL 1 SECOND END END"""
    return f"({low_sql(text)} + {step})"


def period_sql(period: str) -> tuple[str, str]:
    """Both ends of a stored Period, given as JSON; an end not said is never reached."""
    start, end = f"({period} ->> '$.start')", f"({period} ->> '$.end')"
    empty = f"coalesce({start}, {end}) IS NULL"
    low = f"CASE WHEN {empty} THEN NULL WHEN {start} IS NULL THEN {EVER} ELSE {low_sql(start)} END"
    high = f"CASE WHEN {empty} THEN NULL WHEN {end} IS NULL THEN {FOREVER} ELSE {high_sql(end)} END"
    return low, high


def timing_sql(timing: str) -> tuple[str, str]:
    """The outer limits of a stored Timing: its events, else its bounds."""
    events = f"json_extract_string({timing}, '$.event[*]')"
    low = f"list_min(list_transform({events}, lambda e: {low_sql('e')}))"
    high = f"list_max(list_transform({events}, lambda e: {high_sql('e')}))"
    bounds = period_sql(f"json_extract({timing}, '$.repeat.boundsPeriod')")
    return f"coalesce({low}, {bounds[0]})", f"coalesce({high}, {bounds[1]})"


def compared(value: DateValue, ends: tuple[str, str], *, now: datetime) -> Sql:
    """Whether a stored interval stands to a search value as its prefix says."""
    (low, high), span = ends, value.span
    within = Sql(f"{low} >= ? AND {high} <= ?", (span.low, span.high))
    if value.prefix == "ap":
        margin = abs(now.astimezone(UTC).replace(tzinfo=None) - span.low) * APPROXIMATELY
        near = (_shifted(span.high, margin), _shifted(span.low, -margin))
        return Sql(f"{low} < ? AND {high} > ?", near)
    simple = {
        "eq": within,
        "ne": Sql(f"NOT ({within.text})", within.values),
        "gt": Sql(f"{high} > ?", (span.high,)),
        "lt": Sql(f"{low} < ?", (span.low,)),
        "ge": Sql(f"{high} > ? OR ({within.text})", (span.high, *within.values)),
        "le": Sql(f"{low} < ? OR ({within.text})", (span.low, *within.values)),
        "sa": Sql(f"{low} >= ?", (span.high,)),
        "eb": Sql(f"{high} <= ?", (span.low,)),
    }
    return simple[value.prefix]


def _shifted(at: datetime, by: timedelta) -> datetime:
    try:
        return at + by
    except OverflowError:
        return LATEST if by > timedelta(0) else datetime.min  # noqa: DTZ901  a bound, no clock
