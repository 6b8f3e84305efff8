"""The words of tumours: kinds, places, spread, grades, responses, by language.

References
----------
International Classification of Diseases for Oncology, 3rd edition, second revision (ICD-O-3.2).
WHO and IARC 2019: morphology (8140/3) and topography (C18.2).
SEER Program Coding and Staging Manual 2023, appendix C, coding guidelines for the breast: the
quadrant of an hour of the clock. National Cancer Institute.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import knowledge, lines_of
from vitruvian.derive.library.oncology.ways import ENGLISH
from vitruvian.derive.records.tumour import RECURRENCE, RESPONSE
from vitruvian.derive.text import Terms

FOLDER = Path(__file__).parent


class Words(NamedTuple):
    """The words of one language."""

    histologies: Terms
    sites: Terms
    metastases: Terms
    grades: Terms
    answers: Terms
    sides: Terms
    # Places of the skin, which mean much else beside another tumour, and the kinds that sit there.
    skin: Terms
    of_skin: frozenset[str]
    # Words right behind a kind that make it a narrower one.
    kinds: Mapping[str, Mapping[str, tuple[str, str]]]
    types: tuple[tuple[str, frozenset[str], str], ...]
    own_sites: Mapping[str, tuple[str, str]]
    # Words by which a grade, or an answer, says itself that a tumour is meant.
    grades_alone: frozenset[str]
    answers_alone: frozenset[str]


@cache
def words_of(language: str) -> Words:
    """The tables of one language; empty ones where it has none."""
    said = knowledge(FOLDER, "tumours", language)
    spread: list[tuple[str, Any]] = [(word, "before") for word in said.get("metastases", ())]
    spread += [(word, "after") for word in said.get("spread", ())]
    spread += [(word, "short") for word in said.get("metastases_short", ())]
    spread += _named(said.get("metastases_at", ""))
    told: list[tuple[str, Any]] = []
    for code, name in ((RESPONSE, "responses"), (RECURRENCE, "recurrences")):
        kinds = said.get(name, {}).items()
        told += [(word, (code, kind)) for kind, all_of in kinds for word in all_of]
    told += [(word, None) for word in said.get("no_answers", ())]
    # Codes and their types are the same in every language.
    common = knowledge(FOLDER, "tumours", ENGLISH) if said else {}
    return Words(
        Terms(_histologies(said), plurals=language == ENGLISH),
        Terms([*_named(said.get("sites", "")), *((w, None) for w in said.get("no_sites", ()))]),
        Terms(spread),
        Terms((word, grade) for grade, all_of in said.get("grades", {}).items() for word in all_of),
        Terms(told),
        Terms(_sides(said.get("sides", ()))),
        Terms(_named(said.get("skin", ""))),
        frozenset(common.get("of_skin", "").split()),
        _kinds(said.get("kinds", "")),
        tuple(
            (where, frozenset(kinds.split()), code)
            for where, kinds, code in lines_of(common.get("oncotree", ""))
        ),
        _own_sites(common),
        frozenset(said.get("grades_alone", {}).get("words", ())),
        frozenset(said.get("answers_alone", {}).get("words", ())),
    )


# Of the left breast, as whoever looks at it reads the clock; of the right one it is mirrored.
_QUADRANTS = (
    ("C50.4", "Upper outer quadrant of breast"),
    ("C50.5", "Lower outer quadrant of breast"),
    ("C50.3", "Lower inner quadrant of breast"),
    ("C50.2", "Upper inner quadrant of breast"),
)
_BETWEEN = ("C50.8", "Overlapping lesion of breast")


def quadrant(hour: int, side: str) -> tuple[str, str]:
    """The code and name of the place of a breast that an hour tells, from 1 to 12.

    Examples
    --------
    >>> quadrant(2, "left")
    ('C50.4', 'Upper outer quadrant of breast')
    >>> quadrant(12, "right")
    ('C50.8', 'Overlapping lesion of breast')
    """
    quarter, within = divmod((hour if side == "left" else -hour) % 12, 3)
    return _QUADRANTS[quarter] if within else _BETWEEN


def _sides(said: Any) -> Iterator[tuple[str, str]]:
    """Sides by their English names."""
    if isinstance(said, Mapping):
        yield from ((word, side) for side, all_of in said.items() for word in all_of)
    else:
        yield from ((word, word) for word in said)


def _histologies(said: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str, Any] | None]]:
    """Morphologies; those of `compounds` are words that name their site ("brystkreft")."""
    for term, (code, name) in _named(said.get("histologies", "")):
        yield term, (code, name, None)
    for code, name, site, place, others in lines_of(said.get("compounds", "")):
        for term in others.split(","):
            yield term.strip(), (code, name, (site, place))
    yield from ((word, None) for word in said.get("no_tumour", ()))


def _kinds(table: str) -> Mapping[str, Mapping[str, tuple[str, str]]]:
    kinds: dict[str, dict[str, tuple[str, str]]] = {}
    for code, narrow, name, others in lines_of(table):
        for term in others.split(","):
            kinds.setdefault(code, {})[term.strip()] = narrow, name
    return kinds


def _own_sites(said: Mapping[str, Any]) -> Mapping[str, tuple[str, str]]:
    """Kinds of tumour whose name says where they sit."""
    names = {code: name for code, name, _ in lines_of(said.get("sites", ""))}
    return {kind: (site, names[site]) for kind, site in said.get("own_site", {}).items()}


def _named(table: str) -> Iterator[tuple[str, tuple[str, str]]]:
    for code, name, others in lines_of(table):
        for term in others.split(","):
            yield term.strip(), (code, name)
