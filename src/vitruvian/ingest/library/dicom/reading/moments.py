"""Dates and times of DICOM as instants, with what they leave open.

References
----------
DICOM PS3.5 section 6.2: DA, TM; PS3.3 C.12.1: Timezone Offset From UTC (0008,0201).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from vitruvian.ingest.library.dicom.reading.header import Header

_DATE = re.compile(r"(\d{4})[.-]?(\d\d)[.-]?(\d\d)")
_TIME = re.compile(r"(\d\d):?(\d\d)?:?(\d\d)?(?:\.(\d{1,6}))?")
_OFFSET = re.compile(r"([+-])(\d\d)(\d\d)")
_ZONE = "00080201"
# study, series, acquisition, content: the first that has a date
_PAIRS = (
    ("00080020", "00080030"),
    ("00080021", "00080031"),
    ("00080022", "00080032"),
    ("00080023", "00080033"),
)


@dataclass(frozen=True)
class Zone:
    """The zone declared for times without one."""

    name: str
    declared: bool


@dataclass(frozen=True)
class Moment:
    """Earliest instant, latest instant (exclusive; None for a full time), offset, as sent."""

    start: datetime
    until: datetime | None
    offset: int | None
    as_sent: str
    zone_assumed: bool


def study_moment(header: Header, zone: Zone) -> Moment | None:
    """When a study was done; None when no date is told."""
    found = (moment(header, pair, zone) for pair in _PAIRS)
    return next((each for each in found if each is not None), None)


def moment(header: Header, pair: tuple[str, str], zone: Zone) -> Moment | None:
    """The instant that a date element and a time element tell; None without a date."""
    date, time = header.text(pair[0]), header.text(pair[1])
    day = _DATE.fullmatch(date)
    if day is None:
        return None
    offset = _minutes(header.text(_ZONE))
    place: tzinfo = ZoneInfo(zone.name) if offset is None else timezone(timedelta(minutes=offset))
    try:
        local = datetime(*(int(part) for part in day.groups()), tzinfo=place)  # type: ignore[misc,arg-type]  # three numbers
        clock, step = _clock(time)
        start = (local + clock).replace(tzinfo=place).astimezone(UTC)
        until = None if step is None else (local + clock + step).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    sent = " ".join(part for part in (date, time) if part)
    return Moment(start, until, offset, sent, offset is None and not zone.declared)


def _clock(said: str) -> tuple[timedelta, timedelta | None]:
    """Time of day, and how much it leaves open; None for seconds and below."""
    found = _TIME.fullmatch(said)
    if found is None:
        return timedelta(), timedelta(days=1)
    hour, minute, second, fraction = found.groups()
    micro = int((fraction or "").ljust(6, "0"))
    clock = timedelta(
        hours=int(hour), minutes=int(minute or 0), seconds=int(second or 0), microseconds=micro
    )
    if minute is None:
        return clock, timedelta(hours=1)
    return clock, timedelta(minutes=1) if second is None else None


def _minutes(said: str) -> int | None:
    found = _OFFSET.fullmatch(said)
    if found is None:
        return None
    minutes = int(found[2]) * 60 + int(found[3])
    return -minutes if found[1] == "-" else minutes


def iso_date(said: str) -> str | None:
    """A DICOM date as ISO 8601; None when it is none.

    Examples
    --------
    >>> iso_date("19500214"), iso_date("unknown")
    ('1950-02-14', None)
    """
    found = _DATE.fullmatch(said)
    return None if found is None else "-".join(found.groups())
