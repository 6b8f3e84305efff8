"""One note: its sections, its sentences, and the context of any place in it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from operator import sub
from typing import NamedTuple

from vitruvian.derive.text.context import AFFIRMED, Context, Scope, Sentence, context_of, scopes
from vitruvian.derive.text.dates import NUMBER, When, nearest, numbers
from vitruvian.derive.text.fold import Folded, fold
from vitruvian.derive.text.pack import Pack
from vitruvian.derive.text.terms import Lexicon, Mention, Terms

# A sentence ends at a full stop before white space (some transcripts: a comma) and no small
# letter, or at a line end where the next line begins like a new statement; in Chinese at its signs.
_END = re.compile(
    r"""[.!?\n](?:(?<!\n)["')\]]*[\s,]+(?=[^a-z\u00df-\u00ff\s,])"""
    r"""|(?<=[^,]\n)(?=[^a-z\u00df-\u00ff\s]))|[\u3002\uff1b\uff01\uff1f]["')\]\u201d]*\s*"""
)
# The same for ASCII, several times faster: the machine looks for one sign of four.
_END_ASCII = re.compile(
    r"""[.!?\n](?:(?<!\n)["')\]]*[\s,]+(?=[^a-z\s,])|(?<=[^,]\n)(?=[^a-z\s]))"""
)
_ITEM = re.compile(r"[ \n](?=\d{1,2}\) )")
_CAPITALS = re.compile(r"(?<![^\s.,;])[A-Z][A-Z /&()-]{2,48}$")
_IN_CAPITALS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ /&()-")
_LINE = re.compile(
    r"^[ #*]*([A-Za-z][A-Za-z /&]{1,40}?) *(?:\n| ?[-\u2013] ?|\. ?\n|(?<=[a-z])\. (?=[A-Z]))",
    re.MULTILINE,
)
_HEADING_AT_MOST = 50
# A question that a term begins: so long at most, and of one part.
_ASKED_WITHIN = 40
_PARTED = re.compile(r"[.;:,()]")
_BEFORE_HEADING = tuple("\n.,;:\u3002\uff1b")
_SENTENCE_AT_MOST = 1_000
_NOTHING: Mapping[str, str] = {}


class Note:
    """A text with all that extractors ask of it, worked out once, when first asked."""

    def __init__(self, text: str, pack: Pack, lexicon: Lexicon | None = None) -> None:
        self.text = text
        self.pack = pack
        self._lexicon = lexicon
        self.folded: Folded = fold(text)
        self._contexts: dict[tuple[int, int], Context] = {}
        self._scopes: dict[int, tuple[list[Scope], Mapping[str, str]]] = {}
        self._dates: dict[int, list[When]] = {}
        self._mentions: Mapping[Terms, list[Mention]] = {}
        self._asks = "?" in self.folded.folded

    @property
    def words(self) -> str:
        """The text as `Terms.find` wants it."""
        return self.folded.words

    def find_all(self) -> None:
        """Look for the terms of everybody now, not when the first one asks."""
        if self._lexicon is not None and not self._mentions:
            self._mentions = self._lexicon.find(self.folded.words)

    def find(self, terms: Terms) -> list[Mention]:
        """Every mention of the terms in the note."""
        if not self._mentions:
            self.find_all()
        found = self._mentions.get(terms)
        return terms.find(self.folded.words) if found is None else found

    @cached_property
    def sentence_starts(self) -> list[int]:
        """Where sentences begin; the first is 0. A heading and an item of a list begin one."""
        shown, folded, pack = self.folded.shown, self.folded.folded, self.pack
        known, endings = pack.abbreviations, pack.abbreviation_ends
        starts = {0, *self.sections.starts}
        for end in (_END_ASCII if shown.isascii() else _END).finditer(shown):
            place, after = end.span()
            # Few words end as an abbreviation does: only those are looked up.
            if folded[place - 2 : place] not in endings or not _abbreviated(folded, place, known):
                starts.add(after)
        if ") " in shown:
            starts.update(item.end() for item in _ITEM.finditer(shown))
        return _at_most(sorted(starts), folded)

    def sentence_of(self, place: int) -> tuple[int, int]:
        """The sentence (half-open) around a place."""
        number = bisect_right(self.sentence_starts, place) - 1
        return self._sentence(number)

    def _sentence(self, number: int) -> tuple[int, int]:
        starts = self.sentence_starts
        end = starts[number + 1] if number + 1 < len(starts) else len(self.folded.folded)
        return starts[number], end

    def date_of(self, start: int, end: int, *, seen: date, lasting: bool) -> When | None:
        """The date that the sentence gives what stands at a place; None when it gives none.

        Parameters
        ----------
        start, end
            The term.
        seen
            The day the note is about.
        lasting
            Whether "for three days" says when it began.
        """
        number = bisect_right(self.sentence_starts, start) - 1
        kinds = self._dated.get(number)
        if kinds is None:
            return None
        first, last = self._sentence(number)
        found = self._dates.get(number)
        if found is None:
            sentence = self.folded.folded[first:last]
            found = self._dates[number] = self.pack.dates.find(sentence, kinds, seen=seen)
        text, place = self.folded.folded, start - first
        mine = [when for when in found if not _of_another(text[first:last], when, place)]
        when = nearest(mine, start=place, end=end - first, lasting=lasting)
        return when and when._replace(start=when.start + first, end=when.end + first)

    def may_be_dated(self, start: int) -> bool:
        """Whether the sentence of a place may hold a date: asked before the dearer question."""
        dated = self._dated
        return bool(dated) and bisect_right(self.sentence_starts, start) - 1 in dated

    @cached_property
    def _dated(self) -> Mapping[int, set[str]]:
        """The sentences that hold words of time or numbers like those of dates, and which kinds."""
        starts = self.sentence_starts
        kinds: dict[int, set[str]] = {}
        for start, _, kind in self.find(self.pack.dates.words):
            if kind is not None:
                kinds.setdefault(bisect_right(starts, start) - 1, set()).add(kind)
        for place in numbers(self.folded.folded):
            kinds.setdefault(bisect_right(starts, place) - 1, set()).add(NUMBER)
        return kinds

    @cached_property
    def sections(self) -> Sections:
        """Where sections begin, and their names; the first, before any heading, is ``""``."""
        shown, pack = self.folded.shown, self.pack
        starts, names = [0], [""]
        opened = list(_bare_headings(shown, pack))
        colon = shown.find(":")
        while colon >= 0:
            found = _heading(shown, colon, pack)
            if found is not None:
                opened.append(found)
            colon = shown.find(":", colon + 1)
        for start, name in sorted(opened):
            starts.append(start)
            names.append(name)
        return Sections(starts, names)

    def has_section(self, name: str) -> bool:
        """Whether any section has this name."""
        return name in self.sections.names

    def section_of(self, place: int) -> str:
        """The name of the section a place lies in."""
        return self.sections.names[bisect_right(self.sections.starts, place) - 1]

    def context(self, start: int, end: int) -> Context:
        """What the text says of the term at a place of the folded text."""
        # Two extractors often name the same words.
        told = self._contexts.get((start, end))
        if told is None:
            told = self._contexts[start, end] = self._context(start, end)
        return told

    def _context(self, start: int, end: int) -> Context:
        number = bisect_right(self.sentence_starts, start) - 1
        known = self._scopes.get(number)
        if known is None:
            known = self._scopes[number] = self._scopes_of(number)
        reach, said = known
        by_itself = self.pack.term_context.get(self.folded.folded[start:end])
        if by_itself:
            said = {**said, **by_itself}
        context = AFFIRMED
        if reach or said:
            context = context_of(start, end, reached_by=reach, section=said)
            if said and not by_itself and context.polarity == "negated" and self._aside(number):
                # Denied behind a list of past diseases: so today, unless a word says "history".
                aside = {axis: value for axis, value in said.items() if axis != "temporality"}
                context = context_of(start, end, reached_by=reach, section=aside)
        if self._asks and context.certainty == "certain" and self._is_asked(start, end):
            return context._replace(certainty="possible")
        return context

    def _aside(self, number: int) -> bool:
        """Whether a sentence of a history is not the one with its heading."""
        start = self.sentence_starts[number]
        return self.section_of(start) == "history" and start not in self.sections.starts

    def _is_asked(self, start: int, end: int) -> bool:
        """Whether a question mark stands right before a term, or at the end of what it begins."""
        text = self.folded.folded
        if text[start - 1 : start] == "?":
            return True
        if text[start - 2 : start] == "? " and text[start - 3 : start - 2] in {"", " ", "("}:
            return True
        # "Ovarian metastasis or second primary?"
        mark = text.find("?", end, end + _ASKED_WITHIN)
        # "Rash ?measles" asks what follows.
        if mark < 0 or (text[mark - 1] == " " and text[mark + 1 : mark + 3].strip()[:1].isalnum()):
            return False
        return _PARTED.search(text, end, mark) is None

    def _scopes_of(self, number: int) -> tuple[list[Scope], Mapping[str, str]]:
        """What reaches into a sentence, and what its section says of everything in it."""
        start, end = self._sentence(number)
        said = self.pack.section_context.get(self.section_of(start), _NOTHING)
        # Only here: most sentences hold nothing whose context anybody asks for.
        cues = self.pack.cues.within(self.folded.words, start, end)
        if not cues:
            return [], said
        return scopes(cues, sentence=Sentence(start, end, self.folded.folded[start:end])), said


class Sections(NamedTuple):
    """Where sections begin, their headings included, and what they are called."""

    starts: list[int]
    names: list[str]


def _of_another(sentence: str, when: When, start: int) -> bool:
    """Whether a bare year closes the item of a list before a term: "infarct 2017, gout"."""
    if when.end > start or not sentence[when.start : when.end].strip("()").isdigit():
        return False
    return sentence[when.end : when.end + 1] in {",", ")", ";"} and (
        sentence[max(0, when.start - 2) : when.start].rstrip("(")[-1:] == " "
        and sentence[: when.start].rstrip(" (")[-1:].isalnum()
    )


def _at_most(starts: list[int], folded: str) -> list[int]:
    """Sentences no longer than anybody writes, so that text without ends costs no square."""
    ends = [*starts[1:], len(folded)]
    if max(map(sub, ends, starts)) <= _SENTENCE_AT_MOST:
        return starts
    cut = []
    for start, end in zip(starts, ends, strict=True):
        cut.append(start)
        while end - cut[-1] > _SENTENCE_AT_MOST:
            low, high = cut[-1] + 1, cut[-1] + _SENTENCE_AT_MOST
            space = folded.rfind(" ", low, high)
            cut.append(high if space < 0 else space + 1)
    return cut


def _abbreviated(folded: str, stop: int, known: frozenset[str]) -> bool:
    """Whether a full stop belongs to the word before it."""
    before = folded[max(0, stop - 8) : stop]
    word = before[before.rfind(" ") + 1 :]
    return folded[stop] == "." and word.replace(".", "").lstrip("(") in known


def _heading(shown: str, colon: int, pack: Pack) -> tuple[int, str] | None:
    """Where the heading before a colon begins and which section it opens; None when it is none."""
    low = max(0, colon - _HEADING_AT_MOST)
    before = shown[low:colon]
    begin = max(map(before.rfind, _BEFORE_HEADING)) + 1
    words = before[begin:].strip(" 0123456789)#*-\u3010\u3011\u3001")
    section = pack.section_named(words)
    if section is not None:
        return low + begin + before[begin:].find(words), section
    # Most colons stand behind small letters: no search for them.
    capitals = _CAPITALS.search(before) if before[-1:] in _IN_CAPITALS else None
    if capitals is None:
        return None
    return low + capitals.start(), pack.section_named(capitals[0]) or "other"


def _bare_headings(shown: str, pack: Pack) -> Iterator[tuple[int, str]]:
    """Headings without a colon: alone on a line, before a dash, or short ones before their text."""
    if "\n" in shown:
        for line in _LINE.finditer(shown):
            section = pack.section_named(line[1])
            if section is not None:
                yield line.start(1), section
    if pack.short_heading is not None:
        for short in pack.short_heading.finditer(shown):
            yield short.start(1), pack.short_headings[short[1]]
