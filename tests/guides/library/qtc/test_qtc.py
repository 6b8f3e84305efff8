"""QTc end to end: the number in the trace is that of the formula."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


# by hand: the square root of 0.75 is 0.866025; the cube roots of 1.2 and 0.5, 1.062659 and 0.793701
@pytest.mark.parametrize("rate, root", [(80, 0.866025), (50, 1.062659), (120, 0.793701)])
def test_corrected__is_that_of_bazett_and_at_slow_and_fast_rates_of_fridericia(
    rate: float, root: float
) -> None:
    paper = vignettes_of("qtc")
    decision = asked_of(guide_named("qtc"), paper, {**paper.patient, "rate": rate})
    assert decision.trace is not None
    found = decision.trace["prolonged"].numbers["qtc"]
    assert found is not None
    assert found.low == pytest.approx(400 / root, abs=0.01)
