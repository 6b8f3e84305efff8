"""Every threshold of every guideline has a vignette close on either side, by its own files.

The thresholds are read from the formulas of `criteria.yaml`, so that a new one without vignettes
fails here. So does a criterion that can be unknown and is so in no vignette, and an exclusion or a
finding that no vignette meets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

import pytest

from tests.guides.vignettes import asked, asked_of, vignettes_of
from vitruvian.criteria.language.formula import Apply, Formula, Name, Number
from vitruvian.criteria.scores import Range, holds
from vitruvian.guides import guide_named, manifests
from vitruvian.guides.engine.guide import Seen
from vitruvian.guides.engine.judge import Verdict

NAMES = sorted(manifests())
COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})
NEAR, STEP = 0.05, 1.0
"""As far as a vignette may lie from a threshold: a twentieth of it, or one unit between both sides."""


@dataclass(frozen=True)
class Threshold:
    """One comparison within a criterion."""

    criterion: str
    asks: Apply


@cache
def traces_of(name: str) -> tuple[Mapping[str, Verdict], ...]:
    """The verdicts of every vignette, and of its first patient with each fact taken away."""
    guide, paper = guide_named(name), vignettes_of(name)
    known = [paper.known(case) for case in paper.cases]
    known += [{k: v for k, v in paper.patient.items() if k != fact} for fact in paper.patient]
    found = (asked_of(guide, paper, each).trace for each in known)
    return tuple(each for each in found if each is not None)


def comparisons(formula: Formula) -> Iterator[Apply]:
    """The comparisons that a formula is joined of."""
    if isinstance(formula, Apply) and formula.operator in COMPARISONS:
        yield formula
    elif isinstance(formula, Apply):
        for part in formula.operands:
            yield from comparisons(part)


def thresholds(name: str) -> list[Threshold]:
    """Every comparison in a guideline's criteria."""
    return [
        Threshold(criterion.name, asks)
        for criterion in guide_named(name).criteria.values()
        if not isinstance(criterion.asks, Seen)
        for asks in comparisons(criterion.asks)
    ]


def exact(formula: Formula, numbers: Mapping[str, Range | None]) -> float | None:
    """A side of a comparison where it is one number."""
    if isinstance(formula, Number):
        return formula.value
    if isinstance(formula, Name):
        found = numbers.get(formula.name)
        return found.low if found is not None and found.low == found.high else None
    parts = [exact(each, numbers) for each in formula.operands]
    return (
        None if None in parts else worked_out(formula.operator, [x for x in parts if x is not None])
    )


def worked_out(sign: str, parts: list[float]) -> float:
    """The four operations, apart from the code under test; and least, greatest, size."""
    first, *others = parts
    if sign in {"min", "max", "abs", "negative"}:
        single = {"abs": abs(first), "negative": -first}
        return single.get(sign, min(parts) if sign == "min" else max(parts))
    (second,) = others
    answers = {"+": first + second, "-": first - second, "*": first * second}
    return answers[sign] if sign in answers else first / second


def sides(threshold: Threshold, name: str) -> dict[bool, tuple[float, float]]:
    """The nearest value on either side: how far, and what; by whether the comparison holds."""
    found: dict[bool, tuple[float, float]] = {}
    left, right = threshold.asks.operands
    for trace in traces_of(name):
        numbers = trace[threshold.criterion].numbers
        value, limit = exact(left, numbers), exact(right, numbers)
        answer = holds(threshold.asks, numbers)
        if value is None or limit is None or answer is None:
            continue
        far = (abs(value - limit) / (abs(limit) or 1), value)
        found[answer] = min(far, found.get(answer, far))
    return found


def words(formula: Formula) -> str:
    """A formula as it was written, more or less."""
    if isinstance(formula, Name):
        return formula.name
    if isinstance(formula, Number):
        return str(formula.value)
    return f" {formula.operator} ".join(map(words, formula.operands))


ALL = [(name, each) for name in NAMES for each in thresholds(name)]


def test_thresholds__are_found_in_the_files() -> None:
    told = {(name, each.criterion, words(each.asks)) for name, each in ALL}
    assert ("qtc", "very_long", "qtc > 500") in told
    assert ("surviving_sepsis", "low_pressure", "mean_mmhg < 60") in told
    assert len(ALL) > 100


@pytest.mark.parametrize(
    "name, threshold", ALL, ids=[f"{n}: {t.criterion}: {words(t.asks)}" for n, t in ALL]
)
def test_threshold__has_a_vignette_close_on_either_side(name: str, threshold: Threshold) -> None:
    found = sides(threshold, name)
    assert set(found) == {True, False}
    (met, above), (unmet, below) = found[True], found[False]
    assert max(met, unmet) <= NEAR or abs(above - below) <= STEP, (above, below)


@pytest.mark.parametrize("name", NAMES)
def test_criterion_that_can_be_unknown__is_so_in_a_vignette(name: str) -> None:
    empty = asked(guide_named(name), []).trace
    assert empty is not None
    open_ = {each for each, verdict in empty.items() if verdict.holds is None}
    shown = {each for trace in traces_of(name) for each in open_ if trace[each].holds is None}
    assert open_ - shown == set()


def findings_of(name: str) -> list[str]:
    """Criteria of a guideline that ask whether something is there."""
    criteria = guide_named(name).criteria.values()
    return [each.name for each in criteria if isinstance(each.asks, Seen)]


@pytest.mark.parametrize("name", [name for name in NAMES if findings_of(name)])
def test_finding__is_there_in_one_vignette_and_not_in_another(name: str) -> None:
    for each in findings_of(name):
        answers = {trace[each].holds for trace in traces_of(name)}
        assert True in answers, each
        assert answers - {True}, each


@pytest.mark.parametrize("name", NAMES)
def test_exclusion__is_met_by_one_vignette_and_cleared_by_another(name: str) -> None:
    guide = guide_named(name)
    for each in guide.exclusions:
        assert any(trace[each].holds is True for trace in traces_of(name)), each
        assert any(
            trace[each].holds is False or trace[each].not_recorded for trace in traces_of(name)
        ), each
