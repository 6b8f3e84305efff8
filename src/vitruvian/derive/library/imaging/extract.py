"""Findings of imaging with their size and place.

A finding counts where its sentence, or the one before, names a picture, or where it has a size: a
"mass" elsewhere may be felt by hand, and a "lesion" be seen on the skin.

References
----------
Bankier AA et al. Recommendations for measuring pulmonary nodules at CT. Radiology 2017;285:584-600,
doi:10.1148/radiol.2017161659: the largest diameter, in millimetres.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
# How far a size and a place may stand from the finding, in characters.
NEAR, PLACE = 60, 70
MOST_MM = 400.0
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_MM = {"m": 1.0, "c": 10.0, "毫": 1.0, "厘": 10.0}
ENGLISH = "en"


class Words(NamedTuple):
    """The words of one language."""

    findings: Terms
    places: Terms
    pictures: Terms
    sections: frozenset[str]
    # These run on the few dozen characters around a finding, never on a whole note.
    size: re.Pattern[str]
    # What begins another statement: the place before it belongs to something else, or the size.
    other: re.Pattern[str]
    joined: re.Pattern[str]


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of findings and of pictures."""
        words = words_of(language)
        return words.findings, words.pictures

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention."""
        words = words_of(note.pack.language)
        mentions = note.find(words.findings)
        if not mentions:
            return
        pictures = [one.start for one in note.find(words.pictures)]
        for mention in mentions:
            size = size_of(note, mention, words)
            if size is not None or _in_a_picture(note, mention, pictures, words):
                yield finding(note, mention, size, words)


def finding(note: Note, mention: Mention, size: tuple[float, str] | None, words: Words) -> Finding:
    """One finding with what stands about it."""
    start, end, name = mention
    return Finding(
        start, end, "imaging", f"TEXT//{name}", name.capitalize(), note.context(start, end),
        numeric_value=size[0] if size else None, unit="mm" if size else None,
        value_as_sent=size[1] if size else None, body_site=place_of(note, mention, words),
    )  # fmt: skip


def size_of(note: Note, mention: Mention, words: Words) -> tuple[float, str] | None:
    """The largest diameter in millimetres, and the words; the nearest size of the sentence."""
    first, last = note.sentence_of(mention.start)
    low, high = max(first, mention.start - NEAR), min(last, mention.end + NEAR)
    text = note.folded.folded
    before = list(words.size.finditer(text[low : mention.start]))
    behind = words.size.search(text[mention.end : high])
    if before and not words.joined.search(text[low + before[-1].end() : mention.start]):
        found = before[-1]
    elif behind and not words.joined.search(text[mention.end : mention.end + behind.start()]):
        found = behind
    else:
        return None
    numbers = [float(each.replace(",", ".")) for each in _NUMBER.findall(found["all"])]
    size = max(numbers) * _MM[found["unit"][0]]
    return (size, found[0].strip()) if 0 < size <= MOST_MM else None


def _in_a_picture(note: Note, mention: Mention, pictures: list[int], words: Words) -> bool:
    first, last = note.sentence_of(mention.start)
    before = note.sentence_of(first - 1)[0] if first else 0
    if any(before <= place < last for place in pictures):
        return True
    return bool(pictures) and note.section_of(mention.start) in words.sections


def place_of(note: Note, mention: Mention, words: Words) -> str | None:
    """The place that stands nearest, in the same sentence."""
    first, last = note.sentence_of(mention.start)
    low, high = max(first, mention.start - PLACE), min(last, mention.end + PLACE)
    between = {
        _between(note, mention, low + place.start, low + place.end): place.meaning
        for place in words.places.find(note.words[low:high])
    }
    own = [told for told in between if not words.other.search(told)]
    return str(between[min(own, key=len)]) if own else None


def _between(note: Note, mention: Mention, start: int, end: int) -> str:
    """The words between a finding and a place."""
    if start >= mention.end:
        return note.folded.folded[mention.end : start]
    return note.folded.folded[end : mention.start]


@cache
def words_of(language: str) -> Words:
    """The tables of one language; empty ones where it has none."""
    said = knowledge(FOLDER, "terms", language)
    patterns = {**knowledge(FOLDER, "terms", ENGLISH)["patterns"], **said.get("patterns", {})}
    return Words(
        Terms(_named(said.get("findings", "")), plurals=language == ENGLISH),
        Terms(_named(said.get("places", ""))),
        Terms((word, word) for word in said.get("pictures", ())),
        frozenset(said.get("sections", ())),
        *(re.compile(patterns[name]) for name in ("size", "other", "joined")),
    )


def _named(table: str | list[str]) -> Iterator[tuple[str, str]]:
    """Each name with the English one: a list of these, or lines "English name | names"."""
    if not isinstance(table, str):
        yield from ((name, name) for name in table)
        return
    for name, others in lines_of(table):
        yield from ((other.strip(), name) for other in others.split(","))
