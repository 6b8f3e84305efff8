"""The side of a tumour's place, and the quadrant of a breast by the clock.

References
----------
SEER Program Coding and Staging Manual 2023, appendix C, coding guidelines for the breast: the
quadrant of an hour of the clock. National Cancer Institute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from vitruvian.derive.engine.extractor import knowledge
from vitruvian.derive.library.oncology.tumours.words import Words, by_word
from vitruvian.derive.library.oncology.ways import AROUND, FOLDER, way
from vitruvian.derive.text import Mention, Note, between

# How far a side may stand from its site.
SIDE_NEAR = 16
# So far above a tumour the line of its specimen may stand.
ABOVE = 1500
SIDES = frozenset({"left", "right", "bilateral"})
# Of the left breast, as whoever looks at it reads the clock; of the right one it is mirrored.
_QUADRANTS = (
    ("C50.4", "Upper outer quadrant of breast"),
    ("C50.5", "Lower outer quadrant of breast"),
    ("C50.3", "Lower inner quadrant of breast"),
    ("C50.2", "Upper inner quadrant of breast"),
)
_BETWEEN = ("C50.8", "Overlapping lesion of breast")


def place_of(note: Note, site: Mention, end: int, words: Words) -> str:
    """The site's name with its side, before it or right behind it: "Breast, left"."""
    name, language = str(site.meaning[1]), note.pack.language
    own = words.own_sides.get(note.words[site.start : site.end])
    if own is not None:
        return f"{name}, {own}"
    low = max(0, site.start - SIDE_NEAR)
    near, to_side = words.sides.find(note.words[low : site.start]), way("to_side", language)
    for edge in () if near else (site.end, end):
        behind = words.sides.find(note.words[edge : edge + SIDE_NEAR])
        if behind and to_side.match(note.folded.folded[edge : edge + behind[0].start]):
            near = behind[:1]
    side = near[-1].meaning if near else _in_short(note, site.start, (site.end, end))
    return f"{name}, {side}" if side else name


def sided(note: Note, at: Mention, end: int, words: Words, sites: Sequence[Mention]) -> str:
    """The place of a tumour with its side, which a line above may tell: "Left mastectomy"."""
    place, (code, name) = place_of(note, at, end, words), at.meaning
    if place != name or code[:3] not in words.paired:
        return place
    low = max(0, at.start - ABOVE)
    told = [one for one in between(sites, low, at.start) if not _is_of_cancer(note, one, words)]
    text, long_since = note.folded.folded, way("long_since", note.pack.language)
    done = between(note.find(words.operations), low, at.start)
    told += [one for one in done if not long_since.match(text[one.end : one.end + AROUND])]
    above = {
        place_of(note, one, one.end, words).removeprefix(f"{one.meaning[1]}, ")
        for one in told
        if one.meaning[0][:3] == code[:3]
    }
    known = above & SIDES
    return f"{name}, {known.pop()}" if len(known) == 1 else place


def _is_of_cancer(note: Note, site: Mention, words: Words) -> bool:
    """Whether a place is that of another cancer: "left breast cancer in 2009"."""
    first, last = note.sentence_of(site.start)
    low, high = max(first, site.start - SIDE_NEAR), min(last, site.end + SIDE_NEAR)
    return bool(between(note.find(words.histologies), low, high))


def _in_short(note: Note, start: int, ends: Iterable[int]) -> str | None:
    """A side in one letter, right before a site or behind it: "R breast", "Ca breast (L)"."""
    letters, shown = _letters(note.pack.language), note.folded.shown
    if not letters.side:
        return None
    told = [letters.before.search(shown[max(0, start - SIDE_NEAR) : start])]
    told += [letters.behind.match(shown[end : end + SIDE_NEAR]) for end in ends]
    sides = [letters.side[found[found.lastindex or 1]] for found in told if found]
    return sides[0] if sides else None


def without_sides(note: Note, start: int, end: int) -> str:
    """A part of the text without sides in one letter: "mets to L adrenal"."""
    lone = _letters(note.pack.language).lone
    said = note.folded.folded[start:end]
    if lone is None or not (marked := lone.search(note.folded.shown, start, end)):
        return said
    return said[: marked.start() - start] + said[marked.end() - start :]


class Letters(NamedTuple):
    """Sides in a letter or two, and how these stand before a site and behind it."""

    side: Mapping[str, str]
    before: re.Pattern[str]
    behind: re.Pattern[str]
    lone: re.Pattern[str] | None


@cache
def _letters(language: str) -> Letters:
    side = by_word(knowledge(FOLDER, "tumours", language).get("sides_in_short", {}))
    any_of = "|".join(map(re.escape, side))
    return Letters(
        side,
        re.compile(rf"(?:^|[^\w.-])\(?({any_of})\.?\)? $"),
        re.compile(rf"^,? (?:\(({any_of})\)|({any_of})(?=[,.;:)\n]|$))"),
        re.compile(rf"(?<![^ (/])(?:{any_of})\.? ") if side else None,
    )


def by_hour(note: Note, site: Mention, words: Words) -> Mention:
    """The quadrant of a breast by its hour; whoever looks at the breast reads the clock."""
    if site.meaning[0] != "C50.9":
        return site
    hour = way("clock", note.pack.language).match(note.folded.folded[site.end : site.end + AROUND])
    side = place_of(note, site, site.end, words).partition(", ")[2]
    if hour is None or side not in {"left", "right"}:
        return site
    return site._replace(end=site.end + hour.end(), meaning=quadrant(int(hour[1]), side))


def quadrant(hour: int, side: str) -> tuple[str, str]:
    """The code and name of the place of a breast that an hour tells, from 1 to 12.

    Examples
    --------
    >>> quadrant(2, "left")
    ('C50.4', 'Upper outer quadrant of breast')
    >>> quadrant(12, "right")
    ('C50.8', 'Overlapping lesion of breast')
    """
    quarter, within = divmod((hour if side == "left" else -hour) % 12, 3)
    return _QUADRANTS[quarter] if within else _BETWEEN
