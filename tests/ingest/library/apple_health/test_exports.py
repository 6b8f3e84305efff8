"""Exports of Apple Health on the timeline: sources apart, minutes, days and nights together."""

from __future__ import annotations

import json
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ingest.library.apple_health.samples import (
    DTD,
    FIRST,
    ME,
    SHEET,
    asleep,
    export,
    heart_rate,
    record,
    steps,
)
from tests.ingest.support import PATIENT, SYSTEM, ndjson, rows, take
from vitruvian.ingest.library.apple_health.reading.fields import number_of
from vitruvian.ingest.library.apple_health.reading.groups import Groups
from vitruvian.ingest.library.apple_health.reading.xml import Element
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

KNOWN = {**PATIENT, "identifier": [{"system": "https://ward.example/mrn", "value": "M-1"}]}
MORNING = "2024-03-05 07:15:{:02d} +0100"


def values(lake: Lake, code: str) -> list[Any]:
    found = rows(lake, "event", where="code = ?", params=[code])
    return [each["numeric_value"] for each in sorted(found, key=lambda each: each["time"])]


# ------------------------------------------------------------------ refusals first


def refused(lake: Lake, path: Path) -> str:
    (source,) = take(lake, path).sources
    assert source.outcome == "refused"
    assert rows(lake, "resource") == []
    return source.problems[0].code


def test_entities__are_never_declared_or_expanded(lake: Lake, inbox: Path) -> None:
    path = export(inbox / "export.xml", FIRST)
    bombs = DTD.replace("]>", '<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">\n]>')
    path.write_text(path.read_text().replace(DTD, bombs).replace('value="71.5"', 'value="&b;"'))
    assert refused(lake, path) == "malformed"


def test_file_of_this_machine__is_never_read_by_an_entity(lake: Lake, inbox: Path) -> None:
    path = export(inbox / "export.xml", FIRST)
    outside = '<!DOCTYPE HealthData SYSTEM "file:///etc/hostname" [\n'
    text = path.read_text().replace("<!DOCTYPE HealthData [\n", outside)
    path.write_text(text.replace('value="71.5"', 'value="&x;"'))
    assert refused(lake, path) == "malformed"


@pytest.mark.parametrize("encoding", ["UTD-8", "UTF-7", "idna"])
def test_export__in_an_encoding_that_no_xml_has_is_refused(
    lake: Lake, inbox: Path, encoding: str
) -> None:
    path = export(inbox / "export.xml", FIRST)
    path.write_text(path.read_text().replace("UTF-8", encoding, 1))
    assert refused(lake, path) == "malformed"


@pytest.mark.parametrize("value", ["1e999999", "-1e999999", "1e-999999"])
def test_value__that_no_sensor_measures_is_no_number(value: str) -> None:
    element = Element("Record", {"value": value, "unit": "kg"}, (), b"")
    assert number_of(element) is None


def test_export__of_nobody_is_refused(lake: Lake, inbox: Path) -> None:
    assert refused(lake, export(inbox / "export.xml", FIRST, me="")) == "malformed"


def test_dtd__that_is_not_well_formed_is_stepped_over(lake: Lake, inbox: Path) -> None:
    """Some releases of iOS write one that no parser takes."""
    path = export(inbox / "export.xml", FIRST)
    path.write_text(path.read_text().replace("<!ELEMENT Record", "<!ELEMENT Record (((,"))
    assert take(lake, path).rejected == 0
    assert values(lake, "LOINC//8302-2") == [172.0]


def test_record__with_a_date_that_is_none_is_rejected_alone(lake: Lake, inbox: Path) -> None:
    bad = heart_rate("61", "yesterday")
    report = take(lake, export(inbox / "export.xml", [*FIRST, bad]))
    assert (report.offered, report.loaded, report.rejected) == (6, 5, 1)
    assert [each.code for each in report.sources[0].problems][:1] == ["not-a-time"]


# ------------------------------------------------------------------ what is there


def test_records__keep_value_unit_device_zone_and_the_day_of_export(
    lake: Lake, inbox: Path
) -> None:
    take(lake, export(inbox / "export.xml", FIRST))
    weights = rows(lake, "event", where="code = 'LOINC//29463-7'")
    kilos, pounds = sorted(weights, key=lambda each: each["time"])
    assert (kilos["numeric_value"], kilos["unit"], kilos["value_as_sent"]) == (71.5, "kg", "71.5")
    assert pounds["numeric_value"] == pytest.approx(158 * 0.45359237)
    assert kilos["time"] == datetime(2019, 1, 1, 9, 1, tzinfo=UTC)
    assert kilos["utc_offset"] == 60
    assert kilos["device"] == "Apple Watch, hardware Watch6,2, software 10.1, Watch 10.1"
    assert (kilos["category"], kilos["modality"]) == ("wearable", "wearable")
    # the care team can see it once the wearer hands the export over
    assert kilos["known_at"] == datetime(2024, 4, 1, 7, 0, tzinfo=UTC)
    assert kilos["known_at_basis"] == "stated"


def test_shares__written_as_parts_of_one_are_percent(lake: Lake, inbox: Path) -> None:
    kind = "QuantityTypeIdentifierOxygenSaturation"
    some = [record(kind, "0.97", MORNING.format(1), unit="%")]
    take(lake, export(inbox / "export.xml", [*FIRST, *some]))
    (event,) = rows(lake, "event", where="code = 'LOINC//59408-5'")
    assert (event["numeric_value"], event["unit"]) == (97.0, "%")


def test_pulse__of_a_minute_is_one_mean_for_each_source(lake: Lake, inbox: Path) -> None:
    watch = [heart_rate(value, MORNING.format(n * 5)) for n, value in enumerate(("60", "66", "72"))]
    strap = [heart_rate("90", MORNING.format(7), source="Strap")]
    later = [heart_rate("80", "2024-03-05 07:16:00 +0100")]
    take(lake, export(inbox / "export.xml", [*FIRST, *watch, *strap, *later]))
    found = rows(lake, "event", where="code = 'LOINC//8867-4'")
    told = sorted((each["numeric_value"], each["method"], each["text_value"]) for each in found)
    assert told == [(66.0, "mean of 3 samples", "60 to 72"), (80.0, None, None), (90.0, None, None)]
    assert {each["device"] for each in found} == {
        "Strap 10.1", "Apple Watch, hardware Watch6,2, software 10.1, Watch 10.1",
    }  # fmt: skip


def test_steps__of_a_day_are_added_up_for_each_source_and_never_across(
    lake: Lake, inbox: Path
) -> None:
    day = "2024-03-05 {}:00 +0100"
    some = [
        steps("100", day.format("07:00"), day.format("07:05")),
        steps("40", day.format("07:00"), day.format("07:05"), source="Phone"),
        steps("250", day.format("23:50"), day.format("23:59")),
        steps("7", "2024-03-06 00:01:00 +0100", "2024-03-06 00:02:00 +0100"),
    ]
    take(lake, export(inbox / "export.xml", [*FIRST, *some]))
    assert sorted(values(lake, "LOINC//41950-7")) == [7.0, 40.0, 350.0]


def test_night__is_its_stages_in_minutes(lake: Lake, inbox: Path) -> None:
    night = "2024-03-05 {}:00 +0100"
    some = [
        asleep("AsleepCore", "2024-03-04 23:00:00 +0100", "2024-03-04 23:30:00 +0100"),
        asleep("AsleepDeep", "2024-03-04 23:30:00 +0100", night.format("00:30")),
        asleep("AsleepREM", night.format("00:30"), night.format("01:00")),
        asleep("Awake", night.format("01:00"), night.format("01:04")),
    ]
    take(lake, export(inbox / "export.xml", [*FIRST, *some]))
    codes = ("93832-4", "93830-8", "93831-6", "93829-0")
    assert [values(lake, f"LOINC//{code}") for code in codes] == [[120.0], [30.0], [60.0], [30.0]]
    assert values(lake, "APPLE//awake_in_bed") == [4.0]
    assert values(lake, "APPLE//time_in_bed") == []  # nobody recorded it: absent, not zero


def test_workout__is_its_duration(lake: Lake, inbox: Path) -> None:
    workout = (
        ' <Workout workoutActivityType="HKWorkoutActivityTypeTraditionalStrengthTraining"'
        ' duration="31.5" durationUnit="min" sourceName="Watch"'
        ' startDate="2024-03-05 07:00:00 +0100" endDate="2024-03-05 07:31:30 +0100">\n'
        '  <WorkoutStatistics type="HKQuantityTypeIdentifierActiveEnergyBurned" sum="200"/>\n'
        " </Workout>\n"
    )
    take(lake, export(inbox / "export.xml", [*FIRST, workout]))
    (event,) = rows(lake, "event", where="code = 'LOINC//55411-3'")
    assert (event["numeric_value"], event["unit"]) == (31.5, "min")
    assert event["text_value"] == "Traditional strength training"
    assert event["end_time"] - event["time"] == timedelta(minutes=31.5)


def test_entry_by_hand__says_so(lake: Lake, inbox: Path) -> None:
    inner = '  <MetadataEntry key="HKWasUserEntered" value="1"/>'
    kind = "QuantityTypeIdentifierBloodGlucose"
    glucose = record(kind, "5.1", MORNING.format(1), unit="mmol&lt;180.1558800000541&gt;/L",
                     inner=inner)  # fmt: skip
    take(lake, export(inbox / "export.xml", [*FIRST, glucose]))
    (event,) = rows(lake, "event", where="code = 'LOINC//2339-0'")
    assert (event["numeric_value"], event["unit"]) == (5.1, "mmol/L")
    assert event["method"] == "entered by hand"


def test_bytes__of_each_row_are_those_of_the_export(lake: Lake, inbox: Path) -> None:
    pulses = [heart_rate(str(60 + n), MORNING.format(n)) for n in range(5)]
    path = export(inbox / "export.xml", [*FIRST, *pulses])
    take(lake, path)
    for row in rows(lake, "resource", where="starts_with(resource_type, 'APPLE/')"):
        for part in row["bytes"].split(b"\n"):
            assert part.strip() in path.read_bytes()


def test_events__are_told_again_from_their_bytes(lake: Lake, inbox: Path) -> None:
    pulses = [heart_rate(str(60 + n), MORNING.format(n)) for n in range(5)]
    night = [asleep("AsleepREM", "2024-03-05 01:00:00 +0100", "2024-03-05 01:30:00 +0100")]
    walk = [steps("9", MORNING.format(1), MORNING.format(9))]
    take(lake, export(inbox / "export.xml", [*FIRST, *pulses, *night, *walk]))
    with lake.read(SYSTEM) as reader:
        told = [trace_event(reader, event["event_id"]) for event in rows(lake, "event")]
    assert len(told) == 7
    assert {each.recomputed for each in told} == {"same"}


# ------------------------------------------------------------------ sent again


def test_later_export__adds_what_is_new_and_nothing_twice(lake: Lake, inbox: Path) -> None:
    walk = [steps("100", "2024-03-05 07:00:00 +0100", "2024-03-05 07:05:00 +0100")]
    take(lake, export(inbox / "march.xml", [*FIRST, *walk]))
    before = rows(lake, "event")
    more = [steps("20", "2024-03-05 18:00:00 +0100", "2024-03-05 18:05:00 +0100")]
    moved = [each.replace("0x282", "0x7ff") for each in (*FIRST, *walk, *more)]
    take(lake, export(inbox / "may.xml", moved, made="2024-05-01 09:00:00 +0200"))
    after = rows(lake, "event")
    assert len(after) == len(before)  # the day's sum takes the place of the earlier one
    assert values(lake, "LOINC//41950-7") == [120.0]
    assert len({each["subject_id"] for each in after}) == 1
    assert len(rows(lake, "patient")) == 1


def test_order__of_records_makes_no_difference(lake: Lake, inbox: Path) -> None:
    some = [steps(str(n), f"2024-03-{n:02d} 07:00:00 +0100", f"2024-03-{n:02d} 07:05:00 +0100")
            for n in range(1, 10)]  # fmt: skip
    take(lake, export(inbox / "a.xml", [*FIRST, *some, *some[::-1]]))
    assert values(lake, "LOINC//41950-7") == [2.0 * n for n in range(1, 10)]


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(1, 40)), max_size=60))
def test_groups__give_back_every_record_once(said: list[tuple[str, int]]) -> None:
    groups, found = Groups(100), []
    records = [(key, Element(key, {}, (), bytes(size))) for key, size in said]
    for key, element in records:
        found += [each for group in groups.add((key, None, None, None), element) for each in group]
    found += [each for group in groups.rest() for each in group]
    assert sorted(map(id, found)) == sorted(id(element) for _, element in records)


# ------------------------------------------------------------------ whose it is


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_sheet__links_whatever_comes_first(lake: Lake, inbox: Path, order: tuple[int, ...]) -> None:
    path = export(inbox / "export.xml", FIRST)
    key = take_id(path, inbox)
    sheet = inbox / "wearers.csv"
    sheet.write_text(SHEET.format(key=key))
    files = [path, sheet, ndjson(inbox / "p.ndjson", KNOWN)]
    for each in order:
        take(lake, files[each])
    (link,) = rows(lake, "person_link")
    (event,) = rows(lake, "event", where="code = 'LOINC//8302-2'")
    assert link["subject_id"] == event["subject_id"]
    assert link["person_id"] != event["subject_id"]


def take_id(path: Path, inbox: Path) -> str:
    with Lake.create(inbox.parent / "other", site="test") as other:
        (source,) = take(other, path).sources
    assert [each.code for each in source.problems] == ["no-patient"]
    return source.source_id


def test_two_wearers__born_on_one_day_stay_two(lake: Lake, inbox: Path) -> None:
    take(lake, export(inbox / "a.xml", FIRST))
    take(lake, export(inbox / "b.xml", [each.replace("71.5", "71.6") for each in FIRST]))
    assert len({each["subject_id"] for each in rows(lake, "patient")}) == 2


def test_zip__as_the_phone_shares_it_is_read(lake: Lake, inbox: Path) -> None:
    inner = export(inbox / "loose.xml", FIRST)
    with zipfile.ZipFile(inbox / "export.zip", "w") as archive:
        archive.write(inner, "apple_health_export/export.xml")
    inner.unlink()
    assert take(lake, inbox / "export.zip").loaded == 5


def test_report__tells_nothing_of_the_wearer(lake: Lake, inbox: Path) -> None:
    path = export(
        inbox / "export.xml", [each.replace("Watch", "Ada&apos;s Clock") for each in FIRST]
    )
    path.write_text(path.read_text()[:-30])
    said = json.dumps(take(lake, path).as_json())
    assert "Ada" not in said
    assert ME.split('"')[1] not in said
