"""The databases beside the tables: what an older file lacks is added, and the file stays sound."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from vitruvian.lake.check import faults_at_rest
from vitruvian.lake.disk.database import Database

OLDER = "CREATE TABLE IF NOT EXISTS account(name TEXT);"
NEWER = f"{OLDER} CREATE TABLE IF NOT EXISTS link(name TEXT);"


def opened(folder: Path, schema: str) -> Database:
    return Database(folder / "accounts.sqlite", durability="FULL", schema=schema)


def faults(folder: Path) -> list[str]:
    return [one.what for one in faults_at_rest(folder) if "missing" not in one.what]


@pytest.mark.parametrize("schema", [OLDER, NEWER])
def test_older_database__is_sound_after_a_newer_version_opened_it(
    tmp_path: Path, schema: str
) -> None:
    opened(tmp_path, OLDER).close()
    with closing(opened(tmp_path, schema)) as database:
        assert database.seal_path.exists() == (schema == OLDER)
    assert faults(tmp_path) == []
    assert (tmp_path / "accounts.sqlite.sha256").exists()


def test_changed_byte__is_still_found(tmp_path: Path) -> None:
    opened(tmp_path, NEWER).close()
    path = tmp_path / "accounts.sqlite"
    path.write_bytes(path.read_bytes()[:-1] + b"\xff")
    assert faults(tmp_path) == ["accounts.sqlite differs from the sha256 beside it"]


def test_database_of_a_disk_that_kept_the_old_mode__is_left_unsealed(tmp_path: Path) -> None:
    database = opened(tmp_path, OLDER)
    database.connection().execute("PRAGMA journal_mode=DELETE")
    database.close()
    assert not database.seal_path.exists()
    opened(tmp_path, OLDER).close()
    assert faults(tmp_path) == []
