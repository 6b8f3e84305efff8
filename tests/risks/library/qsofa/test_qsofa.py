"""Quick SOFA at both sides of its limits (Singer 2016, box 4)."""

from __future__ import annotations

import pytest

from vitruvian.criteria import Range
from vitruvian.risks import score_named

WELL = {"respiration": 16.0, "systolic": 120.0, "coma": 15.0}


@pytest.mark.parametrize(
    "part, value, points",
    [
        *(("respiration", 21, 0), ("respiration", 22, 1)),
        *(("systolic", 101, 0), ("systolic", 100, 1)),
        *(("coma", 15, 0), ("coma", 14, 1)),
    ],
)
def test_limit__adds_a_point(part: str, value: float, points: int) -> None:
    assert score_named("qsofa").value({**WELL, part: value}) == Range(points, points)


@pytest.mark.parametrize("part", sorted(WELL))
def test_missing_part__leaves_one_point_open(part: str) -> None:
    known = {k: v for k, v in WELL.items() if k != part}
    assert score_named("qsofa").value(known) == Range(0, 1, (part,))
