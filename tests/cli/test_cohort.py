"""The cohort commands, as somebody at the terminal sees them."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.criteria.test_over_a_lake import DOCTOR, event
from tests.lakes import empty_lake
from vitruvian.cli.main import main

TASK = """\
metadata: {title: High potassium}
predicates:
  visit: {code: VISIT}
  high: {code: K, value_min: 5}
trigger: visit
windows:
  day: {start: trigger, end: start + 24h, start_inclusive: true, end_inclusive: true, has: {high: "(1, None)"}}
"""


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    """1 is in and 2 is out."""
    rows = [event(1, 0, "VISIT"), event(2, 0, "VISIT"), event(1, 1, "K", numeric_value=6.0)]
    rows += [event(2, 1, "K", numeric_value=4.0)]
    with empty_lake(tmp_path / "lake", site="st-elsewhere") as made:
        made.append(DOCTOR, {"event": [{"event_id": n, **row} for n, row in enumerate(rows, 1)]})
    return tmp_path / "lake"


@pytest.fixture
def task(tmp_path: Path) -> Path:
    path = tmp_path / "task.yaml"
    path.write_text(TASK, "utf-8")
    return path


def test_check__shows_the_line_that_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(TASK.replace("trigger: visit", "trigger: visits"), "utf-8")
    assert main(["cohort", "check", str(path)]) == 1
    printed = capsys.readouterr().out
    assert "5 │ trigger: visits" in printed
    assert "Did you mean `visit`?" in printed


def test_check__of_a_good_definition_says_so(
    task: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cohort", "check", str(task), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"ok": True, "title": "High potassium", "logic": "three-valued"}


def test_file_that_is_not_there__is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cohort", "check", "no-such-file.yaml"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_run__prints_attrition_with_bars(
    task: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cohort", "run", str(task), "--lake", str(lake)]) == 0
    printed = capsys.readouterr().out
    assert "day holds at least 1 high" in printed
    assert "1 persons in by 1 triggers, 0 unknown." in printed
    assert "████████████████████████" in printed


def test_run__writes_members_and_a_group(
    task: Path, lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    asked = ["cohort", "run", str(task), "--lake", str(lake), "--out", str(out), "--json"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["persons"] == {"in": 1, "unknown": 0}
    assert [step["persons"] for step in told["steps"]] == [2, 2, 1, 1]
    assert (out / "members.csv").read_text("utf-8").splitlines()[1].startswith("1,")
    assert json.loads((out / "group.json").read_text("utf-8"))["quantity"] == 1
    labels = pq.read_table(out / "labels.parquet")
    assert labels.column("subject_id").to_pylist() == [1]


def test_run__as_known_before_anything_finds_nobody(
    task: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["cohort", "run", str(task), "--lake", str(lake), "--known-at", "2001-01-01", "--json"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["persons"] == {"in": 0, "unknown": 0}


def test_why__names_the_line_that_decided(
    task: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cohort", "why", str(task), "2", "--lake", str(lake)]) == 0
    assert "out, by windows.day.has.high" in capsys.readouterr().out


def test_why__of_nobody_says_that_nothing_is_stored(
    task: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cohort", "why", str(task), "99", "--lake", str(lake)]) == 2
    assert "Nothing is stored about a patient with that id" in capsys.readouterr().err


def test_diff__lists_who_differs(
    task: Path, lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.yaml"
    other.write_text(TASK.replace("value_min: 5", "value_min: 3"), "utf-8")
    assert main(["cohort", "diff", str(task), str(other), "--lake", str(lake), "--json"]) == 0
    (group,) = json.loads(capsys.readouterr().out)["groups"]
    assert (group["first"], group["second"], group["line"]) == ("out", "in", 7)
    assert [one["person_id"] for one in group["listed"]] == ["2"]


def test_diff_of_one_definition_with_itself__is_refused(
    task: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cohort", "diff", str(task), "--lake", str(lake)]) == 2
    assert "another date or site" in capsys.readouterr().err


def test_diff_with_a_site_nobody_told_of__is_refused(
    task: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["cohort", "diff", str(task), "--lake", str(lake), "--first-site", "north"]
    assert main(asked) == 2
    assert "No source of the site named" in capsys.readouterr().err


def test_diff_of_two_dates__lists_whom_later_knowledge_changed(
    task: Path, lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["cohort", "diff", str(task), "--lake", str(lake), "--json"]
    assert main([*asked, "--first-known-at", "2001-01-01"]) == 0
    (group,) = json.loads(capsys.readouterr().out)["groups"]
    assert (group["first"], group["second"]) == ("no trigger", "in")
    assert [one["person_id"] for one in group["listed"]] == ["1"]


def test_examples__are_files_that_can_be_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["cohort", "examples", "--out", str(tmp_path / "defs")]) == 0
    files = sorted((tmp_path / "defs").glob("*.yaml"))
    assert len(files) == 3
    assert [main(["cohort", "check", str(file)]) for file in files] == [0, 0, 0]
    assert "can be used as written" in capsys.readouterr().out


def test_floor__is_what_the_site_sets(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cohort", "floor", "researcher", "20", "--lake", str(lake)]) == 0
    assert "counts from 20 on" in capsys.readouterr().out
