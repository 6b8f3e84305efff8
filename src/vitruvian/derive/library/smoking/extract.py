"""Whether the patient smokes, smoked, or never did, and how much.

References
----------
LOINC 72166-2 (tobacco smoking status) and 8664-5 (pack-years, reported); the answers are the
SNOMED CT codes.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge
from vitruvian.derive.text import AFFIRMED, Mention, Note, Terms

FOLDER = Path(__file__).parent
STATUS, PACK_YEARS = "LOINC//72166-2", "LOINC//8664-5"
NEAR = 90
ENGLISH = "en"
AMOUNT = "amount"


class Words(NamedTuple):
    """How one language speaks of smoking.

    ``quit``, ``smoked`` and ``pack_years`` are for the few dozen characters around a mention.
    """

    phrases: Terms
    answers: Mapping[str, tuple[str, str]]
    answered: Terms
    not_answered: re.Pattern[str]
    quit: re.Pattern[str]
    pack_years: re.Pattern[str]


class Extractor(OfTables):
    """Finds the phrases of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Phrases about smoking."""
        return (words_of(language).phrases,)

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention of the patient's own smoking."""
        words = words_of(note.pack.language)
        mentions = note.find(words.phrases)
        for mention in mentions:
            if mention.meaning == AMOUNT and not _alone(note, mention, mentions):
                continue
            if mention.meaning != "nothing":
                yield from of_mention(note, mention, words)


def _alone(note: Note, mention: Mention, mentions: list[Mention]) -> bool:
    """Whether it is the first phrase of its sentence, and no other than amounts follow."""
    first, last = note.sentence_of(mention.start)
    others = mentions[bisect_left(mentions, (first,)) : bisect_left(mentions, (last,))]
    return others[0] is mention and all(one.meaning == AMOUNT for one in others)


@cache
def words_of(language: str) -> Words:
    """Phrases with what they say, coded answers, and patterns; no phrases without a table."""
    said = knowledge(FOLDER, "terms", language)
    common = knowledge(FOLDER, "terms", ENGLISH)
    patterns = {**common["patterns"], **said.get("patterns", {})}
    return Words(
        Terms((word, what) for what, words in said.get("phrases", {}).items() for word in words),
        common["answers"],
        Terms((word, what) for what, words in said.get("answered", {}).items() for word in words),
        *(re.compile(patterns[name]) for name in ("not_answered", "quit", "pack_years")),
    )


def of_mention(note: Note, mention: Mention, words: Words) -> Iterator[Finding]:
    """Status, and pack-years where they are told; nothing when somebody else smokes."""
    start, end, told = mention
    said = "current" if told == AMOUNT else str(told)
    context = note.context(start, end)
    if context.experiencer != "patient" or context.temporality == "hypothetical":
        return
    first, last = note.sentence_of(start)
    if note.folded.folded[end : end + 1] == ":":
        answer = answered(note.words[end + 1 : min(last, end + NEAR)], words)
        if answer is None:
            return
        said = answer
    around = note.folded.folded[max(first, start - NEAR) : min(last, end + NEAR)]
    stopped = words.quit.search(around) is not None
    status = status_of(said, negated=context.polarity == "negated", stopped=stopped)
    code, text = words.answers[status]
    yield Finding(
        start, end, "social", STATUS, "Tobacco smoking status", AFFIRMED,
        value_code=code, text_value=text,
    )  # fmt: skip
    begin = max(first, start - NEAR) if told == AMOUNT else start
    packs = words.pack_years.search(note.folded.folded, begin, min(last, end + NEAR))
    if packs is not None and status in {"former", "current"}:
        yield Finding(
            packs.start(), packs.end(), "social", PACK_YEARS, "Pack-years", AFFIRMED,
            numeric_value=float(packs[1].replace(",", ".")), unit="{PackYears}",
            value_as_sent=packs[1],
        )  # fmt: skip


def answered(behind: str, words: Words) -> str | None:
    """The status after "Smoking:"; None when the words behind are a statement of their own.

    Examples
    --------
    >>> english = words_of("en")
    >>> [answered(said, english) for said in (" none ", " former  1999", " he smokes")]
    ['non', 'former', None]
    """
    found = words.answered.find(behind)
    if not found or behind[: found[0].start].strip():
        return None
    return None if words.not_answered.match(behind, found[0].end) else str(found[0].meaning)


def status_of(said: str, *, negated: bool, stopped: bool) -> str:
    """Never, former, current, or "non": does not smoke, and nothing is said of the past.

    Examples
    --------
    >>> status_of("current", negated=False, stopped=True)
    'former'
    >>> status_of("current", negated=True, stopped=False)
    'non'
    """
    if said != "current":
        return said
    if negated:
        return "non"
    return "former" if stopped else "current"
