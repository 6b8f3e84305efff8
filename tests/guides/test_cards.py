"""Which guidelines the panel folds away; what is folded wrongly is not seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named
from vitruvian.guides.cards import is_quiet

# each is fed by a score alone, and the fact is one part of it
FED_BY_SCORES = [
    ("news2", "pulse", 90),
    ("qsofa", "systolic", 120),
    ("qtc", "qt", 400),
    ("sofa", "platelets", 100),
    ("sofa2", "platelets", 100),
]
FACTS_OF_ENTRY = {"age", "stay", "visited", "male", "female"}


def quiet(guide: str, known: Mapping[str, Any]) -> bool:
    """Whether the panel folds it."""
    found = guide_named(guide)
    return is_quiet(found, asked_of(found, vignettes_of(guide), known))


def entered(guide: str, *, keep: set[str]) -> dict[str, Any]:
    """The patient of the vignettes, of whom nothing was measured."""
    paper = vignettes_of(guide)
    measured = {name for name, fact in paper.facts.items() if "unit" in fact}
    return {
        name: value
        for name, value in paper.patient.items()
        if name in keep or (name not in measured and name not in FACTS_OF_ENTRY - {"age", "stay"})
    }


@pytest.mark.parametrize("guide, fact, value", FED_BY_SCORES)
def test_one_part_of_a_score__is_shown_with_what_is_missing(
    guide: str, fact: str, value: float
) -> None:
    known = {**entered(guide, keep=set()), fact: value}
    found = guide_named(guide)
    decision = asked_of(found, vignettes_of(guide), known)
    assert decision.status == "unknown"
    assert decision.missing
    assert not is_quiet(found, decision)


@pytest.mark.parametrize("guide", sorted({guide for guide, *_ in FED_BY_SCORES}))
def test_nothing_measured__is_folded(guide: str) -> None:
    assert quiet(guide, entered(guide, keep=set()))


def test_sex_alone__shows_no_tracing() -> None:
    assert quiet("qtc", {"age": 60, "female": True})


def test_not_made_for_this_patient__is_folded() -> None:
    assert quiet("qtc", {**vignettes_of("qtc").patient, "age": 17})


def test_answered__is_shown() -> None:
    assert not quiet("qtc", vignettes_of("qtc").patient)
