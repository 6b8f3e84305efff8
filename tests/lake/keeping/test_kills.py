"""SIGKILL in the middle of a backup or a restore; full, read-only and failing disks."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lake.keeping.test_backup import WANTS, events, grow
from tests.lake.rows import DOCTOR
from vitruvian.lake import Lake, backup, check_folder, restore
from vitruvian.lake.disk import durable
from vitruvian.lake.errors import StorageFailed
from vitruvian.lake.keeping.vault import Vault

ROOT = Path(__file__).resolve().parents[3]
BACKUP_PLACES = [
    ("backup:after-databases", 1),
    ("backup:after-object", 1),
    ("backup:after-object", 9),
    ("backup:before-list", 1),
    ("backup:after-list", 1),
]
RESTORE_PLACES = [
    ("restore:after-file", 1),
    ("restore:after-file", 20),
    ("restore:before-open", 1),
    ("restore:before-cut", 1),
    ("publish:before-catalogue", 1),
    ("publish:after-catalogue", 1),
    ("vacuum:before-unlink", 1),
    ("restore:before-check", 1),
    ("restore:before-rename", 1),
]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    with Lake.create(tmp_path / "lake") as made:
        grow(made, 10)
    return tmp_path / "lake"


def kill(*words: object) -> None:
    """Run a job that kills itself on the way."""
    command = [sys.executable, "-m", "tests.lake.keeping.victim", *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=120)
    assert done.returncode == -9, done.stderr


def after_killed_backup(lake: Path, copies: Path) -> None:
    """Every backup listed is whole; the next one works and leaves nothing over."""
    for name in Vault(copies).names():
        restore(copies, copies.with_name("listed"), WANTS, name=name)
        assert events(copies.with_name("listed")) == [11, 12, 13, 14]
        shutil.rmtree(copies.with_name("listed"))
    assert list(check_folder(lake)) == []
    backup(lake, copies, WANTS)
    restore(copies, copies.with_name("again"), WANTS)
    assert events(copies.with_name("again")) == [11, 12, 13, 14]
    named = {
        kept.sha256
        for name in Vault(copies).names()
        for kept in Vault(copies).get(name).files.values()
    }
    assert {path.name for path in Vault(copies).objects.glob("*/*")} == named
    assert not list(Vault(copies).objects.glob("drafts-*"))


def after_killed_restore(copies: Path, place: Path) -> None:
    """Nothing stands at the place; the next one works and leaves nothing over."""
    assert not place.exists()
    restore(copies, place, WANTS)
    assert events(place) == [11, 12, 13, 14]
    assert [path.name for path in place.parent.iterdir() if "restoring" in path.name] == []


@pytest.mark.parametrize("place, times", BACKUP_PLACES[2:4])
def test_backup_killed__leaves_whole_backups_only(
    lake: Path, tmp_path: Path, place: str, times: int
) -> None:
    kill("backup", lake, tmp_path / "copies", place, times)
    assert Vault(tmp_path / "copies").names() == []
    after_killed_backup(lake, tmp_path / "copies")


def test_first_backup_killed_before_its_folder_was_marked__the_next_works(
    lake: Path, tmp_path: Path
) -> None:
    (tmp_path / "copies").mkdir()
    (tmp_path / "copies" / ".vault.json.draft").write_text("{", "ascii")
    after_killed_backup(lake, tmp_path / "copies")
    assert (tmp_path / "copies" / "vault.json").is_file()


def test_second_backup_killed__leaves_the_first(lake: Path, tmp_path: Path) -> None:
    first = backup(lake, tmp_path / "copies", WANTS)
    kill("backup", lake, tmp_path / "copies", "backup:before-list", 1)
    assert Vault(tmp_path / "copies").names() == [first.name]
    after_killed_backup(lake, tmp_path / "copies")


@pytest.mark.parametrize("place, times", [("restore:after-file", 20), ("restore:before-rename", 1)])
def test_restore_killed__leaves_nothing_at_the_place(
    lake: Path, tmp_path: Path, place: str, times: int
) -> None:
    backup(lake, tmp_path / "copies", WANTS)
    kill("restore", tmp_path / "copies", tmp_path / "again", place, times)
    assert (tmp_path / ".again.restoring").is_dir()
    after_killed_restore(tmp_path / "copies", tmp_path / "again")


@pytest.mark.torture
@pytest.mark.parametrize("place, times", BACKUP_PLACES)
def test_backup_killed_anywhere__leaves_whole_backups_only(
    lake: Path, tmp_path: Path, place: str, times: int
) -> None:
    kill("backup", lake, tmp_path / "copies", place, times)
    assert len(Vault(tmp_path / "copies").names()) == (place == "backup:after-list")
    after_killed_backup(lake, tmp_path / "copies")


@pytest.mark.torture
@pytest.mark.parametrize("place, times", RESTORE_PLACES)
def test_restore_killed_anywhere__leaves_nothing_at_the_place(
    lake: Path, tmp_path: Path, place: str, times: int
) -> None:
    with Lake.open(lake) as opened:
        with opened.read(DOCTOR) as reader:
            rows = reader.history("event").column("recorded_at").to_pylist()
        backup(lake, tmp_path / "copies", WANTS)
    at = min(rows).isoformat()
    kill(f"restore@{at}", tmp_path / "copies", tmp_path / "again", place, times)
    assert not (tmp_path / "again").exists()
    after_killed_restore(tmp_path / "copies", tmp_path / "again")


@pytest.mark.parametrize(
    "number, words",
    [(errno.ENOSPC, "the disk is full"), (errno.EROFS, "Read-only"), (errno.EIO, "Input/output")],
)
def test_failing_disk__is_one_sentence_and_leaves_nothing_half(
    lake: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    backup(lake, tmp_path / "good", WANTS)
    flush = durable.fsync_path
    flushed = 0

    def fail_after_the_sixth(path: Path) -> None:
        nonlocal flushed
        flushed += 1
        if flushed > 6:
            raise OSError(number, os.strerror(number), "/secret/path")
        flush(path)

    monkeypatch.setattr(durable, "fsync_path", fail_after_the_sixth)
    with pytest.raises(StorageFailed, match=words) as failed:
        backup(lake, tmp_path / "copies", WANTS)
    assert "secret" not in str(failed.value)
    with pytest.raises(StorageFailed, match=words):
        restore(tmp_path / "good", tmp_path / "again", WANTS)
    assert list((tmp_path / "copies" / "objects").glob("*/*")) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copies", "good", "lake"]
    monkeypatch.undo()
    backup(lake, tmp_path / "copies", WANTS)
    restore(tmp_path / "copies", tmp_path / "again", WANTS)
    assert events(tmp_path / "again") == [11, 12, 13, 14]


@contextmanager
def disk(path: Path, options: str) -> Iterator[Path]:
    """A small disk of its own; skips where this user may not mount one."""
    path.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("mounting a small disk is not allowed here")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


@pytest.mark.torture
@pytest.mark.parametrize("size", ["16k", "64k", "128k", "192k", "256k"])
def test_full_disk__is_one_sentence_and_leaves_nothing_half(
    lake: Path, tmp_path: Path, size: str
) -> None:
    backup(lake, tmp_path / "good", WANTS)
    with disk(tmp_path / "small", f"size={size}") as small:
        with pytest.raises(StorageFailed, match="full"):
            backup(lake, small / "copies", WANTS)
        assert list((small / "copies").glob("objects/*/*")) == []
        shutil.rmtree(small / "copies")
        with pytest.raises(StorageFailed, match="full"):
            restore(tmp_path / "good", small / "again", WANTS)
        assert list(small.iterdir()) == []
    assert list(check_folder(lake)) == []


@pytest.mark.torture
def test_read_only_disk__is_one_sentence(lake: Path, tmp_path: Path) -> None:
    backup(lake, tmp_path / "good", WANTS)
    with disk(tmp_path / "sealed", "ro,size=64k") as sealed:
        with pytest.raises(StorageFailed, match="Read-only"):
            backup(lake, sealed / "copies", WANTS)
        with pytest.raises(StorageFailed, match="Read-only"):
            restore(tmp_path / "good", sealed / "again", WANTS)
