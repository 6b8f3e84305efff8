"""Where a finding lies, in the words of the report."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from vitruvian.derive.library.imaging.nodules import NODULE, lung_of
from vitruvian.derive.library.imaging.words import Grammar, Words
from vitruvian.derive.text import Mention, Note, between

# How far a place may stand from the finding, in characters.
PLACE = 80
# How far before a place its side may begin.
SIDE = 24
# How long a line may be whose heading names the place, and such a heading.
LINE, HEADING = 400, 60
_OF = frozenset({"of", "the", "his", "her", "and"})
_PUNCTUATION = re.compile(r"[.,:;()\n]")
# "4th", "7th to 9th".
_ORDINALS = re.compile(
    r"(?<!\d)(?:\d{1,2}(?:st|nd|rd|th)? ?(?:to|and|-|\u2013|,) ?)*\d{1,2}(?:st|nd|rd|th) $"
)
_DIGIT = re.compile(r"\d")
# How a place stands to a finding, the nearest first: "nodule in the left lung", "left hilar node";
# "Left lung: nodule"; anything else; and a mere word of the organ before it.
DIRECT, TOPIC, ORGAN, LOOSE = range(4)


class Place(NamedTuple):
    """Words that name a place (half-open), and the names in them."""

    start: int
    end: int
    names: tuple[Mention, ...]


def place_of(note: Note, mention: Mention, words: Words) -> str | None:
    """The place that belongs to a finding, as written; or a side alone.

    It stands in the same sentence, or heads the line.

    A word of the organ, as in "pulmonary nodule", gives way to any other place.
    """
    first, last = note.sentence_of(mention.start)
    within = max(first, mention.start - PLACE), min(last, mention.end + PLACE)
    ranked = sorted(_ranked(note, mention, within, words))
    best = ranked[0] if ranked else None
    if best is not None and best[0] == DIRECT:
        return _name(note, mention, best[-1], words)
    heading = _heading(note, mention, words)
    if heading is not None:
        return heading
    if best is not None:
        return _name(note, mention, best[-1], words)
    return (
        _phrase(note, mention, within, words)
        or _coined(note, mention, within, words)
        or _side(note, mention, within, words)
    )


def is_among(note: Note, mention: Mention, names: frozenset[str], words: Words) -> bool:
    """Whether the place of a finding is one of some."""
    first, last = note.sentence_of(mention.start)
    within = max(first, mention.start - PLACE), min(last, mention.end + PLACE)
    # Most findings have none of them near: the place that is theirs is looked for after that.
    if not any(_is_one(note, one, names) for one in between(note.find(words.places), *within)):
        return False
    ranked = sorted(_ranked(note, mention, within, words))
    return bool(ranked) and any(_is_one(note, one, names) for one in ranked[0][-1].names)


def _is_one(note: Note, one: Mention, names: frozenset[str]) -> bool:
    """Whether a place is one of some, as written or by its name."""
    return _plain(note.words[one.start : one.end]) in names or _plain(one.meaning) in names


def _plain(name: str) -> str:
    """A place without its side."""
    return name.removeprefix("left ").removeprefix("right ")


def _ranked(
    note: Note, mention: Mention, within: tuple[int, int], words: Words
) -> Iterator[tuple[int, bool, int, int, Place]]:
    """The places around a finding, each with how well it belongs to it."""
    for place in _places(note, mention, within, words):
        between = _between(note, mention, place.start, place.end)
        if words.grammar is not None and _DIGIT.search(between):
            between = words.grammar.sized.sub(" ", between)
        name = note.words[place.start : place.end]
        organ = name in words.organs or bool(words.grammar and words.grammar.organ.fullmatch(name))
        rank = _rank(note, mention, place, between, words)
        if rank is not None:
            rank = ORGAN if organ and rank == DIRECT and place.end <= mention.start else rank
            # Of two that stand as near, the one behind.
            yield rank, organ, len(between), -place.start, place


def _rank(note: Note, mention: Mention, place: Place, between: str, words: Words) -> int | None:
    grammar = words.grammar
    if grammar is None:
        return None if words.other.search(between) else DIRECT
    if place.start >= mention.end:
        if grammar.linked.fullmatch(between):
            return DIRECT
    elif grammar.adjacent.fullmatch(between):
        return DIRECT
    elif _is_topic(note, mention, place, between, grammar):
        return TOPIC
    return None if words.other.search(between) else LOOSE


def _is_topic(note: Note, mention: Mention, place: Place, between: str, grammar: Grammar) -> bool:
    """Whether a sentence begins with a place and goes on about it."""
    text = note.folded.folded
    first, _ = note.sentence_of(mention.start)
    opening = text[max(first, text.rfind(":", first, place.start) + 1) : place.start]
    if ";" in between or grammar.opens.fullmatch(opening) is None:
        return False
    goes_on = grammar.opened if opening.strip(" -*") else grammar.topic
    return goes_on.match(between) is not None or grammar.topic.match(between) is not None


def _places(note: Note, mention: Mention, within: tuple[int, int], words: Words) -> Iterator[Place]:
    """The places in a stretch, with the words before them that say which part, and of what."""
    low, high = within
    parts: list[Mention] = []
    begin = 0
    for one in between(note.find(words.places), low, high):
        if one.end > high or _is_none(note, one, mention, words):
            continue
        least = parts[-1].end if parts else low
        start = one.start
        # A vertebra or a segment has no side.
        if not any(map(str.isdigit, note.words[one.start : one.end])):
            start = _widened(note, one.start, max(low, least), words)
        if parts and (
            _goes_on(note, parts[-1].end, start, words)
            or _both(note, (parts[-1].end, start, one.end), mention, words)
        ):
            parts.append(one)
            continue
        yield from _whole(note, begin, parts, words)
        begin, parts = start, [one]
    yield from _whole(note, begin, parts, words)


def _whole(note: Note, begin: int, parts: list[Mention], words: Words) -> Iterator[Place]:
    if parts and (begin < parts[0].start or len(parts) > 1 or _says(note, parts[0], words)):
        yield Place(begin, parts[-1].end, tuple(parts))


def _says(note: Note, one: Mention, words: Words) -> bool:
    return note.words[one.start : one.end] not in words.generic


def _goes_on(note: Note, end: int, start: int, words: Words) -> bool:
    grammar = words.grammar
    return (
        grammar is not None and grammar.parts.fullmatch(note.folded.folded[end:start]) is not None
    )


def _both(note: Note, ends: tuple[int, int, int], mention: Mention, words: Words) -> bool:
    """Whether two places are both those of the finding: "in T4 and L2"."""
    grammar, text = words.grammar, note.folded.folded
    end, start, close = ends
    if grammar is None or grammar.both.fullmatch(text, end, start) is None:
        return False
    if end >= mention.end:
        return grammar.closed.match(text, close) is not None
    return (
        close <= mention.start
        and grammar.adjacent.fullmatch(text, close, mention.start) is not None
    )


def _is_none(note: Note, one: Mention, mention: Mention, words: Words) -> bool:
    """Whether a name of a place is part of the finding's, or the short name of a picture: TOE."""
    if words.grammar is None:
        return False
    if one.start < mention.end and mention.start < one.end:
        return True
    if one.meaning in words.regions and _is_looked_at(note, one, words):
        return True
    shown = note.folded.shown[one.start : one.end]
    return shown.isupper() and note.words[one.start : one.end] in words.pictures.meanings


def _is_looked_at(note: Note, one: Mention, words: Words) -> bool:
    """Whether a picture is of a place: "CT of the chest", "renal ultrasound"."""
    text = note.folded.folded
    before = _PUNCTUATION.split(text[max(0, one.start - 30) : one.start])[-1].split()
    while before and before[-1] in _OF:
        before.pop()
    behind = _PUNCTUATION.split(text[one.end : one.end + 20])[0].split()
    return bool(
        (before and before[-1] in words.pictures.meanings)
        or (behind and behind[0] in words.pictures.meanings)
    )


def _widened(note: Note, start: int, least: int, words: Words) -> int:
    """Where a place begins with the words before it that say which part or side."""
    text = note.folded.folded
    ordinal = _ORDINALS.search(text, max(least, start - SIDE), start) if words.qualifiers else None
    joins = text[start : start + SIDE].split(" ", 1)[0] in words.qualifiers
    start = ordinal.start() if ordinal else start
    while words.qualifiers and start > least and text[start - 1] in " -":
        before = max(text.rfind(" ", least, start - 1), text.rfind("-", least, start - 1)) + 1
        word = text[max(before, least) : start - 1].lstrip("(")
        if word not in words.qualifiers and not (word == "and" and joins):
            break
        start, joins = start - len(word) - 1, word != "and"
    # "And" joins two of these words: "superior and inferior".
    return start + len("and ") if text.startswith("and ", start) else start


def _name(note: Note, mention: Mention, place: Place, words: Words) -> str:
    """A place as written, or where it has an English name of its own, by that name and its side.

    A nodule's place in the lung has the name of the lobe, which is looked for by this name.
    """
    one = place.names[-1]
    lung = lung_of(place.names) if mention.meaning == NODULE else None
    written = note.words[one.start : one.end]
    if lung is not None:
        one = lung
    elif len(place.names) > 1 or _is_own(one, written) or any(map(str.isdigit, written)):
        return _as_written(note.folded.shown[place.start : place.end])
    part = words.qualified.search(note.folded.folded, max(0, one.start - SIDE), one.start)
    return f"{part[0] if part else ''}{one.meaning}"


def _is_own(one: Mention, written: str) -> bool:
    """Whether a place is written by its name, and not in short."""
    return written in {one.meaning, f"{one.meaning}s", f"{one.meaning}es"}


def _as_written(shown: str) -> str:
    """The words on one line; a capital letter that only begins a sentence is none."""
    name = " ".join(shown.split())
    first = name.split(" ")[0]
    return name[0].lower() + name[1:] if first.isalpha() and first.istitle() else name


def _phrase(note: Note, mention: Mention, within: tuple[int, int], words: Words) -> str | None:
    """The words behind a preposition right behind the finding."""
    grammar = words.grammar
    found = grammar and grammar.phrase.match(note.folded.folded, mention.end, within[1])
    return _as_written(note.folded.shown[slice(*found.span(1))]) if found else None


def _coined(note: Note, mention: Mention, within: tuple[int, int], words: Words) -> str | None:
    """A word before the finding that is made as names of places are."""
    grammar = words.grammar
    found = grammar and grammar.coined.search(note.folded.folded, within[0], mention.start)
    return _as_written(note.folded.shown[found.start() : found.end()]) if found else None


def _side(note: Note, mention: Mention, within: tuple[int, int], words: Words) -> str | None:
    low, high = within
    own = []
    for side in words.sides.find(note.words[low:high]):
        between = _between(note, mention, low + side.start, low + side.end)
        inside = low + side.start < mention.end and mention.start < low + side.end
        if not inside and not words.other.search(between):
            own.append((len(between), -side.start, side.meaning))
    return str(min(own)[2]) if own else None


def _heading(note: Note, mention: Mention, words: Words) -> str | None:
    """The place that its line begins with: "L4/5: broad based protrusion"."""
    line = note.folded.shown.rfind("\n", 0, mention.start) + 1
    if mention.start - line > LINE:
        return None
    colon = note.folded.shown.find(":", line, min(line + HEADING, mention.start))
    if colon < 0:
        return None
    found = list(_places(note, mention, (line, colon), words))
    alone = len(found) == 1 and not note.words[line : found[0].start].strip()
    whole = alone and not note.words[found[0].end : colon].strip()
    return _name(note, mention, found[0], words) if whole else None


def _between(note: Note, mention: Mention, start: int, end: int) -> str:
    """The words between a finding and a place."""
    if start >= mention.end:
        return note.folded.folded[mention.end : start]
    return note.folded.folded[end : mention.start]
