"""`vitruvian ingest`, `which` and `view run`: nothing recognised, memory, packed files."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from vitruvian.cli import main
from vitruvian.ingest.engine.library import adapters


@pytest.fixture
def unknown(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "letter.bin").write_bytes(b"\x00\x01\x02")
    return folder


def test_ingest__of_nothing_recognised_prints_a_report_and_leaves_no_lake(
    unknown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    assert main(["ingest", str(unknown), "--lake", str(lake), "--json"]) != 0
    report = json.loads(capsys.readouterr().out)
    assert [source["outcome"] for source in report["sources"]] == ["not-recognised"]
    assert (report["offered"], report["refused_sources"]) == (0, 1)
    assert not lake.exists()


def test_ingest__of_nothing_recognised_says_so_in_short_lines(
    unknown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", str(unknown), "--lake", str(tmp_path / "lake")]) == 2
    first, expected, *kinds, remedy = capsys.readouterr().err.splitlines()
    assert "none of 1 file(s) below the paths given" in first
    assert expected == "Expected one of:"
    assert len(kinds) == len(adapters())
    assert all(each.startswith("  ") for each in kinds)
    assert remedy == "Check the path, or add an adapter."
    assert max(map(len, [first, *kinds])) <= 120


def test_ingest__of_nothing_recognised_keeps_a_folder_that_stood(
    unknown: Path, tmp_path: Path
) -> None:
    lake = tmp_path / "lake"
    lake.mkdir()
    assert main(["ingest", str(unknown), "--lake", str(lake)]) != 0
    assert lake.is_dir()
    assert list(lake.iterdir()) == []


def test_ingest__of_nothing_recognised_keeps_a_lake_that_stood(
    unknown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "known.ndjson"
    known.write_text('{"resourceType":"Patient","id":"ada"}\n')
    lake = str(tmp_path / "lake")
    assert main(["ingest", str(known), "--lake", lake]) == 0
    assert main(["ingest", str(unknown), "--lake", lake]) != 0
    capsys.readouterr()
    assert main(["ingest", str(known), "--lake", lake, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["skipped"] == 1


def test_ingest__of_a_text_without_a_sheet_says_what_to_write_and_leaves_no_lake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, lake = tmp_path / "letter.txt", tmp_path / "lake"
    text.write_text("Slept well.\n")
    assert main(["ingest", str(text), "--lake", str(lake)]) == 1
    said = capsys.readouterr()
    assert "note_id, identifier_system, patient_id, time and file" in said.out
    assert "no lake was made" in said.err
    assert not lake.exists()


def test_ingest__of_a_cut_archive_leaves_no_lake(tmp_path: Path) -> None:
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("patient.json", '{"resourceType":"Patient","id":"ada"}')
    packed.write_bytes(packed.read_bytes()[:60])
    assert main(["ingest", str(packed), "--lake", str(tmp_path / "lake")]) == 1
    assert not (tmp_path / "lake").exists()


def test_ingest__of_a_text_alone_keeps_a_lake_that_stood(tmp_path: Path) -> None:
    known, text = tmp_path / "known.ndjson", tmp_path / "letter.txt"
    known.write_text('{"resourceType":"Patient","id":"ada"}\n')
    text.write_text("Slept well.\n")
    lake = str(tmp_path / "lake")
    assert main(["ingest", str(known), "--lake", lake]) == 0
    assert main(["ingest", str(text), "--lake", lake]) == 0
    assert main(["check", "--lake", lake]) == 0


@pytest.mark.parametrize("size", ["64MB", "much", "1", "-2GB"])
def test_memory__that_is_too_little_or_no_size_is_refused(
    unknown: Path, tmp_path: Path, size: str, capsys: pytest.CaptureFixture[str]
) -> None:
    lake = tmp_path / "lake"
    asked = ["ingest", str(unknown), "--lake", str(lake), f"--memory-limit={size}"]
    assert main(asked) == 2
    assert "--memory-limit" in capsys.readouterr().err
    assert not lake.exists()


@pytest.mark.parametrize("command", ["ingest", "listen"])
@pytest.mark.parametrize("zone", ["Europe/Oslow", "Europe", ""])
def test_time_zone__that_is_none_is_refused_before_a_lake_is_made(
    unknown: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str, zone: str
) -> None:
    lake = tmp_path / "lake"
    words = [str(unknown)] if command == "ingest" else ["--mllp", "0"]
    with pytest.raises(SystemExit) as stopped:
        main([command, *words, "--lake", str(lake), f"--time-zone={zone}"])
    assert stopped.value.code == 2
    said = capsys.readouterr().err
    assert "--time-zone: expected an IANA name such as Europe/Rome" in said
    assert not lake.exists()


@pytest.mark.parametrize("within", ["", "letter.bin"])
def test_lake__where_the_files_to_take_in_lie_is_refused(
    unknown: Path, within: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["ingest", str(unknown / within), "--lake", str(unknown)]) == 2
    assert "Path number 1 of those given lies in the lake's folder" in capsys.readouterr().err
    assert [each.name for each in unknown.iterdir()] == ["letter.bin"]


_STOPPED = """
import os, signal, sys
from vitruvian.cli import main
from vitruvian.ingest.engine import pipeline

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell in the background ignores it
pipeline._source_rows = lambda *told: os.kill(os.getpid(), signal.SIGINT)
sys.exit(main(sys.argv[1:]))
"""


def test_interrupt__of_a_load_says_how_it_stands_and_the_same_command_goes_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = tmp_path / "known.ndjson"
    known.write_text('{"resourceType":"Patient","id":"ada"}\n')
    asked = ["ingest", str(known), "--lake", str(tmp_path / "lake"), "--json"]
    command = [sys.executable, "-c", _STOPPED, *asked]
    load = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (load.returncode, load.stderr.count("\n")) == (130, 1)
    assert "run the same command again" in load.stderr
    assert main(asked) == 0
    report = json.loads(capsys.readouterr().out)
    assert (report["loaded"], report["skipped"]) == (1, 0)


@pytest.fixture
def mixed(unknown: Path) -> Path:
    """A folder whose files' names are names of people."""
    patient = b'{"resourceType":"Patient","id":"ada","birthDate":"in spring"}\n'
    (unknown / "ada-lovelace.ndjson").write_bytes(patient)
    with zipfile.ZipFile(unknown / "export.zip", "w") as archive:
        archive.writestr("inside/grace-hopper.ndjson", patient.replace(b"ada", b"grace"))
    (unknown / "mary.zip").write_bytes(b"PK\x03\x04 and no archive")
    return unknown


def test_report__names_sources_and_no_file(
    mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ingest", str(mixed), "--lake", str(tmp_path / "lake")])
    said = "".join(capsys.readouterr())
    assert "vitruvian which" in said
    assert not [name for name in ("ada", "grace", "mary", "letter") if name in said]


def test_which__finds_the_file_of_every_source_of_a_report(
    mixed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["ingest", str(mixed), "--lake", str(tmp_path / "lake"), "--json"])
    named = {each["source_id"] for each in json.loads(capsys.readouterr().out)["sources"]}
    assert main(["which", str(mixed), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {each["source_id"] for each in found} == named
    assert [(Path(each["file"]).name, each["member"]) for each in found] == [
        ("ada-lovelace.ndjson", ""),
        ("export.zip", "grace-hopper.ndjson"),
        ("letter.bin", ""),
        ("mary.zip", ""),
    ]


def test_which__finds_a_packed_file_that_ends_in_the_middle(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = tmp_path / "export.ndjson.gz"
    cut.write_bytes(gzip.compress(b"{}" * 999)[:-9])
    assert main(["ingest", str(cut), "--lake", str(tmp_path / "lake"), "--json"]) == 1
    (told,) = json.loads(capsys.readouterr().out)["sources"]
    assert told["outcome"] == "refused"
    assert main(["which", str(cut), "--source", told["source_id"]]) == 0


def test_which__finds_one_by_the_start_of_its_id_and_tells_what_is_not_there(
    mixed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    start = hashlib.sha256((mixed / "letter.bin").read_bytes()).hexdigest()[:6]
    assert main(["which", str(mixed), "--source", start]) == 0
    assert capsys.readouterr().out.split("  ")[1].strip() == str(mixed / "letter.bin")
    assert main(["which", str(mixed), "--source", "zz"]) == 1
    assert "source zz" in capsys.readouterr().err


def test_view__reads_a_packed_file(
    tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    view = tmp_path / "view.json"
    column = {"name": "id", "path": "id"}
    view.write_text(json.dumps({"resource": "Patient", "select": [{"column": [column]}]}))
    packed = tmp_path / "a.ndjson.gz"
    packed.write_bytes(gzip.compress(b'{"resourceType":"Patient","id":"ada"}\n'))
    assert main(["view", "run", str(view), "--input", str(packed)]) == 0
    assert json.loads(capsysbinary.readouterr().out) == {"id": "ada"}
