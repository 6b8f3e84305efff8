"""SOFA-2 end to end: the number in the trace is that of the table, and the editions differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


# points by hand from the published table, where 1996 and 2025 differ
@pytest.mark.parametrize(
    "has, old, new",
    [
        ({"ratio": 310}, 1, 0),
        ({"noradrenaline": 0.15}, 4, 2),
        ({"platelets": 80}, 2, 3),
        ({"coma": 9}, 3, 2),
        ({"bilirubin": 52}, 2, 2),
    ],
)
def test_editions__give_their_own_points(has: Mapping[str, Any], old: int, new: int) -> None:
    for name, criterion, points in (
        ("sofa", "two_or_more", old),
        ("sofa2", "one_or_more", new),
    ):
        paper = vignettes_of(name)
        decision = asked_of(guide_named(name), paper, {**paper.patient, **has})
        assert decision.trace is not None
        found = decision.trace[criterion].numbers[name]
        assert found is not None
        assert (found.low, found.high) == (points, points), name
