"""SOFA-2 at both sides of every limit, as two published implementations agree on it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.criteria import Range
from vitruvian.risks import score_named

SOFA2 = score_named("sofa2")
WELL = {
    "coma": 15.0,
    "delirium_drug": 0.0,
    "oxygen_ratio": 450.0,
    "support": 1.0,
    "ecmo": 0.0,
    "mean_pressure": 85.0,
    "noradrenaline": 0.0,
    "adrenaline": 0.0,
    "dopamine": 0.0,
    "other_pressor": 0.0,
    "mechanical": 0.0,
    "bilirubin": 10.0,
    "creatinine": 80.0,
    "urine_6h": 1.0,
    "urine_12h": 1.0,
    "urine_24h": 1.0,
    "replacement": 0.0,
    "potassium": 4.0,
    "ph": 7.4,
    "bicarbonate": 24.0,
    "platelets": 250.0,
}
LIMITS: dict[str, list[tuple[float, int]]] = {
    "coma": [(15, 0), (14, 1), (13, 1), (12, 2), (9, 2), (8, 3), (6, 3), (5, 4), (3, 4)],
    "delirium_drug": [(1, 1)],
    "oxygen_ratio": [
        *((301, 0), (300, 1), (226, 1), (225, 2), (151, 2), (150, 3), (76, 3), (75, 4)),
    ],
    "ecmo": [(1, 4)],
    "mean_pressure": [(70, 0), (69, 1)],
    "adrenaline": [(0.01, 2), (0.2, 2), (0.21, 3), (0.4, 3), (0.41, 4)],
    "noradrenaline": [(0.01, 2), (0.2, 2), (0.21, 3), (0.4, 3), (0.41, 4)],
    "dopamine": [(1, 2), (20, 2), (21, 3), (40, 3), (41, 4)],
    "other_pressor": [(1, 2)],
    "mechanical": [(1, 4)],
    # 1.2, 3.0, 6.0 and 12.0 mg/dL
    "bilirubin": [(20.5, 0), (20.7, 1), (51.3, 1), (51.5, 2), (102.6, 2), (103, 3), (206, 4)],
    # 1.2, 2.0 and 3.5 mg/dL
    "creatinine": [(106, 0), (107, 1), (176, 1), (178, 2), (309, 2), (310, 3), (600, 3)],
    "urine_6h": [(0.5, 0), (0.49, 1)],
    "urine_12h": [(0.5, 0), (0.49, 2), (0, 3)],
    "urine_24h": [(0.3, 0), (0.29, 3)],
    "replacement": [(1, 4)],
    "potassium": [(7, 0)],
    "platelets": [(151, 0), (150, 1), (101, 1), (100, 2), (81, 2), (80, 3), (51, 3), (50, 4)],
}
ALL_LIMITS = [(part, value, points) for part, each in LIMITS.items() for value, points in each]


@pytest.mark.parametrize("part, value, points", ALL_LIMITS)
def test_limit__scores_as_published(part: str, value: float, points: int) -> None:
    assert SOFA2.value({**WELL, part: value}) == Range(points, points)


@pytest.mark.parametrize(
    "told, points",
    [
        ({"noradrenaline": 0.1, "other_pressor": 1.0}, 3),
        ({"noradrenaline": 0.1, "adrenaline": 0.1}, 2),
        ({"noradrenaline": 0.1, "adrenaline": 0.11}, 3),
        ({"noradrenaline": 0.3, "dopamine": 5.0}, 4),
        ({"oxygen_ratio": 60.0, "support": 0.0}, 2),
        ({"creatinine": 120.0, "potassium": 6.0}, 4),
        ({"creatinine": 120.0, "ph": 7.2, "bicarbonate": 12.0}, 4),
        ({"creatinine": 120.0, "ph": 7.2}, 1),
        ({"urine_6h": 0.2, "potassium": 6.5}, 4),
        ({"mean_pressure": 50.0, "noradrenaline": 0.1}, 2),
    ],
)
def test_parts_together__count_as_published(told: dict[str, float], points: int) -> None:
    assert SOFA2.value({**WELL, **told}) == Range(points, points)


def test_worst_of_all__is_24() -> None:
    worst = {"coma": 3.0, "ecmo": 1.0, "mechanical": 1.0, "bilirubin": 400.0, "replacement": 1.0}
    assert SOFA2.value({**WELL, **worst, "platelets": 5.0}) == Range(24, 24)


@given(
    absent=st.sets(st.sampled_from(sorted(WELL))),
    coma=st.integers(3, 15),
    ratio=st.integers(40, 500),
    dose=st.floats(0, 1),
)
def test_score_with_parts_missing__holds_the_full_score(
    absent: set[str], coma: int, ratio: int, dose: float
) -> None:
    changed = {"coma": float(coma), "oxygen_ratio": float(ratio), "noradrenaline": dose}
    full = {**WELL, **changed}
    part = SOFA2.value({k: v for k, v in full.items() if k not in absent})
    whole = SOFA2.value(full)
    assert whole is not None
    assert whole.low == whole.high
    assert part is None or part.low <= whole.low <= part.high


def test_worst_organ__has_the_points_of_that_organ() -> None:
    assert score_named("sofa2_highest").value({**WELL, "platelets": 70.0}) == Range(3, 3)
    assert score_named("sofa2_highest").value({**WELL, "coma": 14.0, "ecmo": 1.0}) == Range(4, 4)


# of whom nothing is known there is no score at all
@given(
    absent=st.sets(st.sampled_from(sorted(WELL)), max_size=len(WELL) - 1),
    rate=st.sampled_from([0.0, 0.2, 0.4, 1.0]),
)
def test_by_creatinine__is_never_more_than_the_full_score(absent: set[str], rate: float) -> None:
    full = {**WELL, "urine_6h": rate, "urine_12h": rate, "urine_24h": rate, "potassium": 6.5}
    known = {k: v for k, v in full.items() if k not in absent}
    for name in ("sofa2", "sofa2_highest"):
        part = score_named(f"{name}_by_creatinine").value(known)
        whole = score_named(name).value(known)
        assert part is not None
        assert whole is not None
        assert part.low <= whole.low
        assert part.high <= whole.high
