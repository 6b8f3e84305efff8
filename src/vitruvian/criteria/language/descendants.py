"""Codes with everything that is a kind of them, looked up when a task is asked.

What is a kind of what stands in a terminology release that the site loaded. A task only names the
code at the top, so the same text asked under another release may see other codes: the answer
says which release it was. Where no release knows the code there is no answer, never an empty one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol, TypeAlias

from vitruvian.criteria.errors import NoRelease
from vitruvian.criteria.language.predicates import Codes, Plain, Predicate
from vitruvian.criteria.language.task import Task


class Expansion(Protocol):
    """A code with its descendants, and the releases that say so."""

    @property
    def code(self) -> str:
        """The code at the top."""

    @property
    def codes(self) -> tuple[str, ...]:
        """It and everything that is a kind of it."""

    @property
    def releases(self) -> tuple[str, ...]:
        """Name and edition of each release."""


Expand: TypeAlias = Callable[[str], Expansion | None]
"""What is a kind of a code; None when no release knows it."""


def tops(task: Task) -> tuple[str, ...]:
    """The codes whose descendants a task asks for, in the order written."""
    plain = (each for each in task.predicates.values() if isinstance(each, Plain))
    return tuple(dict.fromkeys(code for each in plain for code in each.codes.above))


def with_descendants(task: Task, expand: Expand) -> Task:
    """The task with every descendant by its own code.

    Raises
    ------
    NoRelease
        When no release knows one of the codes.
    """
    found = {code: expand(code) for code in tops(task)}
    if not found:
        return task

    def opened(name: str, predicate: Predicate) -> Predicate:
        if not isinstance(predicate, Plain) or not predicate.codes.above:
            return predicate
        values = list(predicate.codes.values)
        for code in predicate.codes.above:
            expansion = found[code]
            if expansion is None:
                raise NoRelease(code, at=f"predicates.{name}")
            values += expansion.codes
        return replace(predicate, codes=Codes("any", tuple(dict.fromkeys(values))))

    predicates = {name: opened(name, each) for name, each in task.predicates.items()}
    return replace(task, predicates=predicates)


def refuse_open(task: Task) -> None:
    """Refuse a task of whose codes nobody has looked up the descendants.

    Raises
    ------
    NoRelease
        For the first such code.
    """
    with_descendants(task, lambda _: None)
