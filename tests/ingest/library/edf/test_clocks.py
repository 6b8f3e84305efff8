"""A recorder's clock that was wrong, as the site declares it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.ingest.library.edf.samples import Channel, Made
from tests.ingest.support import SYSTEM, rows, take
from vitruvian.ingest.library.edf.loading import CLOCKS
from vitruvian.lake import Lake
from vitruvian.picture import trace_event

SHOWN = datetime(2024, 3, 5, 7, 15, tzinfo=UTC)
AHEAD = timedelta(seconds=143.5)
CODE = "PSG-17"


def recorded(folder: Path, name: str = "night.edf", *, kind: str = "EDF+C") -> Path:
    more = f"Startdate 05-MAR-2024 {CODE} X Recorder_7" if kind else CODE
    channel = Channel("EEG Fpz-Cz", [5] * 900)
    words = {12: ["+12\x152\x14Arousal\x14"]} if kind else {}
    return Made((channel,), words=words, kind=kind, more=more).write(folder / name)


def declared(folder: Path, *lines: str, name: str = "clocks.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([CLOCKS.head, *lines, ""]), "utf-8")
    return path


def test_line_without_a_number__is_told_and_moves_nothing(lake: Lake, inbox: Path) -> None:
    recorded(inbox)
    declared(inbox, f"{CODE},a little", "other,1e99")
    report = take(lake, inbox)
    codes = {problem.code for source in report.sources for problem in source.problems}
    assert {"bad-clock", "clock-alone"} <= codes
    (whole,) = rows(lake, "event", where="code = 'EDF//recording'")
    assert (whole["time"], whole["flags"]) == (SHOWN, ["assumed-zone"])


@pytest.mark.parametrize("sheet", ["a.csv", "z.csv"])
@pytest.mark.parametrize("kind", ["EDF+C", ""])
def test_clock_that_was_ahead__is_taken_off_every_time_and_told_again(
    lake: Lake, inbox: Path, sheet: str, kind: str
) -> None:
    recorded(inbox, kind=kind)
    declared(inbox, f"{CODE},143.5", name=sheet)
    assert take(lake, inbox).loaded == 2
    events = rows(lake, "event")
    (whole,) = [row for row in events if row["code"] == "EDF//recording"]
    assert (whole["time"], whole["time_as_sent"]) == (SHOWN - AHEAD, "05.03.24 07.15.00")
    told = [row["time"] for row in events if row["code"] == "EDF//annotation"]
    assert told == ([SHOWN - AHEAD + timedelta(seconds=12)] if kind else [])
    assert all("clock-corrected" in row["flags"] for row in events)
    (stretch,) = rows(lake, "signal")
    assert (stretch["start_time"], stretch["end_time"]) == (
        SHOWN - AHEAD,
        SHOWN - AHEAD + timedelta(seconds=90),
    )
    with lake.read(SYSTEM) as reader:
        for event in events:
            assert trace_event(reader, event["event_id"]).recomputed == "same"


def test_sheet__may_name_the_file_and_holds_for_what_comes_later(lake: Lake, inbox: Path) -> None:
    path = recorded(inbox)
    before = take(lake, path)
    late = take(lake, declared(inbox, f"{before.sources[0].source_id},60"))
    assert [problem.code for problem in late.sources[0].problems] == ["clock-alone"]
    (whole,) = rows(lake, "event", where="code = 'EDF//recording'")
    assert whole["time"] == SHOWN
    with Lake.create(inbox.parent / "other", site="test") as other:
        take(other, inbox / "clocks.csv")
        take(other, path)
        (again,) = rows(other, "event", where="code = 'EDF//recording'")
    assert again["time"] == SHOWN - timedelta(seconds=60)


def test_sheet_of_clocks__is_one_that_an_erasure_mends() -> None:
    assert "patient" in CLOCKS.head
