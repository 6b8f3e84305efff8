"""Exports as commands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lake.rows import arrow, event, resource
from tests.lakes import empty_lake
from vitruvian.cli import main
from vitruvian.cli.terminal import far
from vitruvian.trust import SYSTEM


@pytest.fixture
def lake(tmp_path: Path) -> str:
    with empty_lake(tmp_path / "lake") as made, made.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(1), event(2, status="cancelled")]))
        load.write("resource", arrow("resource", [resource(1)]))
    return str(tmp_path / "lake")


@pytest.mark.parametrize("kind", ["meds", "fhir"])
def test_no_lake_or_no_moment__is_one_sentence(
    kind: str, lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "out")
    assert main(["export", kind, out, "--lake", str(tmp_path / "no")]) == 2
    assert main(["export", kind, out, "--lake", lake, "--known-at", "soon"]) == 2
    assert main(["export", kind, lake, "--lake", lake]) == 2
    said = capsys.readouterr()
    assert said.err.count("vitruvian: ") == 3
    assert "is not empty" in said.err
    assert said.out == ""
    assert not Path(out).exists()


def test_meds__says_what_it_wrote_and_left_out(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "meds", str(tmp_path / "a"), "--lake", lake]) == 0
    assert capsys.readouterr().out == (
        "wrote 1 events of 1 persons, 1 codes, 1 shards\nleft out as cancelled: 1\n"
    )
    assert main(["export", "meds", str(tmp_path / "b"), "--lake", lake, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == {"cancelled": 1}


def test_fhir__says_what_it_wrote(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "fhir", str(tmp_path / "a"), "--lake", lake]) == 0
    assert capsys.readouterr().out == "Observation: 1\nwrote 1 resources\n"
    assert main(["export", "fhir", str(tmp_path / "b"), "--lake", lake, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"resources": {"Observation": 1}}


def test_progress__is_told_in_rows_where_rows_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with far("export", rows=True) as rows, far("backup") as size:
        rows(1_000_000, 3_000_000)
        size(2 << 30, 4 << 30)
    told = capsys.readouterr().err.splitlines()
    assert told == ["export: 1,000,000 of 3,000,000 rows", "backup: 2,048 of 4,096 MiB"]
