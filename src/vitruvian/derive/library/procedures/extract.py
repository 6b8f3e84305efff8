"""Operations and examinations named in a note: done, planned, or not done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from pathlib import Path

from vitruvian.base.manifest import Manifest
from vitruvian.derive.engine.extractor import Finding, knowledge, lines_of, release_of
from vitruvian.derive.text import Note, Terms

FOLDER = Path(__file__).parent
# How far before the name a word of planning may stand, in characters.
BEFORE = 50


class Extractor:
    """Finds the names of ``terms.<language>.toml``."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    @cached_property
    def release(self) -> str:
        """A hash of the table."""
        return release_of(FOLDER)

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of procedures."""
        return tables(language)[:1]

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention."""
        names, planned = tables(note.pack.language)
        for start, end, (code, name) in note.find(names):
            first, _ = note.sentence_of(start)
            ahead = planned.find(note.words[max(first, start - BEFORE) : start])
            yield Finding(
                start, end, "procedure", code, name, note.context(start, end),
                act="planned" if ahead else "reported",
            )  # fmt: skip


@cache
def tables(language: str) -> tuple[Terms, Terms]:
    """Names of procedures, and words before one that is not done yet."""
    said = knowledge(FOLDER, "terms", language)
    return (
        Terms(_named(said.get("procedures", "")), plurals=language == "en"),
        Terms((word, word) for word in said.get("planned", ())),
    )


def _named(table: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for concept, name, others in lines_of(table):
        code = f"TEXT//{name.lower()}" if concept == "-" else f"SNOMED//{concept}"
        for term in others.split(","):
            yield term.strip(), (code, name)
