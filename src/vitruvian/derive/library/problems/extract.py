"""Problems and symptoms named in a note, with what the sentence says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from vitruvian.base.manifest import Manifest
from vitruvian.derive.engine.extractor import Finding, OfTables, knowledge, lines_of
from vitruvian.derive.library.problems.guarded import Abbreviations
from vitruvian.derive.text import Context, Note, Terms, pack_for

FOLDER = Path(__file__).parent
ALLERGIES = "allergies"
# "PE 2022", "stroke in March 2018".
_YEAR = re.compile(
    r"(?: x ?\d)?[ ,(]{1,2}(?:in )?(?:(?!since|from)[a-z]{3,9} )?(?:19|20)\d\d\b(?![/-])"
)
_OF_TODAY = ("affirmed", "certain", "current")


class Extractor(OfTables):
    """Finds the names of ``terms.<language>.toml``."""

    folder = FOLDER

    def __init__(self, manifest: Manifest) -> None:
        super().__init__(manifest)
        self._terms: dict[str, Terms] = {}
        self._short: dict[str, Abbreviations] = {}

    def terms(self, language: str) -> tuple[Terms, ...]:
        """Names of problems, and abbreviations that may be some."""
        short = self._abbreviations(language).terms
        return (self._names(language), short) if len(short) else (self._names(language),)

    def extract(self, note: Note) -> Iterable[Finding]:
        """One finding a mention; mentions of one problem in different sentences are kept apart."""
        listed = note.has_section(ALLERGIES)
        named = [one for one in note.find(self._names(note.pack.language)) if one.meaning]
        short = self._abbreviations(note.pack.language)
        places = [(one.start, one.end) for one in named]
        for start, end, (code, name) in (*named, *short.find(note, places)):
            # In the list of allergies a rash is the reaction to a substance.
            if listed and note.section_of(start) == ALLERGIES:
                continue
            yield Finding(start, end, "problem", code, name, self._context(note, start, end, code))

    def _context(self, note: Note, start: int, end: int, code: str) -> Context:
        """What the note says of a problem; an event with a bare year behind it lies behind."""
        context = note.context(start, end)
        if context[:3] != _OF_TODAY or not _YEAR.match(note.folded.folded, end):
            return context
        events = knowledge(FOLDER, "terms", note.pack.language).get("events", ())
        return context._replace(temporality="historical") if code[7:10] in events else context

    def _abbreviations(self, language: str) -> Abbreviations:
        if language not in self._short:
            self._short[language] = Abbreviations(knowledge(FOLDER, "terms", language))
        return self._short[language]

    def _names(self, language: str) -> Terms:
        if language not in self._terms:
            said = knowledge(FOLDER, "terms", language)
            english = language == "en"
            names = names_of(said.get("problems", ""), english=english)
            nothing = ((word, None) for word in pack_for(language).no_illness)
            self._terms[language] = Terms([*names, *nothing], plurals=english)
        return self._terms[language]


def names_of(table: str, *, english: bool) -> Iterable[tuple[str, tuple[str, str]]]:
    """Every way of writing a problem, with its code and its name.

    Examples
    --------
    >>> list(names_of("I10 | Hypertension | htn", english=True))
    [('Hypertension', ('ICD10//I10', 'Hypertension')), ('htn', ('ICD10//I10', 'Hypertension'))]
    """
    for code, name, others in lines_of(table):
        # The name is English; in another language's table it is only for people.
        for term in (*([name] if english else []), *filter(None, others.split(","))):
            yield term, (f"ICD10//{code}", name)
