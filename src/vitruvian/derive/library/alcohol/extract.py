"""Whether the patient drinks alcohol, drank, or never did, and how much a day.

References
----------
LOINC 11331-6 (history of alcohol use) and 74013-4 (alcoholic drinks per day), the code of the
International Patient Summary (HL7, 2.0.0); the answers are SNOMED CT codes.
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
STATUS, PER_DAY = "LOINC//11331-6", "LOINC//74013-4"
ENGLISH = "en"
DAYS_A_WEEK = 7
# More is a typing error, or no drink: a bottle of spirits holds some 28 units of 8 g.
MOST_A_DAY = 60.0


class Words(NamedTuple):
    """How one language speaks of drinking, and of how much."""

    habit: HabitWords
    answers: Mapping[str, tuple[str, str]]
    drinks: re.Pattern[str]
    numbers: Mapping[str, float]


class Extractor(OfTables):
    """Finds the phrases of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Phrases about alcohol."""
        return (words_of(language).habit.phrases,)

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention of the patient's own drinking; how much, where it is told."""
        words = words_of(note.pack.language)
        counted = 0
        for told in told_of(note, words.habit):
            drinks = _drinks(note, told, words) if told.status == "current" else None
            code, text = words.answers[told.status]
            start, end = _joined(told, drinks)
            yield Finding(
                start, end, "social", STATUS, "Alcohol use", AFFIRMED,
                value_code=code, text_value=text,
            )  # fmt: skip
            if drinks is not None and drinks.start() >= counted:
                counted = drinks.end()
                yield from _a_day(drinks, words)


@cache
def words_of(language: str) -> Words:
    """Phrases with what they say, coded answers, and patterns; no phrases without a table."""
    said = knowledge(FOLDER, "terms", language)
    common = knowledge(FOLDER, "terms", ENGLISH)
    patterns = {**common["patterns"], **said.get("patterns", {})}
    return Words(
        habit_words(said, patterns), common["answers"],
        re.compile(patterns["drinks"]), {**common["numbers"], **said.get("numbers", {})},
    )  # fmt: skip


def _drinks(note: Note, told: Told, words: Words) -> re.Match[str] | None:
    """How much is told behind the words of drinking, or before them."""
    text = note.folded.folded
    low = max(told.first, told.start - NEAR)
    before = words.drinks.search(text, low, told.last)
    # "1-2 glasses of wine nightly" begins ahead of the words that were found in it.
    if before is not None and before.end() > told.start:
        return before
    return words.drinks.search(text, told.start, told.last) or before


def _joined(told: Told, drinks: re.Match[str] | None) -> tuple[int, int]:
    """The span of a statement, with how much where that overlaps it."""
    if drinks is None or drinks.start() > told.end or drinks.end() < told.start:
        return told.start, told.end
    return min(told.start, drinks.start()), max(told.end, drinks.end())


def _a_day(found: re.Match[str], words: Words) -> Iterator[Finding]:
    """The drinks a day, where so many can be."""
    number = per_day(found, words.numbers)
    if not 0 < number <= MOST_A_DAY:
        return
    yield Finding(
        *found.span(), "social", PER_DAY, "Alcoholic drinks per day", AFFIRMED,
        numeric_value=number, unit="{units}/d" if found["units"] else "{drinks}/d",
        value_as_sent=found[0],
    )  # fmt: skip


def per_day(found: re.Match[str], numbers: Mapping[str, float]) -> float:
    """Drinks a day, of a range the higher.

    Examples
    --------
    >>> english = words_of("en")
    >>> said = "14 units a week", "1-2 beers/night", "two beers and a glass of wine daily"
    >>> [per_day(english.drinks.search(each), english.numbers) for each in said]
    [2.0, 2.0, 3.0]
    """
    told = (found["upper"] or found["number"], found["more"])
    amount = sum(_number(each, numbers) for each in told if each)
    return round(amount / DAYS_A_WEEK if found["week"] else amount, 2)


def _number(told: str, numbers: Mapping[str, float]) -> float:
    number = numbers.get(told)
    return float(told.replace(",", ".")) if number is None else float(number)
