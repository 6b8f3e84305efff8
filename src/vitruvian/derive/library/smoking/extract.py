"""Whether the patient smokes, smoked, or never did, and how much.

References
----------
LOINC 72166-2 (tobacco smoking status) and 8664-5 (pack-years, reported); the answers are the
SNOMED CT codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge
from vitruvian.derive.text import AFFIRMED, Note, Terms
from vitruvian.derive.text.habit import NEAR, HabitWords, Told, habit_words, told_of

FOLDER = Path(__file__).parent
STATUS, PACK_YEARS = "LOINC//72166-2", "LOINC//8664-5"
ENGLISH = "en"
_HALF = ("1/2", "half", "half a")


class Words(NamedTuple):
    """How one language speaks of smoking, and of how much."""

    habit: HabitWords
    answers: Mapping[str, tuple[str, str]]
    pack_years: re.Pattern[str]
    packs: re.Pattern[str]


class Extractor(OfTables):
    """Finds the phrases of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Phrases about smoking."""
        return (words_of(language).habit.phrases,)

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention of the patient's own smoking; pack-years where they are told."""
        words = words_of(note.pack.language)
        for told in told_of(note, words.habit):
            code, text = words.answers[told.status]
            yield Finding(
                told.start, told.end, "social", STATUS, "Tobacco smoking status", AFFIRMED,
                value_code=code, text_value=text,
            )  # fmt: skip
            if told.status in {"former", "current"}:
                yield from _pack_years(note, told, words)


@cache
def words_of(language: str) -> Words:
    """Phrases with what they say, coded answers, and patterns; no phrases without a table."""
    said = knowledge(FOLDER, "terms", language)
    common = knowledge(FOLDER, "terms", ENGLISH)
    patterns = {**common["patterns"], **said.get("patterns", {})}
    return Words(
        habit_words(said, patterns), common["answers"],
        re.compile(patterns["pack_years"]), re.compile(patterns["packs"]),
    )  # fmt: skip


def _pack_years(note: Note, told: Told, words: Words) -> Iterator[Finding]:
    """The pack-years told behind the words of smoking, or before them."""
    text, start, high = note.folded.folded, told.start, told.last
    low = max(told.first, start - NEAR)
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
