"""The demo's sleep laboratory: apnoeas as planted, as annotations and in the oxygen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ingest.support import rows, take
from vitruvian.demo import lives
from vitruvian.demo.render.edf import nights
from vitruvian.lake import Lake

pytest.importorskip("numpy", reason="the extra 'signals' is not installed")


def test_apnoeas__are_told_and_seen_in_the_oxygen(lake: Lake, inbox: Path) -> None:
    seventh = next(life for life in lives(1, 7) if life.number == 7)
    (night,) = nights(seventh)
    (inbox / night.name).write_bytes(night.data)
    assert take(lake, inbox).rejected == 0
    told = rows(lake, "event", where="text_value = 'Obstructive apnea'")
    begun = sorted((each["time"] - night.start).total_seconds() for each in told)
    assert begun == sorted(float(at) for at, _ in night.apnoeas)
    oxygen = rows(lake, "event", where="code = 'LOINC//59408-5'")
    assert len(oxygen) == 30
    assert min(each["numeric_value"] for each in oxygen) < 95
    assert max(each["numeric_value"] for each in oxygen) <= 96
    assert seventh.person.mrn not in night.data.decode("latin-1")
    assert json.dumps(night.truth())
