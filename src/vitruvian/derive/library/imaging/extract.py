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
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
# How far a size and a place may stand from the finding, in characters.
NEAR, PLACE = 60, 70
MOST_MM = 400.0
# This runs on the few dozen characters around a finding, never on a whole note.
_SIZE = re.compile(
    r"(?<![\d.])(?P<all>\d{1,3}(?:\.\d{1,2})?(?: ?(?:mm|cm))?(?: ?(?:x|by|\u00d7) ?\d{1,3}"
    r"(?:\.\d{1,2})?(?: ?(?:mm|cm))?){0,2}) ?-?(?P<unit>mm|cm|millimeters?|centimeters?)\b"
)
# What begins another statement: the place before it belongs to something else.
_OTHER = re.compile(r"[,;:]|\b(?:and|or|no|without|but|with)\b")
_AND = re.compile(r";|\b(?:and|or|no|without|but)\b")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,2})?")
_TO_MM = {"m": 1.0, "c": 10.0}


class Words(NamedTuple):
    """The words of one language."""

    findings: Terms
    places: Terms
    pictures: Terms
    sections: frozenset[str]


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
            size = size_of(note, mention)
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


def size_of(note: Note, mention: Mention) -> tuple[float, str] | None:
    """The largest diameter in millimetres, and the words; the nearest size of the sentence."""
    first, last = note.sentence_of(mention.start)
    low, high = max(first, mention.start - NEAR), min(last, mention.end + NEAR)
    text = note.folded.folded
    before = list(_SIZE.finditer(text[low : mention.start]))
    behind = _SIZE.search(text[mention.end : high])
    if before and not _AND.search(text[low + before[-1].end() : mention.start]):
        found = before[-1]
    elif behind and not _AND.search(text[mention.end : mention.end + behind.start()]):
        found = behind
    else:
        return None
    numbers = [float(each) for each in _NUMBER.findall(found["all"])]
    size = max(numbers) * _TO_MM[found["unit"][0]]
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
    own = [words_between for words_between in between if not _OTHER.search(words_between)]
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
    plurals = language == "en"
    return Words(
        Terms(((word, word) for word in said.get("findings", ())), plurals=plurals),
        Terms((word, word) for word in said.get("places", ())),
        Terms((word, word) for word in said.get("pictures", ())),
        frozenset(said.get("sections", ())),
    )
