"""A version of a Delta log that lost its bytes to a power cut is written again or left out.

What a disk can leave of a write that was not flushed: nothing, zeros, or a piece.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from deltalake import DeltaTable

from tests.lake.rows import DOCTOR, event, ids
from vitruvian.lake import Lake, check_folder
from vitruvian.lake.store.delta import FIRST
from vitruvian.trust import SYSTEM

TEARS: dict[str, Callable[[bytes], bytes]] = {
    "nothing": lambda _: b"",
    "zeros": lambda whole: bytes(len(whole)),
    "half a line": lambda whole: whole[: len(whole) // 2],
    "its first line": lambda whole: whole.splitlines(keepends=True)[0],
    "no object": lambda _: b"1\n",
}


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A closed lake with one event in its table and another in its hot log."""
    path = tmp_path / "lake"
    with Lake.create(path) as lake:
        lake.append(SYSTEM, {"event": [event(1)]})
        lake.drain(SYSTEM)
        lake.append(SYSTEM, {"event": [event(2)]})
    return path


def log_of(path: Path, table: str) -> Path:
    return path / "tables" / table / "_delta_log"


def forget(path: Path, table: str) -> None:
    """Take from the catalogue what it knows of a log that was just begun."""
    with Lake.open(path) as lake, lake._store.catalogue.database.writing() as connection:
        connection.execute("DELETE FROM file WHERE kind='delta' AND table_name=?", (table,))


@pytest.mark.parametrize("tear", TEARS)
def test_first_version_of_a_new_table_torn__is_written_again(closed: Path, tear: str) -> None:
    first = log_of(closed, "image") / f"{FIRST}.json"
    whole = first.read_bytes()
    forget(closed, "image")
    first.write_bytes(TEARS[tear](whole))
    with Lake.open(closed) as lake:
        lake.drain(SYSTEM)
    assert list(check_folder(closed)) == []
    names = {field.name for field in DeltaTable(str(first.parent.parent)).schema().fields}
    assert {"image_id", "subject_id"} <= names


@pytest.mark.parametrize("tear", TEARS)
def test_version_that_was_never_published_torn__is_left_out(closed: Path, tear: str) -> None:
    log = log_of(closed, "event")
    newest = max(log.glob("*.json"))
    unpublished = log / f"{int(newest.stem) + 1:020d}.json"
    unpublished.write_bytes(TEARS[tear](newest.read_bytes()))
    with Lake.open(closed) as lake:
        lake.drain(SYSTEM)
        with lake.read(DOCTOR) as reader:
            assert ids(reader.rows("event", columns=["event_id"])) == [1, 2]
    assert list(check_folder(closed)) == []
    assert DeltaTable(str(log.parent)).to_pyarrow_dataset().count_rows() == 2


@pytest.mark.parametrize("tear", ["nothing", "zeros", "half a line"])
def test_published_version_torn__stays_and_is_found(closed: Path, tear: str) -> None:
    newest = max(log_of(closed, "event").glob("*.json"))
    torn = TEARS[tear](newest.read_bytes())
    newest.write_bytes(torn)
    assert [one.kind for one in check_folder(closed)] != []
    assert newest.read_bytes() == torn
