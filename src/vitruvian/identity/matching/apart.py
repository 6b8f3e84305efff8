"""Pairs that look alike and are likely two people all the same: they are held back.

A model of independent fields does not know that twins share everything but a given name. Each
rule names its pattern in words; a person still finds these pairs when asking for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from vitruvian.identity.matching.fields import NUMBER
from vitruvian.identity.matching.likeness import Likeness
from vitruvian.identity.matching.model import Pair

TWINS = "born on one day with another given name: may be twins"
ANOTHER_CHILD = "another child of the same birth"
UNNAMED_TWIN = "a newborn without a name, alike to several children"
NAMESAKES = "the same name, and all else differs"
GENERATIONS = "the same name and home, a generation apart: may be parent and child"
_ONE_HOME = {"same", "alike", "same telephone"}
# The youngest mothers and fathers in any registry are of about this age.
_GENERATION_YEARS = 14


def of_one_person(pair: Pair) -> bool:
    """Whether anything of the person agrees, and not only the home: a household is no pair."""
    own = [pair.level(name) for name in ("given", "born")]
    return bool(_numbers(pair) - {"different"}) or any(
        level not in {None, "different"} for level in own
    )


def held_back(pairs: Sequence[Pair], people: Mapping[int, Likeness]) -> dict[tuple[int, int], str]:
    """Why some pairs are likely two people: by the two subjects.

    Parameters
    ----------
    pairs
        Pairs that look alike.
    people
        What each record says, by subject.
    """
    children = _unnamed_among_several(pairs, people)
    found = {}
    for pair in pairs:
        reason = _reason(pair, people[pair.left], people[pair.right])
        if reason is None and {pair.left, pair.right} & children:
            reason = UNNAMED_TWIN
        if reason is not None:
            found[pair.left, pair.right] = reason
    return found


def _reason(pair: Pair, one: Likeness, other: Likeness) -> str | None:
    if _numbers(pair) & {"same", "one digit differs"}:
        return None
    if pair.level("born") == "same":
        return _of_one_birth(pair, one, other)
    if pair.level("born") == "different" and pair.level("given") == "same":
        if pair.level("home") in _ONE_HOME and _a_generation_apart(one, other):
            return GENERATIONS
        return NAMESAKES if pair.level("home") == "different" else None
    return None


def _of_one_birth(pair: Pair, one: Likeness, other: Likeness) -> str | None:
    orders = {one.birth_order, other.birth_order}
    if None not in orders and len(orders) == 2:  # noqa: PLR2004  each has an order of its own
        return ANOTHER_CHILD
    names = pair.level("family") in {"same", "alike", "another name"}
    if pair.level("given") == "different" and (names or pair.level("home") in _ONE_HOME):
        return TWINS
    strange = _numbers(pair) == {"different"} and pair.level("home") == "different"
    return NAMESAKES if strange else None


def _a_generation_apart(one: Likeness, other: Likeness) -> bool:
    years = [int(each.born[:4]) for each in (one, other) if each.born]
    return len(years) == 2 and abs(years[0] - years[1]) >= _GENERATION_YEARS  # noqa: PLR2004


def _numbers(pair: Pair) -> set[str]:
    return {each.level for each in pair.evidence if each.field.startswith(NUMBER)}


def _unnamed_among_several(pairs: Sequence[Pair], people: Mapping[int, Likeness]) -> frozenset[int]:
    """Newborns without a name who resemble more than one other record."""
    alike = Counter(end for pair in pairs for end in (pair.left, pair.right))
    return frozenset(one for one, count in alike.items() if count > 1 and people[one].nameless)
