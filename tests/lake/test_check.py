"""A flipped bit in any stored file is found; an unharmed lake is clean."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lake.rows import DOCTOR, TickingClock, arrow, event, resource, retirement
from vitruvian.base.errors import VitruvianError
from vitruvian.lake import Lake, check_folder
from vitruvian.lake.check import Finding, faults_at_rest
from vitruvian.trust import SYSTEM


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A closed lake with something in every kind of file."""
    path = tmp_path_factory.mktemp("check") / "lake"
    with Lake.create(path, clock=TickingClock()) as lake:
        for part in range(3):
            with lake.bulk(SYSTEM) as load:
                rows = [event(100 * part + n, subject=n % 7) for n in range(50)]
                load.write("event", arrow("event", rows))
                load.write("resource", arrow("resource", [resource(part)]))
                load.put_blob(b"page %d" % part)
        lake.append(SYSTEM, {"retirement": [retirement(1, scope="event", target=3)]})
        lake.drain(SYSTEM)
        lake.compact(SYSTEM)
        for n in range(25):
            lake.append(SYSTEM, {"event": [event(1000 + n)]})
            lake.drain(SYSTEM)
        lake.vacuum(SYSTEM)
        lake.append(SYSTEM, {"event": [event(5000)]})
        lake.accounts.create("dr.vega", display_name="Dr Vega", role="clinician")
        lake.accounts.sign_in_link("dr.vega")
        with lake.read(DOCTOR) as reader:
            reader.rows("event", subjects=[1])
    return path


@pytest.fixture
def copy(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "lake")


def findings(path: Path) -> list[Finding]:
    """What `vitruvian check` says of a lake on disk."""
    try:
        return list(check_folder(path))
    except VitruvianError as error:
        # Not even its layout can be told.
        return [Finding("database", type(error).__name__)]


def flip(path: Path, *, byte: int, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[byte] ^= 1 << bit
    path.write_bytes(data)


def stored_files(path: Path) -> Iterator[Path]:
    return (one for one in sorted(path.rglob("*")) if one.is_file() and one.stat().st_size)


def test_unharmed_lake__is_clean(copy: Path) -> None:
    assert findings(copy) == []


def test_lake__holds_every_kind_of_file(whole: Path) -> None:
    kinds = {one.suffix or one.name for one in stored_files(whole) if "blobs" not in one.parts}
    assert kinds >= {".parquet", ".json", "_last_checkpoint", ".sqlite", ".jsonl", ".sha256"}


def flips_missed(whole: Path, scratch: Path, names: list[Path], *, seed: int) -> list[Path]:
    """Flip one random bit in each of these files, one at a time; those that nobody noticed."""
    dice = random.Random(seed)
    missed = []
    for name in names:
        path = shutil.copytree(whole, scratch / "flipped")
        byte, bit = dice.randrange((whole / name).stat().st_size), dice.randrange(8)
        flip(path / name, byte=byte, bit=bit)
        if not findings(path):
            missed.append(name)
        shutil.rmtree(path)
    return missed


def test_flipped_bit__in_every_kind_of_stored_file_is_found(whole: Path, tmp_path: Path) -> None:
    names = [one.relative_to(whole) for one in stored_files(whole)]
    kinds = {(name.parts[0], name.suffix): name for name in names}
    databases = [name for name in names if name.suffix == ".sqlite"]
    assert flips_missed(whole, tmp_path, [*kinds.values(), *databases], seed=1) == []


@pytest.mark.torture
def test_many_flipped_bits__in_every_stored_file_are_all_found(whole: Path, tmp_path: Path) -> None:
    names = [one.relative_to(whole) for one in stored_files(whole)]
    databases = [name for name in names if "sqlite" in name.name]
    assert flips_missed(whole, tmp_path, [*names, *databases * 25], seed=2) == []


@pytest.mark.parametrize("table", ["file", "snapshot", "load", "blob", "log", "meta"])
def test_changed_catalogue_row__is_found_in_an_open_lake(copy: Path, table: str) -> None:
    with Lake.open(copy) as lake:
        lake.append(SYSTEM, {"event": [event(6000)]})
        (columns,) = [
            [row[1] for row in lake._store.catalogue.database.rows(f"PRAGMA table_info({table})")]
        ]
        column = {"file": "row_count", "meta": "value"}.get(table, columns[1])
        connection = lake._store.catalogue.database.connection()
        row = f"(SELECT min(rowid) FROM {table} WHERE typeof(rowid) = 'integer')"
        sql = f"UPDATE {table} SET {column} = CAST({column} AS TEXT) || '1' WHERE rowid = {row}"
        connection.execute(sql)
        assert any(f"{table} row" in one.what for one in lake.check())


@pytest.mark.parametrize("table", ["snapshot", "load", "log"])
def test_removed_catalogue_row__is_found(copy: Path, table: str) -> None:
    with Lake.open(copy) as lake:
        lake.append(SYSTEM, {"event": [event(6000)], "note": []})
        connection = lake._store.catalogue.database.connection()
        connection.execute(f"DELETE FROM {table} WHERE rowid=(SELECT min(rowid) FROM {table})")
        assert [one for one in lake.check() if one.kind == "catalogue"] != []


@pytest.mark.parametrize("pattern", ["tables/event/*.parquet", "blobs/*/*"])
def test_missing_file__is_found(copy: Path, pattern: str) -> None:
    next(copy.glob(pattern)).unlink()
    assert findings(copy) != []


def test_finding__names_no_patient_data(copy: Path) -> None:
    for path in stored_files(copy):
        flip(path, byte=path.stat().st_size // 2, bit=3)
    said = " ".join(one.what for one in faults_at_rest(copy))
    assert "LOINC" not in said
    assert str(copy) not in said


def test_write_ahead_log__of_a_crashed_writer_with_a_flipped_bit_is_found(
    copy: Path, tmp_path: Path
) -> None:
    lake = Lake.open(copy)
    for n in range(4):
        lake.append(SYSTEM, {"event": [event(7000 + n)]})
    whole = shutil.copytree(copy, tmp_path / "whole")
    lake.close()
    assert list(faults_at_rest(whole)) == []
    size = (whole / "lake.sqlite-wal").stat().st_size
    unnoticed = []
    for byte in (3, 20, 32 + 24 + 100, size // 2, size - 10):
        crashed = shutil.copytree(whole, tmp_path / str(byte))
        flip(crashed / "lake.sqlite-wal", byte=byte, bit=2)
        if not any("lake.sqlite-wal" in one.what for one in faults_at_rest(crashed)):
            unnoticed.append(byte)
    assert unnoticed == []


def test_write_ahead_log__with_a_rolled_back_write_is_clean(copy: Path) -> None:
    with Lake.open(copy) as lake:
        connection = lake._store.catalogue.database.connection()
        connection.execute("PRAGMA cache_size=2")
        lake.append(SYSTEM, {"event": [event(7000)]})
        connection.execute("BEGIN")
        for n in range(200):
            sql = "INSERT INTO log(table_name, row, recorded_at, seal) VALUES('event', ?, 0, '')"
            connection.execute(sql, (f"{n}" * 3000,))
        connection.execute("ROLLBACK")
        lake.append(SYSTEM, {"event": [event(7001)]})
        assert list(lake.check()) == []
