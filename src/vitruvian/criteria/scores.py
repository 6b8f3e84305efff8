"""Scores handed in by the caller, and formulas over ranges of them.

References
----------
Kleene, Introduction to Metamathematics, 1952, section 64: the three truth values.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Protocol, assert_never

from vitruvian.criteria.language.formula import Apply, Formula, Name, Number


@dataclass(frozen=True)
class Range:
    """A number known to lie between two ends, and the parts that would make it one number."""

    low: float
    high: float
    missing: tuple[str, ...] = ()


class Measure(Protocol):
    """A score that criteria may name; `risks` makes them, a caller hands them in.

    `inputs` names what it is fed with. `value` gets those that are known, and gives the range
    in which the score lies whatever the others are, naming those; None when nothing can be said.
    """

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of its parts."""

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The score, as a range where parts are missing."""


_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBERS: dict[str, Callable[..., float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "min": min,
    "max": max,
    "negative": operator.neg,
}


def holds(formula: Formula, known: Mapping[str, Range | None]) -> bool | None:
    """Whether a formula is true of every value in the ranges, of none, or None: unknown.

    Examples
    --------
    >>> from vitruvian.criteria.language.formula import Apply, Name, Number
    >>> above = Apply(">=", (Name("risk"), Number(6)))
    >>> holds(above, {"risk": Range(7, 9)}), holds(above, {"risk": Range(4, 9)})
    (True, None)
    """
    if not isinstance(formula, Apply):
        return None
    if formula.operator == "not":
        inner = holds(formula.operands[0], known)
        return None if inner is None else not inner
    if formula.operator in {"and", "or"}:
        return _joined([holds(part, known) for part in formula.operands], formula.operator)
    left, right = (_range(part, known) for part in formula.operands)
    return None if left is None or right is None else _compared(formula.operator, left, right)


def _joined(parts: list[bool | None], how: str) -> bool | None:
    decisive = how == "or"
    if decisive in parts:
        return decisive
    return None if None in parts else not decisive


def _compared(sign: str, left: Range, right: Range) -> bool | None:
    if sign in {"==", "!="}:
        apart = left.high < right.low or right.high < left.low
        one = left.low == left.high == right.low == right.high
        return (sign == "!=") if apart else (sign == "==") if one else None
    compare = _COMPARE[sign]
    answers = {compare(a, b) for a, b in product((left.low, left.high), (right.low, right.high))}
    return answers.pop() if len(answers) == 1 else None


def _range(formula: Formula, known: Mapping[str, Range | None]) -> Range | None:
    if isinstance(formula, Number):
        return Range(formula.value, formula.value)
    if isinstance(formula, Name):
        return known.get(formula.name)
    if isinstance(formula, Apply):
        parts = [_range(part, known) for part in formula.operands]
        ranges = [part for part in parts if part is not None]
        return _applied(formula.operator, ranges) if len(ranges) == len(parts) else None
    assert_never(formula)


def _applied(sign: str, parts: list[Range]) -> Range | None:
    """Every operator here takes its least and greatest at the ends of its ranges."""
    if sign == "/" and parts[1].low <= 0 <= parts[1].high:
        return None
    if sign == "abs":
        low, high = parts[0].low, parts[0].high
        least = 0 if low <= 0 <= high else min(abs(low), abs(high))
        return Range(least, max(abs(low), abs(high)))
    apply = _NUMBERS[sign]
    ends = [apply(*each) for each in product(*((part.low, part.high) for part in parts))]
    return Range(min(ends), max(ends))
