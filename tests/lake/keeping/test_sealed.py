"""Encrypted backups: closed without the key, whole with it, and handed over from key to key."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lake.keeping.test_backup import events, grow
from tests.lake.rows import TickingClock
from vitruvian.lake import Lake, Wants, backup, check_folder, restore
from vitruvian.lake.errors import BackupDamaged
from vitruvian.lake.keeping.sealing import (
    PIECE,
    BadKeyFile,
    Key,
    KeyFileThere,
    Seal,
    Unsealed,
    WrongKey,
    make_key,
    read_key,
)
from vitruvian.lake.keeping.vault import KeyNeeded, NotSealed, Vault
from vitruvian.trust import SYSTEM

KEY, OTHER = Key(bytes(range(32))), Key(bytes(32))
SECRET = b"scan 1"
HEAD = 43  # mark, id of the key, salt


@pytest.fixture
def lake(tmp_path: Path, clock: TickingClock) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        grow(made, 1)
        yield made


def sealed(lake: Lake, copies: Path, key: Key | None = KEY) -> None:
    backup(lake.path, copies, Wants(SYSTEM, key=key, clock=lake.clock))


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


# ---------------------------------------------------------------- refusals


def test_without_the_key__nothing_is_restored_or_added(lake: Lake, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    sealed(lake, copies)
    with pytest.raises(KeyNeeded, match="--key"):
        restore(copies, tmp_path / "again", Wants(SYSTEM))
    with pytest.raises(KeyNeeded):
        sealed(lake, copies, None)
    for wants in (Wants(SYSTEM, key=OTHER),):
        with pytest.raises(WrongKey):
            restore(copies, tmp_path / "again", wants)
    assert not (tmp_path / "again").exists()


def test_a_folder__is_encrypted_or_not(lake: Lake, tmp_path: Path) -> None:
    sealed(lake, tmp_path / "clear", None)
    with pytest.raises(NotSealed):
        sealed(lake, tmp_path / "clear")


def test_key_file__is_never_written_over_and_read_as_made_only(tmp_path: Path) -> None:
    path = tmp_path / "k"
    made = make_key(path)
    assert read_key(path) == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert made.secret.hex() not in repr(made)
    for there in (path, tmp_path / "nowhere" / "k"):
        with pytest.raises(KeyFileThere):
            make_key(there)
    for text in ("", "no", "vitruvian-key-1 00", f"other {made.secret.hex()}", "é"):
        path.write_text(text, "utf-8")
        with pytest.raises(BadKeyFile):
            read_key(path)
    with pytest.raises(BadKeyFile):
        read_key(tmp_path / "none")


# ---------------------------------------------------------------- what it keeps from others


def test_encrypted_folder__holds_no_byte_that_tells_anything(lake: Lake, tmp_path: Path) -> None:
    sealed(lake, tmp_path / "clear", None)
    sealed(lake, tmp_path / "copies")
    told = [SECRET, b"st-elsewhere", b"SQLite format 3", b"PAR1", b"_delta_log", b"audit.jsonl"]
    clear, closed = every_byte(tmp_path / "clear"), every_byte(tmp_path / "copies")
    assert [word for word in told if word not in clear] == []
    assert [word for word in told if word in closed] == []
    names = {path.name for path in (tmp_path / "clear" / "objects").rglob("*")}
    assert not names & {path.name for path in (tmp_path / "copies" / "objects").glob("*/*")}


def test_restored__is_the_lake_and_a_second_backup_copies_what_is_new_only(
    lake: Lake, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    sealed(lake, copies)
    wants = Wants(SYSTEM, key=KEY, clock=lake.clock)
    again = backup(lake.path, copies, wants)
    assert again.copied < again.files / 2
    restore(copies, tmp_path / "again", wants)
    assert list(check_folder(tmp_path / "again")) == []
    lake.close()
    assert events(tmp_path / "again") == events(lake.path)
    assert not list((lake.path / "temp").glob("drafts-*"))
    assert not list((copies / "objects").glob("drafts-*"))


def test_new_key__opens_old_backups_and_new_ones_and_the_old_key_none(
    lake: Lake, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    sealed(lake, copies)
    objects = {path: path.read_bytes() for path in (copies / "objects").glob("*/*")}
    Vault(copies, key=KEY).hand_over(OTHER)
    assert {path: path.read_bytes() for path in (copies / "objects").glob("*/*")} == objects
    with pytest.raises(WrongKey):
        restore(copies, tmp_path / "again", Wants(SYSTEM, key=KEY))
    grow(lake, 10)
    sealed(lake, copies, OTHER)
    old, new = Vault(copies, key=OTHER).names()
    for name in (old, new):
        restore(copies, tmp_path / name, Wants(SYSTEM, key=OTHER), name=name)
    assert len(events(tmp_path / new)) == 2 * len(events(tmp_path / old))
    fresh = next(path for path in (copies / "objects").glob("*/*") if path not in objects)
    first = next(iter(objects.values()))
    assert fresh.read_bytes()[19:27] != first[19:27], "what is new has a key of its own"


def test_only_who_holds_the_key__hands_over(lake: Lake, tmp_path: Path) -> None:
    sealed(lake, tmp_path / "copies")
    sealed(lake, tmp_path / "clear", None)
    with pytest.raises(WrongKey):
        Vault(tmp_path / "copies", key=OTHER).hand_over(KEY)
    with pytest.raises(KeyNeeded):
        Vault(tmp_path / "copies").hand_over(OTHER)
    with pytest.raises(NotSealed):
        Vault(tmp_path / "clear").hand_over(OTHER)


# ---------------------------------------------------------------- what goes unseen: nothing


@pytest.mark.parametrize("place", [0, 20, 30, HEAD + 1, -1])
def test_flipped_bit__is_found_before_anything_stands(
    place: int, lake: Lake, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    sealed(lake, copies)
    for path in [*sorted((copies / "objects").glob("*/*"))[:2], *(copies / "backups").iterdir()]:
        whole = path.read_bytes()
        data = bytearray(whole)
        data[place] ^= 1
        path.write_bytes(bytes(data))
        with pytest.raises(BackupDamaged):
            restore(copies, tmp_path / "again", Wants(SYSTEM, key=KEY))
        path.write_bytes(whole)
    assert not (tmp_path / "again").exists()


def opened(seal: Seal, data: bytes, called: str = "x") -> bytes:
    return b"".join(seal.open(io.BytesIO(data), called=called))


def closed(seal: Seal, data: bytes) -> bytes:
    return b"".join(seal.closed([data], called="x"))


@given(st.binary(max_size=200), st.integers(0, 3))
def test_what_was_closed__opens_as_it_was(tail: bytes, whole: int) -> None:
    seal, data = Seal.fresh(), bytes(whole * PIECE) + tail
    assert opened(seal, closed(seal, data)) == data


def swapped(data: bytes) -> bytes:
    one, two = HEAD + PIECE + 16, HEAD + 2 * (PIECE + 16)
    return data[:HEAD] + data[one:two] + data[HEAD:one] + data[two:]


@pytest.mark.parametrize(
    "change",
    [
        swapped,
        lambda data: data[: HEAD + PIECE + 16],
        lambda data: data[:HEAD] + data[HEAD + PIECE + 16 :],
        lambda data: data[:-1],
        lambda data: data[:HEAD],
        lambda data: data + data[HEAD:],
        lambda _: b"",
    ],
)
def test_pieces_moved_cut_off_left_out_or_added__do_not_open(
    change: Callable[[bytes], bytes],
) -> None:
    seal = Seal.fresh()
    data = closed(seal, bytes(2 * PIECE + 5))
    with pytest.raises(Unsealed):
        opened(seal, change(data))


def test_one_object_under_the_name_of_another__does_not_open() -> None:
    seal = Seal.fresh()
    with pytest.raises(Unsealed):
        opened(seal, closed(seal, b"a"), called="y")


def test_same_bytes_twice__are_never_the_same_encrypted() -> None:
    seal = Seal.fresh()
    assert closed(seal, b"a") != closed(seal, b"a")
