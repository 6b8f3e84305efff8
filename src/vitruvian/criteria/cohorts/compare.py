"""Two definitions, two dates or two sites: which patients differ, and the line that split them."""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.criteria.cohorts.answer import Asked, placed
from vitruvian.criteria.cohorts.definition import Definition
from vitruvian.criteria.differences import Difference, Side, Verdict, differences

MOST_LISTED = 200
"""Triggers listed under one line; `triggers` says how many there are."""


@dataclass(frozen=True)
class Apart:
    """One trigger of one person that the two judge differently."""

    person_id: str
    trigger: str


@dataclass(frozen=True)
class Group:
    """All triggers that the same line split the same way.

    Parameters
    ----------
    first, second
        What each definition says of them.
    at, of
        The line that split them, and whose line it is.
    line
        Where it stands in that definition.
    persons, triggers
        How many; None where a count is withheld.
    listed
        The first of them.
    """

    first: Verdict
    second: Verdict
    at: str
    of: str
    line: int | None
    persons: int | None
    triggers: int | None
    listed: tuple[Apart, ...]


@dataclass(frozen=True)
class Comparison:
    """What differs between the two, the line that splits most first."""

    groups: tuple[Group, ...]


def compare(
    first: Definition, second: Definition, asked: Asked, *, of_first: Asked | None = None
) -> Comparison:
    """Every trigger judged differently, under the line that split it.

    Formulas over scores are not part of it.

    Parameters
    ----------
    first, second
        Two definitions; or one and the same, where two dates or two sites are compared.
    asked
        The events both are asked of.
    of_first
        The events that the first is asked of, where they are others: another date or site.
    """
    one, other = (of_first or asked).engine, asked.engine
    with placed(second), placed(first):
        found = differences(
            Side(first.task, one, first.logic), Side(second.task, other, second.logic)
        )
    piles: dict[tuple[Verdict, Verdict, str, str], list[Difference]] = {}
    for each in found:
        piles.setdefault((each.first, each.second, *_splitting(each)), []).append(each)
    groups = [_group(key, pile, first, second) for key, pile in piles.items()]
    return Comparison(tuple(sorted(groups, key=lambda group: -(group.triggers or 0))))


def _splitting(found: Difference) -> tuple[str, str]:
    """The line that split them, and whose: that of the side that says less than `in`."""
    order = {"in": 0, "unknown": 1, "out": 2, "no trigger": 3}
    strict_second = order[found.second] > order[found.first]
    at = found.second_at if strict_second else found.first_at
    return at or "trigger", "second" if strict_second else "first"


def _group(
    key: tuple[Verdict, Verdict, str, str],
    pile: list[Difference],
    first: Definition,
    second: Definition,
) -> Group:
    one, other, at, of = key
    return Group(
        first=one,
        second=other,
        at=at,
        of=of,
        line=(second if of == "second" else first).line(at),
        persons=len({each.subject_id for each in pile}),
        triggers=len(pile),
        listed=tuple(
            Apart(str(each.subject_id), each.trigger.isoformat()) for each in pile[:MOST_LISTED]
        ),
    )
