"""The mappings that the documentation offers: they can be read, and they fit real files."""

from __future__ import annotations

import csv
import os
from pathlib import Path

import pytest

from tests.ingest.support import rows, take
from vitruvian.ingest.engine.tables.language.mapping import read_mapping
from vitruvian.lake import Lake

PAGES = Path(__file__).parents[4] / "docs" / "reference" / "ingest"
REAL = Path(os.environ.get("VITRUVIAN_REAL_DATA", "absent")) / "signals" / "fitbit"


def read(name: str) -> list[dict[str, str]]:
    with (REAL / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("name", ["clif", "fitbit"])
def test_mapping__of_the_documentation_can_be_read(name: str) -> None:
    assert read_mapping((PAGES / f"{name}.toml").read_bytes()).tables


@pytest.mark.skipif(not REAL.is_dir(), reason="VITRUVIAN_REAL_DATA is not set")
def test_watch__every_value_of_every_day_is_on_the_timeline(lake: Lake) -> None:
    report = take(lake, PAGES / "fitbit.toml", REAL, zone="America/New_York")
    days = read("dailyActivity_merged.csv")
    # this export holds some nights twice, and its column LogId is not unique
    assert report.rejected == 0
    assert report.offered == report.loaded + report.skipped == 1 + 684 + 309 + 62
    steps = [row for row in rows(lake, "event") if row["code"] == "LOINC//41950-7"]
    assert sorted(row["numeric_value"] for row in steps) == sorted(
        float(day["TotalSteps"]) for day in days
    )
    assert {row["device"] for row in steps} == {"Fitbit"}
    weights = [row for row in rows(lake, "event") if row["code"] == "LOINC//29463-7"]
    sent = {float(row["WeightKg"]) for row in read("weightLogInfo_merged.csv")}
    assert {row["numeric_value"] for row in weights} == sent
