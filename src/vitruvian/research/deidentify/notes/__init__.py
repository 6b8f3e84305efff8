"""Identifiers in notes, by rules and lists: five languages at once, exact spans."""

# ruff: noqa: E501, RUF001 -- patterns keep the signs and lengths that notes have

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vitruvian.derive.text.fold import fold
from vitruvian.derive.text.terms import Terms
from vitruvian.research.deidentify.notes.found import KINDS, SURE, Finding, Kind, settled
from vitruvian.research.deidentify.notes.note import Note
from vitruvian.research.deidentify.notes.rules.dates import find_ages, find_dates
from vitruvian.research.deidentify.notes.rules.fields import find_fields
from vitruvian.research.deidentify.notes.rules.names import find_names
from vitruvian.research.deidentify.notes.rules.numbers import find_net, find_numbers
from vitruvian.research.deidentify.notes.rules.people import find_people
from vitruvian.research.deidentify.notes.rules.places import (
    find_codes,
    find_houses,
    find_towns,
)
from vitruvian.research.deidentify.notes.rules.streets import find_streets

_EDGES = " \t\r\n.,;:/-–—"
__all__ = ["KINDS", "Finding", "Kind", "find", "known_terms"]


def find(text: str, *, known: Terms | None = None) -> list[Finding]:
    """Everything in a note that may tell who the patient is, in order, none overlapping.

    Parameters
    ----------
    text
        The note, in English, French, Spanish, Norwegian or German, or in several of them.
    known
        What the record says of this person (`known_terms`); found wherever it stands.

    Examples
    --------
    >>> text = "Mrs. Quillfeather (MRN 4471120) was seen by Dr. Ōyama on 12 March 2024."
    >>> [(text[one.start:one.end], one.kind) for one in find(text)]
    [('Quillfeather', 'patient'), ('4471120', 'record'), ('Ōyama', 'staff'), ('12 March 2024', 'date')]
    """
    note = Note(text)
    streets = list(find_streets(note))
    where = [*streets, *find_codes(note, streets), *find_houses(note, streets)]
    found = [
        *find_fields(note, streets),
        *find_net(note),
        *find_numbers(note),
        *find_dates(note),
        *find_ages(note),
        *where,
        *find_towns(note, where),
        *find_people(note),
        *_told(text, known),
    ]
    return list(_trimmed(text, settled([*found, *find_names(note, found)])))


def _trimmed(text: str, found: Sequence[Finding]) -> Iterator[Finding]:
    """Findings without signs and spaces at their ends; labels are no findings."""
    for one in found:
        told = text[one.start : one.end]
        start = one.start + len(told) - len(told.lstrip(_EDGES))
        end = one.end - len(told) + len(told.rstrip(_EDGES))
        if start < end and one.kind != "label":
            yield one._replace(start=start, end=end)


def known_terms(facts: Sequence[tuple[str, Kind]]) -> Terms:
    """Names and numbers of one person as the record has them, for `find`."""
    return Terms((text, kind) for text, kind in facts if len(text) > 1)


def _told(text: str, known: Terms | None) -> list[Finding]:
    if known is None or not len(known):
        return []
    folded = fold(text)
    mentions = known.find(folded.words)
    spans = [(folded.origin(one.start, one.end), one.meaning) for one in mentions]
    return [Finding(start, end, kind, SURE) for (start, end), kind in spans]
