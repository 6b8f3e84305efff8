"""Beats and rhythms that a person or a program marked in a recording."""

from __future__ import annotations

import struct
import warnings
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.ingest.library.wfdb.samples import RATE, SHEET, annotated, ramp, record
from tests.ingest.support import SYSTEM, rows, take
from vitruvian.ingest.errors import Malformed, SourceBroken, Truncated
from vitruvian.ingest.library.wfdb.marks.reading import SYMBOLS, read_marks
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

numpy = pytest.importorskip("numpy", reason="the extra 'signals' is not installed")

START = datetime(2024, 3, 5, 7, 15, tzinfo=UTC)
CODES = {symbol: code for code, symbol in SYMBOLS.items()}
MARKS = [
    (0, CODES["+"], "(N"),
    (1, CODES["N"], ""),
    (2, CODES["V"], ""),
    (3, CODES["V"], ""),
    (20, CODES["+"], "(AFIB"),
    (65, CODES["V"], ""),
    (70, CODES["["], ""),
    (75, CODES["]"], ""),
]


def event(lake: Lake, code: str) -> list[dict[str, Any]]:
    found = rows(lake, "event", where="code = ?", params=[code])
    return sorted(found, key=lambda row: (row["time"] or START, row["event_id"]))


# ------------------------------------------------------------------ refusals first


def test_annotations_without_their_header__are_refused(lake: Lake, inbox: Path) -> None:
    inbox.mkdir(exist_ok=True)
    report = take(lake, annotated(inbox, "first.atr", MARKS))
    assert (report.sources[0].outcome, report.sources[0].problems[0].code) == (
        "refused", "malformed",
    )  # fmt: skip


def test_annotations_of_a_recording_that_is_not_stored__are_rejected(
    lake: Lake, inbox: Path
) -> None:
    record(inbox, "first", {"II": ramp(90)})
    report = take(lake, annotated(inbox, "first.atr", MARKS))
    assert [p.code for p in report.sources[0].problems] == ["no-header"]
    assert (report.offered, report.loaded, report.rejected) == (1, 0, 1)
    assert rows(lake, "event") == []


def test_file_without_its_end__is_refused(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    path = annotated(inbox, "first.atr", MARKS)
    path.write_bytes(path.read_bytes()[:-2])
    told = {source.outcome: source for source in take(lake, inbox).sources}
    assert told["refused"].problems[0].code == "truncated"


def test_code_that_the_format_does_not_know__is_refused() -> None:
    with pytest.raises(Malformed, match="code"):
        read_marks(struct.pack("<HH", 55 << 10 | 3, 0))


def test_clock_before_the_recording__is_refused() -> None:
    back = struct.pack("<HhH", 59 << 10, -1, 0xFFFF) + struct.pack("<HH", 1 << 10, 0)
    with pytest.raises(Malformed, match="before"):
        read_marks(back)


@given(st.binary(max_size=80))
@settings(max_examples=200, deadline=None)
def test_any_bytes__are_read_or_refused(data: bytes) -> None:
    try:
        found = read_marks(data).found
    except SourceBroken:
        return
    assert all(each.sample >= 0 for each in found)


# ------------------------------------------------------------------ what is there


def test_rhythms__last_from_their_change_to_the_next(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    annotated(inbox, "first.atr", MARKS)
    take(lake, inbox)
    seconds = timedelta(seconds=1)
    (normal,), (fibrillation,) = event(lake, "WFDB//(N"), event(lake, "WFDB//(AFIB")
    assert (normal["time"], normal["end_time"]) == (START, START + 20 * seconds)
    assert (fibrillation["time"], fibrillation["end_time"]) == (
        START + 20 * seconds, START + 90 * seconds,
    )  # fmt: skip
    assert fibrillation["code_text"] == "Atrial fibrillation"
    assert fibrillation["text_value"] == "from 0:00:20.0 to 0:01:30.0 of the recording"
    (flutter,) = event(lake, "WFDB//[")
    assert flutter["end_time"] - flutter["time"] == 5 * seconds


def test_beats_that_are_not_normal__are_counted_by_the_minute(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    annotated(inbox, "first.atr", MARKS)
    take(lake, inbox)
    counts = [(row["time"], row["numeric_value"]) for row in event(lake, "WFDB//V")]
    assert counts == [(START, 2.0), (START + timedelta(minutes=1), 1.0)]
    assert event(lake, "WFDB//N") == []
    (whole,) = event(lake, "WFDB//annotations")
    assert whole["text_value"].startswith("1 normal beat, 3 premature ventricular contraction")


def test_what_a_program_found__waits_for_a_person(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    annotated(inbox, "first.atr", MARKS)
    annotated(inbox, "first.gqrs", MARKS[:3])
    take(lake, inbox)
    said = {row["method"]: row["status"] for row in event(lake, "WFDB//annotations")}
    assert said == {
        "annotator atr, by a person": "final",
        "annotator gqrs, by a program": "preliminary",
    }


def test_recording_without_a_date__keeps_its_rhythms_without_time(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)}, clock=None)
    annotated(inbox, "first.atr", MARKS)
    take(lake, inbox)
    (fibrillation,) = event(lake, "WFDB//(AFIB")
    assert fibrillation["time"] is None
    assert fibrillation["text_value"] == "from 0:00:20.0 to 0:01:30.0 of the recording"
    assert event(lake, "WFDB//V") == []


def test_annotations__are_of_the_person_of_their_recording(lake: Lake, inbox: Path) -> None:
    header = record(inbox, "first", {"II": ramp(90)})
    (inbox / "whose.csv").write_text(SHEET.format(name="first"))
    take(lake, inbox)
    path = annotated(inbox, "first.atr", MARKS)
    assert take(lake, path).loaded == 1
    subjects = {row["subject_id"] for row in rows(lake, "event")}
    assert len(subjects) == 1
    assert take(lake, inbox).loaded == 0
    assert header.exists()


def test_edited_annotations__take_the_place_of_the_earlier_ones(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    path = annotated(inbox, "first.atr", MARKS)
    take(lake, inbox)
    annotated(inbox, "first.atr", MARKS[:4])
    assert take(lake, path).loaded == 1
    assert event(lake, "WFDB//(AFIB") == []
    assert len(event(lake, "WFDB//annotations")) == 1


def test_time_resolution_of_the_file__is_its_clock(tmp_path: Path) -> None:
    path = annotated(tmp_path, "r.atr", [(0, 22, "## time resolution: 500"), (5, 1, "")])
    found = read_marks(path.read_bytes())
    assert (found.rate, [each.sample for each in found.found]) == (500.0, [5 * RATE])
    broken = annotated(tmp_path, "b.atr", [(0, 22, "## time resolution: soon"), (5, 1, "")])
    with pytest.raises(Malformed, match="resolution"):
        read_marks(broken.read_bytes())
    with pytest.raises(Truncated):
        read_marks(b"")


def test_events_of_annotations__are_told_again_from_the_stored_file(
    lake: Lake, inbox: Path
) -> None:
    record(inbox, "first", {"II": ramp(90)})
    annotated(inbox, "first.atr", MARKS)
    take(lake, inbox)
    with lake.read(SYSTEM) as reader:
        for code in ("WFDB//annotations", "WFDB//(AFIB", "WFDB//V"):
            told = trace_event(reader, event(lake, code)[0]["event_id"])
            assert told.recomputed == "same"


def test_annotations_of_the_wfdb_package__are_read_alike(tmp_path: Path) -> None:
    wfdb: Any = pytest.importorskip("wfdb", reason="wfdb, the oracle, is not installed")
    samples = numpy.array([10, 2_000, 2_000, 900_000])
    symbols, notes = ["N", "+", "V", "N"], ["", "(AFIB", "", ""]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wfdb.wrann("r", "atr", samples, symbols, aux_note=notes, write_dir=str(tmp_path))
    found = read_marks((tmp_path / "r.atr").read_bytes()).found
    assert [(m.sample, m.symbol, m.note) for m in found] == list(
        zip(samples.tolist(), symbols, notes, strict=True)
    )
