"""HCM Risk-SCD against worked values, computed apart from this code from O'Mahony 2014."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.risks import score_named

RISK = score_named("hcm_risk_scd")
NAMES = ("age_years", "wall_mm", "atrium_mm", "gradient_mmhg", "family_scd", "nsvt", "syncope")
FIRST = (40, 20, 45, 30, 0, 0, 0)


def parts(*values: float) -> dict[str, float]:
    return dict(zip(NAMES, map(float, values), strict=True))


@pytest.mark.parametrize(
    "values, percent",
    [(FIRST, 2.63), ((35, 28, 48, 60, 1, 1, 1), 26.57), ((50, 18, 40, 10, 0, 0, 0), 1.62)],
)
def test_risk__equals_the_worked_value(values: tuple[float, ...], percent: float) -> None:
    found = RISK.value(parts(*values))
    assert found is not None
    assert (found.low, found.high) == pytest.approx((percent, percent), abs=0.005)


@pytest.mark.parametrize("name", NAMES[:4])
def test_measured_part_missing__says_nothing(name: str) -> None:
    assert RISK.value({k: v for k, v in parts(*FIRST).items() if k != name}) is None


@pytest.mark.parametrize("name", NAMES[4:])
def test_history_missing__gives_a_range_and_names_it(name: str) -> None:
    known = {k: v for k, v in parts(*FIRST).items() if k != name}
    found = RISK.value(known)
    assert found is not None
    assert found.low == pytest.approx(2.63, abs=0.005)
    assert found.high > found.low
    assert found.missing == (name,)


@pytest.mark.parametrize(
    "name, value",
    [("age_years", 15), ("wall_mm", 36), ("wall_mm", 9), ("atrium_mm", 68), ("gradient_mmhg", 155)],
)
def test_part_outside_the_derivation__says_nothing(name: str, value: float) -> None:
    assert RISK.value({**parts(*FIRST), name: value}) is None


@given(
    values=st.tuples(
        st.integers(16, 80), st.integers(10, 35), st.integers(28, 67), st.integers(0, 154)
    ),
    name=st.sampled_from(NAMES[4:]),
)
def test_risk__rises_with_each_history(values: tuple[int, int, int, int], name: str) -> None:
    without = RISK.value(parts(*values, 0, 0, 0))
    with_it = RISK.value({**parts(*values, 0, 0, 0), name: 1.0})
    assert without is not None
    assert with_it is not None
    assert 0 < without.low < with_it.low < 100
