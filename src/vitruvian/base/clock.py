"""The only place that asks what time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Something that knows what time it is; tests bring their own."""

    def __call__(self) -> datetime:
        """Give the present instant, with zone UTC."""
        ...


def system_clock() -> datetime:
    """Give the present instant in UTC, to the microsecond."""
    return datetime.now(UTC)
