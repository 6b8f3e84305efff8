"""What a note says of a habit of the patient, such as smoking: never, not now, former or current.

Pure: a language's phrases and patterns in, spans and answers out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from vitruvian.derive.text.note import Note
from vitruvian.derive.text.terms import Mention, Terms, between

# How far around a phrase an answer or its end is looked for, in characters.
NEAR = 90
# What phrases say beside a status: how much; nothing without an answer or an amount; nothing
# without one of these or a denial; that it is or was so, though something else is denied before;
# too much, whose denial leaves open whether there is any; and nothing of the habit.
AMOUNT, HEADING, NAMED, SURE, ENDED, EXCESS, NOTHING = (
    "amount", "heading", "named", "sure", "ended", "excess", "nothing",
)  # fmt: skip
_BY_ITSELF = {
    AMOUNT: "current", SURE: "current", EXCESS: "current", ENDED: "former",
    HEADING: None, NAMED: None,
}  # fmt: skip


class HabitWords(NamedTuple):
    """How one language speaks of a habit; the patterns are for the few dozen characters around."""

    phrases: Terms
    answered: Terms
    not_answered: re.Pattern[str]
    answer_begins: re.Pattern[str]
    quit: re.Pattern[str]
    goes_on: re.Pattern[str]
    amount: re.Pattern[str]


_PATTERNS = HabitWords._fields[2:]


def habit_words(said: Mapping[str, Any], patterns: Mapping[str, str]) -> HabitWords:
    """The words of one language: phrases by what they say, answers behind a colon, patterns."""
    return HabitWords(
        Terms((word, what) for what, words in said.get("phrases", {}).items() for word in words),
        Terms((word, what) for what, words in said.get("answered", {}).items() for word in words),
        *(re.compile(patterns[name]) for name in _PATTERNS),
    )


class Told(NamedTuple):
    """One statement: its span (half-open) and status, and what of its sentence lies around it."""

    start: int
    end: int
    status: str
    first: int
    last: int


def told_of(note: Note, words: HabitWords) -> Iterator[Told]:
    """What a note says of the patient's own habit, one a phrase."""
    mentions = note.find(words.phrases)
    end = 0
    for mention in mentions:
        # "Alcohol: occasional glass of wine" is one statement.
        if mention.meaning == NOTHING or mention.start < end:
            continue
        if mention.meaning == AMOUNT and not _alone(note, mention, mentions):
            continue
        told = _told(note, mention, words)
        if told is not None:
            end = told.end
            yield told


def _alone(note: Note, mention: Mention, mentions: list[Mention]) -> bool:
    """Whether it is the first phrase of its sentence, and no other than amounts follow."""
    others = between(mentions, *note.sentence_of(mention.start))
    return others[0] is mention and all(one.meaning == AMOUNT for one in others)


def _told(note: Note, mention: Mention, words: HabitWords) -> Told | None:
    """Nothing when it is somebody else's habit, or a risk, or a heading that nobody answers."""
    start, end, what = mention
    context = note.context(start, end)
    if context.experiencer != "patient" or context.temporality == "hypothetical":
        return None
    first, last = note.sentence_of(start)
    high = min(last, end + NEAR)
    negated = context.polarity == "negated" and what not in {SURE, ENDED}
    said, end = _answer(note, mention, high, words)
    if said is None and what == NAMED and negated:
        said = "non"
    # "No history of alcohol abuse" does not say that he drinks none.
    if said is None or (negated and (said == "former" or what == EXCESS)):
        return None
    around = note.folded.folded[max(first, start - NEAR) : high]
    stopped = words.quit.search(around) is not None and words.goes_on.search(around) is None
    amount = words.amount.match(note.folded.folded[end:high])
    status = status_of(said, negated=negated, stopped=stopped)
    return Told(start, end + (amount.end() if amount else 0), status, first, high)


def _answer(note: Note, mention: Mention, high: int, words: HabitWords) -> tuple[str | None, int]:
    """What is said of the habit, and where the words that say it end."""
    _, end, what = mention
    by_itself = _BY_ITSELF.get(what, what)
    begins = words.answer_begins.match(note.folded.shown[end:high])
    if begins is None:
        # "Alcohol 14 units a week".
        much = by_itself is None and words.amount.match(note.folded.folded[end:high])
        return ("current" if much else by_itself), end
    since = end + begins.end()
    answer = answered(note.words[since:high], words)
    if answer is not None:
        return answer[0], since + answer[1]
    if words.amount.match(note.folded.folded[since:high]):
        return "current", since
    # "Smoker - 20 a day" says it before the dash; "Smoking: he smokes" says it again.
    colon = begins[0].strip() == ":"
    return (None if colon else by_itself), end


def answered(behind: str, words: HabitWords) -> tuple[str, int] | None:
    """The status after "Smoking:", and where it ends; None for a statement of its own."""
    found = words.answered.find(behind)
    if not found or behind[: found[0].start].strip():
        return None
    if words.not_answered.match(behind, found[0].end):
        return None
    return str(found[0].meaning), found[0].end


def status_of(said: str, *, negated: bool, stopped: bool) -> str:
    """Never, former, current, or "non": not now, and nothing is said of the past.

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
