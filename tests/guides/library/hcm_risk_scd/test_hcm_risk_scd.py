"""HCM Risk-SCD end to end, against worked values computed apart from this code."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named

HISTORY = ("family_death", "tachycardia", "syncope")


@pytest.mark.parametrize(
    "age, wall, atrium, gradient, history, percent",
    [
        (40, 20, 45, 30, False, 2.63),
        (35, 28, 48, 60, True, 26.57),
        (50, 18, 40, 10, False, 1.62),
    ],
)
def test_risk_in_the_trace__equals_the_worked_value(
    age: int, wall: float, atrium: float, gradient: float, *, history: bool, percent: float
) -> None:
    paper = vignettes_of("hcm_risk_scd")
    measured = {"age": age, "wall": wall, "atrium": atrium, "gradient": gradient}
    known = {**paper.patient, **measured, **dict.fromkeys(HISTORY, history)}
    decision = asked_of(guide_named("hcm_risk_scd"), paper, known)
    assert decision.trace is not None
    risk = decision.trace["high"].numbers["risk"]
    assert risk is not None
    assert (risk.low, risk.high) == pytest.approx((percent, percent), abs=0.005)
