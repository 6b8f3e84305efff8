"""Every fluoropyrimidine, in every act that announces it."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named


@pytest.mark.parametrize("drug", ["fluorouracil", "capecitabine"])
def test_drug_without_a_test__asks_for_one(drug: str) -> None:
    paper = vignettes_of("dpyd")
    assert asked_of(guide_named("dpyd"), paper, {drug: True}).possible[0] == "test first"
    known = {drug: True, "visited": 3}
    assert asked_of(guide_named("dpyd"), paper, known).answer == "test first"
