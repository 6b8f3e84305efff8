"""A date as it was written, moved by some days and written the same way."""

# ruff: noqa: PLR2004 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from vitruvian.research.deidentify.notes.words import plain

_PART = re.compile(r"\d+|[^\W\d_]+")
_CLOCK = re.compile(
    r"[T ,]{1,2}(?:kl\.? ?)?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?$"
)
_TOWARDS_1900 = 40  # two digits above mean the last century
_MIDDLE = 15
# Some forms to look for when a word could be of two languages: that of the note comes first.
_SHORTS = "{}_short"


@cache
def _months() -> Mapping[str, list[str]]:
    told = tomllib.loads((Path(__file__).parent / "surrogates.toml").read_text("utf-8"))["months"]
    return {language: names.split() for language, names in told.items()}


def shifted_date(text: str, *, days: int, language: str = "") -> str | None:
    """The same words for another day; None when the day cannot be read.

    Parameters
    ----------
    text
        A date to the day, the month or the year, in digits or with the name of a month.
    days
        By how many days; a date without a day counts from the middle of its month or year.
    language
        Of the note: says whether 3/4 is in March (English) or in April, and names the month.

    Examples
    --------
    >>> shifted_date("12 de marzo de 2004", days=30)
    '11 de abril de 2004'
    >>> shifted_date("2024-02-28", days=2), shifted_date("28.02.24", days=2)
    ('2024-03-01', '01.03.24')
    >>> shifted_date("March 3, 2020", days=-3, language="en"), shifted_date("1998", days=300)
    ('February 29, 2020', '1999')
    """
    clock = _CLOCK.search(text)
    body, rest = (text[: clock.start()], text[clock.start() :]) if clock else (text, "")
    if body.isdigit() and len(body) == 8:
        body = f"{body[:4]}-{body[4:6]}-{body[6:]}"
        moved = shifted_date(body, days=days)
        return moved and moved.replace("-", "") + rest
    parts = list(_PART.finditer(body))
    roles = _roles([one[0] for one in parts], language)
    if roles is None or len(set(roles) - {""}) < len([one for one in roles if one]):
        return None  # nothing is read twice: of two dates one would stay as it is
    told = {role: one[0] for role, one in zip(roles, parts, strict=True) if role}
    moved_to = _moved(told, days, language)
    if moved_to is None:
        return None
    made, last = "", 0
    for role, one in zip(roles, parts, strict=True):
        made += body[last : one.start()]
        made += _written(role, one[0], moved_to, ("name" in roles, language)) if role else one[0]
        last = one.end()
    return made + body[last:] + rest


def _roles(parts: list[str], language: str) -> list[str] | None:
    """What each part says: day, month, name, year, or nothing."""
    names = [
        place for place, one in enumerate(parts) if not one.isdigit() and _month(one, language)
    ]
    numbers = [place for place, one in enumerate(parts) if one.isdigit()]
    roles = [""] * len(parts)
    if names:
        roles[names[0]] = "name"
        years = [n for n in numbers if len(parts[n]) == 4]
        years = years or [
            n for n in numbers if n > names[0] and _is_year(parts, n, numbers, names[0])
        ]
        for place in numbers:
            roles[place] = "year" if place in years else "day"
        return roles
    order = _order([parts[place] for place in numbers], language)
    if order is None:
        return None
    for place, role in zip(numbers, order, strict=True):
        roles[place] = role
    return roles


def _is_year(parts: list[str], place: int, numbers: list[int], name: int) -> bool:
    """Whether two digits behind a month are a year: a day stands before it, or none may."""
    return len(numbers) > 1 or int(parts[place]) > 31 or (parts[place][0] == "0" and name == 0)


def _order(numbers: list[str], language: str) -> list[str] | None:
    if len(numbers) == 1:
        return ["year"] if len(numbers[0]) == 4 else None
    if len(numbers) == 2:
        if len(numbers[1]) == 4:
            return ["month", "year"]
        return ["month", "day"] if _month_first(numbers, language) else ["day", "month"]
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4 or int(numbers[0]) > 31:
        return ["year", "month", "day"] if int(numbers[1]) <= 12 else ["year", "day", "month"]
    first = ["month", "day"] if _month_first(numbers, language) else ["day", "month"]
    return [*first, "year"]


def _month_first(numbers: list[str], language: str) -> bool:
    first, second = int(numbers[0]), int(numbers[1])
    if first > 12 or second > 12:
        return second > 12
    return language.startswith("en")


def _month(word: str, language: str) -> tuple[str, int] | None:
    """In which list a month stands, that of the note's language first, and its number."""
    low = plain(word)
    lists = _months()
    first = [one for one in (language[:2], _SHORTS.format(language[:2])) if one in lists]
    for name in [*first, *lists]:
        folded = [plain(one) for one in lists[name]]
        if low in folded:
            return name, folded.index(low) + 1
    return None


def _moved(told: Mapping[str, str], days: int, language: str) -> date | None:
    year = int(told.get("year", "2001"))
    if len(told.get("year", "2001")) == 2:
        year += 1900 if year > _TOWARDS_1900 else 2000
    month = int(told.get("month", "0"))
    if "name" in told and (found := _month(told["name"], language)):
        month = found[1]
    try:
        at = date(year, month or 7, int(told["day"]) if "day" in told else _MIDDLE)
        return at + timedelta(days=days)
    except (ValueError, OverflowError):
        return None


def _written(role: str, before: str, at: date, how: tuple[bool, str]) -> str:
    """A part of the new date, as long and in such letters as it was."""
    spelled, language = how
    if role == "name":
        found = _month(before, language)
        name = _months()[found[0] if found else "en"][at.month - 1]
        return name.upper() if before.isupper() else name.title() if before[0].isupper() else name
    if role == "year":
        return f"{at.year:04d}" if len(before) > 2 else f"{at.year % 100:02d}"
    number = at.day if role == "day" else at.month
    padded = before[0] == "0" if spelled else len(before) == 2
    return f"{number:02d}" if padded else str(number)
