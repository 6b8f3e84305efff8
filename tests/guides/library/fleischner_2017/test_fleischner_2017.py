"""Every cell of the guideline's table, against the table written apart from its files."""

from __future__ import annotations

import pytest

from tests.guides.vignettes import asked_of, vignettes_of
from vitruvian.guides import guide_named

NONE, OPTIONAL = "no routine follow-up", "optional CT at 12 months"
LATER, SOON = "CT at 6 to 12 months", "CT at 3 to 6 months"
NOW = "CT at 3 months, PET/CT or biopsy"
# MacMahon 2017, table 1: kind, number, risk, then under 6 mm, 6 to 8 mm, more than 8 mm
TABLE = [
    ("SOLID", "SINGLE", "LOW", NONE, LATER, NOW),
    ("SOLID", "SINGLE", "HIGH", OPTIONAL, LATER, NOW),
    ("SOLID", "MULTIPLE", "LOW", NONE, SOON, SOON),
    ("SOLID", "MULTIPLE", "HIGH", OPTIONAL, SOON, SOON),
    ("GROUND_GLASS", "SINGLE", "LOW", NONE, LATER, LATER),
    ("GROUND_GLASS", "SINGLE", "HIGH", NONE, LATER, LATER),
    ("PART_SOLID", "SINGLE", "LOW", NONE, SOON, SOON),
    ("PART_SOLID", "SINGLE", "HIGH", NONE, SOON, SOON),
    ("GROUND_GLASS", "MULTIPLE", "LOW", SOON, SOON, SOON),
    ("PART_SOLID", "MULTIPLE", "HIGH", SOON, SOON, SOON),
]
CELLS = [
    (kind, number, risk, size, answer)
    for kind, number, risk, *answers in TABLE
    for size, answer in zip((5, 7, 12), answers, strict=True)
]


@pytest.mark.parametrize("kind, number, risk, size, answer", CELLS)
def test_cell__is_that_of_the_table(
    kind: str, number: str, risk: str, size: int, answer: str
) -> None:
    paper = vignettes_of("fleischner_2017")
    told = {"type": kind, "number": number, "risk": risk}
    known = {**paper.patient, **{name: f"VITRUVIAN//{said}" for name, said in told.items()}}
    decision = asked_of(guide_named("fleischner_2017"), paper, {**known, "nodule": size})
    assert decision.answer == answer
