"""On which lane of the timeline a laboratory's results stand."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.ingest.support import PATIENT, ndjson, potassium, rows, take
from vitruvian.lake import Lake

LAB = [{"coding": [{"code": "laboratory"}]}]


@pytest.mark.parametrize(
    "code, display, lane",
    [
        ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", "laboratory"),
        ("11290-4", "Drug toxicity panel", "laboratory"),
        ("600-7", "Blood culture", "microbiology"),
        ("625-4", "Bacteria identified in Stool by Culture", "microbiology"),
        ("18906-8", "Ciprofloxacin [Susceptibility]", "microbiology"),
    ],
)
def test_laboratory_result__of_a_culture_is_microbiology(
    lake: Lake, inbox: Path, code: str, display: str, lane: str
) -> None:
    said = {"coding": [{"system": "http://loinc.org", "code": code, "display": display}]}
    take(lake, ndjson(inbox / "a.ndjson", PATIENT, potassium("k", code=said, category=LAB)))
    (event,) = rows(lake, "event", where=f"code = 'LOINC//{code}'")
    assert event["category"] == lane
