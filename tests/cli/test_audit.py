"""The audit at the terminal: what was read, whether the chain holds, and a copy of it."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from tests.api.conftest import patient
from tests.picture.rows import lineage
from vitruvian.cli import main
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM, Access, Deed

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


@pytest.fixture
def family(tmp_path: Path) -> Path:
    """Dr Quux, of whose name two patients are; one patient is guarded."""
    folder = tmp_path / "lake"
    with Lake.create(folder, site="st-elsewhere") as opened:
        guard = {**lineage(), "grant_id": 5, "subject_id": 5, "version_id": 5}
        guard |= {"kind": "guard", "actor": "vip", "readable": True}
        people = [patient(4), patient(5, family="Zaphod"), patient(6, family="Quux"), patient(9)]
        opened.append(SYSTEM, {"patient": people, "grant": [guard]})
        opened.accounts.create("quux", display_name="Dr Lena Quux", role="clinician")
        opened.accounts.create("chen", display_name="Dr Chen", role="clinician")
        opened.desk.tie("quux", kind="self", value="6")
        opened.desk.tie("chen", kind="proxy", value="9")
        quux = Access(who="quux", role="clinician", purpose="treatment")
        looks = [
            (CHEN, (4,)),
            (quux, (4,)),
            (quux, (6,)),
            (CHEN, (5,)),
            (CHEN, (9,)),
            (quux, (4, 5)),
        ]
        for access, subjects in looks:
            opened.audit.record(access, Deed("read", subjects=subjects))
    return folder


def test_flags__name_look_ups_of_family_oneself_and_guarded_people(
    family: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "flags", "--lake", str(family), "--json"]) == 0
    out = capsys.readouterr().out
    found = [
        (one["row"]["access"]["who"], one["row"]["deed"]["subjects"], one["flags"])
        for one in json.loads(out)
    ]
    assert found == [
        ("quux", [4], ["family"]),
        ("quux", [6], ["own-record"]),
        ("chen", [5], ["vip"]),
        ("chen", [9], ["family"]),
    ]
    assert "Quux" not in out


def test_flags__drawn_for_people_or_nothing_to_ask(
    family: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "flags", "--lake", str(family)]) == 0
    assert "4 look-ups to ask about" in capsys.readouterr().out
    assert main(["audit", "flags", "--lake", str(family), "--until", "2000-01-01"]) == 0
    assert capsys.readouterr().out == "nothing to ask about in 0 rows\n"


def test_export_for_a_watching_system__has_every_row_with_its_flags(
    family: Path, tmp_path: Path
) -> None:
    out = tmp_path / "audit.cef"
    words = ["audit", "export", "--lake", str(family), "--out", str(out), "--format", "cef"]
    assert main(words) == 0
    lines = out.read_text("utf-8").splitlines()
    assert all(line.startswith("CEF:0|Vitruvian|Vitruvian|") for line in lines)
    assert [line for line in lines if "cs2=vip" in line]
    assert "Zaphod" not in out.read_text("utf-8")


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A signing key outside the lake."""
    path = tmp_path / "audit.key"
    assert main(["audit", "key", "make", str(path)]) == 0
    return path


def signed(lake: Path, key: Path, *words: str) -> int:
    return main(["audit", "checkpoint", "--lake", str(lake), "--key", str(key), *words])


def test_checkpoint__without_a_key_is_refused(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", "checkpoint", "--lake", str(lake)]) == 2
    assert "No key is named" in capsys.readouterr().err


def test_verify__says_when_no_signature_was_looked_at(
    lake: Path, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert signed(lake, key) == 0
    assert "kept in the lake alone" in capsys.readouterr().out
    assert main(["audit", "verify", "--lake", str(lake)]) == 0
    assert "no signature was looked at" in capsys.readouterr().out


def test_verify__holds_the_audit_against_the_second_place(
    lake: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    second, public = tmp_path / "checkpoints", f"{key}.pub"
    words = ["audit", "verify", "--lake", str(lake), "--public", public]
    assert main(words) == 1
    assert "there is no checkpoint" in capsys.readouterr().out
    for _ in range(2):
        assert signed(lake, key, "--to", str(second)) == 0
    assert main([*words, "--checkpoints", str(second)]) == 0
    assert "2 signed checkpoints hold" in capsys.readouterr().out
    second.write_text(second.read_text().splitlines()[0] + "\n")
    assert main([*words, "--checkpoints", str(second)]) == 1
    assert "the audit speaks of 2 checkpoints, and 1 are there" in capsys.readouterr().out


def test_another_key__takes_over_and_verifying_needs_the_first_one_only(
    lake: Path, key: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new = tmp_path / "next.key"
    assert main(["audit", "key", "make", str(new)]) == 0
    words = ["--lake", str(lake), "--key", str(key), "--new", str(new)]
    assert main(["audit", "key", "rotate", *words]) == 0
    assert signed(lake, key) == 2
    assert signed(lake, new) == 0
    capsys.readouterr()
    words = ["audit", "verify", "--lake", str(lake), "--public", f"{key}.pub", "--json"]
    assert main(words) == 0
    assert json.loads(capsys.readouterr().out)["checkpoints"] == 2
