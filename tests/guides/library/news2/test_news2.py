"""NEWS2 end to end: every edge of the chart reaches the score through the record."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from tests.risks.library.news2.test_news2 import ALL_EDGES
from vitruvian.criteria import Range
from vitruvian.guides import guide_named

MEASURED = {"respiration", "saturation", "systolic", "pulse", "temperature"}


@pytest.mark.parametrize("part, value, points", [edge for edge in ALL_EDGES if edge[0] in MEASURED])
def test_edge_of_the_chart__scores_as_printed(part: str, value: float, points: int) -> None:
    paper = vignettes_of("news2")
    decision = asked_of(guide_named("news2"), paper, {**paper.patient, part: value})
    assert decision.trace is not None
    assert decision.trace["seven_or_more"].numbers["news2"] == Range(points, points)
