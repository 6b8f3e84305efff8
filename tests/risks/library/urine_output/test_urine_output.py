"""Urine counts where it was charted long enough, and by weight where the weight is known."""

from __future__ import annotations

import pytest

from vitruvian.criteria import Range
from vitruvian.risks import score_named

RATES = [("urine_rate_6h", 6), ("urine_rate_12h", 12), ("urine_rate_24h", 24)]


@pytest.mark.parametrize("name, hours", [*RATES, ("urine_day", 24)])
def test_charted_too_seldom__says_nothing(name: str, hours: int) -> None:
    known = {"urine": 500.0, "weight": 70.0, "charted": hours - 1.0}
    assert score_named(name).value(known) is None
    assert score_named(name).value({**known, "charted": float(hours)}) is not None


@pytest.mark.parametrize("name, hours", RATES)
@pytest.mark.parametrize("weight", [{}, {"weight": 0.0}])
def test_weight_not_known__leaves_the_rate_open(
    name: str, hours: int, weight: dict[str, float]
) -> None:
    assert score_named(name).value({"urine": 500.0, "charted": float(hours), **weight}) is None


# 420 mL over 6, 12 and 24 hours at 70 kg, by hand
@pytest.mark.parametrize(
    "name, rate", [("urine_rate_6h", 1.0), ("urine_rate_12h", 0.5), ("urine_rate_24h", 0.25)]
)
def test_rate__is_by_kilogram_and_hour(name: str, rate: float) -> None:
    known = {"urine": 420.0, "charted": 24.0, "weight": 70.0}
    assert score_named(name).value(known) == Range(rate, rate)


def test_volume_of_a_day__asks_for_no_weight() -> None:
    assert score_named("urine_day").value({"urine": 480.0, "charted": 24.0}) == Range(480, 480)
