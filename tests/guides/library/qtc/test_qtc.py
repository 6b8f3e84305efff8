"""QTc end to end: the number in the trace is that of the formula."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


# 60 / rate to the power of a third, by hand: 0.75 -> 0.908560; 1.2 -> 1.062659
@pytest.mark.parametrize("rate, root", [(80, 0.908560), (50, 1.062659)])
def test_corrected__is_that_of_fridericia(rate: float, root: float) -> None:
    paper = vignettes_of("qtc")
    decision = asked_of(guide_named("qtc"), paper, {**paper.patient, "rate": rate})
    assert decision.trace is not None
    found = decision.trace["prolonged"].numbers["qtc"]
    assert found is not None
    assert found.low == pytest.approx(400 / root, abs=0.01)
