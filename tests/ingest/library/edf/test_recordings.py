"""EDF recordings on the timeline: each sample as other readers read it, gaps, words, patients."""

from __future__ import annotations

import gzip
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.library.edf.samples import PATIENT, SHEET, Channel, Made, ramp
from tests.ingest.support import PATIENT as ADA
from tests.ingest.support import SYSTEM, ndjson, rows, take
from vitruvian.derive.signals import channels_of, read_stretch
from vitruvian.ingest.errors import SourceBroken
from vitruvian.ingest.library.edf.header import is_edf, read_header
from vitruvian.ingest.library.edf.recording import Recording
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

numpy = pytest.importorskip("numpy", reason="the extra 'signals' is not installed")

START = datetime(2024, 3, 5, 7, 15, tzinfo=UTC)
KNOWN = {**ADA, "identifier": [{"system": "https://ward.example/mrn", "value": "M-1"}]}
EEG = Channel("EEG Fpz-Cz", ramp(20))
ODD = Channel("EMG", ramp(20, 16, 7), rate=16, limits=(-3.3, 4.1, -2000, 2047))


def stretch(lake: Lake, channel: str) -> list[float | None]:
    (row, *_) = rows(lake, "signal", where="channel = ?", params=[channel])
    with lake.read(SYSTEM) as reader:
        found = read_stretch(
            reader, row["subject_id"], row["version_id"],
            channel=channel, at_seconds=0, seconds=1e6,
        )  # fmt: skip
    return found.values


# ------------------------------------------------------------------ refusals first


def outcome(lake: Lake, path: Path) -> tuple[str, str]:
    (source,) = take(lake, path).sources
    return source.outcome, source.problems[0].code


def test_recording__cut_short_is_refused(lake: Lake, inbox: Path) -> None:
    path = Made((EEG,)).write(inbox / "a.edf")
    path.write_bytes(path.read_bytes()[:-2])
    assert outcome(lake, path) == ("refused", "truncated")


def test_recording__that_was_never_closed_is_refused(lake: Lake, inbox: Path) -> None:
    path = Made((EEG,)).write(inbox / "a.edf")
    data = bytearray(path.read_bytes())
    data[236:244] = b"-1      "
    path.write_bytes(data)
    assert outcome(lake, path) == ("refused", "malformed")


def test_annotation__without_a_moment_is_refused(lake: Lake, inbox: Path) -> None:
    path = Made((EEG,), words={1: ["now\x14here\x14\x00"]}).write(inbox / "a.edf")
    assert outcome(lake, path) == ("refused", "malformed")
    assert rows(lake, "signal") == []


def test_signal__without_limits_keeps_its_numbers_and_is_reported(lake: Lake, inbox: Path) -> None:
    flat = Channel("X", ramp(5), limits=(0, 0, 0, 0))
    report = take(lake, Made((flat,)).write(inbox / "a.edf"))
    assert "not-calibrated" in {each.code for each in report.sources[0].problems}
    assert stretch(lake, "X")[:2] == [-1000.0, -999.0]


def test_bytes__after_the_last_record_are_reported(lake: Lake, inbox: Path) -> None:
    path = Made((EEG,)).write(inbox / "a.edf")
    path.write_bytes(path.read_bytes() + bytes(7))
    report = take(lake, path)
    assert report.loaded == 1
    assert "more-than-told" in {each.code for each in report.sources[0].problems}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=5))
def test_file_changed_anywhere__is_read_or_refused(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.edf"
    words = {1: ["+1\x15" + "2\x14arousal\x14\x00"]}
    data = bytearray(Made((EEG, ODD), words=words, kind="EDF+D").write(path).read_bytes())
    for place, byte in changes:
        data[place % len(data)] = byte
    with suppress(SourceBroken):
        if is_edf(bytes(data)):
            recording = Recording(read_header(bytes(data), size=len(data)))
            assert all(len(piece.values) for piece in recording.pieces(BytesIO(bytes(data))))


# ------------------------------------------------------------------ every sample


@pytest.mark.parametrize("kind", ["", "EDF+C"])
def test_every_sample__equals_pyedflib(  # which takes no discontinuous file
    lake: Lake, inbox: Path, kind: str
) -> None:
    pyedflib: Any = pytest.importorskip("pyedflib", reason="pyedflib, the oracle, is absent")
    path = Made((EEG, ODD), kind=kind).write(inbox / "a.edf")
    take(lake, path)
    with pyedflib.EdfReader(str(path)) as theirs:
        for number, name in enumerate(("EEG Fpz-Cz", "EMG")):
            digital = theirs.readSignal(number, digital=True)
            (row,) = rows(lake, "signal", where="channel = ?", params=[name])
            with lake.read(SYSTEM) as reader:
                ours = numpy.frombuffer(reader.blob(row["blob_sha256"]), "<i2")
            assert numpy.array_equal(ours, digital)
            physical = theirs.readSignal(number)
            assert numpy.allclose(stretch(lake, name), physical, rtol=1e-12, atol=1e-12)


def test_every_sample__equals_edfio_as_it_writes(lake: Lake, inbox: Path) -> None:
    edfio: Any = pytest.importorskip("edfio", reason="edfio, the oracle, is absent")
    random = numpy.random.default_rng(7)
    signals = [
        edfio.EdfSignal(random.normal(0, 40, 256 * 30), 256, label="C3", physical_dimension="uV"),
        edfio.EdfSignal(random.uniform(90, 99, 30), 1, label="SpO2", physical_dimension="%"),
    ]
    notes = [edfio.EdfAnnotation(4.5, 3, "apnoea"), edfio.EdfAnnotation(12, None, "Sleep stage 2")]
    edfio.Edf(signals, annotations=notes).write(inbox / "a.edf")
    take(lake, inbox / "a.edf")
    theirs = edfio.read_edf(inbox / "a.edf")
    for each in theirs.signals:
        assert numpy.allclose(stretch(lake, each.label), each.data, rtol=1e-12, atol=1e-12)
    told = rows(lake, "event", where="code = 'EDF//annotation'")
    assert sorted(each["text_value"] for each in told) == ["Sleep stage 2", "apnoea"]


def test_records__with_gaps_stand_at_their_times(lake: Lake, inbox: Path) -> None:
    onsets = [0, 1, 2, 100, 101]
    take(lake, Made((Channel("C3", ramp(5)),), kind="EDF+D", onsets=onsets).write(inbox / "a.edf"))
    some = sorted(rows(lake, "signal"), key=lambda row: row["first_sample"])
    assert [(row["first_sample"], row["sample_count"]) for row in some] == [(0, 30), (1000, 20)]
    assert some[1]["start_time"] == START + timedelta(seconds=100)
    values = stretch(lake, "C3")
    assert (len(values), values[30:1000]) == (1020, [None] * 970)


def test_part_of_a_second__at_the_beginning_moves_the_clock(lake: Lake, inbox: Path) -> None:
    onsets = [0.5 + n for n in range(5)]
    take(lake, Made((Channel("C3", ramp(5)),), onsets=onsets).write(inbox / "a.edf"))
    (row,) = rows(lake, "signal")
    assert row["start_time"] == START + timedelta(seconds=0.5)


# ------------------------------------------------------------------ on the timeline


def test_recording__is_one_event_a_mean_a_minute_and_its_words(lake: Lake, inbox: Path) -> None:
    values = [100] * 600 + [300] * 300
    words = {3: ["+3.5\x15" + "30\x14Sleep stage W\x14\x00"]}
    line = Channel("EEG", values, limits=(-2048, 2047, -2048, 2047))
    take(lake, Made((line,), words=words).write(inbox / "a.edf"))
    found = rows(lake, "event")
    (whole,) = [each for each in found if each["code"] == "EDF//recording"]
    assert (whole["time"], whole["end_time"]) == (START, START + timedelta(seconds=90))
    minutes = sorted((e for e in found if e["code"] == "EDF//EEG"), key=lambda e: e["time"])
    assert [each["numeric_value"] for each in minutes] == [100.0, 300.0]
    assert [each["method"] for each in minutes] == ["mean of 600 samples", "mean of 300 samples"]
    (said,) = [each for each in found if each["code"] == "EDF//annotation"]
    assert (said["text_value"], said["time"]) == ("Sleep stage W", START + timedelta(seconds=3.5))
    assert said["end_time"] == START + timedelta(seconds=33.5)


def test_known_numeric__has_its_code(lake: Lake, inbox: Path) -> None:
    line = Channel("SaO2", [970] * 60, rate=1, unit="%", limits=(0, 100, 0, 1000))
    take(lake, Made((line,)).write(inbox / "a.edf"))
    (minute,) = rows(lake, "event", where="code = 'LOINC//59408-5'")
    assert (minute["numeric_value"], minute["unit"]) == (97.0, "%")


def test_declared_zone__holds_for_the_clock(lake: Lake, inbox: Path) -> None:
    take(lake, Made((EEG,)).write(inbox / "a.edf"), zone="Europe/Rome")
    (whole,) = rows(lake, "event", where="code = 'EDF//recording'")
    assert (whole["time"], whole["flags"]) == (START - timedelta(hours=1), [])


def test_year__of_edf_alone_is_of_this_century_until_84(lake: Lake, inbox: Path) -> None:
    take(lake, Made((EEG,), kind="", day="05.03.99", more="").write(inbox / "a.edf"))
    (whole,) = rows(lake, "event", where="code = 'EDF//recording'")
    assert whole["time"].year == 1999


def test_events__are_told_again_from_the_file(lake: Lake, inbox: Path) -> None:
    words = {3: ["+3.5\x14arousal\x14\x00"]}
    take(lake, Made((EEG, ODD), words=words).write(inbox / "a.edf"))
    with lake.read(SYSTEM) as reader:
        told = [trace_event(reader, event["event_id"]) for event in rows(lake, "event")]
    assert len(told) == 4
    assert {each.recomputed for each in told} == {"same"}


def test_packed_recording__is_the_same_recording(lake: Lake, inbox: Path) -> None:
    path = Made((EEG,)).write(inbox / "a.edf")
    packed = inbox / "b.edf.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    report = take(lake, path, packed)
    assert (report.loaded, report.skipped) == (1, 1)


# ------------------------------------------------------------------ whose it is


def test_patient__is_as_the_header_says(lake: Lake, inbox: Path) -> None:
    take(lake, Made((EEG,), patient=PATIENT).write(inbox / "a.edf"))
    (who,) = rows(lake, "patient")
    assert (who["sex"], who["birth_date"], who["family"]) == ("female", "1950-02-14", "Test Ward")
    assert who["identifiers"][0]["value"] == "MCH-1"


def test_two_recordings__of_one_code_are_one_subject(lake: Lake, inbox: Path) -> None:
    Made((EEG,)).write(inbox / "a.edf")
    Made((ODD,)).write(inbox / "b.edf")
    take(lake, inbox)
    assert len({row["subject_id"] for row in rows(lake, "signal")}) == 1


def test_recordings__of_nobody_are_not_one_person(lake: Lake, inbox: Path) -> None:
    Made((EEG,), patient="X X X X").write(inbox / "a.edf")
    Made((ODD,), patient="X X X X").write(inbox / "b.edf")
    take(lake, inbox)
    assert len({row["subject_id"] for row in rows(lake, "signal")}) == 2


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_sheet__links_whatever_comes_first(lake: Lake, inbox: Path, order: tuple[int, ...]) -> None:
    sheet = inbox / "patients.csv"
    sheet.write_text(SHEET.format(key="MCH-1"))
    files = [Made((EEG,)).write(inbox / "a.edf"), sheet, ndjson(inbox / "p.ndjson", KNOWN)]
    for each in order:
        take(lake, files[each])
    (link,) = rows(lake, "person_link")
    with lake.read(SYSTEM) as reader:
        assert [c.channel for c in channels_of(reader, link["person_id"])] == ["EEG Fpz-Cz"]
