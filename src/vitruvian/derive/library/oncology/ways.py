"""How each language joins the words of oncology: its patterns, English where it says none."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

from vitruvian.derive.engine.extractor import knowledge
from vitruvian.derive.text import Context, Note, Pattern, Several

FOLDER = Path(__file__).parent
ENGLISH = "en"
# So far before a cancer the words stand that tell something of it.
BEFORE = 60
# How far a site may stand from the tumour's name, and what else is told of it.
SITE_NEAR, AROUND = 40, 80
# So far before a grade, a response or a recurrence its tumour or treatment is named.
EARLIER = 300


@cache
def way(name: str, language: str) -> re.Pattern[str]:
    """A pattern for the few words around a mention, from ``[patterns]`` of a language."""
    return re.compile(as_written(name, language))


@cache
def search(name: str, language: str) -> Pattern:
    """A pattern for whole notes: answered in linear time."""
    return Pattern(as_written(name, language))


def holds(text: str, name: str, language: str) -> bool:
    """Whether a pattern that ends in ``_word`` finds anything: asked before a dearer one."""
    return name in _held(text, language)


# What is asked of one note is asked of the same two texts: as shown, and in small letters.
@lru_cache(maxsize=2)
def _held(text: str, language: str) -> frozenset[str]:
    return _words(language).held_in(text)


@cache
def _words(language: str) -> Several:
    """Every pattern of a language that is asked first."""
    names = knowledge(FOLDER, "terms", ENGLISH)["patterns"]
    return Several({n: as_written(n, language) for n in names if n.endswith("_word")})


def counted(word: str, language: str) -> str:
    """A number that is written as a word in digits; anything else as it stands."""
    return str(knowledge(FOLDER, "terms", language).get("counted", {}).get(word.lower(), word))


def in_course(note: Note, start: int, end: int) -> Context:
    """The context of what belongs to a cancer: "diagnosed with" begins its course of today."""
    context, language = note.context(start, end), note.pack.language
    before = note.folded.folded[max(0, start - BEFORE) : start]
    if way("excluded", language).search(before):
        return context._replace(polarity="negated", certainty="certain")
    if way("worrying", language).search(before):
        context = context._replace(certainty="possible")
    if context.temporality != "historical":
        return context
    first, last = note.sentence_of(start)
    text = note.folded.folded[first:last]
    if way("newly", language).search(text[: start - first]):
        return context._replace(temporality="current")
    if note.section_of(start) == "history":
        return context
    if not way("diagnosed", language).search(text[: start - first]):
        return context
    over = way("long_over", language).search(text)
    return context if over else context._replace(temporality="current")


def of_known(note: Note, start: int, context: Context) -> Context:
    """The context of a cancer that something is told of: "no recurrence of the melanoma"."""
    before = note.folded.folded[max(0, start - BEFORE) : start]
    if not way("of_known", note.pack.language).search(before):
        return context
    current = context.temporality == "hypothetical"
    return context._replace(
        polarity="affirmed", certainty="certain",
        temporality="current" if current else context.temporality,
    )  # fmt: skip


def as_written(name: str, language: str) -> str:
    """A pattern as a language writes it, to be part of another."""
    own = knowledge(FOLDER, "terms", language).get("patterns", {})
    common = knowledge(FOLDER, "terms", ENGLISH)["patterns"]
    return str(own.get(name, common[name]))
