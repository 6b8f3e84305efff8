"""The emergency view: what was published last, beside a writer that is dead, hangs, or comes back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.lake.rows import DOCTOR, NOBODY, arrow, event
from vitruvian.base.errors import VitruvianError
from vitruvian.lake import EmergencyOnly, Lake, emergency_view
from vitruvian.lake.errors import NewerLake, NoLake
from vitruvian.lake.keeping import emergency
from vitruvian.trust import SYSTEM

# Appends one event after another and says the number of each that is durable.
APPENDING = """
import sys
from pathlib import Path
from tests.lake.rows import event
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM
lake = Lake.open(Path(sys.argv[1]))
for number in range(1000, 100000):
    lake.append(SYSTEM, {"event": [event(number)]})
    print(number, flush=True)
"""
# Holds the writer's lock and a write transaction of the catalogue, for ever.
HANGING = """
import sys, time
from pathlib import Path
from vitruvian.lake import Lake
from vitruvian.lake.disk.durable import writer_lock
folder = Path(sys.argv[1])
lake = Lake.open(folder)
with writer_lock(folder / "writer.lock"), lake._store.catalogue.database.writing() as connection:
    connection.execute("DELETE FROM meta WHERE key = 'site'")
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A lake with three events in files and one in the log."""
    with Lake.create(tmp_path / "lake") as lake:
        with lake.bulk(SYSTEM) as load:
            load.write("event", arrow("event", [event(n) for n in (1, 2, 3)]))
            load.put_blob(b"scan")
        lake.append(SYSTEM, {"event": [event(4)]})
    return tmp_path / "lake"


@contextmanager
def running(script: str, folder: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", script, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def numbers(lake: Lake) -> list[int]:
    with lake.read(DOCTOR) as reader:
        found = reader.rows("event", columns=["event_id"]).column(0).to_pylist()
    return sorted(found)


def entries(folder: Path) -> dict[str, bytes]:
    """Every file of a lake with its bytes; what readers keep of each other aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("leases.")
    }


def test_no_lake__has_no_emergency_view(tmp_path: Path) -> None:
    with pytest.raises(NoLake):
        emergency_view(tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_lake_of_another_layout__is_refused_and_nothing_is_left(folder: Path) -> None:
    with Lake.open(folder) as lake:
        lake._store.catalogue.set_meta("layout", "999")
    with pytest.raises(NewerLake):
        emergency_view(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["lake"]


def test_nobody__sees_nothing_in_an_emergency_either(folder: Path) -> None:
    with emergency_view(folder) as view, pytest.raises(VitruvianError):
        numbers_of_nobody(view)


def numbers_of_nobody(view: Lake) -> None:
    with view.read(NOBODY):
        pass


def test_every_write__is_refused_with_one_sentence(folder: Path) -> None:
    with emergency_view(folder) as view:
        with pytest.raises(EmergencyOnly, match="nothing can be stored here"):
            view.append(SYSTEM, {"event": [event(9)]})
        with pytest.raises(EmergencyOnly), view.bulk(SYSTEM) as load:
            load.write("event", arrow("event", [event(9)]))
        for work in (view.drain, view.compact, view.vacuum):
            with pytest.raises(EmergencyOnly):
                work(SYSTEM)
        assert numbers(view) == [1, 2, 3, 4]


def test_the_view__changes_no_byte_of_the_lake_and_keeps_an_audit_of_its_own(folder: Path) -> None:
    before = entries(folder)
    with emergency_view(folder) as view:
        assert numbers(view) == [1, 2, 3, 4]
        with view.read(DOCTOR) as reader:
            assert reader.rows("event", subjects=[1], columns=["event_id"]).num_rows == 4
        aside = view.path
        assert aside.parent == folder.parent
        assert aside.stat().st_mode & 0o077 == 0
    assert entries(folder) == before
    with Lake.open(folder) as lake:
        assert not [row for row in lake.audit.rows() if row.access.who == DOCTOR.who]
    assert DOCTOR.who in (aside / "audit.jsonl").read_text()


def test_a_writer_killed_while_it_appends__leaves_all_it_acknowledged(folder: Path) -> None:
    with running(APPENDING, folder) as writer:
        assert writer.stdout is not None
        durable = [int(writer.stdout.readline()) for _ in range(20)]
        writer.kill()
        durable += [int(line) for line in writer.stdout if line.strip()]
    with emergency_view(folder) as view:
        seen = numbers(view)
        assert set(durable) <= set(seen)
        assert set(seen) - {1, 2, 3, 4, *durable} <= {durable[-1] + 1}


def test_a_writer_that_hangs_with_every_lock__does_not_hold_up_the_view(folder: Path) -> None:
    with running(HANGING, folder) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "held\n"
        os.kill(writer.pid, signal.SIGSTOP)
        with emergency_view(folder) as view:
            assert numbers(view) == [1, 2, 3, 4]
            assert view.site == "hospital"


def test_a_writer_that_comes_back__keeps_the_files_of_the_view(folder: Path) -> None:
    with emergency_view(folder) as view:
        with Lake.open(folder) as lake:
            with lake.bulk(SYSTEM) as load:
                load.write("event", arrow("event", [event(5, subject=1)]))
            lake.drain(SYSTEM)
            lake.compact(SYSTEM)
            lake.vacuum(SYSTEM)
            assert numbers(lake) == [1, 2, 3, 4, 5]
        assert numbers(view) == [1, 2, 3, 4]


def test_where_no_database_can_be_opened_in_place__its_bytes_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # As on a disk mounted read-only, where SQLite cannot make the index beside the database.
    with running(APPENDING, folder) as writer:
        assert writer.stdout is not None
        durable = int(writer.stdout.readline())
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    assert (folder / "lake.sqlite-wal").stat().st_size
    monkeypatch.setattr(emergency, "_copied_by_sqlite", lambda *_: False)
    with emergency_view(folder) as view:
        assert {1, 2, 3, 4, durable} <= set(numbers(view))
