"""How far our facts agree with another converter's FHIR of the same messages; `-s` prints it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.ingest.library.hl7v2.agreement import GUIDE, compare, lines

REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "clinical" / "hl7v2"
pytestmark = pytest.mark.skipif(not REAL.is_dir(), reason="VITRUVIAN_REAL_DATA is not set")

FLOORS = {
    "AllergyIntolerance": 1.0,
    "Appointment": 1.0,
    "Condition": 1.0,
    "Encounter": 0.95,
    "Immunization": 1.0,
    "MedicationRequest": 1.0,
    "Observation": 0.99,
    "Patient": 0.99,
    "Procedure": 1.0,
    "ServiceRequest": 1.0,
}


def test_fields_of_the_other_converter__agree_as_far_as_the_page_says() -> None:
    found = compare(REAL / "fhir-converter")
    print("\n".join(lines(found)))  # noqa: T201  the report is what this test is for
    short = {
        kind: round(found[kind].agreed / found[kind].compared, 3)
        for kind, floor in FLOORS.items()
        if found[kind].agreed < floor * found[kind].compared
    }
    assert short == {}
    assert sum(each.by_guide for each in found.values()) > 0
    assert all(theirs != ours for _, theirs, ours in GUIDE)
