"""NEWS2 at both sides of every edge of its chart (Royal College of Physicians 2017, chart 1)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.criteria import Range
from vitruvian.risks import score_named

WELL = {
    "respiration": 16.0,
    "saturation": 97.0,
    "oxygen": 0.0,
    "scale_2": 0.0,
    "systolic": 120.0,
    "pulse": 70.0,
    "not_alert": 0.0,
    "temperature": 37.0,
}
EDGES: dict[str, list[tuple[float, int]]] = {
    "respiration": [(8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3)],
    "saturation": [(91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (100, 0)],
    "systolic": [(90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3)],
    "pulse": [
        *((40, 3), (41, 1), (50, 1), (51, 0), (90, 0)),
        *((91, 1), (110, 1), (111, 2), (130, 2), (131, 3)),
    ],
    "temperature": [
        *((35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0)),
        *((38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2)),
    ],
    "not_alert": [(0, 0), (1, 3)],
    "oxygen": [(0, 0), (1, 2)],
}
ALL_EDGES = [(name, value, points) for name, edge in EDGES.items() for value, points in edge]
SCALE_2_AIR = [(83, 3), (84, 2), (85, 2), (86, 1), (87, 1), (88, 0), (92, 0), (93, 0), (100, 0)]
SCALE_2_OXYGEN = [
    *((83, 3), (84, 2), (85, 2), (86, 1), (87, 1), (88, 0)),
    *((92, 0), (93, 1), (94, 1), (95, 2), (96, 2), (97, 3)),
]


def score(**parts: float) -> Range | None:
    return score_named("news2").value({**WELL, **parts})


def without(*names: str) -> Range | None:
    return score_named("news2").value({k: v for k, v in WELL.items() if k not in names})


@pytest.mark.parametrize("part, value, points", ALL_EDGES)
def test_news2__at_an_edge_of_the_chart(part: str, value: float, points: int) -> None:
    assert score(**{part: value}) == Range(points, points)


@pytest.mark.parametrize("value, points", SCALE_2_AIR)
def test_scale_2__on_air(value: float, points: int) -> None:
    assert score(saturation=value, scale_2=1) == Range(points, points)


@pytest.mark.parametrize("value, points", SCALE_2_OXYGEN)
def test_scale_2__on_oxygen_adds_two_for_the_oxygen(value: float, points: int) -> None:
    assert score(saturation=value, scale_2=1, oxygen=1) == Range(points + 2, points + 2)


def test_aggregate__reaches_twenty() -> None:
    worst = {"respiration": 30.0, "saturation": 80.0, "oxygen": 1.0, "systolic": 60.0}
    assert score(**worst, pulse=150, not_alert=1, temperature=34.0) == Range(20, 20)


def test_highest__is_that_of_one_parameter() -> None:
    found = score_named("news2_highest").value({**WELL, "pulse": 131.0, "respiration": 21.0})
    assert found == Range(3, 3)


def test_reading_between_two_bands__is_read_as_the_chart_prints_it() -> None:
    assert score(temperature=36.05) == Range(0, 0)
    assert score(temperature=36.04) == Range(1, 1)


def test_missing_pulse__leaves_a_range_and_is_named() -> None:
    assert without("pulse") == Range(0, 3, ("pulse",))


def test_missing_oxygen__may_be_on_oxygen() -> None:
    assert without("oxygen") == Range(0, 2, ("oxygen",))


def test_nothing_measured__says_nothing() -> None:
    measured = ("respiration", "saturation", "systolic", "pulse", "temperature")
    assert without(*measured) is None


@given(absent=st.sets(st.sampled_from(sorted(WELL))), pulse=st.integers(20, 200))
def test_score_with_parts_missing__holds_the_full_score(absent: set[str], pulse: int) -> None:
    full = {**WELL, "pulse": float(pulse)}
    news2 = score_named("news2")
    part, whole = news2.value({k: v for k, v in full.items() if k not in absent}), news2.value(full)
    assert whole is not None
    assert part is None or part.low <= whole.low <= part.high
