"""Quick SOFA against three plain comparisons."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


@pytest.mark.parametrize("respiration", [21, 22])
@pytest.mark.parametrize("systolic", [100, 101])
@pytest.mark.parametrize("coma", [14, 15])
def test_every_side_of_every_limit__counts_as_by_hand(
    respiration: int, systolic: int, coma: int
) -> None:
    points = (respiration >= 22) + (systolic <= 100) + (coma < 15)
    paper = vignettes_of("qsofa")
    known = {**paper.patient, "respiration": respiration, "systolic": systolic, "coma": coma}
    expected = "2 or more" if points >= 2 else "under 2"
    assert asked_of(guide_named("qsofa"), paper, known).answer == expected


def test_quick_sofa__never_interrupts() -> None:
    assert not guide_named("qsofa").card.interrupts
