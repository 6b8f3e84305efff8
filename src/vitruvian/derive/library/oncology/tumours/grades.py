"""How far a tumour is differentiated: the grade that says so itself, or one close to a tumour.

References
----------
LOINC 33732-9, histology grade in cancer specimen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.library.oncology.tumours.words import Words
from vitruvian.derive.library.oncology.ways import AROUND, EARLIER, holds, search, way
from vitruvian.derive.records.tumour import GRADE
from vitruvian.derive.text import Mention, Note, between

# How far a grade may stand from the tumour's name.
GRADE_NEAR = 80
NOTHING = "nothing"
# The kidney's grade goes by the name of a society, as the grade group of a prostate does, which
# is none (WHO Classification of Tumours of the Urinary System, 5th edition, 2022).
_OF_KIDNEY = frozenset({"8310/3", "8312/3", "8260/3", "8317/3"})
_NUMBERED = {"1": "G1", "2": "G2", "3": "G3", "4": "G4",
             "i": "G1", "ii": "G2", "iii": "G3", "iv": "G4"}  # fmt: skip


def grades(note: Note, tumours: Sequence[Mention], words: Words) -> Iterator[Finding]:
    """Grade of differentiation: one that says so itself, or one close to a tumour."""
    for start, end, told in note.find(words.grades):
        grade = _of_kidney(note, start, end, tumours) if told == NOTHING else told
        if grade is None or _is_of_something_else(note, start, end):
            continue
        alone = not words.grades_alone.isdisjoint(note.words[start:end].split())
        if not alone and not _has_tumour_near(note, start, end, tumours):
            continue
        context = note.context(start, end)
        yield Finding(start, end, "problem", GRADE, "Histological grade", context, text_value=grade)
    yield from _headed_grades(note, tumours)


def _of_kidney(note: Note, start: int, end: int, tumours: Sequence[Mention]) -> str | None:
    """The ISUP grade of a renal carcinoma; None for all else that only looks like a grade."""
    found = way("isup", note.pack.language).match(note.words, start, end)
    first, last = note.sentence_of(start)
    near = {one.meaning[0] for one in between(tumours, first, last)}
    return f"G{found[1]}" if found and near and near <= _OF_KIDNEY else None


def _headed_grades(note: Note, tumours: Sequence[Mention]) -> Iterator[Finding]:
    """A grade as the lines of a report tell it: "Histologic grade: 2"."""
    language = note.pack.language
    if not holds(note.folded.folded, "grade_line_word", language):
        return
    for found in search("grade_line", language).finditer(note.folded.shown):
        start, end = found.span()
        near = between(tumours, max(0, start - EARLIER), end + AROUND)
        if (found["own"] or near) and not _is_of_something_else(note, start, end):
            context, value = note.context(start, end), _NUMBERED[found["grade"].lower()]
            yield Finding(
                start, end, "problem", GRADE, "Histological grade", context, text_value=value
            )


def _is_of_something_else(note: Note, start: int, end: int) -> bool:
    """Whether a side effect or another finding is graded: "grade 3 diarrhoea on irinotecan"."""
    text, language = note.folded.folded, note.pack.language
    before = way("else_graded", language).search(text[max(0, start - AROUND) : start])
    behind = way("graded_else", language).match(text[end : end + AROUND])
    return before is not None or behind is not None


def _has_tumour_near(note: Note, start: int, end: int, tumours: Sequence[Mention]) -> bool:
    first, last = note.sentence_of(start)
    return any(
        max(first, start - GRADE_NEAR) <= one.start and one.end <= min(last, end + GRADE_NEAR)
        for one in tumours
    )
