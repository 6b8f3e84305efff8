"""Backup, restore and migrate as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lake.keeping.test_backup import events, grow
from tests.lakes import empty_lake
from vitruvian.cli import main


@pytest.fixture
def lake(tmp_path: Path) -> str:
    with empty_lake(tmp_path / "lake") as made:
        grow(made, 10)
    return str(tmp_path / "lake")


@pytest.mark.parametrize(
    "words",
    [
        ["backup", "copies", "--lake", "nowhere"],
        ["restore", "copies", "--lake", "new"],
        ["restore", "copies", "--lake", "new", "--at", "yesterday"],
        ["migrate", "--lake", "nowhere"],
    ],
)
def test_nothing_there__is_one_sentence(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.err.startswith("vitruvian: ")
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


def test_backup_and_restore__say_what_they_did(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copies, new = str(tmp_path / "copies"), str(tmp_path / "new")
    assert main(["backup", copies, "--lake", lake, "--keep", "2", "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["copied"] == report["files"]
    assert main(["backup", copies, "--lake", lake]) == 0
    assert "the rest was there" in capsys.readouterr().out
    assert main(["restore", copies, "--lake", new, "--backup", report["name"]]) == 0
    assert f"from backup {report['name']}" in capsys.readouterr().out
    assert events(tmp_path / "new") == [11, 12, 13, 14]
    assert main(["restore", copies, "--lake", new]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert main(["check", "--lake", new]) == 0


@pytest.mark.parametrize("count", ["0", "-1", "few", "1.5"])
def test_keep__must_be_one_or_more(
    lake: str, count: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["backup", "copies", "--lake", lake, f"--keep={count}"])
    said = capsys.readouterr().err
    assert "--keep: expected a whole number of 1 or more. See" in said


def test_migrate__of_a_lake_of_this_version_changes_nothing(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", "--lake", lake]) == 0
    assert capsys.readouterr().out == "the lake has every column of this version\n"
