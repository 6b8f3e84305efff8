"""How a tumour answered to its treatment, and whether it came back.

References
----------
Eisenhauer EA et al. New response evaluation criteria in solid tumours: revised RECIST guideline
(version 1.1). Eur J Cancer 2009;45:228-247, doi:10.1016/j.ejca.2008.10.026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.library.oncology.tumours.words import Words
from vitruvian.derive.library.oncology.ways import (
    AROUND,
    EARLIER,
    SITE_NEAR,
    holds,
    search,
    way,
)
from vitruvian.derive.records.tumour import RESPONSE
from vitruvian.derive.text import Context, Mention, Note, between

# "Recurrent urinary": so far behind the word.
AGAIN = 16
# Words that say that no recurrence came: "it never returned".
NONE = "none"
_OVER = re.compile(r"[,.;:]")


def answers(note: Note, words: Words, named: Sequence[Mention]) -> Iterator[Finding]:
    """Response and recurrence: close to a tumour, or where the words say themselves that one is."""
    for start, end, meaning in note.find(words.answers):
        if meaning is None:
            continue
        code, said = meaning
        near = between(named, max(0, start - EARLIER), end + AROUND)
        own = not words.answers_alone.isdisjoint(note.words[start:end].split())
        if not near and (not own or _is_risk(note, start)):
            continue
        if way("again", note.pack.language).search(note.folded.folded[start : end + AGAIN]):
            # A recurrent infection in a cancer note is no recurrent cancer.
            behind = between(named, end, end + SITE_NEAR)
            if not behind or _OVER.search(note.folded.folded[end : behind[0].start]):
                continue
        name = "Tumour response" if code == RESPONSE else "Tumour recurrence"
        value = said if code == RESPONSE else None
        context = _of_course(note, start, note.context(start, end))
        if _is_awaited(note, start):
            context = context._replace(temporality="hypothetical")
        if _is_weighed(note, start, end):
            context = context._replace(certainty="possible")
        if said == NONE:
            context = context._replace(polarity="negated")
        yield Finding(start, end, "problem", code, name, context, text_value=value)
    yield from _in_short(note, list(_asked(note, is_named=bool(named))), words.in_short)


def _asked(note: Note, *, is_named: bool) -> Iterator[str]:
    """Which patterns of short answers may find one: most notes hold none of their words."""
    shown, language = note.folded.shown, note.pack.language
    if is_named or holds(note.folded.folded, "response_line_word", language):
        yield "response_line"
    if is_named and holds(shown, "response_short_word", language):
        yield "response_short"
    if holds(shown, "response_alone_word", language):
        yield "response_alone"


def _in_short(note: Note, asked: Sequence[str], meanings: Mapping[str, str]) -> Iterator[Finding]:
    """Answers in short: "RECIST: PD", "overall SD", "pCR"."""
    ends = [0]
    for name in asked:
        for line in search(name, note.pack.language).finditer(note.folded.shown):
            start, end = line.span()
            if start < ends[-1]:
                continue
            ends.append(end)
            context, value = note.context(start, end), meanings[line["said"]]
            yield Finding(
                start, end, "problem", RESPONSE, "Tumour response", context, text_value=value
            )


def _of_course(note: Note, start: int, context: Context) -> Context:
    """The context of an answer: the whole course of a cancer under care is current."""
    if context.temporality != "historical" or note.section_of(start) == "history":
        return context
    first, last = note.sentence_of(start)
    over = way("long_over", note.pack.language).search(note.folded.folded, first, last)
    return context if over else context._replace(temporality="current")


def _is_awaited(note: Note, start: int) -> bool:
    """Whether a plan is told for it: "docetaxel would be an option at progression"."""
    first, last = note.sentence_of(start)
    text, language = note.folded.folded, note.pack.language
    before = text[max(first, start - AROUND) : start]
    if way("next_one", language).search(before):
        return True
    at = way("at_it", language).search(before) is not None
    return at and way("later", language).search(text, first, last) is not None


def _is_weighed(note: Note, start: int, end: int) -> bool:
    """Whether another reading stands beside it: "progression versus radiation necrosis"."""
    text, language = note.folded.folded, note.pack.language
    if way("weighed_behind", language).match(text[end : end + AROUND]):
        return True
    return way("weighed", language).search(text[max(0, start - AROUND) : start]) is not None


def _is_risk(note: Note, start: int) -> bool:
    """Whether the sentence lists what an operation may lead to."""
    first, last = note.sentence_of(start)
    return way("risks", note.pack.language).search(note.folded.folded, first, last) is not None
