"""The words of tumours: kinds, places, spread, grades, responses, by language.

References
----------
International Classification of Diseases for Oncology, 3rd edition, second revision (ICD-O-3.2).
WHO and IARC 2019: morphology (8140/3) and topography (C18.2).
SEER Program Coding and Staging Manual 2023, appendix C, coding guidelines for the breast: the
quadrant of an hour of the clock. National Cancer Institute.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import knowledge, lines_of
from vitruvian.derive.library.oncology.ways import AROUND, ENGLISH, way
from vitruvian.derive.records.tumour import RECURRENCE, RESPONSE
from vitruvian.derive.text import Mention, Note, Terms

FOLDER = Path(__file__).parent
# How far a side may stand from its site.
SIDE_NEAR = 16


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


def by_hour(note: Note, site: Mention, words: Words) -> Mention:
    """The quadrant of a breast by its hour; whoever looks at the breast reads the clock."""
    if site.meaning[0] != "C50.9":
        return site
    hour = way("clock", note.pack.language).match(note.folded.folded[site.end : site.end + AROUND])
    side = place_of(note, site, site.end, words).partition(", ")[2]
    if hour is None or side not in {"left", "right"}:
        return site
    return site._replace(end=site.end + hour.end(), meaning=quadrant(int(hour[1]), side))


# "Breast, left", "breast cancer on the right".
_TO_SIDE = re.compile(r"^[ (,]*(?:(?:on|of) the )?$")


def place_of(note: Note, site: Mention, end: int, words: Words) -> str:
    """The site's name with its side, before it or right behind it: "Breast, left"."""
    name = str(site.meaning[1])
    own = _OWN_SIDE.get(note.words[site.start : site.end])
    if own is not None:
        return f"{name}, {own}"
    low = max(0, site.start - SIDE_NEAR)
    near = words.sides.find(note.words[low : site.start])
    for edge in () if near else (site.end, end):
        behind = words.sides.find(note.words[edge : edge + SIDE_NEAR])
        if behind and _TO_SIDE.match(note.folded.folded[edge : edge + behind[0].start]):
            near = behind[:1]
    side = near[-1].meaning if near else _side_in_short(note, site.start, (site.end, end))
    return f"{name}, {side}" if side else name


def _side_in_short(note: Note, start: int, ends: Iterable[int]) -> str | None:
    """A side in one letter, right before a site or behind it: "R breast", "Ca breast (L)"."""
    shown = note.folded.shown
    told = [_SHORT_BEFORE.search(shown[max(0, start - SIDE_NEAR) : start])]
    told += [_SHORT_BEHIND.match(shown[end : end + SIDE_NEAR]) for end in ends]
    sides = [_SIDES[found[1][0].upper()] for found in told if found]
    return sides[0] if sides else None


_SHORT_BEFORE = re.compile(r"(?:^|[^\w.-])\(?([RL]|[RrLl]t)\.?\)? $")
_SHORT_BEHIND = re.compile(r"^,? (?:\(([RL]|[RrLl]t)\)|([RL]|[RrLl]t)(?=[,.;:)\n]|$))")
_SIDES = {"R": "right", "L": "left"}
# Lobes of the lung whose short name says the side.
_OWN_SIDE = {"rul": "right", "rml": "right", "rll": "right", "lul": "left", "lll": "left"}


def oncotree(
    site: str, morphology: str, types: Iterable[tuple[str, frozenset[str], str]]
) -> str | None:
    """The OncoTree code of a morphology at a site; None where the table has none."""
    organ = site.partition(".")[0]
    for where, kinds, code in types:
        if morphology in kinds and where in {"*", organ}:
            return code
    return None


_NAMED_AFTER = re.compile(
    r" (?:mdt|mdm|(?:tumou?r )?board|meeting|conference|clinics?|nurses?|team|service|unit|charity"
    r"|helpline|registry|foundation|society|pathway|screen)\b|-(?:type|like)\b"
)
# "CIS" is cisplatin, too: a carcinoma where the note is about a bladder, and alone.
_CIS = "cis"
_BLADDER = re.compile(r"bladder|urothel|turbt|cystoscop|\btcc\b|ureter")


def is_meant(note: Note, mention: Mention) -> bool:
    """Whether a word is a tumour here: no meeting named after it, and no "-like"."""
    start, end, _ = mention
    if _NAMED_AFTER.match(note.folded.folded, end):
        return False
    if note.words[start:end] != _CIS:
        return True
    shown = note.folded.shown
    alone = shown[start - 1 : start] not in {"/", "-"} and shown[end : end + 1] not in {"/", "-"}
    return alone and shown[start:end].isupper() and _BLADDER.search(note.folded.folded) is not None


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
