"""SOFA end to end: the number in the trace is that of the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.criteria import Range
from vitruvian.guides import guide_named


def trace_of(has: Mapping[str, Any], lacks: tuple[str, ...] = ()) -> Mapping[str, Range | None]:
    paper = vignettes_of("sofa")
    known = {k: v for k, v in {**paper.patient, **has}.items() if k not in lacks}
    decision = asked_of(guide_named("sofa"), paper, known)
    assert decision.trace is not None
    return decision.trace["two_or_more"].numbers


# points by hand from table 3 of Vincent 1996: lung, blood, liver, circulation, brain, kidney
@pytest.mark.parametrize(
    "has, total",
    [
        ({"ratio": 199, "ventilated": True}, 3),
        ({"ratio": 199, "ventilated": True, "platelets": 49, "bilirubin": 102}, 9),
        ({"noradrenaline": 0.11, "mean_pressure": 60}, 4),
        ({"noradrenaline": 0.1, "coma": 9}, 6),
        ({"creatinine": 300, "urine": 5}, 4),
        ({"creatinine": 300}, 3),
    ],
)
def test_total__is_that_of_the_table(has: Mapping[str, Any], total: int) -> None:
    found = trace_of(has)["sofa"]
    assert found is not None
    assert (found.low, found.high) == (total, total)


def test_missing_organ__leaves_a_range_around_the_total() -> None:
    found = trace_of({"noradrenaline": 0.11}, lacks=("platelets",))["sofa"]
    assert found is not None
    assert (found.low, found.high, found.missing) == (4, 8, ("platelets_g",))


def test_dose_in_another_unit__is_as_little_or_as_much_as_it_may_be() -> None:
    found = trace_of({"noradrenaline_mg": 4})["sofa"]
    assert found is not None
    assert (found.low, found.high, found.missing) == (3, 4, ("noradrenaline_running",))


def test_score__recommends_nothing_and_never_alerts() -> None:
    assert guide_named("sofa").card.interrupts is False
