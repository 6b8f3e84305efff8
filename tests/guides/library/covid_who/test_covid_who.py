"""Severity of Covid-19 against the table read plainly."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


def severity(saturation: int, respiration: int, flow: int) -> str:
    """World Health Organization 2021, written apart from the guideline's files."""
    if saturation < 90 or respiration > 30:
        return "severe"
    return "on oxygen, not severe by these numbers" if flow else "non-severe"


@pytest.mark.parametrize("saturation", [85, 89, 90, 97])
@pytest.mark.parametrize("respiration", [12, 30, 31])
@pytest.mark.parametrize("flow", [0, 2])
def test_severity__is_that_of_the_table(saturation: int, respiration: int, flow: int) -> None:
    paper = vignettes_of("covid_who")
    known = {**paper.patient, "saturation": saturation, "respiration": respiration, "flow": flow}
    answer = asked_of(guide_named("covid_who"), paper, known).answer
    assert answer == severity(saturation, respiration, flow)
