"""`vitruvian erase` as typed: two accounts, two passwords, and what earlier views then say."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from tests.lake.erase.ward import APPROVES, ASKS, GONE, NAME, STAYS, build
from vitruvian.cli import main
from vitruvian.cli.keeping import erase
from vitruvian.lake import Lake
from vitruvian.lake.erasing import register

SECRET = "four quiet herons by the weir"


@pytest.fixture
def lake(tmp_path: Path) -> str:
    build(tmp_path / "lake")
    with Lake.open(tmp_path / "lake") as made:
        for who in (ASKS, APPROVES):
            made.accounts.set_password(who.who, password=SECRET)
    return str(tmp_path / "lake")


def typed(monkeypatch: pytest.MonkeyPatch, password: str, *words: str) -> int:
    """Run a command with a password piped in."""
    monkeypatch.setattr("sys.stdin", io.StringIO(password + "\n"))
    return main(["erase", *words])


def test_erase__from_asking_to_the_earlier_view(
    lake: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ask = ("ask", str(GONE), "--ground", "objection", "--as", "ana", "--lake", lake)
    assert typed(monkeypatch, "wrong", *ask) == 2
    assert "do not match" in capsys.readouterr().err
    assert typed(monkeypatch, SECRET, *ask) == 0
    ident = capsys.readouterr().out.split()[1].rstrip(",")
    assert typed(monkeypatch, SECRET, "approve", ident, "--as", "ana", "--lake", lake) == 2
    assert "Somebody else" in capsys.readouterr().err
    assert main(["erase", "list", "--lake", lake]) == 0
    assert f"person {GONE}" in capsys.readouterr().out
    assert typed(monkeypatch, SECRET, "approve", ident, "--as", "bo", "--lake", lake) == 0
    said = capsys.readouterr().out
    assert "22 items" in said
    assert "make a new one" in said
    assert main(["erase", "list", "--lake", lake, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["waiting"] == []
    assert (told["done"][0]["items"], told["done"][0]["ground"]) == (22, "objection")
    assert str(GONE) not in json.dumps(told)
    assert NAME not in json.dumps(told)
    earlier = ["picture", str(STAYS), "--lake", lake, "--json", "--recorded-at", "2026-01-01"]
    main(earlier)
    assert "22 items of this lake were lawfully erased" in capsys.readouterr().err
    assert main(["erase", "resume", "--lake", lake]) == 0
    assert "nothing was cut short" in capsys.readouterr().out
    assert main(["check", "--lake", lake]) == 0


def test_erase__an_unknown_ground_is_one_sentence(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["erase", "ask", "1", "--ground", "because", "--as", "ana", "--lake", lake])
    assert "argument --ground" in capsys.readouterr().err


def test_grounds__are_those_of_the_register() -> None:
    assert set(erase.GROUNDS) == set(register.GROUNDS)
