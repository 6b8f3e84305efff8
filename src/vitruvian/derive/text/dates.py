"""Dates and durations written in a note, resolved against the day the note is about.

A language says in its file how it writes them: ``[dates]`` holds names of months, days, numbers
and units, and patterns with named groups. What a group means is said here.

References
----------
Styler WF et al. Temporal annotation in the clinical domain (THYME guidelines). Trans Assoc Comput
Linguist 2014;2:143-154: a date, a time relative to the note, and a duration up to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from typing import Any, NamedTuple

from vitruvian.derive.text.terms import Terms

# How far a date may stand from what it dates, in characters.
REACH = 60
OLDEST = 1900
# A year of two digits not further ahead is one to come (an appointment), not a century ago.
MOST_YEARS_AHEAD = 10
TWO_DIGITS, DECEMBER = 100, 12
DAYS_A_WEEK = 7
# A sentence without such numbers, and without a word of time, has no date. Each begins with letters
# of its own, which are found several times faster than any digit is.
_NUMBERS = [re.compile(rf"{re.escape(sign)}(?<=\d.)\d{{1,2}}[./-]\d") for sign in "./-"]
_NUMBERS += [re.compile(rf"{century}\d\d") for century in ("19", "20")]


class When(NamedTuple):
    """A date in a text: where it stands (half-open), and its first and last possible day.

    ``lasting``: it began then and goes on up to the note ("for three days").
    """

    start: int
    end: int
    first: date
    last: date
    lasting: bool


_KINDS = ("MONTH", "WEEKDAY", "UNIT", "BACK")
NUMBER, YEAR = "NUMBER", "<YEAR>"


def numbers(text: str) -> Iterator[int]:
    """Places at which a number like those of dates stands."""
    for pattern in _NUMBERS:
        for match in pattern.finditer(text):
            yield match.start()


class _Written(NamedTuple):
    """One way of writing a date, and what is in every sentence that has one."""

    needs: frozenset[str]
    pattern: re.Pattern[str]
    lasting: bool


class Dates:
    """The ways in which one language writes dates; without any, nothing is found.

    ``words``: those of time with their kinds, one of which or one of `numbers` is in every date;
    those of an age have none.
    """

    def __init__(self, said: Mapping[str, Any]) -> None:
        self._months: Mapping[str, int] = said.get("months", {})
        self._weekdays: Mapping[str, int] = said.get("weekdays", {})
        self._numbers: Mapping[str, int] = said.get("numbers", {})
        self._units: Mapping[str, str] = said.get("units", {})
        self._days_back: Mapping[str, int] = said.get("days_back", {})
        self._age = said.get("age", r"(?!)")
        # Where words have no spaces between them a date ends where its digits do.
        self._apart = said.get("apart", True)
        self._month_first = said.get("order", "dmy") == "mdy"
        self._patterns = [self._pattern(p, lasting=False) for p in said.get("points", ())]
        self._patterns += [self._pattern(p, lasting=True) for p in said.get("lasting", ())]
        named = zip(_KINDS, (self._months, self._weekdays, self._units, self._days_back),
                    strict=True)  # fmt: skip
        words: list[tuple[str, str | None]] = [(w, kind) for kind, names in named for w in names]
        # "66 year old", in every other note, is no word of time.
        ages = [(f"{unit} {self._age}", None) for unit in self._units if self._age.isalpha()]
        self.words = Terms([*words, *ages])

    def _pattern(self, text: str, *, lasting: bool) -> _Written:
        """A pattern, and which kinds of words every date written so has."""
        needs = {kind for kind in _KINDS if f"<{kind}>" in text}
        if YEAR in text or not needs:
            needs.add(NUMBER)
        return _Written(frozenset(needs), re.compile(self._filled(text)), lasting)

    def _filled(self, pattern: str) -> str:
        """A pattern with the names of months, days, numbers and units put in."""
        names = {
            "MONTH": rf"(?P<month>{_any(self._months)})",
            "WEEKDAY": rf"(?P<weekday>{_any(self._weekdays)})",
            "NUMBER": rf"(?P<number>\d{{1,3}}|{_any(self._numbers)})",
            "UNIT": rf"(?P<unit>{_any(self._units)})",
            "BACK": rf"(?P<back>{_any(self._days_back)})",
            "YEAR": r"(?P<year>(?:19|20)\d\d)",
            "DAY": r"(?P<day>\d{1,2})",
        }
        for name, group in names.items():
            pattern = pattern.replace(f"<{name}>", group)
        if not self._apart:
            return rf"(?<![\d/.-]){pattern}(?!\d|{self._age})"
        # "A 66-year-old" tells an age.
        return rf"(?<![\w/.-]){pattern}(?![\w/]|[ -]?{self._age})"

    def find(self, sentence: str, kinds: AbstractSet[str], *, seen: date) -> list[When]:
        """The dates of a sentence, none after the day of the note; the longest at a place.

        Parameters
        ----------
        sentence
            In lower case.
        kinds
            Which words of time are in it, and `NUMBER` for a number like those of dates.
        seen
            The day the note is about.
        """
        found: list[When] = []
        for needs, pattern, lasting in self._patterns:
            for match in pattern.finditer(sentence) if needs <= kinds else ():
                if any(one.start < match.end() and match.start() < one.end for one in found):
                    continue
                days = self._days(match.groupdict(), seen)
                if days is not None and days[0] <= seen:
                    found.append(When(*match.span(), days[0], min(days[1], seen), lasting))
        return found

    def _days(self, said: Mapping[str, str | None], seen: date) -> tuple[date, date] | None:
        """The first and the last day; None for a day that does not exist."""
        try:
            return self._resolved({k: v for k, v in said.items() if v is not None}, seen)
        except (ValueError, OverflowError):
            return None

    def _resolved(self, said: Mapping[str, str], seen: date) -> tuple[date, date] | None:
        if "back" in said:
            day = seen - timedelta(days=self._days_back[said["back"]])
            return day, day
        if "weekday" in said:
            day = seen - timedelta(days=(seen.weekday() - self._weekdays[said["weekday"]]) % 7)
            return day, day
        if "unit" in said:
            number = said["number"]
            count = self._numbers[number] if number in self._numbers else int(number)
            return back(seen, count, self._units[said["unit"]])
        return self._calendar(said, seen)

    def _calendar(self, said: Mapping[str, str], seen: date) -> tuple[date, date] | None:
        month = self._months[said["month"]] if "month" in said else None
        day = int(said["day"]) if "day" in said else None
        if "one" in said:
            month, day = self._ordered(int(said["one"]), int(said["two"]))
        if "iso" in said:
            month = int(said["iso"])
        year = int(said["year"]) if "year" in said else _latest(month, day, seen)
        if year < TWO_DIGITS:
            year += 2000 if 2000 + year <= seen.year + MOST_YEARS_AHEAD else 1900
        if year < OLDEST:
            return None
        return span(year, month, day)

    def _ordered(self, one: int, two: int) -> tuple[int, int]:
        """Month and day of 5/3: as the language has it, unless only the other way can be."""
        if one > DECEMBER or two > DECEMBER:
            return min(one, two), max(one, two)
        return (one, two) if self._month_first else (two, one)


def _any(words: Mapping[str, Any] | list[str]) -> str:
    """An alternative of words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)) or r"(?!)"


def _latest(month: int | None, day: int | None, seen: date) -> int:
    """The year of the last such month, or day of a month, up to a day."""
    return seen.year - ((month or 1, day or 1) > (seen.month, seen.day))


def span(year: int, month: int | None, day: int | None) -> tuple[date, date]:
    """The first and last day of a year, a month or a day.

    Examples
    --------
    >>> span(2024, 2, None)
    (datetime.date(2024, 2, 1), datetime.date(2024, 2, 29))
    """
    first = date(year, month or 1, day or 1)
    if day is not None:
        return first, first
    if month is None:
        return first, date(year, 12, 31)
    following = date(year + month // 12, month % 12 + 1, 1)
    return first, following - timedelta(days=1)


def back(seen: date, count: int, unit: str) -> tuple[date, date]:
    """So many days, weeks, months or years before a day, as exact as the unit is.

    Examples
    --------
    >>> back(date(2024, 3, 15), 2, "year")
    (datetime.date(2022, 1, 1), datetime.date(2022, 12, 31))
    >>> back(date(2024, 3, 15), 1, "week")
    (datetime.date(2024, 3, 5), datetime.date(2024, 3, 11))
    """
    if unit == "day":
        day = seen - timedelta(days=count)
        return day, day
    if unit == "week":
        day = seen - timedelta(days=DAYS_A_WEEK * count)
        return day - timedelta(days=3), day + timedelta(days=3)
    if unit == "month":
        months = seen.year * 12 + seen.month - 1 - count
        return span(months // 12, months % 12 + 1, None)
    return span(seen.year - count, None, None)


def nearest(found: list[When], *, start: int, end: int, lasting: bool) -> When | None:
    """The date that stands closest to a term, behind it rather than before; None beyond reach."""
    best: tuple[int, When] | None = None
    for when in found:
        if when.lasting and not lasting:
            continue
        # A date before a term is worth a little less: it may date the words before it.
        gap = when.start - end if when.start >= end else start - when.end + 3
        if when.start < end and when.end > start:
            continue
        if gap <= REACH and (best is None or gap < best[0]):
            best = gap, when
    return None if best is None else best[1]


__all__ = ["Dates", "When", "back", "nearest", "span"]
