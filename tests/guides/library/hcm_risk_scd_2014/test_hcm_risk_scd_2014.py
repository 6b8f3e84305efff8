"""The edition of 2014: same risk, no markers."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


@pytest.mark.parametrize(
    "gradient, tachycardia, answer",
    [
        (125, False, "generally not indicated"),
        (126, False, "may be considered"),
        (33, True, "may be considered"),
        (34, True, "should be considered"),
    ],
)
def test_limits__are_four_and_six_percent(gradient: int, *, tachycardia: bool, answer: str) -> None:
    paper = vignettes_of("hcm_risk_scd_2014")
    known = {**paper.patient, "gradient": gradient, "tachycardia": tachycardia}
    assert asked_of(guide_named("hcm_risk_scd_2014"), paper, known).answer == answer
