"""The words by which one language tells of findings in pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from vitruvian.derive.engine.extractor import knowledge, lines_of
from vitruvian.derive.text import Terms

FOLDER = Path(__file__).parent
ENGLISH = "en"


class Words(NamedTuple):
    """The words of one language."""

    findings: Terms
    # Signs that stand for a finding, by its name.
    signs: tuple[tuple[str, re.Pattern[str]], ...]
    places: Terms
    sides: Terms
    pictures: Terms
    capitals: frozenset[str]
    # What is looked at, beside the name of a picture.
    regions: frozenset[str]
    # Words of what is seen, felt or told without a picture.
    bedside: Terms
    sections: frozenset[str]
    seen_only: frozenset[str]
    # Names of diseases, which are findings only where they are measured.
    diseases: frozenset[str]
    organs: frozenset[str]
    # Places that say nothing alone; words before a place that belong to it.
    generic: frozenset[str]
    qualifiers: frozenset[str]
    # Places inside the body, and on it.
    deep: frozenset[str]
    surface: frozenset[str]
    # Words of every day, which want a picture named beside them; and names people tell of the past.
    everyday: frozenset[str]
    told: frozenset[str]
    # Findings that another extractor tells of.
    elsewhere: frozenset[str]
    # These run on the few dozen characters around a finding, never on a whole note.
    size: re.Pattern[str]
    # What begins another statement: the place before it belongs to something else, or the size.
    other: re.Pattern[str]
    joined: re.Pattern[str]
    # What parts a size from a finding behind it, and makes it a bound.
    apart: re.Pattern[str]
    bound: re.Pattern[str]
    # Which part or side of a place is meant, right before its name.
    qualified: re.Pattern[str]
    # A size of an earlier day, of today, a distance, and one told in the next sentence.
    earlier: re.Pattern[str]
    now: re.Pattern[str]
    distance: re.Pattern[str]
    largest: re.Pattern[str]
    past: re.Pattern[str]
    # A question; what denies nothing of a finding, what denies, and that it is gone.
    asked: re.Pattern[str]
    undenied: re.Pattern[str]
    denied: re.Pattern[str]
    gone: re.Pattern[str]
    # How place and finding stand to one another; None where a language does not tell.
    grammar: Grammar | None


class Grammar(NamedTuple):
    """What may stand between a finding and its place."""

    linked: re.Pattern[str]
    adjacent: re.Pattern[str]
    opens: re.Pattern[str]
    topic: re.Pattern[str]
    opened: re.Pattern[str]
    parts: re.Pattern[str]
    both: re.Pattern[str]
    closed: re.Pattern[str]
    # Any words that a preposition makes a place; a word for one that is made up of others.
    phrase: re.Pattern[str]
    coined: re.Pattern[str]
    # A size with the words that lead to it.
    sized: re.Pattern[str]
    parted: re.Pattern[str]
    organ: re.Pattern[str]


_PATTERNS = ("size", "other", "joined", "apart", "bound", "qualified")
# These a language has of its own, or none.
_OWN = ("earlier", "now", "distance", "largest", "past", "asked", "undenied", "denied", "gone")
_NEVER = "(?!)"
_TERMS = ("sides", "pictures", "bedside")
_SETS = tuple(
    "capitals regions sections seen_only diseases organs generic qualifiers deep surface "
    "everyday told elsewhere".split()
)


@cache
def words_of(language: str) -> Words:
    """The tables of one language; empty ones where it has none."""
    said = knowledge(FOLDER, "terms", language)
    own = said.get("patterns", {})
    patterns = {**knowledge(FOLDER, "terms", ENGLISH)["patterns"], **own}
    named: dict[str, Any] = {
        "findings": Terms(
            [*_named(said.get("findings", "")), *_short(said.get("finding_names", {}))],
            plurals=language == ENGLISH,
        ),
        "signs": tuple((name, re.compile(sign)) for name, sign in said.get("signs", {}).items()),
        "places": Terms(
            [*_named(said.get("places", "")), *_short(said.get("place_names", {}))],
            plurals=language == ENGLISH,
        ),
        "grammar": _grammar(own),
        **{name: Terms((word, word) for word in said.get(name, ())) for name in _TERMS},
        **{name: frozenset(said.get(name, ())) for name in _SETS},
        **{name: re.compile(patterns[name]) for name in _PATTERNS},
        **{name: re.compile(own.get(name, _NEVER)) for name in _OWN},
    }
    return Words(**named)


def _grammar(own: Mapping[str, Any]) -> Grammar | None:
    if Grammar._fields[0] not in own:
        return None
    said = {name: own[name] for name in Grammar._fields}
    lead = said["sized"] + own["size"]
    # A comma behind a size is its own where one stands before it, too.
    said["sized"] = f",{lead}[ )]*,?|{lead.replace('P<all>', ':').replace('P<unit>', ':')}[ )]*"
    return Grammar(**{name: re.compile(pattern) for name, pattern in said.items()})


def _named(table: str | list[str]) -> Iterator[tuple[str, str]]:
    """Each name with the English one: a list of these, or lines "English name | names"."""
    if not isinstance(table, str):
        yield from ((name, name) for name in table)
        # "Opacities": what ends in y takes "ies" in English.
        yield from ((f"{name[:-1]}ies", name) for name in table if name.endswith("y"))
        return
    for name, others in lines_of(table):
        yield from ((other.strip(), name) for other in others.split(","))


def _short(said: Mapping[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((other, name) for name, others in said.items() for other in others)
