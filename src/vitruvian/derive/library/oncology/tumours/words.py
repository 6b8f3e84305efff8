"""The words of tumours: kinds, places, spread, grades, responses, by language.

References
----------
International Classification of Diseases for Oncology, 3rd edition, second revision (ICD-O-3.2).
WHO and IARC 2019: morphology (8140/3) and topography (C18.2).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import knowledge, lines_of
from vitruvian.derive.library.oncology.ways import ENGLISH, FOLDER, as_written
from vitruvian.derive.records.tumour import RECURRENCE, RESPONSE
from vitruvian.derive.text import Terms


class Words(NamedTuple):
    """The words of one language."""

    histologies: Terms
    sites: Terms
    metastases: Terms
    grades: Terms
    answers: Terms
    sides: Terms
    # Places whose name says the side: "LUL".
    own_sides: Mapping[str, str]
    # Places of the skin, which mean much else beside another tumour, and the kinds that sit there.
    skin: Terms
    of_skin: frozenset[str]
    # What an operation was done on, the kinds whose place it tells, and organs of two sides.
    operations: Terms
    of_operation: frozenset[str]
    paired: frozenset[str]
    # Tumours that are a medicine too, and what a note says that means the tumour.
    only_beside: Mapping[str, re.Pattern[str]]
    # Words right behind a kind that make it a narrower one.
    kinds: Mapping[str, Mapping[str, tuple[str, str]]]
    # Words behind such a kind that belong to it: "myxoid type".
    kind_ends: tuple[str, ...]
    types: tuple[tuple[str, frozenset[str], str], ...]
    own_sites: Mapping[str, tuple[str, str]]
    # Words by which a grade, or an answer, says itself that a tumour is meant.
    grades_alone: frozenset[str]
    answers_alone: frozenset[str]
    # What an answer in short stands for: "PD".
    in_short: Mapping[str, str]


@cache
def words_of(language: str) -> Words:
    """The tables of one language; empty ones where it has none."""
    said = knowledge(FOLDER, "tumours", language)
    # Codes and their types are the same in every language.
    common = knowledge(FOLDER, "tumours", ENGLISH) if said else {}
    return Words(
        Terms(_histologies(said), plurals=language == ENGLISH),
        Terms([*_named(said.get("sites", "")), *((w, None) for w in said.get("no_sites", ()))]),
        Terms(_spread(said)),
        Terms((word, grade) for grade, all_of in said.get("grades", {}).items() for word in all_of),
        Terms(_answers(said)),
        Terms(_sides(said.get("sides", ()))),
        by_word(said.get("own_sides", {})),
        Terms(_named(said.get("skin", ""))),
        frozenset(common.get("of_skin", "").split()),
        Terms(_named(said.get("operations", ""))),
        frozenset(common.get("of_operation", "").split()),
        frozenset(common.get("paired", "").split()),
        {word: re.compile(beside) for word, beside in said.get("only_beside", {}).items()},
        _kinds(said.get("kinds", "")),
        tuple(said.get("kind_ends", ())),
        tuple(
            (where, frozenset(kinds.split()), code)
            for where, kinds, code in lines_of(common.get("oncotree", ""))
        ),
        _own_sites(common),
        frozenset(said.get("grades_alone", {}).get("words", ())),
        frozenset(said.get("answers_alone", {}).get("words", ())),
        in_short(said, common, language),
    )


# The table of what answers in short stand for.
IN_SHORT = "responses_in_short"


class Unexplained(ValueError):
    """A language finds an answer in short and does not tell what it stands for."""

    def __init__(self, language: str, pattern: str, unknown: Iterable[str]) -> None:
        super().__init__(
            f"{pattern} of terms.{language}.toml finds {', '.join(unknown)}; "
            f"[{IN_SHORT}] of tumours.{language}.toml should tell what it stands for"
        )


# The patterns that find answers in short, and the acronyms that one of them names.
SHORT_ANSWERS = ("response_line", "response_short", "response_alone")
_ACRONYMS = re.compile(r"\(\?P<said>([^)]*)")


def in_short(
    said: Mapping[str, Any], common: Mapping[str, Any], language: str
) -> Mapping[str, str]:
    """What answers in short stand for: a language's own, and those of all languages."""
    meanings = {**by_word(common.get(IN_SHORT, {})), **by_word(said.get(IN_SHORT, {}))}
    for name in SHORT_ANSWERS if said else ():
        for listed in _ACRONYMS.findall(as_written(name, language)):
            if unknown := sorted(set(listed.split("|")) - meanings.keys()):
                raise Unexplained(language, name, unknown)
    return meanings


def _spread(said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Words of metastases, with where their places stand, or the place that the word names."""
    for name, where in (
        ("metastases", "before"),
        ("spread", "after"),
        ("metastases_short", "short"),
    ):
        yield from ((word, where) for word in said.get(name, ()))
    yield from _named(said.get("metastases_at", ""))


def _answers(said: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """Words of response and recurrence, and words that only look like them."""
    for code, name in ((RESPONSE, "responses"), (RECURRENCE, "recurrences")):
        for kind, all_of in said.get(name, {}).items():
            yield from ((word, (code, kind)) for word in all_of)
    yield from _told_again(**said.get("recurrences_told", {}))
    yield from ((word, None) for word in said.get("no_answers", ()))


def _told_again(
    of: Iterable[str] = (), **verbs: Iterable[str]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """Recurrences in plain words: each verb behind each word for a cancer."""
    for subject in of:
        for kind, all_of in verbs.items():
            yield from ((f"{subject} {verb}", (RECURRENCE, kind)) for verb in all_of)


def _sides(said: Any) -> Iterator[tuple[str, str]]:
    """Sides by their English names."""
    if isinstance(said, Mapping):
        yield from ((word, side) for side, all_of in said.items() for word in all_of)
    else:
        yield from ((word, word) for word in said)


def by_word(said: Mapping[str, Iterable[str]]) -> Mapping[str, str]:
    """What each of the words means, out of a table of words for each meaning."""
    return {word: meaning for meaning, all_of in said.items() for word in all_of}


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
