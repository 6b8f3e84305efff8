"""The next test against the steps of the guidance, written as one function."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named

FOUND, NOT_FOUND = "SNOMED//260373001", "SNOMED//260415000"


def next_step(v600e: str | None, methylation: str | None) -> str:
    """NICE DG27, recommendation 1.2, steps 2 to 4 after loss of MLH1."""
    if FOUND in (v600e, methylation):
        return "sporadic is likely"
    if v600e is None:
        return "test BRAF V600E"
    return "test MLH1 methylation" if methylation is None else "germline test"


@pytest.mark.parametrize("v600e", [None, FOUND, NOT_FOUND])
@pytest.mark.parametrize("methylation", [None, FOUND, NOT_FOUND])
@pytest.mark.parametrize("finding", ["mlh1_lost", "unstable"])
def test_deficient_tumour__goes_the_steps_in_order(
    v600e: str | None, methylation: str | None, finding: str
) -> None:
    paper = vignettes_of("lynch_reflex")
    results = {"v600e": v600e, "methylation": methylation}
    told = {name: value for name, value in results.items() if value is not None}
    known = {"cancer": True, "lynch": False, finding: True, **told}
    answer = asked_of(guide_named("lynch_reflex"), paper, known).answer
    assert answer == next_step(v600e, methylation)
