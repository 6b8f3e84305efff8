"""The lowest PaO2/FiO2 of some hours: what is paired, and what can only be bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.criteria import Range
from vitruvian.risks import score_named

RATIO = score_named("oxygen_ratio")
ONE_GAS = {"pressure": 90.0, "fraction": 0.5}


@pytest.mark.parametrize("part", ["pressure", "fraction"])
def test_half_a_pair__is_no_ratio(part: str) -> None:
    assert RATIO.value({k: v for k, v in ONE_GAS.items() if k != part}) is None


@pytest.mark.parametrize("odd", [0.0, 0.1, 5.0, 19.0, 101.0])
def test_inspired_oxygen_that_nobody_can_breathe__is_no_ratio(odd: float) -> None:
    assert RATIO.value({**ONE_GAS, "fraction": odd}) is None


@pytest.mark.parametrize("inspired", [0.5, 50.0])
def test_percent_and_fraction__are_one(inspired: float) -> None:
    assert RATIO.value({**ONE_GAS, "fraction": inspired}) == Range(180, 180)


def test_one_gas_of_the_time__is_one_number() -> None:
    known = {**ONE_GAS, "lowest_pressure": 90.0, "highest_fraction": 0.5}
    assert RATIO.value(known) == Range(180, 180)


def test_several_gases__are_bounded_by_the_extremes() -> None:
    known = {**ONE_GAS, "lowest_pressure": 60.0, "highest_fraction": 0.8}
    assert RATIO.value(known) == Range(75, 180, ("highest_fraction",))


def test_ratio_of_the_laboratory__counts_beside() -> None:
    assert RATIO.value({**ONE_GAS, "charted": 150.0}) == Range(150, 150)


gases = st.lists(st.tuples(st.floats(30, 600), st.floats(0.21, 1)), min_size=1, max_size=6)


@given(gases=gases)
def test_lowest_of_any_pairs__lies_within(gases: list[tuple[float, float]]) -> None:
    pressure, fraction = gases[-1]
    found = RATIO.value(
        {
            "pressure": pressure,
            "fraction": fraction,
            "lowest_pressure": min(each for each, _ in gases),
            "highest_fraction": max(each for _, each in gases),
        }
    )
    assert found is not None
    assert found.low <= min(p / f for p, f in gases) <= found.high
