"""The command: one sentence for every failure, the right exit code, and the walk of a newcomer."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.api.client import TestClient
from vitruvian.api import create_app
from vitruvian.api.serve import first_link
from vitruvian.cli import main, parser
from vitruvian.lake import Lake

COMMANDS = [
    *("ingest", "listen", "demo", "view", "serve", "find", "picture", "trace", "check", "compact"),
    *("account", "audit", "derive", "abstract", "backup", "restore", "migrate", "export"),
]


def test_interrupt__while_the_engine_works_is_no_defect() -> None:
    stopped = subprocess.run(
        [sys.executable, "-c", _STOPPED], capture_output=True, text=True, check=False, timeout=60
    )
    assert (stopped.returncode, stopped.stderr) == (130, "")


_STOPPED = """
import os, signal, sys, threading
import duckdb
import vitruvian.cli
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
cli = sys.modules["vitruvian.cli.main"]

def endless(asked):
    threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
    rows = "select sum(a.range * b.range % 7) from range(1000000) a, range(1000000) b"
    duckdb.sql(rows).fetchall()

class Asked:
    debug, run = False, staticmethod(endless)
    def parse_args(self, arguments):
        return self

cli.parser = Asked
sys.exit(cli.main([]))
"""


def test_help__shows_every_command_on_one_shelf(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    shown = re.findall(r"^  ([a-z][a-z-]+) ", capsys.readouterr().out, re.MULTILINE)
    assert sorted(shown) == sorted(parser().sentences)


def test_help__example_can_be_copied_whole(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["deidentify", "--help"])
    *_, example = capsys.readouterr().out.splitlines()
    assert example.startswith("  vitruvian deidentify ")
    assert example.endswith("--expires 2027-12-31")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo hospital of three, written and ingested by the commands themselves."""
    folder = tmp_path_factory.mktemp("walk")
    assert main(["demo", "--out", str(folder / "hospital"), "--patients", "3"]) == 0
    files = str(folder / "hospital" / "fhir")
    assert main(["ingest", files, "--lake", str(folder / "lake"), "--site", "st-elsewhere"]) == 0
    return folder / "lake"


@pytest.fixture(scope="module")
def person(lake: Path) -> str:
    """One of the three."""
    with Lake.open(lake) as opened, TestClient(create_app(opened), base_url=ORIGIN) as client:
        link = first_link(opened, base=ORIGIN)
        assert link is not None
        token = {"token": link.partition("token=")[2]}
        client.post("/api/sign-in", json=token, headers={"X-Vitruvian": "1"})
        return str(client.get("/api/worklist").json()["patients"][0]["person_id"])


ORIGIN = "http://127.0.0.1"


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    command = [sys.executable, "-m", "vitruvian", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize(
    "words",
    [
        ["picture", "1", "--lake", "nowhere"],
        ["check", "--lake", "nowhere"],
        ["serve", "--lake", "nowhere"],
        ["ingest", "nothing-here", "--lake", "new-lake"],
        ["deidentify-files", "nothing-here", "--to", "out", "--project", "p", "--key", "key"],
        ["view", "run", "no-view.json", "--input", "none.ndjson"],
        ["account", "link", "nobody", "--lake", "nowhere"],
    ],
)
def test_bad_input__ends_in_one_sentence_and_code_two(
    words: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.err.startswith("vitruvian: ")
    assert "Traceback" not in said.err
    assert said.out == ""


def test_unknown_patient__is_not_found(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["picture", "999", "--lake", str(lake)]) == 2
    assert "Nothing is stored about a patient with that id" in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--lake", "lake"]])
def test_find__refuses_a_name_as_an_argument_and_says_that_it_asks_for_it(
    more: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["find", "Lovelace", *more])
    said = capsys.readouterr().err
    assert "typed when it asks, not on the command line" in said
    assert "history of the shell" in said
    assert "Lovelace" not in said


def test_moment_that_is_none__is_explained(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["picture", "1", "--lake", str(lake), "--known-at", "last Tuesday"]
    assert main(words) == 2
    said = capsys.readouterr().err
    assert "ISO 8601" in said
    assert "Tuesday" not in said


def test_defect__is_named_by_its_kind_and_shows_no_value(
    lake: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError(broken.__name__, "Zaphod Beeblebrox")

    monkeypatch.setattr("vitruvian.picture.build_picture", broken)
    assert main(["picture", "1", "--lake", str(lake)]) == 1
    said = capsys.readouterr().err
    assert "(KeyError)" in said
    assert "Zaphod" not in said


def test_ingest__again_adds_nothing(lake: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = str(lake.parent / "hospital" / "fhir")
    assert main(["ingest", files, "--lake", str(lake), "--json"]) == 0
    report = json.loads(capsys.readouterr().out)
    assert report["loaded"] == 0
    assert report["offered"] == report["skipped"] > 100


def test_find__asks_for_words_and_answers_with_the_id_other_commands_want(
    lake: Path,
    person: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["picture", person, "--lake", str(lake), "--json"]) == 0
    banner = json.loads(capsys.readouterr().out)["banner"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{banner['family'][:3].lower()}\n"))
    assert main(["find", "--lake", str(lake), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert person in [each["person_id"] for each in found["patients"]]
    monkeypatch.setattr("sys.stdin", io.StringIO("no such name\n"))
    assert main(["find", "--lake", str(lake)]) == 0
    assert "0 of 0" in capsys.readouterr().out


@pytest.mark.parametrize("host, warns", [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104
def test_listening_beyond_this_machine__warns(
    host: str,
    warns: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr("vitruvian.ingest.engine.listeners.listen", lambda *_, **__: None)
    words = ["listen", "--lake", str(tmp_path / "lake"), "--mllp", "0", "--host", host]
    assert main(words) == 0
    assert ("neither MLLP nor DICOM is encrypted" in capsys.readouterr().err) is warns


def test_picture__in_json_is_the_answer_of_the_page(
    lake: Path, person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["picture", person, "--lake", str(lake), "--json"]) == 0
    picture = json.loads(capsys.readouterr().out)
    assert picture["banner"]["person_id"] == person
    assert picture["event_count"] > 10


def test_picture__is_drawn_for_people(
    lake: Path, person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["picture", person, "--lake", str(lake), "--known-at", "2026-06-30"]) == 0
    drawn = capsys.readouterr().out
    assert "as known on 2026-06-30" in drawn
    for heading in ("Problems", "Medicines", "Allergies", "Laboratory", "Encounters"):
        assert heading in drawn


def test_trace__shows_the_record_and_recomputes(
    lake: Path, person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["picture", person, "--lake", str(lake), "--json"])
    vitals = json.loads(capsys.readouterr().out)["panels"]["vitals"]
    event = vitals["rows"][0]["cells"][0]["event_id"]
    assert main(["trace", event, "--lake", str(lake)]) == 0
    drawn = capsys.readouterr().out
    assert "recomputed now: same" in drawn
    assert '"resourceType"' in drawn


def test_check__of_a_sound_lake_finds_nothing(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--lake", str(lake)]) == 0
    assert "as it was written" in capsys.readouterr().out


def test_check__of_a_flipped_bit_fails_and_names_it(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "lake"
    shutil.copytree(lake, copy)
    victim = next((copy / "tables" / "event").rglob("*.parquet"))
    stored = bytearray(victim.read_bytes())
    stored[len(stored) // 2] ^= 1
    victim.write_bytes(stored)
    assert main(["check", "--lake", str(copy)]) == 1
    assert "data" in capsys.readouterr().out


def test_check__of_a_lake_too_damaged_to_open_is_a_finding(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "lake"
    shutil.copytree(lake, copy)
    (copy / "lake.sqlite").write_bytes(b"SQLite format 3\0" + bytes(4096))
    assert main(["check", "--lake", str(copy)]) == 1
    assert "findings: " in capsys.readouterr().out


def test_ingest__of_a_path_that_is_not_there_makes_no_lake(tmp_path: Path) -> None:
    assert main(["ingest", str(tmp_path / "no"), "--lake", str(tmp_path / "lake")]) == 2
    assert not (tmp_path / "lake").exists()


def test_ingest__says_how_many_files_it_did_not_recognise(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "read.me").write_text("nothing clinical", encoding="utf-8")
    patient = '{"resourceType":"Patient","id":"p"}'
    (tmp_path / "in" / "p.json").write_text(patient, encoding="utf-8")
    assert main(["ingest", str(tmp_path / "in"), "--lake", str(tmp_path / "lake")]) == 0
    assert "1 of 2 sources not recognised" in capsys.readouterr().out


def test_ingest__names_record_and_place_of_a_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = '{"resourceType":"Patient","id":"p"}\n{"resourceType":"Patient",\n'
    (tmp_path / "p.ndjson").write_text(lines, encoding="utf-8")
    assert main(["ingest", str(tmp_path / "p.ndjson"), "--lake", str(tmp_path / "lake")]) == 1
    assert re.search(r"^Source [0-9a-f]{16}, record 1", capsys.readouterr().out, re.MULTILINE)


def test_compact__keeps_every_answer(
    lake: Path, person: str, capsys: pytest.CaptureFixture[str]
) -> None:
    def panels() -> object:
        main(["picture", person, "--lake", str(lake), "--json"])
        return json.loads(capsys.readouterr().out)["panels"]

    before = panels()
    assert main(["compact", "--lake", str(lake)]) == 0
    capsys.readouterr()
    assert panels() == before


def test_account__gets_a_link_whose_token_stands_in_the_fragment(
    lake: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["account", "add", "rossi", "--lake", str(lake)]) == 0
    link = capsys.readouterr().out.strip()
    assert re.fullmatch(r"http://127\.0\.0\.1:8420/sign-in#token=\S{40,}", link)
    assert main(["account", "add", "rossi", "--lake", str(lake)]) == 2


def test_view__gives_rows_as_ndjson(tmp_path: Path) -> None:
    view = {
        "resourceType": "ViewDefinition",
        "resource": "Patient",
        "select": [{"column": [{"name": "id", "path": "id"}]}],
    }
    (tmp_path / "view.json").write_text(json.dumps(view), "utf-8")
    (tmp_path / "in.ndjson").write_text('{"resourceType":"Patient","id":"p1"}\n', "utf-8")
    done = run("view", "run", str(tmp_path / "view.json"), "--input", str(tmp_path / "in.ndjson"))
    assert (done.returncode, done.stdout, done.stderr) == (0, '{"id":"p1"}\n', "")


def test_wrong_word__shows_the_usage() -> None:
    done = run("picturesque")
    assert done.returncode == 2
    assert "usage: vitruvian" in done.stderr


@pytest.mark.parametrize(
    "words", [["picture", "Zaphod", "--lake", "x"], ["Zaphod"], ["check", "--lake", "x", "Zaphod"]]
)
def test_wrong_words__are_not_repeated(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    said = capsys.readouterr().err
    assert ended.value.code == 2
    assert "error: " in said
    assert "Zaphod" not in said


@pytest.mark.parametrize(
    "words, said",
    [
        (["ingst", "x"], "Did you mean ingest?"),
        (["xyzzy"], "Expected one of: ingest, listen"),
        (["demo", "--out", "d", "--layout", "bundlez"], "Did you mean bundles?"),
        (["serve", "--lake", "x", "--port", "99999"], "from 0 to 65535"),
        (["listen", "--lake", "x", "--mllp", "-1"], "--mllp"),
        (["picture", "one", "--lake", "x"], "PERSON: expected a whole number"),
        (["check", "--lake", "x", "--lak"], "See vitruvian check --help"),
    ],
)
def test_wrong_words__are_answered_by_what_to_type(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("words", [[], ["account"]])
def test_no_command__shows_all_of_them(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(words)
    shown = capsys.readouterr().err
    assert re.search(r"^ +(ingest|add) ", shown, re.MULTILINE)
    assert "no command given" in shown


def test_debug__may_stand_at_the_end(lake: Path) -> None:
    words = ["picture", "999", "--lake", str(lake), "--debug"]
    assert parser().parse_args(words).debug is True
    assert parser().parse_args(["--debug", *words[:-1]]).debug is True
    assert parser().parse_args(words[:-1]).debug is False


def test_refusal_of_the_operating_system__is_no_defect_and_names_no_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "Zaphod").write_text("a file, no folder", "utf-8")
    words = ["demo", "--out", str(tmp_path / "Zaphod" / "hospital"), "--patients", "1"]
    assert main(words) == 1
    said = capsys.readouterr().err
    assert "the operating system refused: Not a directory" in said
    assert "Zaphod" not in said


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command__explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parser().parse_args([name, "--help"])
    assert ended.value.code == 0
    assert "usage: vitruvian" in capsys.readouterr().out
