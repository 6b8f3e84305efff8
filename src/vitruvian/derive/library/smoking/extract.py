"""Whether the patient smokes, smoked, or never did, and how much.

References
----------
LOINC 72166-2 (tobacco smoking status) and 8664-5 (pack-years, reported); the answers are the
SNOMED CT codes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge
from vitruvian.derive.text import AFFIRMED, Mention, Note, Terms

FOLDER = Path(__file__).parent
STATUS, PACK_YEARS = "LOINC//72166-2", "LOINC//8664-5"
NEAR = 90

# This runs on the few dozen characters around a mention, never on a whole note.
_PACK_YEARS = re.compile(r"(\d{1,3}(?:\.\d)?)[ -]?pack[ -]?years?")
_ANSWER = re.compile(r"[ ,]*(never|none|no|negative|denies|former|quit|ex|yes|current)\b(?! smok)")
ANSWERS = {
    "never": "never", "none": "non", "no": "non", "negative": "non", "denies": "non",
    "former": "former", "quit": "former", "ex": "former", "yes": "current", "current": "current",
}  # fmt: skip
_QUIT = re.compile(r"\b(?:quit|stopped|ago|former|formerly|in the past|gave up|until)\b")


class Extractor(OfTables):
    """Finds the phrases of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Phrases about smoking."""
        return tables(language)[:1]

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention of the patient's own smoking."""
        phrases, answers = tables(note.pack.language)
        for mention in note.find(phrases):
            if mention.meaning != "nothing":
                yield from of_mention(note, mention, answers)


@cache
def tables(language: str) -> tuple[Terms, dict[str, list[str]]]:
    """Phrases with what they say, and the coded answers."""
    said = knowledge(FOLDER, "terms", language)
    phrases = said.get("phrases", {})
    return Terms((word, what) for what, words in phrases.items() for word in words), said.get(
        "answers", {}
    )


def of_mention(note: Note, mention: Mention, answers: dict[str, list[str]]) -> Iterator[Finding]:
    """Status, and pack-years where they are told; nothing when somebody else smokes."""
    start, end, said = mention
    context = note.context(start, end)
    if context.experiencer != "patient" or context.temporality == "hypothetical":
        return
    first, last = note.sentence_of(start)
    if note.folded.folded[end : end + 1] == ":":
        said = answered(note.folded.folded[end + 1 : min(last, end + NEAR)])
        if said is None:
            return
    around = note.folded.folded[max(first, start - NEAR) : min(last, end + NEAR)]
    status = status_of(said, negated=context.polarity == "negated", around=around)
    code, words = answers[status]
    yield Finding(
        start, end, "social", STATUS, "Tobacco smoking status", AFFIRMED,
        value_code=code, text_value=words,
    )  # fmt: skip
    packs = _PACK_YEARS.search(note.folded.folded, start, min(last, end + NEAR))
    if packs is not None and status in {"former", "current"}:
        yield Finding(
            packs.start(), packs.end(), "social", PACK_YEARS, "Pack-years", AFFIRMED,
            numeric_value=float(packs[1]), unit="{PackYears}", value_as_sent=packs[1],
        )  # fmt: skip


def answered(text: str) -> str | None:
    """The status after "Smoking:"; None when the words behind are a statement of their own.

    Examples
    --------
    >>> answered(" none."), answered(" former, 1999"), answered(" he smokes")
    ('non', 'former', None)
    """
    word = _ANSWER.match(text)
    return None if word is None else ANSWERS[word[1]]


def status_of(said: str, *, negated: bool, around: str) -> str:
    """Never, former, current, or "non": does not smoke, and nothing is said of the past.

    Examples
    --------
    >>> status_of("current", negated=False, around="smoked until 1999")
    'former'
    >>> status_of("current", negated=True, around="denies alcohol, tobacco")
    'non'
    """
    if said == "current":
        if negated:
            return "non"
        return "former" if _QUIT.search(around) or "smoked" in around else "current"
    return said
