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
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.library.imaging.nodules import points_back, told_of
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
# How far a size and a place may stand from the finding, in characters.
NEAR, PLACE = 60, 70
# How far before a place its side may begin.
SIDE = 24
# How long a line may be whose heading names the place, and such a heading.
LINE, HEADING = 400, 40
# Sections that tell what was found before.
BACKGROUND = frozenset({"history", "family"})
MOST_MM = 400.0
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_DIGIT = re.compile(r"\d")
_MM = {"m": 1.0, "c": 10.0, "毫": 1.0, "厘": 10.0}
ENGLISH = "en"


class Words(NamedTuple):
    """The words of one language."""

    findings: Terms
    places: Terms
    sides: Terms
    pictures: Terms
    sections: frozenset[str]
    seen_only: frozenset[str]
    organs: frozenset[str]
    # These run on the few dozen characters around a finding, never on a whole note.
    size: re.Pattern[str]
    # What begins another statement: the place before it belongs to something else, or the size.
    other: re.Pattern[str]
    joined: re.Pattern[str]
    # What parts a size from a finding behind it, and makes it a bound.
    apart: re.Pattern[str]
    bound: re.Pattern[str]
    # Which part or side of a place is meant, right before its name.
    qualified: re.Pattern[str]


_PATTERNS = ("size", "other", "joined", "apart", "bound", "qualified")


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of findings and of pictures."""
        words = words_of(language)
        return words.findings, words.pictures

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention; beside a lung nodule its kind, and whether there are several."""
        words = words_of(note.pack.language)
        mentions = note.find(words.findings)
        if not mentions:
            return
        pictures = [one.start for one in note.find(words.pictures)]
        before: tuple[Mention, str | None] | None = None
        for number, mention in enumerate(mentions):
            size = size_of(note, mentions, number, words)
            back = before if size is None else None
            # The dearest question comes last.
            if (
                back is not None
                and points_back(note, mentions, number, back[0])
                and place_of(note, mention, words) is None
            ):
                before = mention, back[1]
                yield from told_of(note, mentions, number, back[1])
            elif size is not None or _in_a_picture(note, mention, pictures, words):
                found = finding(note, mention, size, words)
                before = mention, found.body_site
                yield found
                yield from told_of(note, mentions, number, found.body_site)


def finding(note: Note, mention: Mention, size: tuple[float, str] | None, words: Words) -> Finding:
    """One finding with what stands about it."""
    start, end, name = mention
    return Finding(
        start, end, "imaging", f"TEXT//{name}", name.capitalize(), note.context(start, end),
        numeric_value=size[0] if size else None, unit="mm" if size else None,
        value_as_sent=size[1] if size else None, body_site=place_of(note, mention, words),
    )  # fmt: skip


def size_of(
    note: Note, mentions: list[Mention], number: int, words: Words
) -> tuple[float, str] | None:
    """The largest diameter in millimetres, and the words; the nearest size of the sentence.

    Parameters
    ----------
    note
        The note.
    mentions
        Its findings.
    number
        Which of them; another one between it and a size has the size.
    words
        The words of its language.
    """
    mention = mentions[number]
    first, last = note.sentence_of(mention.start)
    low, high = max(first, mention.start - NEAR), min(last, mention.end + NEAR)
    before = mentions[number - 1].end if number else 0
    has_another, low = low < before, max(low, before)
    if number + 1 < len(mentions):
        high = max(mention.end, min(high, mentions[number + 1].start))
    text = note.folded.folded
    # Few findings have a number near them: only those are looked at closely.
    if _DIGIT.search(text, low, high) is None:
        return None
    found = _nearest(text, mention, (low, high), words, has_another=has_another)
    if found is None or note.context(mention.start, mention.end).polarity == "negated":
        return None
    numbers = [float(each.replace(",", ".")) for each in _NUMBER.findall(found["all"])]
    size = max(numbers) * _MM[found["unit"][0]]
    return (size, found[0].strip()) if 0 < size <= MOST_MM else None


def _nearest(
    text: str, mention: Mention, within: tuple[int, int], words: Words, *, has_another: bool
) -> re.Match[str] | None:
    """The size before a finding, or else behind it, with nothing between that parts them."""
    low, high = within
    before = list(words.size.finditer(text[low : mention.start]))
    if before and not words.bound.search(text[low : low + before[-1].start()]):
        between = text[low + before[-1].end() : mention.start]
        # "Nodule 8 mm, mass 3 cm": the first size stands behind its own finding.
        of_another = (
            has_another and "," in between and "," not in text[low : low + before[-1].start()]
        )
        if not of_another and not words.joined.search(between) and not words.apart.search(between):
            return before[-1]
    behind = words.size.search(text[mention.end : high])
    if behind is None:
        return None
    between = text[mention.end : mention.end + behind.start()]
    parted = words.joined.search(between) or words.bound.search(between)
    return None if parted else behind


def _in_a_picture(note: Note, mention: Mention, pictures: list[int], words: Words) -> bool:
    first, last = note.sentence_of(mention.start)
    before = note.sentence_of(first - 1)[0] if first else 0
    if any(before <= place < last for place in pictures):
        return True
    section = note.section_of(mention.start)
    if mention.meaning in words.seen_only and section not in BACKGROUND:
        return True
    return bool(pictures) and section in words.sections


def place_of(note: Note, mention: Mention, words: Words) -> str | None:
    """The place that stands nearest in the same sentence, or that heads its line; or a side.

    A word of the organ, as in "pulmonary nodule", gives way to any other place.
    """
    first, last = note.sentence_of(mention.start)
    low, high = max(first, mention.start - PLACE), min(last, mention.end + PLACE)
    return (
        _nearest_of(note, mention, (low, high), words.places, words)
        or _heading(note, mention, words)
        or _nearest_of(note, mention, (low, high), words.sides, words)
    )


def _nearest_of(
    note: Note, mention: Mention, within: tuple[int, int], terms: Terms, words: Words
) -> str | None:
    low, high = within
    own = []
    for place in terms.find(note.words[low:high]):
        start, end = low + place.start, low + place.end
        between = _between(note, mention, start, end)
        if not words.other.search(between):
            # Of two that stand as near, the one behind.
            own.append((note.words[start:end] in words.organs, len(between), -start, place))
    return _named_as(note, min(own)[3], low, words) if own else None


def _named_as(note: Note, place: Mention, base: int, words: Words) -> str:
    """A place by its name and side; one that is a number, as a vertebra, as it is written."""
    start = base + place.start
    written = note.folded.shown[start : base + place.end]
    if any(map(str.isdigit, written)):
        return written
    part = words.qualified.search(note.folded.folded, max(0, start - SIDE), start)
    return f"{part[0] if part else ''}{place.meaning}"


def _heading(note: Note, mention: Mention, words: Words) -> str | None:
    """The place that its line begins with: "L4/5: broad based protrusion"."""
    line = note.folded.shown.rfind("\n", 0, mention.start) + 1
    if mention.start - line > LINE:
        return None
    colon = note.folded.shown.find(":", line, line + HEADING)
    found = words.places.find(note.words[line:colon]) if colon >= 0 else []
    alone = len(found) == 1 and not note.words[line : line + found[0].start].strip()
    return (
        _named_as(note, found[0], line, words) if alone and line + found[0].end == colon else None
    )


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
        Terms(
            [*_named(said.get("findings", "")), *_short(said.get("finding_names", {}))],
            plurals=language == ENGLISH,
        ),
        Terms([*_named(said.get("places", "")), *_short(said.get("place_names", {}))]),
        Terms((word, word) for word in said.get("sides", ())),
        Terms((word, word) for word in said.get("pictures", ())),
        frozenset(said.get("sections", ())),
        frozenset(said.get("seen_only", ())),
        frozenset(said.get("organs", ())),
        *(re.compile(patterns[name]) for name in _PATTERNS),
    )


def _named(table: str | list[str]) -> Iterator[tuple[str, str]]:
    """Each name with the English one: a list of these, or lines "English name | names"."""
    if not isinstance(table, str):
        yield from ((name, name) for name in table)
        return
    for name, others in lines_of(table):
        yield from ((other.strip(), name) for other in others.split(","))


def _short(said: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((other, name) for name, others in said.items() for other in others)
