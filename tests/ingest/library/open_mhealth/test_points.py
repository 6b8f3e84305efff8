"""Data points on the timeline: values, spans, sources; whose they are."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.library.open_mhealth.samples import (
    MORNING,
    SHEET,
    ndjson,
    point,
    pulse,
    quantity,
)
from tests.ingest.support import PATIENT, SYSTEM, rows, take
from tests.ingest.support import ndjson as fhir
from vitruvian.ingest import Limits
from vitruvian.ingest.errors import SourceBroken
from vitruvian.ingest.library.open_mhealth.points import data_points, fields_of
from vitruvian.ingest.report import Problems
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

KNOWN = {**PATIENT, "identifier": [{"system": "https://ward.example/mrn", "value": "M-1"}]}


def events(lake: Lake, code: str) -> list[dict[str, Any]]:
    return rows(lake, "event", where="code = ?", params=[code])


# ------------------------------------------------------------------ refusals first


def test_line__that_is_no_data_point_is_rejected_alone(lake: Lake, inbox: Path) -> None:
    path = ndjson(inbox / "a.ndjson", pulse(60), {"header": 1}, pulse(61, number="a2"))
    report = take(lake, path)
    assert (report.offered, report.loaded, report.rejected) == (3, 2, 1)
    assert report.sources[0].problems[0].code == "not-a-data-point"


def test_point__without_time_is_rejected_alone(lake: Lake, inbox: Path) -> None:
    timeless = point("heart-rate", {"heart_rate": quantity(60, "beats/min")}, frame={"x": 1})
    report = take(lake, ndjson(inbox / "a.ndjson", pulse(60), timeless | {"id": "t"}))
    assert (report.loaded, report.rejected) == (1, 1)


def test_point__with_half_a_pair_of_escapes_is_rejected_alone(lake: Lake, inbox: Path) -> None:
    path = ndjson(inbox / "a.ndjson", pulse(60), pulse(61, number="\ud800"), pulse(62, number="c"))
    report = take(lake, path)
    assert (report.loaded, report.rejected) == (2, 1)
    assert report.sources[0].problems[0].code == "not-a-data-point"


def test_list__that_ends_in_the_middle_is_refused(lake: Lake, inbox: Path) -> None:
    path = inbox / "a.json"
    path.write_text(json.dumps([pulse(60), pulse(61, number="a2")])[:-1])
    (source,) = take(lake, path).sources
    assert (source.outcome, source.problems[0].code) == ("refused", "truncated")


def test_values__that_stand_too_deep_are_refused(lake: Lake, inbox: Path) -> None:
    path = inbox / "a.json"
    deep = "[" * 100_000
    path.write_text('[{"header": {"schema_id": {}}, "body": {"x": ' + deep)
    (source,) = take(lake, path).sources
    assert source.outcome == "refused"


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 400), st.binary(max_size=2)), max_size=5), st.booleans())
def test_file_changed_anywhere__is_read_or_refused(
    changes: list[tuple[int, bytes]], listed: bool
) -> None:
    good = [pulse(60), pulse(61, number="a2", frame={"time_interval": {"date": "2024-03-05"}})]
    text = json.dumps(good) if listed else "\n".join(map(json.dumps, good))
    data = bytearray(text.encode())
    for place, part in changes:
        data[place % len(data) : place % len(data) + len(part)] = part
    try:
        for _, _, found in data_points(BytesIO(bytes(data)), Limits(), Problems()):
            fields = fields_of(found, nobody="x", known=frozenset({"heart_rate"}))
            assert all(each is None or isinstance(each, str) for each in fields.values())
    except SourceBroken as fault:
        assert str(fault)  # noqa: PT017  a sentence is the other good answer


# ------------------------------------------------------------------ what is there


def test_pulse__keeps_value_device_zone_and_when_it_could_be_seen(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", pulse(61.50)))
    (event,) = events(lake, "LOINC//8867-4")
    assert (event["numeric_value"], event["unit"]) == (61.5, "/min")
    assert event["device"] == "Strap 2, firmware 1.4"
    assert (event["time"], event["utc_offset"]) == (datetime(2024, 3, 5, 6, 15, tzinfo=UTC), 60)
    assert event["known_at"] == datetime(2024, 3, 5, 9, tzinfo=UTC)
    assert (event["category"], event["act"]) == ("wearable", "observed")


def test_pressure__is_two_events_of_one_point(lake: Lake, inbox: Path) -> None:
    body = {
        "systolic_blood_pressure": quantity(120, "mmHg"),
        "diastolic_blood_pressure": quantity(80, "mmHg"),
        "body_posture": "sitting",
    }
    take(lake, ndjson(inbox / "a.ndjson", point("blood-pressure", body)))
    both = [*events(lake, "LOINC//8480-6"), *events(lake, "LOINC//8462-4")]
    assert [(each["numeric_value"], each["unit"]) for each in both] == [
        (120.0, "mm[Hg]"), (80.0, "mm[Hg]"),
    ]  # fmt: skip
    assert {each["method"] for each in both} == {"sitting"}


@pytest.mark.parametrize("body", [{"step_count": 4200}, {"step_count": quantity(4200, "steps")}])
def test_steps__bare_or_with_unit_are_the_same(
    lake: Lake, inbox: Path, body: dict[str, Any]
) -> None:
    day = {"time_interval": {"start_date_time": "2024-03-05T00:00:00Z",
                             "duration": quantity(1, "d")}}  # fmt: skip
    take(lake, ndjson(inbox / "a.ndjson", point("step-count", body, frame=day)))
    (event,) = events(lake, "LOINC//55423-8")
    assert (event["numeric_value"], event["unit"]) == (4200.0, "1")
    assert event["end_time"] == datetime(2024, 3, 6, tzinfo=UTC)


def test_duration__with_an_end_is_laid_before_it(lake: Lake, inbox: Path) -> None:
    night = {"time_interval": {"end_date_time": "2024-03-05T06:00:00+01:00",
                               "duration": quantity(7.5, "h")}}  # fmt: skip
    body = {"sleep_duration": quantity(7.5, "h")}
    take(lake, ndjson(inbox / "a.ndjson", point("sleep-duration", body, frame=night)))
    (event,) = events(lake, "LOINC//93832-4")
    assert event["time"] == datetime(2024, 3, 4, 21, 30, tzinfo=UTC)


def test_point_of_ieee_1752__is_read_by_its_own_header(lake: Lake, inbox: Path) -> None:
    header = {
        "uuid": "6f1",
        "schema_id": {"namespace": "ieee", "name": "total-sleep-time", "version": "1.0"},
        "source_creation_date_time": "2024-03-05T08:00:00Z",
        "modality": "self-reported",
        "external_datasheets": [
            {"datasheet_type": "manufacturer", "datasheet_reference": "Strap 2"}
        ],
    }
    body = {"total_sleep_time": quantity(465, "min"), "effective_time_frame": MORNING}
    take(lake, ndjson(inbox / "a.ndjson", {"header": header, "body": body}))
    (event,) = events(lake, "LOINC//93832-4")
    assert (event["numeric_value"], event["device"], event["act"]) == (465.0, "Strap 2", "reported")


def test_field_without_code__keeps_its_name(lake: Lake, inbox: Path) -> None:
    body = {"geoposition_error": quantity(4, "m"), "activity_name": "cycling"}
    take(lake, ndjson(inbox / "a.ndjson", point("physical-activity", body)))
    (error,) = events(lake, "OMH//geoposition_error")
    (activity,) = events(lake, "OMH//physical_activity")
    assert (error["numeric_value"], activity["text_value"]) == (4.0, "cycling")


def test_self_reported__is_reported(lake: Lake, inbox: Path) -> None:
    header = {"acquisition_provenance": {"source_name": "Diary", "modality": "self-reported"}}
    take(lake, ndjson(inbox / "a.ndjson", pulse(60, **header)))
    assert [each["act"] for each in rows(lake, "event")] == ["reported"]


def test_events__are_told_again_from_their_bytes(lake: Lake, inbox: Path) -> None:
    path = inbox / "a.json"
    path.write_text(json.dumps([pulse(60.10), pulse(61, number="a2", user=None)], indent=3))
    take(lake, path)
    with lake.read(SYSTEM) as reader:
        told = [trace_event(reader, event["event_id"]) for event in rows(lake, "event")]
    assert [each.recomputed for each in told] == ["same", "same"]


def test_point__sent_again_with_another_value_takes_the_earlier_place(
    lake: Lake, inbox: Path
) -> None:
    take(lake, ndjson(inbox / "a.ndjson", pulse(60)))
    take(lake, ndjson(inbox / "b.ndjson", pulse(66)))
    assert [each["numeric_value"] for each in rows(lake, "event")] == [66.0]


def test_same_number__of_two_users_is_two_points(lake: Lake, inbox: Path) -> None:
    take(lake, ndjson(inbox / "a.ndjson", pulse(60), pulse(60, user="walker")))
    assert len({each["subject_id"] for each in rows(lake, "event")}) == 2
    assert len(rows(lake, "patient")) == 2


# ------------------------------------------------------------------ whose it is


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_sheet__links_whatever_comes_first(lake: Lake, inbox: Path, order: tuple[int, ...]) -> None:
    sheet = inbox / "users.csv"
    sheet.write_text(SHEET.format(key="rider"))
    files = [ndjson(inbox / "a.ndjson", pulse(60)), sheet, fhir(inbox / "p.ndjson", KNOWN)]
    for each in order:
        take(lake, files[each])
    (link,) = rows(lake, "person_link")
    (event,) = events(lake, "LOINC//8867-4")
    assert link["subject_id"] == event["subject_id"]


def test_user_without_sheet__is_kept_alone_and_reported(lake: Lake, inbox: Path) -> None:
    report = take(lake, ndjson(inbox / "a.ndjson", pulse(60)))
    (problem,) = report.sources[0].problems
    assert problem.code == "no-patient"
    assert "rider" not in problem.message
