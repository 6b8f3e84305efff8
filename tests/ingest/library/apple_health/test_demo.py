"""The demo's watches and diaries: what was planted comes out, with its sources apart."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.support import rows, take
from vitruvian.demo import write_demo
from vitruvian.lake import Lake


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four lives: the third wears a watch, the fourth keeps a diary."""
    out = tmp_path_factory.mktemp("worn") / "hospital"
    write_demo(out, patients=4)
    return out


@pytest.fixture(scope="module")
def loaded(hospital: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    with Lake.create(tmp_path_factory.mktemp("worn") / "lake", site="demo") as lake:
        report = take(lake, hospital / "wearables", hospital / "fhir")
        assert report.rejected == report.refused == 0
        yield lake


def test_steps__of_each_day_are_those_planted_for_watch_and_telephone(
    hospital: Path, loaded: Lake
) -> None:
    (line,) = (hospital / ".truth" / "wearables.ndjson").read_text("utf-8").splitlines()
    found = rows(loaded, "event", where="code = 'LOINC//41950-7'")
    told = {
        (each["time_as_sent"][:10], "phone" if "iPhone" in each["device"] else "watch"):
            each["numeric_value"] for each in found
    }  # fmt: skip
    planted = {
        (day, source): float(count)
        for day, counts in json.loads(line)["steps"].items()
        for source, count in counts.items()
    }
    assert told == planted
    assert len(planted) == 28


def test_wearers__are_the_patients_of_the_hospital(loaded: Lake) -> None:
    """One wears a watch, one keeps a diary; each is linked to who is known by the number."""
    links = rows(loaded, "person_link")
    named = {each["subject_id"] for each in rows(loaded, "patient") if each["family"]}
    assert len(links) == 2
    assert {each["person_id"] for each in links} <= named


def test_diary__is_pressure_and_pulse(loaded: Lake) -> None:
    found = rows(loaded, "event", where="category = 'wearable' AND code = 'LOINC//8480-6'")
    assert 28 < len(found) <= 42
    assert {each["device"] for each in found} == {"CuffLink 2, firmware 3.1.4"}


def test_exports__name_nobody(hospital: Path) -> None:
    people = [each.name for each in (hospital / "wearables").iterdir()]
    assert sorted(people) == [
        "apps.csv", "pressure-0000004.ndjson", "watch-0000003.xml", "watches.csv",
    ]  # fmt: skip
