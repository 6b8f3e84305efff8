"""Complete only with all four, whichever are missing."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named

FOUR = ("kras", "nras", "braf", "instability")


@pytest.mark.parametrize("missing", range(16))
def test_any_result_missing__is_not_complete(missing: int) -> None:
    absent = {name for number, name in enumerate(FOUR) if missing >> number & 1}
    paper = vignettes_of("mcrc_biomarkers")
    known = {name: value for name, value in paper.patient.items() if name not in absent}
    decision = asked_of(guide_named("mcrc_biomarkers"), paper, known)
    assert decision.answer == ("results missing" if absent else "complete")
