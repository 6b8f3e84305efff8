"""The only place that asks what time it is, and which zones there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Something that knows what time it is; tests bring their own."""

    def __call__(self) -> datetime:
        """Give the present instant, with zone UTC."""
        ...


def system_clock() -> datetime:
    """Give the present instant in UTC, to the microsecond."""
    return datetime.now(UTC)


def is_zone(name: str) -> bool:
    """Whether a time zone has this name in the IANA database.

    Examples
    --------
    >>> is_zone("Europe/Rome"), is_zone("Europe"), is_zone("Rome"), is_zone("../Rome")
    (True, False, False, False)
    """
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # unknown; no name at all; a folder of names
        return False
    return True
