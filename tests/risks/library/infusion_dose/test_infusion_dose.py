"""An infusion that does not run, one that runs at a dose, and one whose dose nobody told."""

from __future__ import annotations

import pytest

from vitruvian.criteria import Range
from vitruvian.risks import score_named

DOSE, SOFA = score_named("infusion_dose"), score_named("sofa")


def test_not_given__is_none() -> None:
    assert DOSE.value({"given": 0.0}) == Range(0, 0)


@pytest.mark.parametrize("given", [{}, {"given": 1.0}])
def test_dose_told__is_the_dose(given: dict[str, float]) -> None:
    assert DOSE.value({**given, "dose": 0.08}) == Range(0.08, 0.08)


def test_given_at_a_dose_of_nothing__has_stopped() -> None:
    assert DOSE.value({"given": 1.0, "dose": 0.0}) == Range(0, 0)


# Vincent 1996, table 3: any noradrenaline is 3 or 4 points, any dobutamine 2
@pytest.mark.parametrize("drug, points", [("noradrenaline", (3, 4)), ("dobutamine", (2, 2))])
def test_dose_not_told__may_be_any_that_runs(drug: str, points: tuple[int, int]) -> None:
    found = DOSE.value({"given": 1.0})
    assert found is not None
    assert found.missing == ("dose",)
    others = dict.fromkeys(("dopamine", "dobutamine", "adrenaline", "noradrenaline"), 0.0)
    well = {"oxygen_ratio": 450.0, "platelets": 250.0, "bilirubin": 10.0, "mean_pressure": 85.0}
    well |= {"coma": 15.0, "creatinine": 80.0, "urine": 1500.0, **others}
    ends = [SOFA.value({**well, drug: dose}) for dose in (found.low, found.high)]
    assert ends == [Range(each, each) for each in points]
