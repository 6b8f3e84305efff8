"""Recordings on the timeline: stretches, gaps, a value a minute, whose they are."""

from __future__ import annotations

import zipfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.library.wfdb.samples import RATE, SHEET, ramp, record, several
from tests.ingest.support import PATIENT, SYSTEM, ndjson, rows, take
from vitruvian.derive.signals import channels_of, read_stretch
from vitruvian.ingest.errors import SourceBroken
from vitruvian.ingest.library.wfdb.header import is_header
from vitruvian.ingest.library.wfdb.recording import read_recording
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

pytest.importorskip("numpy", reason="the extra 'signals' is not installed")

START = datetime(2024, 3, 5, 7, 15, tzinfo=UTC)
CLOCK = "07:15:00 05/03/2024"
KNOWN = {**PATIENT, "identifier": [{"system": "https://ward.example/mrn", "value": "M-1"}]}


# ------------------------------------------------------------------ refusals first


def test_signal_file_without_header__is_refused(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(2)}).unlink()
    report = take(lake, inbox)
    assert [p.code for p in report.sources[0].problems] == ["no-header"]
    assert (report.offered, report.rejected) == (1, 1)


def test_header_without_signal_file__is_refused(lake: Lake, inbox: Path) -> None:
    header = record(inbox, "first", {"II": ramp(2)})
    (inbox / "first.dat").unlink()
    (source,) = take(lake, header).sources
    assert (source.outcome, source.problems[0].code) == ("refused", "malformed")


def test_signal_file_cut_short__is_refused_with_its_header(lake: Lake, inbox: Path) -> None:
    header = record(inbox, "first", {"II": ramp(2)})
    path = inbox / "first.dat"
    path.write_bytes(path.read_bytes()[:-2])
    (source,) = take(lake, header).sources
    assert (source.outcome, source.problems[0].code) == ("refused", "truncated")


def test_file_elsewhere__is_never_opened_by_a_header() -> None:
    assert is_header(b"first 1 100 200\nsecret.dat 16 200/mV 16 0 0 0 0 II\n")
    for place in (b"../secret.dat", b"/etc/secret.dat", b"ward/secret.dat"):
        assert not is_header(b"first 1 100 200\n" + place + b" 16 200/mV 16 0 0 0 0 II\n")


def test_two_formats_in_one_file__are_not_read_and_named(lake: Lake, inbox: Path) -> None:
    header = record(inbox, "first", {"II": ramp(2), "V": ramp(2)})
    header.write_text(header.read_text().replace("dat 16 ", "dat 212 ", 1))
    assert "212" in take(lake, header).sources[0].problems[0].message


# ------------------------------------------------------------------ what is there


def test_recording__is_one_event_and_a_mean_a_minute(lake: Lake, inbox: Path) -> None:
    take(lake, record(inbox, "first", {"ABP": ramp(90)}, gains={"ABP": "10/mmHg"}))
    events = rows(lake, "event")
    (whole,) = [event for event in events if event["code"] == "WFDB//recording"]
    assert (whole["time"], whole["end_time"]) == (START, START + timedelta(seconds=90))
    minutes = sorted((e for e in events if e["code"] == "WFDB//ABP"), key=lambda e: e["time"])
    # means of 0..5999 and of 6000..8999, ten steps a mmHg
    assert [event["numeric_value"] for event in minutes] == [299.95, 749.95]
    assert [event["unit"] for event in minutes] == ["mm[Hg]", "mm[Hg]"]
    assert {event["category"] for event in events} == {"signal"}


def test_missing_samples__count_in_no_mean_and_show_as_nothing(lake: Lake, inbox: Path) -> None:
    values = [100] * RATE + [-32768] * RATE + [300] * RATE
    take(lake, record(inbox, "first", {"II": values}, gains={"II": "1/mV"}))
    (minute,) = rows(lake, "event", where="code = 'WFDB//II'")
    assert (minute["numeric_value"], minute["method"]) == (200.0, "mean of 200 samples")
    with lake.read(SYSTEM) as reader:
        (channel,) = channels_of(reader, minute["subject_id"])
        stretch = read_stretch(
            reader,
            minute["subject_id"],
            int(channel.recording_id),
            channel="II",
            at_seconds=0.99,
            seconds=0.02,
        )
    assert stretch.values == [100.0, None]


def test_segments_and_gaps__stand_at_their_times(lake: Lake, inbox: Path) -> None:
    record(inbox, "part1", {"II": ramp(2)}, clock=None)
    record(inbox, "part2", {"II": ramp(1)}, clock=None)
    several(inbox, "whole", [("part1", 200), ("~", 300), ("part2", 100)], clock=CLOCK)
    report = take(lake, inbox)
    assert (report.offered, report.loaded) == (3, 3)
    assert len(rows(lake, "event", where="code = 'WFDB//recording'")) == 1
    stretches = sorted(rows(lake, "signal"), key=lambda row: row["first_sample"])
    assert [row["start_time"] for row in stretches] == [START, START + timedelta(seconds=5)]
    with lake.read(SYSTEM) as reader:
        subject = stretches[0]["subject_id"]
        (channel,) = channels_of(reader, subject)
        found = read_stretch(
            reader, subject, int(channel.recording_id), channel="II", at_seconds=0, seconds=60
        )
    assert (channel.seconds, channel.measured_seconds) == (6.0, 3.0)
    assert found.values[199:501:301] == [199 / 200, 0.0]
    assert found.values[200:500] == [None] * 300


def test_long_channel__is_cut_every_ten_minutes_and_read_across_the_cut(
    lake: Lake, inbox: Path
) -> None:
    values = [number % 1_000 for number in range(601 * RATE)]
    take(lake, record(inbox, "first", {"II": values}))
    first, second = sorted(rows(lake, "signal"), key=lambda row: row["first_sample"])
    assert (first["sample_count"], second["first_sample"]) == (60_000, 60_000)
    with lake.read(SYSTEM) as reader:
        found = read_stretch(
            reader,
            first["subject_id"],
            first["version_id"],
            channel="II",
            at_seconds=599.98,
            seconds=0.04,
        )
    assert found.values == [998 / 200, 999 / 200, 0.0, 1 / 200]


def test_record_without_clock__is_kept_without_time(lake: Lake, inbox: Path) -> None:
    take(lake, record(inbox, "first", {"II": ramp(2)}, clock=None))
    (event,) = rows(lake, "event")
    assert (event["time"], event["numeric_value"]) == (None, None)


def test_zip__holds_header_and_signal_file(lake: Lake, inbox: Path) -> None:
    folder = inbox / "loose"
    record(folder, "first", {"II": ramp(2)})
    with zipfile.ZipFile(inbox / "all.zip", "w") as archive:
        for path in folder.iterdir():
            archive.write(path, f"ward/{path.name}")
    assert take(lake, inbox / "all.zip").loaded == 1


def test_event__is_told_again_from_the_files(lake: Lake, inbox: Path) -> None:
    take(lake, record(inbox, "first", {"ABP": ramp(90)}))
    with lake.read(SYSTEM) as reader:
        told = [trace_event(reader, event["event_id"]) for event in rows(lake, "event")]
    assert {each.recomputed for each in told} == {"same"}
    assert told[0].text.startswith("first 1 100 9000")


# ------------------------------------------------------------------ whose it is


def test_recording_without_sheet__is_kept_alone_and_reported(lake: Lake, inbox: Path) -> None:
    report = take(lake, record(inbox, "first", {"II": ramp(2)}), ndjson(inbox / "p", KNOWN))
    assert [p.code for source in report.sources for p in source.problems] == ["no-patient"]
    assert rows(lake, "person_link") == []


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_sheet__links_whatever_comes_first(lake: Lake, inbox: Path, order: tuple[int, ...]) -> None:
    sheet = inbox / "patients.csv"
    sheet.write_text(SHEET.format(name="first"))
    files = [record(inbox, "first", {"II": ramp(2)}), sheet, ndjson(inbox / "p.ndjson", KNOWN)]
    for each in order:
        take(lake, files[each])
    (link,) = rows(lake, "person_link")
    with lake.read(SYSTEM) as reader:
        assert [each.channel for each in channels_of(reader, link["person_id"])] == ["II"]


def test_sheet__links_one_of_two_recordings_of_one_name_by_its_file(
    lake: Lake, inbox: Path
) -> None:
    one = record(inbox / "one", "first", {"II": ramp(2)})
    take(lake, record(inbox / "two", "first", {"II": ramp(3)}))
    (source,) = take(lake, one, ndjson(inbox / "p.ndjson", KNOWN)).sources[:1]
    sheet = inbox / "patients.csv"
    sheet.write_text(SHEET.format(name=source.source_id))
    take(lake, sheet)
    (link,) = rows(lake, "person_link")
    linked = rows(lake, "signal", where="subject_id = ?", params=[link["subject_id"]])
    assert {row["sample_count"] for row in linked} == {2 * RATE}


def test_sheet_without_a_number__links_nobody_and_the_report_says_so(
    lake: Lake, inbox: Path
) -> None:
    sheet = inbox / "patients.csv"
    sheet.write_text("wfdb_record,identifier_system,patient_id\nfirst,https://ward.example/mrn,\n")
    report = take(lake, sheet, record(inbox, "first", {"II": ramp(2)}))
    assert [p.code for source in report.sources for p in source.problems] == ["no-patient"]
    assert not rows(lake, "person_link")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.sampled_from("0123456789 /:.+x()~-\nIb")), max_size=6
    )
)
def test_header_changed_anywhere__is_read_or_refused(changes: list[tuple[int, str]]) -> None:
    text = list("first 2 100 2 07:15:00 05/03/2024\nf.dat 16 200/mV 16 0 0 0 0 II\n"
                "f.dat 16 20(-3)/mmHg 16 0 0 0 0 ABP\n")  # fmt: skip
    for place, letter in changes:
        text[place % len(text)] = letter
    with suppress(SourceBroken):
        found = read_recording("".join(text).encode(), lambda _: bytes(8))
        assert found.seconds >= 0
