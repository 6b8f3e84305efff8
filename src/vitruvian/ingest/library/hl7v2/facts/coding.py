"""Coded fields (CE, CWE, CNE): all codings as sent, one chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from vitruvian import terms
from vitruvian.ingest.library.hl7v2.mapping import words
from vitruvian.ingest.library.hl7v2.reading.message import Delimiters, Segment


@dataclass(frozen=True)
class Coded:
    """A concept: the chosen code, its words, and all codings."""

    code: str
    text: str
    codings: tuple[tuple[str | None, str | None, str | None], ...]

    @property
    def rows(self) -> list[dict[str, str | None]]:
        """The codings as the table stores them."""
        return [
            {"system": system, "code": code, "display": display}
            for system, code, display in self.codings
        ]


# three triplets of a CWE: code, text, system; the third came with version 2.7
_TRIPLETS = ((1, 2, 3), (4, 5, 6), (10, 11, 12))
_ORIGINAL_TEXT = 9


def read_coded(segment: Segment, field: int, *, repetition: int = 0) -> Coded | None:
    """The concept in a field; None when it is empty."""
    said = segment.repetitions(field)
    if repetition >= len(said):
        return None
    return coded_of(segment, said[repetition])


def coded_of(segment: Segment, said: str) -> Coded | None:
    """The concept in one repetition of a field."""
    return _coded(said, segment.marks)


@lru_cache(maxsize=20_000)
def _coded(said: str, marks: Delimiters) -> Coded | None:
    segment = Segment("", 0, (), marks)
    found = []
    for places in _TRIPLETS:
        code, display, system = (segment.part(said, place).strip() for place in places)
        if code or display:
            found.append((system_uri(system), code or None, display or None))
    return choose(tuple(found), segment.part(said, _ORIGINAL_TEXT).strip())


@lru_cache(maxsize=20_000)
def choose(
    codings: tuple[tuple[str | None, str | None, str | None], ...], text: str = ""
) -> Coded | None:
    """One code out of several codings: the best known system wins, then the first."""
    with_code = [each for each in codings if each[1]]
    shown = text or _display(codings)
    if with_code:
        system, code, display = min(with_code, key=lambda each: terms.rank_of(each[0]))
        chosen = terms.code_of(system, str(code))
        return Coded(chosen, text or display or shown or chosen, codings)
    return Coded(terms.text_code(shown), shown, codings) if terms.fold(shown) else None


def _display(codings: Sequence[tuple[str | None, str | None, str | None]]) -> str:
    return next((display for _, _, display in codings if display), "")


def system_uri(named: str) -> str | None:
    """The address of a coding system as HL7 table 0396 abbreviates it; the name when not known.

    Examples
    --------
    >>> system_uri("LN"), system_uri("99LAB"), system_uri("")
    ('http://loinc.org', '99LAB', None)
    """
    if not named:
        return None
    return words("code_systems").get(named.upper(), named)
