"""QTc against values worked by hand from the four formulas' papers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.criteria import Range
from vitruvian.risks import score_named, scores
from vitruvian.risks.errors import OutOfRange

FORMULAS = ("qtc_by_rate", "qtc_fridericia", "qtc_bazett", "qtc_framingham", "qtc_hodges")


@pytest.mark.parametrize("name", FORMULAS)
def test_rate_of_zero__is_refused(name: str) -> None:
    with pytest.raises(OutOfRange, match="heart_rate"):
        score_named(name).value({"qt_ms": 400, "heart_rate": 0})


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("part", ["qt_ms", "heart_rate"])
def test_part_missing__says_nothing(name: str, part: str) -> None:
    known = {"qt_ms": 400.0, "heart_rate": 60.0}
    assert score_named(name).value({k: v for k, v in known.items() if k != part}) is None


# QT 400 ms at 100 /min: RR 0.6 s; 0.6^(1/3) = 0.843433, 0.6^(1/2) = 0.774597
@pytest.mark.parametrize(
    "name, corrected",
    [
        ("qtc_fridericia", 474.25),
        ("qtc_bazett", 516.40),
        ("qtc_framingham", 461.60),
        ("qtc_hodges", 470.00),
    ],
)
def test_corrected__at_100_a_minute(name: str, corrected: float) -> None:
    found = score_named(name).value({"qt_ms": 400, "heart_rate": 100})
    assert found is not None
    assert found.low == pytest.approx(corrected, abs=0.01)


# QT 360 ms: RR 60/59, 60/101 s; cube roots 1.005618, 0.840640; square root of 0.6 is 0.774597
@pytest.mark.parametrize(
    "rate, corrected", [(59, 357.99), (60, 360.0), (100, 464.76), (101, 428.25)]
)
def test_formula__is_bazetts_from_60_to_100_a_minute_and_fridericias_outside(
    rate: float, corrected: float
) -> None:
    found = score_named("qtc_by_rate").value({"qt_ms": 360, "heart_rate": rate})
    assert found is not None
    assert found.low == pytest.approx(corrected, abs=0.01)


@given(qt=st.floats(200, 700))
def test_every_formula__leaves_qt_alone_at_60_a_minute(qt: float) -> None:
    found = [scores()[name].value({"qt_ms": qt, "heart_rate": 60}) for name in FORMULAS]
    assert found == [Range(qt, qt)] * len(FORMULAS)
