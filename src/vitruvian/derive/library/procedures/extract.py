"""Operations and examinations named in a note: done, planned, or not done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.text import Note, Terms

FOLDER = Path(__file__).parent
# How far before the name a word of planning may stand, in characters.
BEFORE = 50
# How far behind it, where nothing stands between the two.
BEHIND = 30
PLAN = "plan"
_STEPS = ("planned", "done")


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml``."""

    folder = FOLDER

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of procedures."""
        return tables(language)[:1]

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention."""
        names, steps, behind = tables(note.pack.language)
        for start, end, (code, name) in note.find(names):
            first, _ = note.sentence_of(start)
            ahead = steps.find(note.words[max(first, start - BEFORE) : start])
            context = note.context(start, end)
            # What is told of the past has been done, whatever was planned then.
            told = bool(ahead and ahead[-1][2])
            if not ahead or context.temporality == "hypothetical":
                told = note.section_of(start) == PLAN or context.temporality == "hypothetical"
            told = told or _follows(note, end, behind)
            planned = told and context.temporality != "historical"
            yield Finding(
                start, end, "procedure", code, name, context,
                act="planned" if planned else "reported",
            )  # fmt: skip


def _follows(note: Note, end: int, behind: Terms) -> bool:
    """Whether a word of planning follows a name at once: "colonoscopy booked"."""
    words = note.words[end : end + BEHIND]
    found = behind.find(words)
    return bool(found) and not words[: found[0].start].strip()


@cache
def tables(language: str) -> tuple[Terms, Terms, Terms]:
    """Names of procedures; words before one: whether they say that it is not done yet; and behind.

    Words behind a name always say so.
    """
    said = knowledge(FOLDER, "terms", language)
    return (
        Terms(_named(said.get("procedures", "")), plurals=language == "en"),
        Terms((word, step == "planned") for step in _STEPS for word in said.get(step, ())),
        Terms((word, None) for word in said.get("planned_behind", ())),
    )


def _named(table: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for concept, name, others in lines_of(table):
        code = f"TEXT//{name.lower()}" if concept == "-" else f"SNOMED//{concept}"
        for term in others.split(","):
            yield term.strip(), (code, name)
