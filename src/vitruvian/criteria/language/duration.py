"""Spans of time as ACES writes them: `24h`, `1 day, 2 hours`, `1 day, 14:20:16`.

There are no months and no years: their length is not fixed.
"""

from __future__ import annotations

import re
from decimal import Decimal

SECONDS = {"weeks": 604_800, "days": 86_400, "hours": 3_600, "minutes": 60, "seconds": 1}
MICROSECONDS = 1_000_000

_NUMBER = r"[\d.]+"
_GAP = r"\s*(?:[,/]\s*)?"
_WEEKS = rf"(?:(?P<weeks>{_NUMBER})\s*w(?:ks?|eeks?)?{_GAP})?"
_DAYS = rf"(?:(?P<days>{_NUMBER})\s*d(?:ys?|ays?)?{_GAP})?"
_HOURS = rf"(?:(?P<hours>{_NUMBER})\s*h(?:rs?|ours?)?{_GAP})?"
_MINUTES = rf"(?:(?P<minutes>{_NUMBER})\s*m(?:ins?|inutes?)?{_GAP})?"
_SECONDS = rf"(?:(?P<seconds>{_NUMBER})\s*s(?:ecs?|econds?)?)?"
_CLOCK = r"(?P<minutes>\d\d):(?P<seconds>\d\d(?:\.\d+)?)"

_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        rf"{_WEEKS}\s*{_DAYS}\s*{_HOURS}\s*{_MINUTES}\s*{_SECONDS}",
        r"(?P<minutes>\d{1,2}):(?P<seconds>\d\d(?:\.\d+)?)",
        rf"{_WEEKS}\s*{_DAYS}\s*(?P<hours>\d+):{_CLOCK}",
        rf"(?P<days>\d+)[:-](?P<hours>\d\d):{_CLOCK}",
        r":(?P<seconds>\d\d(?:\.\d+)?)",
    )
)


def microseconds(text: str) -> int | None:
    """Length of a signed span of time in microseconds; None when it is not one.

    A fraction of a minute or more is cut to whole seconds, as ACES does.

    Examples
    --------
    >>> microseconds("24h") == microseconds("1 day") == 86_400_000_000
    True
    >>> microseconds("-1 day, 14:20:16"), microseconds("a month")
    (-138016000000, None)
    """
    signed = text.strip()
    sign = -1 if signed.startswith("-") else 1
    unsigned = signed[1:].strip() if signed[:1] in {"-", "+"} else signed
    for form in _FORMS:
        found = form.fullmatch(unsigned)
        if found and unsigned:
            return _total(found.groupdict(), sign=sign)
    return None


def _total(parts: dict[str, str | None], *, sign: int) -> int | None:
    given = {unit: number for unit, number in parts.items() if number}
    if any(number.count(".") > 1 or number == "." for number in given.values()):
        return None
    seconds = sum(SECONDS[unit] * Decimal(number) for unit, number in given.items())
    if "." not in given.get("seconds", ""):
        seconds = Decimal(int(seconds))
    return sign * round(seconds * MICROSECONDS)
