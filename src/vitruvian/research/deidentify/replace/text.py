"""A note written again with something else in the place of every identifier."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from vitruvian.research.deidentify.notes import Finding, Kind
from vitruvian.research.deidentify.notes.rules.dates import OLDEST_TOLD
from vitruvian.research.deidentify.notes.words import PARTICLES, plain, words
from vitruvian.research.deidentify.replace.dates import shifted_date
from vitruvian.research.deidentify.replace.person import Person

KEPT: frozenset[Kind] = frozenset({"sex", "relative", "country"})
"""Kinds that are found and stay: they tell of very many people."""

Way = Literal["surrogate", "mask"]
_WORD = re.compile(r"[^\W\d_]+")
_MASKS: dict[Kind, str] = {"patient": "NAME", "staff": "NAME", "record": "ID", "national": "ID"}


@dataclass(frozen=True)
class Written:
    """The note as it may be seen, and where its replacements stand.

    Parameters
    ----------
    text
        The new text.
    spans
        Start, end (half-open, in the new text) and kind of each replacement.
    """

    text: str
    spans: tuple[tuple[int, int, Kind], ...]


def rewrite(
    text: str,
    found: Sequence[Finding],
    person: Person,
    *,
    way: Way = "surrogate",
    language: str = "",
) -> Written:
    """Put surrogates or masks in the place of what was found.

    Parameters
    ----------
    text
        The note.
    found
        What `notes.find` found in it.
    person
        Whose note it is: the same name becomes the same surrogate in all notes of that person,
        and all dates move by the same number of days.
    way
        ``surrogate`` writes another name, number or date of the same shape; ``mask`` the kind in
        brackets. A date that cannot be read, is masked.
    language
        Of the note, as BCP 47.
    """
    parts: list[str] = []
    spans: list[tuple[int, int, Kind]] = []
    last = length = 0
    for one in found:
        told = text[one.start : one.end]
        new = _replaced(told, one.kind, person, (way, language))
        if new == told and one.kind in (*KEPT, "age"):
            continue
        parts += (text[last : one.start], new)
        length += one.start - last + len(new)
        spans.append((length - len(new), length, one.kind))
        last = one.end
    return Written("".join([*parts, text[last:]]), tuple(spans))


def _replaced(told: str, kind: Kind, person: Person, how: tuple[Way, str]) -> str:
    way, language = how
    if kind in KEPT:
        return told
    if kind == "age":
        return re.sub(r"\d+", lambda number: _told_age(number[0]), told)
    if way == "mask":
        return masked(kind)
    if kind == "date":
        return shifted_date(told, days=person.days, language=language) or masked(kind)
    return _makers().get(kind, _number)(told, kind, person)


def masked(kind: Kind) -> str:
    """The kind in brackets."""
    return f"[{_MASKS.get(kind, kind.upper())}]"


def _told_age(number: str) -> str:
    """Ages over 89 are told as one group."""
    return f"{OLDEST_TOLD + 1}+" if int(number) > OLDEST_TOLD else number


@cache
def _surrogates() -> dict[str, list[str]]:
    told = tomllib.loads((Path(__file__).parent / "surrogates.toml").read_text("utf-8"))
    return {
        key: value.split("|") if "|" in value else value.split()
        for key, value in told.items()
        if isinstance(value, str)
    }


def name_of(told: str, person: Person) -> str:
    """Another name of as many words; a word becomes the same wherever it stands."""
    return _WORD.sub(lambda word: _name_word(word[0], person), told)


def _name_word(word: str, person: Person) -> str:
    low = plain(word)
    if word.islower() and (low in PARTICLES or len(word) == 1):
        return word
    given = low in words().given
    made = _chosen("given" if given else "family", low, person)
    if len(word) == 1:
        return made[0]
    if word.isupper():
        return made.upper()
    return made.lower() if word.islower() else made


def _chosen(among: str, value: str, person: Person) -> str:
    """One of a list, never the value itself."""
    listed = _surrogates()[among]
    place = person.choice(among, value, len(listed))
    made = listed[place]
    return listed[(place + 1) % len(listed)] if plain(made) == value else made


def _name(told: str, _kind: Kind, person: Person) -> str:
    return name_of(told, person)


def _number(told: str, kind: Kind, person: Person) -> str:
    return person.like(kind, told)


def _street(told: str, _kind: Kind, person: Person) -> str:
    return (
        f"{person.choice('house', plain(told), 98) + 1} {_chosen('streets', plain(told), person)}"
    )


def _place(told: str, kind: Kind, person: Person) -> str:
    if any(letter.isdigit() for letter in told):
        return person.like(kind, told)
    return _chosen("places", plain(told), person)


def _mail(told: str, _kind: Kind, person: Person) -> str:
    return f"user{person.choice('email', plain(told), 9000) + 1000}@example.org"


def _url(told: str, _kind: Kind, person: Person) -> str:
    return f"https://example.org/{person.choice('url', plain(told), 9000) + 1000}"


def _listed(told: str, kind: Kind, person: Person) -> str:
    return _chosen(f"{kind}s", plain(told), person)


@cache
def _makers() -> dict[Kind, Callable[[str, Kind, Person], str]]:
    """How a surrogate of each kind is made; the rest are numbers."""
    return {
        "patient": _name,
        "staff": _name,
        "street": _street,
        "place": _place,
        "email": _mail,
        "url": _url,
        "hospital": _listed,
        "institution": _listed,
        "profession": _listed,
    }
