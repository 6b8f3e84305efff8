"""Cold storage: bytes leave only after they read back, and every answer stays what it was."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.lake.erase.ward import APPROVES, ASKS, GONE, answers
from tests.lake.rows import DOCTOR
from vitruvian.lake import Lake, Wants, backup, check_folder, restore
from vitruvian.lake.cold import moving
from vitruvian.lake.cold.errors import (
    BadPlace,
    BadRule,
    OtherLakesPlace,
    PlaceNotReached,
    StillCold,
)
from vitruvian.lake.cold.moving import MARK, bring_back, held, move_due, rules_of, set_rules
from vitruvian.lake.cold.places import Folder
from vitruvian.lake.cold.rules import Rules
from vitruvian.lake.erasing.eraser import Eraser
from vitruvian.lake.errors import BlobMissing, Damaged, NoLake
from vitruvian.trust import SYSTEM, Access
from vitruvian.trust.errors import Anonymous

WANTS = Wants(SYSTEM)
PIXELS = (b"own pixels", b"shared pixels")


class PulledPlug(Exception):
    """The machine stops here."""


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "archive").mkdir()
    return tmp_path / "archive"


@pytest.fixture
def moved(path: Path, archive: Path) -> Path:
    set_rules(path, documents(archive), WANTS)
    assert move_due(path, WANTS).files == 2
    return path


def documents(archive: Path, days: int = 0) -> Rules:
    return Rules(str(archive), ("document",), days)


def blobs(path: Path) -> dict[str, bytes]:
    """What every note's attachment reads as, by address."""
    with Lake.open(path) as lake, lake.read(DOCTOR) as reader:
        named = reader.rows("note", columns=["blob_sha256"]).column(0).to_pylist()
        return {one: reader.blob(one) for one in named if one}


def here(path: Path) -> set[str]:
    return {one.name for one in (path / "blobs").glob("*/*")}


def there(archive: Path) -> set[str]:
    return {one.name for one in archive.glob("*/*")}


def test_rules__need_a_kind_that_is_known_and_an_age() -> None:
    with pytest.raises(BadRule):
        Rules("/somewhere", (), 1)
    with pytest.raises(BadRule):
        Rules("/somewhere", ("x-ray",), 1)
    with pytest.raises(BadRule):
        Rules("/somewhere", ("image",), -1)


def test_place__is_no_relative_missing_or_own_folder(path: Path, tmp_path: Path) -> None:
    (path / "inside").mkdir()
    places = ("archive", str(tmp_path / "missing" / "too"), str(path / "inside"), str(tmp_path))
    for place in places:
        with pytest.raises(BadPlace):
            set_rules(path, Rules(place, ("image",), 0), WANTS)
    assert rules_of(path) is None


def test_place__that_holds_something_else_is_refused(path: Path, archive: Path) -> None:
    (archive / "holiday.jpg").write_bytes(b"sea")
    with pytest.raises(OtherLakesPlace):
        set_rules(path, documents(archive), WANTS)
    assert there(archive) == set()


def test_place__of_another_lake_is_refused(moved: Path, archive: Path, tmp_path: Path) -> None:
    Lake.create(tmp_path / "other", site="elsewhere").close()
    with pytest.raises(OtherLakesPlace):
        set_rules(tmp_path / "other", documents(archive), WANTS)
    assert len(there(archive)) == 2
    assert len(blobs(moved)) == 2


def test_place__cannot_change_while_something_lies_in_it(moved: Path, tmp_path: Path) -> None:
    (tmp_path / "second").mkdir()
    with pytest.raises(StillCold):
        set_rules(moved, documents(tmp_path / "second"), WANTS)


def test_nobody__moves_nothing(path: Path, archive: Path) -> None:
    nobody = Wants(Access(who="", role="", purpose="operations"))
    with pytest.raises(Anonymous):
        set_rules(path, documents(archive), nobody)
    with pytest.raises(NoLake):
        move_due(archive, WANTS)


def test_what_is_young_or_of_another_kind__stays_here(path: Path, archive: Path) -> None:
    before = here(path)
    set_rules(path, documents(archive, days=30), WANTS)
    assert move_due(path, WANTS).files == 0
    set_rules(path, Rules(str(archive), ("image", "signal"), 0), WANTS)
    assert move_due(path, WANTS).files == 0
    assert here(path) == before
    set_rules(path, documents(archive, days=30), WANTS)
    later = replace(WANTS, clock=lambda: datetime.now(UTC) + timedelta(days=31))
    assert move_due(path, later).files == 2


def test_what_moved__reads_as_before_and_checks_clean(path: Path, archive: Path) -> None:
    before = blobs(path)
    set_rules(path, documents(archive), WANTS)
    report = move_due(path, WANTS)
    assert (report.files, report.size) == (2, sum(len(one) for one in PIXELS))
    assert here(path) == set()
    assert there(archive) == set(before)
    assert blobs(path) == before
    assert list(check_folder(path)) == []
    (told,) = [one for one in held(path) if one.kind == "document"]
    assert (told.near, told.cold, told.cold_bytes) == (0, 2, report.size)
    assert move_due(path, WANTS).files == 0


def test_each_move__is_in_the_audit(moved: Path) -> None:
    with Lake.open(moved) as lake:
        deeds = [row.deed for row in lake.audit.rows() if row.deed.kind == "storage"]
    assert [deed.definition for deed in deeds] == ["set document after 0 days", "move"]


def test_a_flipped_bit_there__is_found_and_never_shown(moved: Path, archive: Path) -> None:
    victim = min(archive.glob("*/*"))
    victim.write_bytes(b"x" + victim.read_bytes()[1:])
    assert [one.kind for one in check_folder(moved)] == ["blob"]
    with Lake.open(moved) as lake, lake.read(DOCTOR) as reader, pytest.raises(Damaged):
        reader.blob(victim.name)


def test_a_file_lost_there__is_found(moved: Path, archive: Path) -> None:
    victim = min(archive.glob("*/*"))
    victim.unlink()
    assert [one.kind for one in check_folder(moved)] == ["blob"]
    with Lake.open(moved) as lake, lake.read(DOCTOR) as reader, pytest.raises(BlobMissing):
        reader.blob(victim.name)


def test_an_archive_not_mounted__is_one_sentence_and_the_rest_reads_on(
    moved: Path, archive: Path
) -> None:
    address = next(iter(blobs(moved)))
    archive.rename(archive.with_name("away"))
    with Lake.open(moved) as lake, lake.read(DOCTOR) as reader:
        with pytest.raises(PlaceNotReached):
            reader.blob(address)
        assert len(list(reader.rows("event"))) > 0
    assert [one.what for one in check_folder(moved) if "not reached" in one.what]


@pytest.mark.parametrize("stop", ["cold:before-unlink", "cold:after-unlink"])
def test_a_move_that_is_cut_off__loses_nothing_and_goes_on(
    path: Path, archive: Path, stop: str
) -> None:
    before = blobs(path)

    def plug(place: str) -> None:
        if place == stop:
            raise PulledPlug

    set_rules(path, documents(archive), WANTS)
    with pytest.raises(PulledPlug):
        move_due(path, replace(WANTS, fault=plug))
    assert blobs(path) == before
    assert list(check_folder(path)) == []
    assert move_due(path, WANTS).files in (1, 2)
    assert (blobs(path), here(path)) == (before, set())


def test_a_place_that_gives_back_other_bytes__gets_nothing(
    path: Path, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Liar(Folder):
        def get(self, name: str) -> bytes | None:
            data = super().get(name)
            return data if data is None or name == MARK else data[:-1]

    before = here(path)
    set_rules(path, documents(archive), WANTS)
    monkeypatch.setattr(moving, "place_at", lambda address: Liar(Path(address)))
    with pytest.raises(PlaceNotReached):
        move_due(path, WANTS)
    assert here(path) == before


def test_backup__holds_what_is_cold_and_restores_it_here(
    moved: Path, archive: Path, tmp_path: Path
) -> None:
    before = blobs(moved)
    assert backup(moved, tmp_path / "copies", WANTS).copied > 0
    assert backup(moved, tmp_path / "copies", WANTS).name
    restore(tmp_path / "copies", tmp_path / "again", WANTS)
    shutil.rmtree(archive)
    assert blobs(tmp_path / "again") == before
    assert rules_of(tmp_path / "again") is None


def test_erasure__reaches_cold_storage(moved: Path, archive: Path) -> None:
    with Lake.open(moved) as lake:
        others = answers(lake)
        eraser = Eraser(lake)
        eraser.approve(APPROVES, eraser.ask(ASKS, GONE, ground="objection").id)
        assert answers(lake) == others
    left = [one.read_bytes() for one in archive.glob("*/*")]
    assert left == [b"shared pixels"]


def test_a_copy_of_a_lake__reads_there_and_removes_nothing(
    moved: Path, archive: Path, tmp_path: Path
) -> None:
    shutil.copytree(moved, tmp_path / "copy")
    before = blobs(moved)
    with Lake.open(tmp_path / "copy") as lake:
        eraser = Eraser(lake)
        eraser.approve(APPROVES, eraser.ask(ASKS, GONE, ground="objection").id)
    assert len(blobs(tmp_path / "copy")) == 1
    assert blobs(moved) == before
    assert len(there(archive)) == 2


def test_back__brings_everything_here_and_leaves_an_empty_place(moved: Path, archive: Path) -> None:
    before = blobs(moved)
    assert bring_back(moved, WANTS).files == 2
    assert here(moved) == set(before)
    assert [one for one in archive.rglob("*") if one.is_file()] == []
    assert (rules_of(moved), blobs(moved)) == (None, before)
