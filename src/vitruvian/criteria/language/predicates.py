"""Predicates: what counts as a hit on the timeline.

References
----------
ACES task configuration, arXiv:2406.19653, as es-aces 0.7.3 reads it.
"""

# ruff: noqa: TRY003 - the reader of a language has one class of complaint

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

from vitruvian.criteria.errors import InvalidTask, UnknownName
from vitruvian.criteria.language.document import Entry, Scalar, allow

NAME = re.compile(r"^\w+$")
ANY_EVENT = "_ANY_EVENT"
RECORD_START = "_RECORD_START"
RECORD_END = "_RECORD_END"
SPECIAL = frozenset({ANY_EVENT, RECORD_START, RECORD_END})

ConceptSets: TypeAlias = Mapping[str, Sequence[str]]
DESCENDANTS = "with_descendants"


@dataclass(frozen=True)
class Codes:
    """Which codes: exactly one, one of a list, or those a regular expression finds.

    Parameters
    ----------
    kind
        Which of these.
    values
        The codes, or the regular expression.
    above
        Codes that count with everything that is a kind of them, as long as nobody has looked up
        what that is; `with_descendants` in `language.descendants` does.
    """

    kind: Literal["is", "any", "regex"]
    values: tuple[str, ...]
    above: tuple[str, ...] = ()

    @cached_property
    def members(self) -> frozenset[str]:
        """The same as a set."""
        return frozenset(self.values)

    def among(self, codes: AbstractSet[str]) -> list[str]:
        """Those of its codes that are among others, in its own order.

        Examples
        --------
        >>> Codes("any", ("C", "A", "B")).among({"A", "C", "D"})
        ['C', 'A']
        """
        return sorted(self.members & codes, key=self.values.index)


@dataclass(frozen=True)
class Bound:
    """One end of a range of values."""

    value: float | int
    inclusive: bool


AbsenceKind: TypeAlias = Literal["negative", "unknown", "looked", "observed"]
WORDS_OF_ABSENCE: Mapping[str, AbsenceKind] = {
    "negative": "negative",
    "unknown": "unknown",
    "observed": "observed",
}


@dataclass(frozen=True)
class Absence:
    """What it means that nothing was found.

    `negative`: it did not happen. `unknown`: nobody can tell. `looked`: it did not happen
    where one of `looked` was found in the same window, else unknown. `observed`: it did not
    happen where the window lies inside an observation period, else unknown.
    """

    kind: AbsenceKind = "negative"
    looked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plain:
    """Events of some codes, with a value in a range and columns with given values."""

    codes: Codes
    low: Bound | None = None
    high: Bound | None = None
    columns: tuple[tuple[str, tuple[Scalar, ...]], ...] = ()
    static: bool = False
    absence: Absence = Absence()


@dataclass(frozen=True)
class Derived:
    """Moments at which all, or any, of other predicates are hit."""

    join: Literal["and", "or"]
    parts: tuple[str, ...]
    static: bool = False
    absence: Absence = Absence()


Predicate: TypeAlias = Plain | Derived

_EXPRESSION = re.compile(r"^(and|or)\((.*)\)$", re.DOTALL)
_OWN = frozenset(
    {
        *("code", "concept_set", "absence", "static", "other_cols"),
        *("value_min", "value_max", "value_min_inclusive", "value_max_inclusive"),
    }
)


def read_predicate(entry: Entry, *, sets: Mapping[str, Codes]) -> Predicate:
    """One predicate, plain or derived."""
    members = entry.members()
    if "expr" in members:
        return _derived(members, at=entry.at)
    return Plain(
        codes=_codes(members, at=entry.at, sets=sets),
        low=_bound(members, "value_min"),
        high=_bound(members, "value_max"),
        columns=_columns(members),
        static=_flag(members, "static"),
        absence=_absence(members),
    )


def _flag(members: dict[str, Entry], key: str) -> bool:
    entry = members.get(key)
    return entry is not None and entry.value is not None and entry.flag()


def _derived(members: dict[str, Entry], *, at: str) -> Derived:
    allow(members, frozenset({"expr", "static", "absence"}), at=at)
    expression = members["expr"]
    found = _EXPRESSION.match(expression.text())
    parts = tuple(part.strip() for part in found[2].split(",")) if found else ()
    if found is None or len(parts) < 2 or not all(NAME.match(part) for part in parts):  # noqa: PLR2004 - two at least
        raise expression.wrong(
            "not a joining of predicates",
            expected="and(A, B, ...) or or(A, B, ...) with two or more names of predicates",
        )
    join: Literal["and", "or"] = "and" if found[1] == "and" else "or"
    return Derived(join, parts, _flag(members, "static"), _absence(members))


def _codes(members: dict[str, Entry], *, at: str, sets: Mapping[str, Codes]) -> Codes:
    if ("code" in members) == ("concept_set" in members):
        raise InvalidTask(
            "it says no codes, or says them twice", at=at, expected="either `code` or `concept_set`"
        )
    if "concept_set" in members:
        return _concept_set(members["concept_set"], sets=sets)
    code = members["code"]
    if not isinstance(code.value, dict):
        return Codes("is", (code.text(),))
    ways = code.members()
    if ways.keys() == {"regex"}:
        return Codes("regex", (ways["regex"].text(),))
    if ways.keys() == {"any"}:
        return Codes("any", tuple(item.text() for item in ways["any"].items()))
    if ways.keys() == {DESCENDANTS}:
        return Codes("any", (), ways[DESCENDANTS].texts())
    raise code.wrong(
        "not a way to name codes",
        expected=f"a text, or one of `regex`, `any` and `{DESCENDANTS}`",
    )


def read_concept_set(entry: Entry) -> Codes:
    """The codes of a concept set: one, or a list; each alone or with its descendants."""
    if isinstance(entry.value, str):
        return Codes("any", entry.texts())
    items = list(entry.items())
    plain = tuple(item.text() for item in items if not isinstance(item.value, dict))
    above: list[str] = []
    for item in (item for item in items if isinstance(item.value, dict)):
        members = item.members()
        if members.keys() != {DESCENDANTS}:
            raise item.wrong("not a way to name codes", expected=f"a text, or `{DESCENDANTS}`")
        above += members[DESCENDANTS].texts()
    return Codes("any", plain, tuple(above))


def _concept_set(entry: Entry, *, sets: Mapping[str, Codes]) -> Codes:
    values: list[str] = []
    above: list[str] = []
    for name in entry.texts():
        if name not in sets:
            raise UnknownName(name, at=entry.at, kind="concept set")
        values += sets[name].values
        above += sets[name].above
    return Codes("any", tuple(dict.fromkeys(values)), tuple(dict.fromkeys(above)))


def _bound(members: dict[str, Entry], key: str) -> Bound | None:
    entry = members.get(key)
    if entry is None or entry.value is None:
        return None
    return Bound(entry.number(), _flag(members, f"{key}_inclusive"))


def _columns(members: dict[str, Entry]) -> tuple[tuple[str, tuple[Scalar, ...]], ...]:
    others = members["other_cols"].members() if "other_cols" in members else {}
    named = {**{k: v for k, v in members.items() if k not in _OWN}, **others}
    for name, entry in named.items():
        if not NAME.match(name):
            raise entry.wrong("not the name of a column", expected="letters, digits and _")
    return tuple((name, _values(entry)) for name, entry in named.items())


def _values(entry: Entry) -> tuple[Scalar, ...]:
    if isinstance(entry.value, list):
        return tuple(item.scalar() for item in entry.items())
    return (entry.scalar(),)


def _absence(members: dict[str, Entry]) -> Absence:
    entry = members.get("absence")
    if entry is None:
        return Absence()
    if isinstance(entry.value, dict) and entry.value.keys() == {"looked"}:
        return Absence("looked", entry.members()["looked"].texts())
    word = entry.value
    if isinstance(word, str) and word in WORDS_OF_ABSENCE:
        return Absence(WORDS_OF_ABSENCE[word])
    raise entry.wrong(
        "not a meaning of absence",
        expected="negative, unknown, observed, or `looked:` with names of predicates",
    )
