"""Whom somebody may speak for: a child, and only as long as it is one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime


def still_a_child(births: Iterable[datetime | None], *, now: datetime, until_years: int) -> bool:
    """Whether a person is below an age, by everything that is known of the birth.

    Parameters
    ----------
    births
        The earliest instant at which each source says the person was born; None where one does
        not say. Where sources disagree, the oldest counts.
    now
        The present.
    until_years
        The age, in years.

    Notes
    -----
    A person of whom no source says when they were born is not taken for a child.

    Examples
    --------
    >>> from datetime import UTC
    >>> born = datetime(2008, 2, 29, tzinfo=UTC)
    >>> still_a_child([born], now=datetime(2026, 2, 28, tzinfo=UTC), until_years=18)
    True
    >>> still_a_child([born], now=datetime(2026, 3, 1, tzinfo=UTC), until_years=18)
    False
    >>> still_a_child([None], now=born, until_years=18)
    False
    """
    known = [birth for birth in births if birth is not None]
    return bool(known) and now < birthday(min(known), years=until_years)


def birthday(birth: datetime, *, years: int) -> datetime:
    """The instant of a birthday; that of a leap day is the first of March in other years."""
    try:
        return birth.replace(year=birth.year + years)
    except ValueError:
        return birth.replace(year=birth.year + years, month=3, day=1)
