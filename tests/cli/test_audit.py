"""The audit at the terminal: what was read, whether the chain holds, and a copy of it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from vitruvian.cli import main
from vitruvian.lake import Lake
from vitruvian.trust import Access

ROSSI = Access(who="rossi", role="clinician", purpose="treatment")
CHEN = Access(who="chen", role="clinician", purpose="treatment")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    with Lake.create(folder, site="st-elsewhere") as opened:
        for access, subject in ((ROSSI, 4), (CHEN, 4), (CHEN, 9)):
            with opened.read(access) as reader:
                reader.rows("event", subjects=[subject])
    return folder


def test_verify__finds_a_row_that_was_changed(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with sqlite3.connect(lake / "audit.sqlite") as database:
        database.execute("UPDATE audit SET line = replace(line, 'rossi', 'bianchi')")
    database.close()
    assert main(["audit", "verify", "--lake", str(lake)]) == 1
    assert "breaks at row 1" in capsys.readouterr().out


def test_verify__says_that_the_chain_holds(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["audit", "verify", "--lake", str(lake)]) == 0
    assert "holds in both sinks" in capsys.readouterr().out


def test_export__never_writes_over_a_file(lake: Path, tmp_path: Path) -> None:
    out = tmp_path / "audit.ndjson"
    out.write_text("kept")
    assert main(["audit", "export", "--lake", str(lake), "--out", str(out)]) == 2
    assert out.read_text() == "kept"


@pytest.mark.parametrize(
    "words, who",
    [
        ([], ["chen", "chen", "rossi"]),
        (["--who", "chen"], ["chen", "chen"]),
        (["--person", "4"], ["chen", "rossi"]),
        (["--limit", "1"], ["chen"]),
        (["--until", "2000-01-01"], []),
    ],
)
def test_show__answers_who_saw_what(
    lake: Path, words: list[str], who: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "show", "--lake", str(lake), "--json", *words]) == 0
    rows = json.loads(capsys.readouterr().out)
    said = [row["access"]["who"] for row in rows if row["deed"]["subjects"]]
    assert said == who


def test_show__whoever_reads_the_audit_stands_in_it(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        assert main(["audit", "show", "--lake", str(lake)]) == 0
    main(["audit", "show", "--lake", str(lake), "--json"])
    rows = json.loads(capsys.readouterr().out.partition("\n[")[2].join(["[", ""]))
    assert [row["deed"]["definition"] for row in rows[:2]] == ["audit", "audit"]


@pytest.mark.parametrize("form", ["lines", "fhir"])
def test_export__has_every_row_once_in_order(lake: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / "audit.ndjson"
    words = ["audit", "export", "--lake", str(lake), "--out", str(out), "--format", form]
    assert main(words) == 0
    rows = [json.loads(line) for line in out.read_bytes().splitlines()]
    numbers = [row["row"]["seq"] if form == "lines" else int(row["id"]) for row in rows]
    assert numbers == list(range(1, len(rows) + 1))
    assert len(rows) >= 3
