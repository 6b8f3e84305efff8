"""Backups taken while others write, and lakes made from them."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.lake.rows import DOCTOR, NOBODY, TickingClock, arrow, event, ids, retirement
from vitruvian.criteria.cohorts.kept.saved import Shelf
from vitruvian.lake import Lake, Wants, backup, check_folder, restore
from vitruvian.lake.errors import (
    AfterTheBackup,
    BackupBusy,
    BackupDamaged,
    Damaged,
    InsideTheLake,
    NoBackup,
    NoLake,
    NotAVault,
    NotEmpty,
    OtherVault,
)
from vitruvian.lake.keeping.vault import Vault
from vitruvian.record import TABLES
from vitruvian.trust import SYSTEM
from vitruvian.trust.errors import Anonymous

WANTS = Wants(SYSTEM)


def grow(lake: Lake, first: int) -> list[int]:
    """A bulk load with a blob, a drained row, a retirement and a row in the log."""
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(first + n, subject=n) for n in range(3)]))
        load.put_blob(b"scan %d" % first)
    lake.append(SYSTEM, {"event": [event(first + 3)]})
    lake.append(
        SYSTEM,
        {"retirement": [retirement(first, scope="event", target=first, subject=0)]},
    )
    lake.drain(SYSTEM)
    lake.append(SYSTEM, {"event": [event(first + 4, subject=2)]})
    return [first + 1, first + 2, first + 3, first + 4]


@pytest.fixture
def lake(tmp_path: Path, clock: TickingClock) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        yield made


def events(path: Path) -> list[int]:
    with Lake.open(path) as lake, lake.read(DOCTOR) as reader:
        return ids(reader.rows("event"))


def test_backup__refuses_nobody_no_lake_and_wrong_folders(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(Anonymous):
        backup(lake.path, tmp_path / "copies", Wants(NOBODY))
    with pytest.raises(NoLake):
        backup(tmp_path / "nowhere", tmp_path / "copies", WANTS)
    for inside in (lake.path, lake.path / "copies", tmp_path):
        with pytest.raises(InsideTheLake):
            backup(lake.path, inside, WANTS)
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").touch()
    with pytest.raises(NotAVault):
        backup(lake.path, tmp_path / "photos", WANTS)
    assert not (tmp_path / "copies").exists()


def test_backup__of_another_lake_is_refused(lake: Lake, tmp_path: Path) -> None:
    backup(lake.path, tmp_path / "copies", WANTS)
    with Lake.create(tmp_path / "other", site="elsewhere"):
        pass
    with pytest.raises(OtherVault):
        backup(tmp_path / "other", tmp_path / "copies", WANTS)


def test_backup__into_a_folder_in_use_waits_its_turn(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.lake.disk.durable.SECONDS_TO_WAIT_FOR_WRITER", 0.0)
    backup(lake.path, tmp_path / "copies", WANTS)
    with Vault(tmp_path / "copies").locked(), pytest.raises(BackupBusy):
        backup(lake.path, tmp_path / "copies", WANTS)


def test_restore__is_the_lake_that_was_copied(lake: Lake, tmp_path: Path) -> None:
    held = grow(lake, 10)
    report = backup(lake.path, tmp_path / "copies", WANTS)
    assert report.copied == report.files
    restore(tmp_path / "copies", tmp_path / "again", WANTS)
    assert events(tmp_path / "again") == held
    assert list(check_folder(tmp_path / "again")) == []
    with Lake.open(tmp_path / "again") as again:
        assert again.site == "st-elsewhere"
        kinds = [row.deed.kind for row in again.audit.rows()]
        assert kinds[-2:] == ["restore", "read"]
        assert "backup" in kinds
        grow(again, 50)
        assert list(again.check()) == []
    assert [path.name for path in tmp_path.iterdir() if "restoring" in path.name] == []


def test_databases_of_other_rooms__come_back_too(lake: Lake, tmp_path: Path) -> None:
    Shelf(tmp_path / "lake").save("rossi", name="sepsis", title="Sepsis", text="predicates: {}")
    backup(tmp_path / "lake", tmp_path / "copies", WANTS)
    restore(tmp_path / "copies", tmp_path / "again", WANTS)
    (saved,) = Shelf(tmp_path / "again").of("rossi")
    assert (saved.name, saved.text) == ("sepsis", "predicates: {}")


def test_second_backup__copies_only_what_is_new(lake: Lake, tmp_path: Path) -> None:
    grow(lake, 10)
    first = backup(lake.path, tmp_path / "copies", WANTS)
    grow(lake, 20)
    second = backup(lake.path, tmp_path / "copies", WANTS)
    assert second.files > first.files
    vault = Vault(tmp_path / "copies")
    known, all_now = (
        {kept.sha256 for kept in vault.get(name).files.values()} for name in vault.names()
    )
    assert 0 < second.copied == len(all_now - known) < second.files
    restore(tmp_path / "copies", tmp_path / "old", WANTS, name=first.name)
    assert max(events(tmp_path / "old")) == 14
    restore(tmp_path / "copies", tmp_path / "new", WANTS)
    assert max(events(tmp_path / "new")) == 24


def test_old_backups__go_when_only_some_are_kept(lake: Lake, tmp_path: Path) -> None:
    grow(lake, 10)
    first = backup(lake.path, tmp_path / "copies", WANTS)
    before = sum(1 for _ in (tmp_path / "copies" / "objects").glob("*/*"))
    lake.compact(SYSTEM)
    lake.vacuum(SYSTEM)
    backup(lake.path, tmp_path / "copies", Wants(SYSTEM, keep=1))
    with pytest.raises(NoBackup):
        restore(tmp_path / "copies", tmp_path / "old", WANTS, name=first.name)
    restore(tmp_path / "copies", tmp_path / "new", WANTS)
    assert events(tmp_path / "new") == [11, 12, 13, 14]
    named = Vault(tmp_path / "copies")
    (only,) = named.names()
    objects = {one.sha256 for one in named.get(only).files.values()}
    assert {path.name for path in named.objects.glob("*/*")} == objects
    assert before > 0


def test_damaged_object__is_found_at_restore_and_mended_by_the_next_backup(
    lake: Lake, tmp_path: Path
) -> None:
    held = grow(lake, 10)
    backup(lake.path, tmp_path / "copies", WANTS)
    vault = Vault(tmp_path / "copies")
    files = vault.get(vault.names()[0]).files
    victim = vault.path(next(k.sha256 for p, k in files.items() if p.endswith(".parquet")))
    stored = bytearray(victim.read_bytes())
    stored[len(stored) // 2] ^= 4
    victim.write_bytes(stored)
    with pytest.raises(BackupDamaged, match="object"):
        restore(tmp_path / "copies", tmp_path / "again", WANTS)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["copies", "lake"]
    backup(lake.path, tmp_path / "copies", WANTS)
    restore(tmp_path / "copies", tmp_path / "again", WANTS)
    assert events(tmp_path / "again") == held


def test_damaged_list__is_found(lake: Lake, tmp_path: Path) -> None:
    report = backup(lake.path, tmp_path / "copies", WANTS)
    path = tmp_path / "copies" / "backups" / f"{report.name}.json"
    path.write_text(path.read_text().replace("snapshot_id", "snapshot_ID"))
    with pytest.raises(BackupDamaged, match="list"):
        restore(tmp_path / "copies", tmp_path / "again", WANTS)


def test_damaged_lake__is_not_copied_as_if_it_were_whole(lake: Lake, tmp_path: Path) -> None:
    grow(lake, 10)
    victim = next((lake.path / "tables" / "event").glob("*.parquet"))
    victim.write_bytes(victim.read_bytes()[:-1])
    with pytest.raises(Damaged):
        backup(lake.path, tmp_path / "copies", WANTS)
    assert Vault(tmp_path / "copies").names() == []
    assert list((tmp_path / "copies" / "objects").glob("*/*")) == []


def test_restore__refuses_nobody_no_backup_and_a_place_in_use(lake: Lake, tmp_path: Path) -> None:
    with pytest.raises(NoBackup):
        restore(tmp_path, tmp_path / "again", WANTS)
    backup(lake.path, tmp_path / "copies", WANTS)
    with pytest.raises(Anonymous):
        restore(tmp_path / "copies", tmp_path / "again", Wants(NOBODY))
    with pytest.raises(NotEmpty):
        restore(tmp_path / "copies", lake.path, WANTS)
    (tmp_path / "file").touch()
    with pytest.raises(NotEmpty):
        restore(tmp_path / "copies", tmp_path / "file", WANTS)
    with pytest.raises(NoBackup):
        restore(tmp_path / "copies", tmp_path / "again", WANTS, name="../backups")
    later = datetime(2100, 1, 1, tzinfo=UTC)
    with pytest.raises(AfterTheBackup, match="up to 2026"):
        restore(tmp_path / "copies", tmp_path / "again", WANTS, at=later)
    assert not (tmp_path / "again").exists()


def answers(lake: Lake, *, at: datetime | None = None) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, current and retired, in an order of their own."""
    with lake.read(DOCTOR, recorded_at=at) as reader:
        return {
            name: sorted(reader.history(name).to_pylist(), key=repr)
            + sorted(reader.rows(name).to_pylist(), key=repr)
            for name in TABLES
        }


@pytest.mark.parametrize("compacted", [False, True])
def test_restore_to_an_instant__equals_what_was_recorded_then(
    lake: Lake, tmp_path: Path, compacted: bool
) -> None:
    for first in (10, 20, 30):
        grow(lake, first)
    if compacted:
        lake.drain(SYSTEM)
        lake.compact(SYSTEM)
    backup(lake.path, tmp_path / "copies", WANTS)
    with lake.read(DOCTOR) as reader:
        rows = reader.history("event").to_pylist() + reader.history("retirement").to_pylist()
    instants = sorted({row["recorded_at"] for row in rows})
    assert len(instants) == 12
    chosen = [instants[0] - timedelta(microseconds=1), instants[2], instants[5]]
    for number, at in enumerate([*chosen, instants[5] - timedelta(microseconds=1), instants[-1]]):
        place = tmp_path / f"at-{number}"
        restore(tmp_path / "copies", place, WANTS, at=at)
        with Lake.open(place) as again:
            assert answers(again) == answers(lake, at=at)
            assert list(again.check()) == []
        shutil.rmtree(place)


def test_restore_to_an_instant__holds_no_byte_of_what_came_later(
    lake: Lake, tmp_path: Path
) -> None:
    grow(lake, 10)
    with lake.read(DOCTOR) as reader:
        at = reader.snapshot.published_at
    early = b"scan 10"
    grow(lake, 20)
    backup(lake.path, tmp_path / "copies", WANTS)
    restore(tmp_path / "copies", tmp_path / "again", WANTS, at=at)
    blobs = [path.read_bytes() for path in (tmp_path / "again" / "blobs").glob("*/*")]
    assert blobs == [early]
    assert events(tmp_path / "again") == [11, 12, 13, 14]


def test_backup__while_others_write_holds_one_instant(tmp_path: Path) -> None:
    lake = Lake.create(tmp_path / "lake")
    over = threading.Event()

    def write() -> None:
        number = 0
        while not over.is_set():
            number += 1
            lake.append(SYSTEM, {"event": [event(number)]})
            if number % 7 == 0:
                lake.drain(SYSTEM)
            if number % 40 == 0:
                lake.vacuum(SYSTEM)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            report = backup(lake.path, tmp_path / "copies", WANTS)
            restore(tmp_path / "copies", tmp_path / str(number), WANTS, name=report.name)
            held = events(tmp_path / str(number))
            assert held == list(range(1, len(held) + 1))
    finally:
        over.set()
        writer.join()
        lake.close()


def test_progress__ends_with_all_of_it(lake: Lake, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    grow(lake, 10)

    def tell(done: int, total: int) -> None:
        told.append((done, total))

    report = backup(lake.path, tmp_path / "copies", Wants(SYSTEM, progress=tell))
    assert told[-1] == (report.size, report.size)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
