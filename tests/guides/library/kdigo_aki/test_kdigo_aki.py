"""Acute kidney injury against the plain definition of its stages."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


def stage_by_hand(before: float, now: float) -> str:
    """KDIGO 2012, table 2, by creatinine alone, written apart from the guideline's files."""
    risen = now - before >= 26.5 or now >= 1.5 * before
    if now >= 3 * before or (now >= 353.6 and risen):
        return "stage 3"
    if now >= 2 * before:
        return "stage 2"
    return "stage 1" if risen else "none"


@pytest.mark.parametrize("before", [40, 90, 340])
@pytest.mark.parametrize("times", [0.8, 1.04, 1.3, 1.6, 2.4, 3.1])
def test_creatinine__is_staged_as_by_hand(before: float, times: float) -> None:
    paper = vignettes_of("kdigo_aki")
    now = round(before * times, 1)
    known = {**paper.patient, "yesterday": before, "creatinine": now}
    assert asked_of(guide_named("kdigo_aki"), paper, known).answer == stage_by_hand(before, now)
