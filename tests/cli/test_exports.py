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

BODY = b'{"resourceType": "Observation", "id": "o1"}'


@pytest.fixture
def lake(tmp_path: Path) -> str:
    with empty_lake(tmp_path / "lake") as made, made.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(1), event(2, status="cancelled")]))
        load.write("resource", arrow("resource", [resource(1, body=BODY)]))
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
        "wrote 1 event of 1 person, 1 code, 1 shard\nleft out as cancelled: 1\n"
    )
    assert main(["export", "meds", str(tmp_path / "b"), "--lake", lake, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["left_out"] == {"cancelled": 1}


def test_fhir__says_what_it_wrote(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "fhir", str(tmp_path / "a"), "--lake", lake]) == 0
    assert capsys.readouterr().out == "Observation: 1\nwrote 1 resource\n"
    assert main(["export", "fhir", str(tmp_path / "b"), "--lake", lake, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"resources": {"Observation": 1}}


VIEW = {"resource": "Observation", "select": [{"column": [{"name": "id", "path": "id"}]}]}


def test_tables__of_no_view_of_a_broken_one_or_of_two_of_one_name_are_refused(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken, named, again = (tmp_path / name for name in ("a.json", "b.json", "c.json"))
    broken.write_text("{")
    for path in (named, again):
        path.write_text(json.dumps({**VIEW, "name": "ids"}))
    out = str(tmp_path / "out")
    for views in ([str(tmp_path / "no.json")], [str(broken)], [str(named), str(again)]):
        assert main(["export", "tables", out, *views, "--lake", lake]) == 2
    said = capsys.readouterr()
    assert said.err.count("vitruvian: ") == 3
    assert "VIEW 1" in said.err
    assert "View 2 of those given has the name of one before it" in said.err
    assert said.out == ""
    assert not Path(out).exists()


def test_tables__says_what_it_wrote(
    lake: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    view = tmp_path / "ids.json"
    view.write_text(json.dumps({**VIEW, "name": "../not a name"}))
    asked = ["export", "tables", str(tmp_path / "a"), str(view), "--lake", lake]
    assert main([*asked, "--format", "csv"]) == 0
    assert capsys.readouterr().out == "ids: 1\nwrote 1 row in 1 table\n"
    assert (tmp_path / "a" / "ids.csv").read_text().splitlines()[0] == '"person_id","id"'
    assert main(["export", "tables", str(tmp_path / "b"), "--lake", lake, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tables"]["observation"] == 1


def test_progress__is_told_in_rows_where_rows_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with far("export", rows=True) as rows, far("backup") as size:
        rows(1_000_000, 3_000_000)
        size(2 << 30, 4 << 30)
    told = capsys.readouterr().err.splitlines()
    assert told == ["export: 1,000,000 of 3,000,000 rows", "backup: 2,048 of 4,096 MiB"]
