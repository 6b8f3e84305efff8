"""The command that derives: what it says, what it refuses, and that a second run reads nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.derive.lakes import add, facts, note
from vitruvian.cli import main
from vitruvian.lake import Lake

TEXT = "No fever 😀. Takes metformin 500 mg twice a day."


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Lake.create(tmp_path / "lake", site="test") as lake:
        add(lake, "note", [note(TEXT), note("Cough.", subject=2)])
    return tmp_path / "lake"


def said(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(words) == 0
    return capsys.readouterr().out


def test_derive__without_a_lake_is_refused(tmp_path: Path) -> None:
    assert main(["derive", "--lake", str(tmp_path / "none")]) == 2
    assert not (tmp_path / "none").exists()


def test_derive__by_an_unknown_name_is_refused(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["derive", "--lake", str(folder), "--only", "horoscopes"]) == 2
    assert "Expected one of" in capsys.readouterr().err


def test_derive__tells_what_it_found_and_how_far_it_came(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["derive", "--lake", str(folder), "--only", "medicines"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[0] == "read 2 notes, found 1 facts"
    assert told.err == "read 2 of 2 notes, 1 facts\n"


def test_derive__has_nothing_to_read_twice(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = json.loads(said(["derive", "--lake", str(folder), "--json"], capsys))
    second = json.loads(said(["derive", "--lake", str(folder), "--json"], capsys))
    assert (first["notes"], second["notes"]) == (2, 0)
    assert said(["derive", "--lake", str(folder)], capsys) == "nothing new to read\n"


def test_list__counts_facts_and_the_notes_that_wait(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def listed(name: str) -> tuple[int, int]:
        rows = json.loads(said(["derive", "--lake", str(folder), "--list", "--json"], capsys))
        (row,) = [row for row in rows if row["name"] == name]
        return row["facts"], row["waiting"]

    assert listed("medicines") == (0, 2)
    said(["derive", "--lake", str(folder), "--only", "medicines"], capsys)
    assert (listed("medicines"), listed("smoking")) == ((1, 0), (0, 2))
    assert "notes waiting" in said(["derive", "--lake", str(folder), "--list"], capsys)


def test_trace__of_a_machine_read_fact_shows_its_words(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(["derive", "--lake", str(folder), "--only", "problems"], capsys)
    with Lake.open(folder) as lake:
        fever = facts(lake)[0]
    assert fever["flags"] == ["machine-read"]
    told = json.loads(
        said(["trace", str(fever["event_id"]), "--lake", str(folder), "--json"], capsys)
    )
    units = told["text"].encode("utf-16-le")
    marked = units[2 * told["highlight_start"] : 2 * told["highlight_end"]].decode("utf-16-le")
    assert (marked, told["recomputed"]) == ("fever", "same")
    assert [step["step"] for step in told["steps"]] == [
        "received", "read", "read by machine", "recorded",
    ]  # fmt: skip
    assert "negated" in told["steps"][2]["detail"]


def test_abstract__of_a_person_without_a_tumour_says_so(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "no tumour" in said(["abstract", "1", "--lake", str(folder)], capsys)


def test_abstract__of_nobody_says_that_nothing_is_stored(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["abstract", "12", "--lake", str(folder)]) == 2
    assert "Nothing is stored about a patient with that id" in capsys.readouterr().err


def test_abstract__shows_fields_and_lines_with_their_events(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Adenocarcinoma of the ascending colon, liver metastases. Cycle 2, FOLFOX given."
    with Lake.create(tmp_path / "lake", site="test") as lake:
        add(lake, "note", [note(text, subject=5)])
    at = ["--lake", str(tmp_path / "lake")]
    said(["derive", *at, "--only", "oncology"], capsys)
    told = json.loads(said(["abstract", "5", *at, "--json"], capsys))
    site = next(field for field in told["fields"] if field["name"] == "primary site")
    assert (site["code"], site["contradicting"]) == ("ICDO3//C18.2", [])
    assert isinstance(site["supporting"][0], str)
    assert (told["lines"][0]["treatments"], told["lines"][0]["cycles"]) == (["FOLFOX"], 2)
    drawn = said(["abstract", "5", *at], capsys)
    assert "Ascending colon" in drawn
    assert "FOLFOX" in drawn


def test_review__of_an_event_needs_a_verdict(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["review", "7", "--lake", str(folder)]) == 2
    assert "--accept" in capsys.readouterr().err


def test_review__shows_the_queue_and_keeps_a_correction(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said(["derive", "--lake", str(folder), "--only", "problems"], capsys)
    told = json.loads(said(["review", "--lake", str(folder), "--json"], capsys))
    assert [each["label"] for each in told["queue"]["items"]] == ["Fever", "Cough"]
    fever = told["queue"]["items"][0]["event_id"]
    assert fever in said(["review", "--lake", str(folder)], capsys)
    words = ["review", fever, "--correct", "temporality=historical", "--lake", str(folder)]
    assert said(words, capsys).startswith("kept: correct, by terminal:")
    with Lake.open(folder) as lake:
        (fact,) = [row for row in facts(lake) if row["code_text"] == "Fever"]
    assert (fact["polarity"], fact["temporality"]) == ("negated", "historical")
    assert "1 looked at, 1 of them wrong" in said(["review", "--lake", str(folder)], capsys)
