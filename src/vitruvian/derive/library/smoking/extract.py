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
AMOUNT, HEADING = "amount", "heading"
_HALF = ("1/2", "half", "half a")


class Words(NamedTuple):
    """How one language speaks of smoking; the patterns are for the few dozen characters around."""

    phrases: Terms
    answers: Mapping[str, tuple[str, str]]
    answered: Terms
    not_answered: re.Pattern[str]
    answer_begins: re.Pattern[str]
    quit: re.Pattern[str]
    goes_on: re.Pattern[str]
    pack_years: re.Pattern[str]
    packs: re.Pattern[str]
    amount: re.Pattern[str]


_PATTERNS = ("not_answered", "answer_begins", "quit", "goes_on", "pack_years", "packs", "amount")


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
        *(re.compile(patterns[name]) for name in _PATTERNS),
    )


def of_mention(note: Note, mention: Mention, words: Words) -> Iterator[Finding]:
    """Status, and pack-years where they are told; nothing when somebody else smokes."""
    start, end, _ = mention
    context = note.context(start, end)
    if context.experiencer != "patient" or context.temporality == "hypothetical":
        return
    first, last = note.sentence_of(start)
    high = min(last, end + NEAR)
    said, end = _answer(note, mention, high, words)
    if said is None:
        return
    around = note.folded.folded[max(first, start - NEAR) : high]
    stopped = words.quit.search(around) is not None and words.goes_on.search(around) is None
    status = status_of(said, negated=context.polarity == "negated", stopped=stopped)
    amount = words.amount.match(note.folded.folded[end:high])
    code, text = words.answers[status]
    yield Finding(
        start, end + (amount.end() if amount else 0), "social", STATUS, "Tobacco smoking status",
        AFFIRMED, value_code=code, text_value=text,
    )  # fmt: skip
    if status in {"former", "current"}:
        yield from _pack_years(note, start, (first, high), words)


def _answer(note: Note, mention: Mention, high: int, words: Words) -> tuple[str | None, int]:
    """What is said of smoking, and where the words that say it end."""
    _, end, told = mention
    plain = "current" if told == AMOUNT else str(told)
    begins = words.answer_begins.match(note.folded.shown[end:high])
    if begins is None:
        return (None if told == HEADING else plain), end
    since = end + begins.end()
    answer = answered(note.words[since:high], words)
    if answer is not None:
        return answer[0], since + answer[1]
    if words.amount.match(note.folded.folded[since:high]):
        return "current", since
    # "Smoker - 20 a day" says it before the dash; "Smoking: he smokes" says it again.
    colon = begins[0].strip() == ":"
    return (None if colon or told == HEADING else plain), end


def _pack_years(
    note: Note, start: int, sentence: tuple[int, int], words: Words
) -> Iterator[Finding]:
    """The pack-years told behind the words of smoking, or before them."""
    text, (first, high) = note.folded.folded, sentence
    low = max(first, start - NEAR)
    packs = words.pack_years.search(text, start, high) or words.pack_years.search(text, low, high)
    daily = None if packs else words.packs.search(text, low, high)
    found = packs or daily
    if found is None:
        return
    number = float(found[1].replace(",", ".")) if packs else packs_by_years(found)
    yield Finding(
        *found.span(), "social", PACK_YEARS, "Pack-years", AFFIRMED,
        numeric_value=number, unit="{PackYears}", value_as_sent=found[1] if packs else found[0],
    )  # fmt: skip


def packs_by_years(found: re.Match[str]) -> float:
    """Packs a day times years.

    Examples
    --------
    >>> packs_by_years(words_of("en").packs.search("1/2 ppd x 30 yrs"))
    15.0
    """
    packs = found["packs"].strip()
    return (0.5 if packs in _HALF else float(packs)) * float(found["years"])


def answered(behind: str, words: Words) -> tuple[str, int] | None:
    """The status after "Smoking:", and where it ends; None for a statement of its own.

    Examples
    --------
    >>> english = words_of("en")
    >>> [answered(said, english) for said in (" none ", " former  1999", " he smokes")]
    [('non', 5), ('former', 7), None]
    """
    found = words.answered.find(behind)
    if not found or behind[: found[0].start].strip():
        return None
    if words.not_answered.match(behind, found[0].end):
        return None
    return str(found[0].meaning), found[0].end


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
