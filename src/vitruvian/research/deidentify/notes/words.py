"""The lists that the rules read: names, ordinary words, cues, fields, places."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

LISTS = Path(__file__).parent / "lists"
# Letters that Unicode does not take apart.
_ALONE = {
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "\u0131": "i",  # Turkish, without its dot
    "þ": "th",
    "ð": "d",
}
_LATIN = range(0xC0, 0x250)

# Small words inside a name: van der Berg, de la Cruz.
PARTICLES = (
    "de del la las los van von vom der den zu zur da das do dos di du des le af av y e i bin bint "
    "al el ibn ter ten st san ben abu und et og and"
).split()
# Two names may be joined so; two words that no list knows are then no name.
JOINTS = frozenset("y e i und et og and".split())

GIVEN, FAMILY, ORDINARY, COMMON, EPONYM, STAFF, TITLE, ENDING = 1, 2, 4, 8, 16, 32, 64, 128


def _table() -> dict[int, str]:
    found = {}
    for place in _LATIN:
        letter = chr(place).lower()
        plain = _ALONE.get(letter) or unicodedata.normalize("NFKD", letter)[0]
        found[place] = plain
    return {**found, 0x2019: "'"}


_PLAIN = _table()


def plain(word: str) -> str:
    """A word in lower case without accents, so that lists need one spelling.

    Examples
    --------
    >>> plain("MÜLLER"), plain("Ødegård"), plain("Strauß")
    ('muller', 'odegard', 'strauss')
    """
    lowered = word.lower()
    return lowered if lowered.isascii() else lowered.translate(_PLAIN)


def read_toml(name: str) -> dict[str, Any]:
    """A list of this folder; its values are checked by whoever reads them."""
    return tomllib.loads((LISTS / name).read_text("utf-8"))


def lines_of(name: str) -> Iterator[str]:
    """The entries of a plain list, without its head."""
    for line in (LISTS / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def entries(text: str) -> list[str]:
    """The entries of a cell, between bars; line ends stand for nothing."""
    return [word for entry in text.split("|") if (word := " ".join(entry.split()))]


def folded(words: Iterable[str]) -> frozenset[str]:
    """Words as they are compared."""
    return frozenset(plain(word) for word in words)


@dataclass(frozen=True)
class Words:
    """Single words by what they may be."""

    given: frozenset[str]
    family: frozenset[str]
    english: frozenset[str]
    common: frozenset[str]
    endings: tuple[str, ...]
    eponyms: frozenset[str]
    staff_titles: frozenset[str]
    titles: frozenset[str]
    cues: Mapping[str, frozenset[str]]
    relatives: frozenset[str]
    places: frozenset[str]
    countries: frozenset[str]


@cache
def words() -> Words:
    """Every list, read once."""
    names, cues, ordinary = read_toml("names.toml"), read_toml("cues.toml"), read_toml("words.toml")
    places = read_toml("places.toml")
    months = [word for month in cues["months"].values() for word in month.split()]
    common = [word for language in ordinary["words"].values() for word in language.split()]
    spoken = [*common, *months, *cues["sex"]["words"].replace("|", " ").split()]
    spoken += [word for word in _place_words(places) if " " not in word]
    small = folded(PARTICLES)
    return Words(
        given=folded([*_split(names["given"]), *lines_of("given.us.txt")]) - small,
        family=folded([*_split(names["family"]), *lines_of("family.us.txt")]) - small,
        english=folded(lines_of("words.en.txt")),
        common=folded(spoken),
        endings=tuple(folded(ordinary["endings"]["any"].split())),
        eponyms=folded(cues["eponyms"]["themselves"].split()),
        staff_titles=folded(entries(cues["titles"]["staff"])),
        titles=folded(entries(cues["titles"]["other"])),
        cues={
            "patient": folded(entries(cues["before"]["patient"])),
            "staff": folded(entries(cues["before"]["staff"])),
            "told": folded(entries(cues["before"]["told"])),
            "does": folded(entries(cues["after"]["does"])),
            "eponym before": folded(entries(cues["eponyms"]["before"])),
            "eponym after": folded(entries(cues["eponyms"]["after"])),
        },
        relatives=folded(entries(cues["relatives"]["words"])),
        places=folded([*lines_of("cities.txt"), *entries(places["place"]["names"])])
        - folded(common),
        countries=folded(lines_of("countries.txt")),
    )


def _place_words(places: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """Single words that begin an address or the name of a house: no part of a person's name."""
    for kind in ("street", "hospital", "institution"):
        yield from (word.strip("./") for word in entries(places[kind]["before"]))


def _split(languages: Mapping[str, str]) -> Iterator[str]:
    for text in languages.values():
        yield from text.replace("_", " ").split()


@lru_cache(maxsize=200_000)
def traits(word: str) -> int:
    """What a capitalised word may be, as flags; 0 for a word that no list knows."""
    known = words()
    low = plain(word).removesuffix("'s")
    parts = low.split("-") if "-" in low else [low]
    found = _name_flags(parts)
    if low in known.eponyms:
        found |= EPONYM
    if low in known.staff_titles:
        found |= STAFF
    if low in known.titles:
        found |= TITLE
    if low in known.common:
        return found | COMMON | ORDINARY
    if _is_english(low):
        found |= ORDINARY
    elif not found and low.endswith(known.endings):
        found |= ORDINARY | ENDING
    elif len(parts) > 1 and all(_is_english(one) or one in known.common for one in parts):
        found |= ORDINARY
    return found


def _name_flags(parts: list[str]) -> int:
    """Whether each part of a word, or the first and the last, stand in the lists of names."""
    known = words()
    found = 0
    if parts[0] in known.given:
        found |= GIVEN
    if parts[-1] in known.family or parts[0] in known.family:
        found |= FAMILY
    return found


def _is_english(low: str) -> bool:
    """Whether it is an English word, or the plural of one."""
    english = words().english
    return (
        low in english
        or (low.endswith("s") and low[:-1] in english)
        or (low.endswith("es") and low[:-2] in english)
    )
