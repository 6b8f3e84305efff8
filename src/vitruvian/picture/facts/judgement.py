"""What may be said about a number: abnormal or not, rising or falling, and why.

No limit of ours enters: a result is abnormal because its laboratory flagged it, or because it
lies outside the range that the same laboratory sent with it.

References
----------
HL7 v3 code system ObservationInterpretation 4.0.0, the codes of ``FLAGGED`` and ``UNFLAGGED``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from vitruvian.picture.types import Trend

FLAGGED = frozenset({"A", "AA", "H", "HH", "HU", "HX", "H>", "L", "LL", "LU", "LX", "L<"})
UNFLAGGED = frozenset({"N"})
FEWEST_FOR_A_TREND = 3


class Reading(NamedTuple):
    """One result as its laboratory sent it."""

    value: float | None
    comparator: str | None = None
    low: float | None = None
    high: float | None = None
    interpretation: str | None = None


def possible(value: float, comparator: str | None) -> tuple[float, float]:
    """The interval a result allows: `< 5` allows everything below 5.

    Examples
    --------
    >>> possible(5.0, "<")
    (-inf, 5.0)
    """
    lower = -math.inf if comparator in ("<", "<=") else value
    upper = math.inf if comparator in (">", ">=") else value
    return lower, upper


def against_range(reading: Reading) -> bool | None:
    """Whether a result lies outside its own range; None when that cannot be said."""
    if reading.value is None or (reading.low is None and reading.high is None):
        return None
    low = -math.inf if reading.low is None else reading.low
    high = math.inf if reading.high is None else reading.high
    lower, upper = possible(reading.value, reading.comparator)
    below = upper < low or (reading.comparator == "<" and upper <= low)
    above = lower > high or (reading.comparator == ">" and lower >= high)
    if below or above:
        return True
    return False if low <= lower and upper <= high else None


def abnormal(reading: Reading) -> bool | None:
    """Whether a result is abnormal by its flag, else by its range; None when neither tells.

    Examples
    --------
    >>> abnormal(Reading(6.1, low=3.5, high=5.1))
    True
    >>> abnormal(Reading(6.1)) is None
    True
    """
    if reading.interpretation in FLAGGED:
        return True
    if reading.interpretation in UNFLAGGED:
        return False
    return against_range(reading)


def trend(values: Sequence[float]) -> tuple[Trend, str]:
    """The direction of the last three exact results, oldest first, and the rule in words.

    Examples
    --------
    >>> trend([4.0, 4.4, 5.0])[0]
    'rising'
    >>> trend([4.0, 4.4])[0]
    'unknown'
    """
    if len(values) < FEWEST_FOR_A_TREND:
        return "unknown", "fewer than three exact results"
    first, second, third = values[-3:]
    if first < second < third:
        return "rising", "each of the last two results is higher than the one before"
    if first > second > third:
        return "falling", "each of the last two results is lower than the one before"
    return "steady", "the last three results neither all rise nor all fall"
