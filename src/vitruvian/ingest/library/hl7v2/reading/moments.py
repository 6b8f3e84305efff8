"""Dates and times of HL7 v2 as instants, with what they leave open.

References
----------
HL7 Version 2.8.2, chapter 2.A.22 DTM: a time without zone is in the zone of MSH-7.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

_DTM = re.compile(
    r"(\d{4})(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(?:(\d\d)(\.\d{1,6})?\d*)?)?)?)?)?([+-]\d{4})?"
)
_DAY_DIGITS = 3
_HOUR = 4


@dataclass(frozen=True)
class Moment:
    """Earliest instant, latest instant (exclusive; None for a full time), offset, as sent."""

    start: datetime
    until: datetime | None
    offset: int | None
    as_sent: str
    zone_assumed: bool


@dataclass(frozen=True)
class Zones:
    """Which zone holds for a time without one: of the site, and of the message's own clock."""

    site: tzinfo
    declared: bool
    clock: tzinfo | None = None

    def with_clock(self, said: str) -> Zones:
        """Zones for a message whose MSH-7 says ``said``.

        The site's zone, which knows summer time, stays when it agrees with the offset of MSH-7.
        """
        found = read_moment(said, self)
        if found is None or found.offset is None:
            return self
        clock = timezone(timedelta(minutes=found.offset))
        agrees = self.declared and found.start.astimezone(self.site).utcoffset() == clock.utcoffset(
            None
        )
        return self if agrees else Zones(self.site, self.declared, clock)


def zones_of(name: str, *, declared: bool) -> Zones:
    """Zones of a site."""
    return Zones(ZoneInfo(name), declared)


@lru_cache(maxsize=50_000)
def read_moment(said: str, zones: Zones) -> Moment | None:
    """What a date or time means; None when it is no date.

    Examples
    --------
    >>> found = read_moment("202403", zones_of("UTC", declared=True))
    >>> found.start.isoformat(), found.until.isoformat()
    ('2024-03-01T00:00:00+00:00', '2024-04-01T00:00:00+00:00')
    """
    found = _DTM.fullmatch(said.strip())
    if found is None:
        return None
    parts = [int(part) for part in found.groups()[:6] if part is not None]
    offset = _minutes(found[8])
    zone = _zone(offset, len(parts), zones)
    try:
        local = _local(parts, found[7])
        start = local.replace(tzinfo=zone).astimezone(UTC)
        until = _until(local, len(parts))
        end = None if until is None else until.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    by_clock = zones.clock is not None and len(parts) > _DAY_DIGITS
    assumed = offset is None and not zones.declared and not by_clock
    return Moment(start, end, offset, said.strip(), assumed)


def _zone(offset: int | None, precision: int, zones: Zones) -> tzinfo:
    """A date without time is a day of the site; a time follows the message's clock."""
    if offset is not None:
        return timezone(timedelta(minutes=offset))
    return zones.clock if zones.clock is not None and precision > _DAY_DIGITS else zones.site


def _minutes(said: str | None) -> int | None:
    if said is None:
        return None
    minutes = int(said[1:3]) * 60 + int(said[3:])
    if minutes >= 24 * 60:
        return None
    return -minutes if said[0] == "-" else minutes


def _local(parts: list[int], fraction: str | None) -> datetime:
    year, month, day, hour, minute, second = [*parts, *(0, 1, 1, 0, 0, 0)[len(parts) :]]
    spill = timedelta(seconds=1) if second == 60 else timedelta()  # noqa: PLR2004  leap second
    micro = round(float(fraction) * 1_000_000) if fraction else 0
    return (
        datetime(year, month, day, hour, minute, min(second, 59))  # noqa: DTZ001  the zone is set by the caller
        + spill
        + timedelta(microseconds=micro)
    )


def _until(local: datetime, precision: int) -> datetime | None:
    if precision == 1:
        return local.replace(year=local.year + 1)
    if precision == 2:  # noqa: PLR2004  year and month
        return (local.replace(day=28) + timedelta(days=4)).replace(day=1)
    if precision == _DAY_DIGITS:
        return local + timedelta(days=1)
    return local + timedelta(hours=1) if precision == _HOUR else None
