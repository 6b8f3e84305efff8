"""SOFA at both sides of every limit (Vincent 1996, table 3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.criteria import Range
from vitruvian.risks import score_named

SOFA = score_named("sofa")
WELL = {
    "oxygen_ratio": 450.0,
    "ventilated": 1.0,
    "platelets": 250.0,
    "bilirubin": 10.0,
    "mean_pressure": 85.0,
    "dopamine": 0.0,
    "dobutamine": 0.0,
    "adrenaline": 0.0,
    "noradrenaline": 0.0,
    "coma": 15.0,
    "creatinine": 80.0,
    "urine": 1500.0,
}
LIMITS: dict[str, list[tuple[float, int]]] = {
    "oxygen_ratio": [
        *((400, 0), (399, 1), (300, 1), (299, 2), (200, 2), (199, 3), (100, 3), (99, 4)),
    ],
    "platelets": [(150, 0), (149, 1), (100, 1), (99, 2), (50, 2), (49, 3), (20, 3), (19, 4)],
    "bilirubin": [(19, 0), (20, 1), (32, 1), (33, 2), (101, 2), (102, 3), (204, 3), (205, 4)],
    "mean_pressure": [(70, 0), (69, 1)],
    "dopamine": [(0, 0), (5, 2), (5.1, 3), (15, 3), (15.1, 4)],
    "dobutamine": [(0, 0), (20, 2)],
    "adrenaline": [(0, 0), (0.1, 3), (0.11, 4)],
    "noradrenaline": [(0, 0), (0.1, 3), (0.11, 4)],
    "coma": [(15, 0), (14, 1), (13, 1), (12, 2), (10, 2), (9, 3), (6, 3), (5, 4)],
    "creatinine": [(109, 0), (110, 1), (170, 1), (171, 2), (299, 2), (300, 3), (440, 3), (441, 4)],
    "urine": [(500, 0), (499, 3), (200, 3), (199, 4)],
}
ALL_LIMITS = [(part, value, points) for part, each in LIMITS.items() for value, points in each]


@pytest.mark.parametrize("part, value, points", ALL_LIMITS)
def test_limit__scores_as_the_table_prints(part: str, value: float, points: int) -> None:
    assert SOFA.value({**WELL, part: value}) == Range(points, points)


def test_oxygen_without_ventilation__stops_at_two_points() -> None:
    assert SOFA.value({**WELL, "oxygen_ratio": 90, "ventilated": 0}) == Range(2, 2)


def test_organ__counts_its_worst_part_only() -> None:
    found = SOFA.value({**WELL, "mean_pressure": 60, "noradrenaline": 0.05, "creatinine": 200})
    assert found == Range(5, 5)


def test_worst_of_all__is_24() -> None:
    worst = {"oxygen_ratio": 60, "platelets": 5, "bilirubin": 300, "adrenaline": 1, "coma": 3}
    assert SOFA.value({**WELL, **worst, "urine": 0}) == Range(24, 24)


@pytest.mark.parametrize(
    "part, most",
    [
        *(("oxygen_ratio", 4), ("platelets", 4), ("bilirubin", 4), ("coma", 4), ("urine", 4)),
        *(("mean_pressure", 1), ("dobutamine", 2), ("noradrenaline", 4)),
    ],
)
def test_missing_part__may_be_as_bad_as_it_gets(part: str, most: int) -> None:
    known = {k: v for k, v in WELL.items() if k != part}
    assert SOFA.value(known) == Range(0, most, (part,))


def test_missing_ratio_without_ventilation__is_two_points_at_most() -> None:
    known = {k: v for k, v in {**WELL, "ventilated": 0.0}.items() if k != "oxygen_ratio"}
    assert SOFA.value(known) == Range(0, 2, ("oxygen_ratio",))


def test_missing_part_of_an_organ_at_its_worst__does_not_matter() -> None:
    known = {k: v for k, v in {**WELL, "creatinine": 500.0}.items() if k != "urine"}
    assert SOFA.value(known) == Range(4, 4)


@given(absent=st.sets(st.sampled_from(sorted(WELL))), ratio=st.integers(50, 500))
def test_score_with_parts_missing__holds_the_full_score(absent: set[str], ratio: int) -> None:
    full = {**WELL, "oxygen_ratio": float(ratio)}
    part, whole = SOFA.value({k: v for k, v in full.items() if k not in absent}), SOFA.value(full)
    assert whole is not None
    assert part is None or part.low <= whole.low <= part.high


@pytest.mark.parametrize(
    "part, worst", [("noradrenaline", 4), ("platelets", 4), ("mean_pressure", 1), ("coma", 4)]
)
def test_worst_organ__has_the_points_of_that_organ(part: str, worst: int) -> None:
    bad = {"noradrenaline": 1.0, "platelets": 5.0, "mean_pressure": 40.0, "coma": 3.0}
    found = score_named("sofa_highest").value({**WELL, "creatinine": 120.0, part: bad[part]})
    assert found == Range(worst, worst)


def test_by_creatinine__urine_neither_counts_nor_is_missed() -> None:
    dry = {**WELL, "urine": 0.0}
    assert score_named("sofa_by_creatinine").value(dry) == Range(0, 0)
    assert score_named("sofa_highest_by_creatinine").value(dry) == Range(0, 0)
    uncharted = {k: v for k, v in WELL.items() if k != "urine"}
    assert score_named("sofa_by_creatinine").value(uncharted) == Range(0, 0)


@given(
    absent=st.sets(st.sampled_from(sorted(WELL))),
    urine=st.integers(0, 2000),
    creatinine=st.integers(50, 500),
)
def test_by_creatinine__is_never_more_than_the_full_score(
    absent: set[str], urine: int, creatinine: int
) -> None:
    full = {**WELL, "urine": float(urine), "creatinine": float(creatinine)}
    known = {k: v for k, v in full.items() if k not in absent}
    for name in ("sofa", "sofa_highest"):
        part = score_named(f"{name}_by_creatinine").value(known)
        whole = score_named(name).value(known)
        assert part is None or whole is not None
        if part is not None and whole is not None:
            assert part.low <= whole.low
            assert part.high <= whole.high
