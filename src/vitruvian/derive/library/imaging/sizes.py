"""How large a finding is.

References
----------
Bankier AA et al. Recommendations for measuring pulmonary nodules at CT. Radiology 2017;285:584-600,
doi:10.1148/radiol.2017161659: the largest diameter, in millimetres.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from vitruvian.derive.library.imaging.meaning import context_of
from vitruvian.derive.library.imaging.words import Words
from vitruvian.derive.text import Mention, Note

# How far a size may stand before a finding and behind it, in characters.
NEAR, BEHIND = 60, 90
# How far into the next sentence, and how far back an earlier size is told to be one.
NEXT, BACK = 60, 40
MOST_MM = 400.0
_NUMBER = re.compile(r"\d{1,3}(?:[.,]\d{1,2})?")
_WORD = re.compile(r"\b(?!measuring|approximately|about|there|shows?|new)[a-z]{3,}")
_JOINED = re.compile(r",|\b(?:and|or|with)\b")
_DIGIT = re.compile(r"\d")
_MM = {"m": 1.0, "c": 10.0, "毫": 1.0, "厘": 10.0}


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
    low, high = max(first, mention.start - NEAR), min(last, mention.end + BEHIND)
    before = mentions[number - 1].end if number else 0
    has_another, low = low < before, max(low, before)
    is_last = number + 1 == len(mentions) or mentions[number + 1].start >= last
    if number + 1 < len(mentions):
        high = max(mention.end, min(high, mentions[number + 1].start))
    text = note.folded.folded
    # Few findings have a number near them: only those are looked at closely.
    found = None
    if _DIGIT.search(text, low, high) is not None:
        found = _nearest(text, mention, (low, high), words, has_another=has_another)
    if found is None and is_last and _DIGIT.search(text, last, last + NEXT) is not None:
        found = _told_next(text, last, words)
    if found is None or context_of(note, mention, words).polarity == "negated":
        return None
    numbers = [float(each.replace(",", ".")) for each in _NUMBER.findall(found["all"])]
    told = numbers[-1] if _has_grown(found) else max(numbers)
    size = told * _MM[found["unit"][0]]
    return (size, found[0].strip()) if 0 < size <= MOST_MM else None


def _nearest(
    text: str, mention: Mention, within: tuple[int, int], words: Words, *, has_another: bool
) -> re.Match[str] | None:
    """The size before a finding, or else behind it, with nothing between that parts them."""
    low, high = within
    behind = list(_behind(text, mention, high, words))
    today = next((one for one in behind if _is(words.now, text, one.start())), None)
    if today is not None:
        return today
    before = [*words.size.finditer(text, low, mention.start)]
    if before and not words.bound.search(text, low, before[-1].start()):
        ahead, between = text[low : before[-1].start()], text[before[-1].end() : mention.start]
        if _belongs(ahead, between, words, has_another=has_another):
            return before[-1]
    return behind[0] if behind else None


def _belongs(ahead: str, between: str, words: Words, *, has_another: bool) -> bool:
    """Whether a size before a finding is its own, by what stands before it and between them."""
    # "Nodule 8 mm, mass 3 cm": the first size stands behind its own finding.
    if has_another and "," in between and "," not in ahead:
        return False
    # "Dilated loops up to 4.5 cm, transition point": it stands behind something else.
    if "," in between and words.grammar and _WORD.search(ahead[ahead.rfind(",") + 1 :]):
        return False
    return not words.joined.search(between) and not words.apart.search(between)


def _behind(text: str, mention: Mention, high: int, words: Words) -> Iterator[re.Match[str]]:
    """The sizes behind a finding that are its own and of today."""
    for size in words.size.finditer(text, mention.end, high):
        between = text[mention.end : size.start()]
        parted = words.grammar.parted if words.grammar else words.joined
        if parted.search(between) or words.bound.search(between):
            return
        apart = words.distance.match(text, size.end()) is not None
        # "Diverticula, 12 mm polyp": the size stands before the next finding.
        then = text[size.end() : high]
        listed = "." not in then and _JOINED.search(between) is not None
        if listed and words.grammar and words.grammar.adjacent.fullmatch(then):
            return
        if not apart and (_has_grown(size) or not _is(words.earlier, text, size.start())):
            yield size


def _has_grown(size: re.Match[str]) -> bool:
    """Whether a size is told as it was and as it is: "from 4.7 to 5.2 cm"."""
    return " to " in size["all"] and size.string.endswith("from ", 0, size.start())


def _is(pattern: re.Pattern[str], text: str, place: int) -> bool:
    """Whether a pattern ends at a place."""
    return pattern.search(text, max(0, place - BACK), place) is not None


def _told_next(text: str, start: int, words: Words) -> re.Match[str] | None:
    """The size that the next sentence begins with: "The largest measures 9 mm"."""
    begun = words.largest.match(text, start, start + NEXT)
    return words.size.match(text, begun.end()) if begun and begun.end() > start else None
