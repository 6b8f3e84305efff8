"""When something was: an instant, an interval, an age, or a word such as childhood onset.

References
----------
GA4GH Phenopacket Schema 2.0, TimeElement; ISO 8601-1:2019, durations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

_DURATION = re.compile(r"^P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?(?:T[\dHMS.]*)?$")
_PARTS = ("year", "month", "week", "day")
_MONTHS = 12
When = dict[str, Any]


def instant(text: object) -> datetime | None:
    """A timestamp in UTC; None when it is none.

    Examples
    --------
    >>> instant("2021-05-14T10:35:00Z").isoformat()
    '2021-05-14T10:35:00+00:00'
    """
    try:
        found = datetime.fromisoformat(str(text))
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def duration(text: object) -> tuple[int, int, int, int] | None:
    """Years, months, weeks and days of an age; None when it is none.

    Examples
    --------
    >>> duration("P1Y6M"), duration("soon")
    ((1, 6, 0, 0), None)
    """
    found = _DURATION.match(str(text or ""))
    if found is None or not any(found.groups()):
        return None
    years, months, weeks, days = (int(each or 0) for each in found.groups())
    return years, months, weeks, days


def words_of(text: str) -> str:
    """An age in words.

    Examples
    --------
    >>> words_of("P1Y6M"), words_of("P1D")
    ('1 year 6 months', '1 day')
    """
    said = duration(text) or ()
    told = [
        f"{n} {part}{'' if n == 1 else 's'}" for n, part in zip(said, _PARTS, strict=False) if n
    ]
    return " ".join(told) or text


def after(born: datetime, age: tuple[int, int, int, int]) -> datetime | None:
    """The day somebody reaches an age; None beyond what a calendar holds."""
    years, months, weeks, days = age
    month = born.month - 1 + months + _MONTHS * years
    try:
        day = born.replace(year=born.year + month // _MONTHS, month=month % _MONTHS + 1, day=1)
        return day + timedelta(days=born.day - 1 + 7 * weeks + days)
    except (ValueError, OverflowError):
        return None


def _until(born: datetime, text: object) -> datetime | None:
    """The day somebody is past an age: one more of its smallest unit."""
    found = _DURATION.match(str(text or ""))
    age = duration(text)
    if found is None or age is None:
        return None
    smallest = max(place for place, part in enumerate(found.groups()) if part is not None)
    more = [n + (place == smallest) for place, n in enumerate(age)]
    return after(born, (more[0], more[1], more[2], more[3]))


def when_of(element: Mapping[str, Any] | None, born: datetime | None) -> When:
    """The columns of time of an event, and `when` in words for what no calendar shows.

    Parameters
    ----------
    element
        A TimeElement; None for none.
    born
        The day of birth, by which ages become days; None leaves them without a day.
    """
    said = element or {}
    if "timestamp" in said:
        return {"time": instant(said["timestamp"]), "time_as_sent": str(said["timestamp"])}
    if "interval" in said:
        ends = [instant(_get(said["interval"], end)) for end in ("start", "end")]
        return {"time": ends[0], "end_time": ends[1]}
    if "age" in said:
        age = str(_get(said["age"], "iso8601duration"))
        return _aged((age, age), born)
    if "ageRange" in said:
        ends = [_get(_get(said["ageRange"], end), "iso8601duration") for end in ("start", "end")]
        return _aged((str(ends[0]), str(ends[1])), born)
    return _in_words(said)


def _get(said: object, key: str) -> Any:
    return said.get(key) if isinstance(said, dict) else None


def _aged(ages: tuple[str, str], born: datetime | None) -> When:
    first, last = ages
    words = words_of(first) if first == last else f"{words_of(first)} to {words_of(last)}"
    told: When = {"time_as_sent": first if first == last else f"{first}/{last}", "when": words}
    age = duration(first)
    if born is not None and age is not None:
        earliest = after(born, age)
        told |= {"time": earliest, "time_min": earliest, "time_max": _until(born, last)}
    return told


def _in_words(said: Mapping[str, Any]) -> When:
    if "gestationalAge" in said:
        weeks, days = (_get(said["gestationalAge"], each) for each in ("weeks", "days"))
        words = f"{weeks or 0} weeks {days or 0} days of gestation"
        return {"time_as_sent": words, "when": words}
    label = _get(said.get("ontologyClass"), "label")
    return {"time_as_sent": str(label), "when": str(label).lower()} if label else {}
