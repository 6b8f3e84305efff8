"""The same lives as HL7 v2: read by another library, and one potassium that came by three roads."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ingest.support import SYSTEM, rows, take
from vitruvian.demo import FolderInUse, lives, write_demo, write_hl7v2, write_omop
from vitruvian.identity import link
from vitruvian.ingest.quarantine import quarantined
from vitruvian.lake import Lake
from vitruvian.picture import Moment, build_picture

PATIENTS = 2
POTASSIUM = "LOINC//2823-3"


def test_feed__into_a_folder_in_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderInUse):
        write_hl7v2(tmp_path, lives(1, 1))


def test_feed__is_the_same_bytes_again(tmp_path: Path) -> None:
    for name in ("one", "two"):
        write_hl7v2(tmp_path / name, lives(1, 1))
    first, second = (
        next((tmp_path / name).glob("patient-*")).read_bytes() for name in ("one", "two")
    )
    assert first == second
    assert b"\n" not in first


def test_feed__has_one_message_that_waits_and_says_who_is_who(tmp_path: Path) -> None:
    write_hl7v2(tmp_path / "demo" / "hl7v2", lives(1, 1))
    with Lake.create(tmp_path / "lake", site="test") as lake:
        take(lake, tmp_path / "demo")
        with lake.read(SYSTEM) as reader:
            waiting = [(each.kind, each.reason) for each in quarantined(reader)]
            (patient,) = rows(lake, "patient")
    assert waiting == [("HL7v2/MFN_M08", "type-not-mapped")]
    told = tomllib.loads((tmp_path / "demo" / ".truth" / "who-is-who.toml").read_text("utf-8"))
    assert patient["identifiers"][0]["system"] in told["authority"]["systems"]


def test_potassium__by_three_roads_counts_once_with_all_its_sources(tmp_path: Path) -> None:
    write_demo(tmp_path / "demo", patients=PATIENTS)
    write_omop(tmp_path / "demo" / "omop", lives(1, PATIENTS))
    write_hl7v2(tmp_path / "demo" / "hl7v2", lives(1, PATIENTS))
    life = list(lives(1, PATIENTS))[1]
    expected = {
        (one.time, float(one.value))
        for one in life.measurements
        if any(coding.code == "2823-3" for coding in one.concept.codings)
    }
    with Lake.create(tmp_path / "lake", site="test") as lake:
        roads = [tmp_path / "demo" / road for road in ("fhir", "omop", "hl7v2")]
        assert take(lake, *roads, zone="Europe/Vienna").rejected == 0
        link(lake, (tmp_path / "demo" / "omop" / "who-is-who.toml").read_bytes(), access=SYSTEM)
        with lake.read(SYSTEM) as reader:
            (row,) = rows(lake, "resource_key", where="key = ?", params=[f"Patient/{life.key}"])
            person = reader.person_of(row["subject_id"])
            members = reader.subjects_of(person)
            found = reader.rows("event", subjects=members, where="code = ?", params=[POTASSIUM])
            moment = Moment(now=datetime(2026, 6, 30, tzinfo=UTC))
            assert build_picture(reader, person, moment=moment).banner.birth_date
    assert len(members) == 3
    events = found.to_pylist()
    by_road = {member: set[tuple[datetime, float]]() for member in members}
    for event in events:
        by_road[event["subject_id"]].add((event["time"], event["numeric_value"]))
    assert all(told == expected for told in by_road.values())
    assert len({event["fact_key"] for event in events}) == len(expected)
