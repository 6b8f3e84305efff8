"""A monitor's clock that was wrong, as the site declares it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.ingest.library.wfdb.samples import annotated, ramp, record
from tests.ingest.support import SYSTEM, rows, take
from vitruvian.ingest.library.wfdb.loading import CLOCKS
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

pytest.importorskip("numpy", reason="the extra 'signals' is not installed")

SHOWN = datetime(2024, 3, 5, 7, 15, tzinfo=UTC)
AHEAD = timedelta(seconds=143.5)


def declared(folder: Path, *lines: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "clocks.csv"
    path.write_text("\n".join(["wfdb_record_of_patient,clock_ahead_seconds", *lines, ""]), "utf-8")
    return path


def test_line_without_a_number__is_told_and_moves_nothing(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    declared(inbox, "first,a little", "other,1e99")
    report = take(lake, inbox)
    codes = [problem.code for source in report.sources for problem in source.problems]
    assert "bad-clock" in codes
    (whole,) = rows(lake, "event", where="code = 'WFDB//recording'")
    assert (whole["time"], whole["flags"]) == (SHOWN, ["assumed-zone"])


def test_clock_that_was_ahead__is_taken_off_every_time(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    annotated(inbox, "first.atr", [(0, 28, "(N"), (20, 28, "(AFIB")])
    declared(inbox, "first,143.5")
    assert take(lake, inbox).loaded == 3
    events = rows(lake, "event")
    (whole,) = [row for row in events if row["code"] == "WFDB//recording"]
    (fibrillation,) = [row for row in events if row["code"] == "WFDB//(AFIB"]
    assert whole["time"] == SHOWN - AHEAD
    assert whole["time_as_sent"] == "07:15:00 05/03/2024"
    assert fibrillation["time"] == SHOWN - AHEAD + timedelta(seconds=20)
    assert all("clock-corrected" in row["flags"] for row in events)
    stretch = min(rows(lake, "signal"), key=lambda row: row["first_sample"])
    assert stretch["start_time"] == SHOWN - AHEAD


def test_corrected_times__are_told_again_from_what_is_stored(lake: Lake, inbox: Path) -> None:
    record(inbox, "first", {"II": ramp(90)})
    annotated(inbox, "first.atr", [(0, 28, "(N")])
    declared(inbox, "first,-60")
    take(lake, inbox)
    with lake.read(SYSTEM) as reader:
        for event in rows(lake, "event"):
            assert trace_event(reader, event["event_id"]).recomputed == "same"


def test_sheet_that_comes_first__holds_for_what_comes_later(lake: Lake, inbox: Path) -> None:
    sheet = take(lake, declared(inbox, "first,143.5"))
    assert [problem.code for problem in sheet.sources[0].problems] == ["clock-alone"]
    take(lake, record(inbox, "first", {"II": ramp(90)}))
    (whole,) = rows(lake, "event", where="code = 'WFDB//recording'")
    assert whole["time"] == SHOWN - AHEAD


def test_sheet_that_comes_too_late__says_so_and_moves_nothing(lake: Lake, inbox: Path) -> None:
    take(lake, record(inbox, "first", {"II": ramp(90)}))
    late = take(lake, declared(inbox, "first,143.5"))
    assert [problem.code for problem in late.sources[0].problems] == ["clock-alone"]
    annotated(inbox, "first.atr", [(20, 28, "(AFIB")])
    take(lake, inbox)
    (fibrillation,) = rows(lake, "event", where="code = 'WFDB//(AFIB'")
    assert fibrillation["time"] == SHOWN + timedelta(seconds=20)


def test_sheet_of_clocks__is_one_that_an_erasure_mends() -> None:
    assert "patient" in CLOCKS.head
