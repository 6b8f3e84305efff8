"""A lake that an older version wrote: used as it is where that is right, migrated where not."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest

from tests.lake.keeping.older import NO_COLUMN, NO_TABLE
from tests.lake.rows import DOCTOR, NOBODY, arrow, event, ids
from vitruvian.lake import Lake, check_folder, migrate
from vitruvian.lake.errors import NewerLake, NoLake, NotMigratable, OlderLake
from vitruvian.lake.keeping import columns
from vitruvian.record import TABLES
from vitruvian.record.columns import Column
from vitruvian.trust import SYSTEM
from vitruvian.trust.errors import Anonymous

ROOT = Path(__file__).resolve().parents[3]
HELD = [1, 2, 4, 5, 6, 7, 10, 11]


def made(path: Path, *words: str) -> Path:
    """A lake as the older version left it."""
    command = [sys.executable, "-m", "tests.lake.keeping.older", str(path), *words]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)
    return path


@pytest.fixture(scope="module")
def fewer_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("a") / "lake")


@pytest.fixture(scope="module", params=["stamped", "unstamped"])
def fewer_columns(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made(tmp_path_factory.mktemp("b") / "lake", "columns", request.param)


@pytest.fixture
def old(fewer_columns: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(fewer_columns, tmp_path / "lake"))


@pytest.fixture(autouse=True)
def fresh_stamp() -> Iterator[None]:
    """Tests that add a table or column change what this version's stamp is."""
    columns.stamp.cache_clear()
    yield
    columns.stamp.cache_clear()


def events(lake: Lake) -> list[int]:
    with lake.read(DOCTOR) as reader:
        apart = [reader.rows("event", subjects=[one]) for one in range(3)]
        whole = ids(reader.rows("event"))
    assert sorted(n for rows in apart for n in ids(rows)) == whole
    return whole


def test_new_table__an_older_lake_works_as_it_is(fewer_tables: Path, tmp_path: Path) -> None:
    path = Path(shutil.copytree(fewer_tables, tmp_path / "lake"))
    assert not (path / "tables" / NO_TABLE).exists()
    assert list(check_folder(path)) == []
    with Lake.open(path) as lake:
        assert events(lake) == HELD
        with lake.read(DOCTOR) as reader:
            assert reader.rows(NO_TABLE).num_rows == 0
            assert reader.rows(NO_TABLE, subjects=[1]).num_rows == 0
            assert reader.pinned(NO_TABLE).files == ()
            assert reader.query(f"SELECT * FROM {NO_TABLE}", tables=[NO_TABLE]).num_rows == 0
        lake.drain(SYSTEM)
        assert list(lake.check()) == []
        with lake.read(DOCTOR) as reader:
            assert reader.rows(NO_TABLE).num_rows == 0
    assert migrate(path, SYSTEM) == {}
    with Lake.create(path) as lake:
        assert events(lake) == HELD


def test_new_table__takes_rows_in_an_older_lake(fewer_tables: Path, tmp_path: Path) -> None:
    path = Path(shutil.copytree(fewer_tables, tmp_path / "lake"))
    row = {**event(1), "image_id": 5}
    kept = {name: row[name] for name in TABLES[NO_TABLE].column_names if name in row}
    with Lake.open(path) as lake:
        lake.append(SYSTEM, {NO_TABLE: [kept]})
        with lake.bulk(SYSTEM) as load:
            load.write(NO_TABLE, arrow(NO_TABLE, [{**kept, "image_id": 6}]))
        lake.drain(SYSTEM)
        with lake.read(DOCTOR) as reader:
            assert ids(reader.rows(NO_TABLE), column="image_id") == [5, 6]
        assert list(lake.check()) == []


def test_new_column__an_older_lake_says_what_to_run(old: Path) -> None:
    with pytest.raises(OlderLake, match=r"columns of event, note.*vitruvian migrate --lake DIR"):
        Lake.open(old)
    with pytest.raises(OlderLake):
        Lake.create(old)
    assert not (old / "tables" / NO_TABLE).exists()


def test_migrate__refuses_nobody_and_no_lake(old: Path, tmp_path: Path) -> None:
    with pytest.raises(NoLake):
        migrate(tmp_path / "nowhere", SYSTEM)
    with pytest.raises(Anonymous):
        migrate(old, NOBODY)


def test_migrate__keeps_every_row_and_every_answer(old: Path) -> None:
    assert set(migrate(old, SYSTEM)) == set(NO_COLUMN)
    with Lake.open(old) as lake:
        assert events(lake) == HELD
        with lake.read(DOCTOR) as reader:
            rows = reader.rows("event")
            assert rows.schema == TABLES["event"].schema
            assert rows.column("fact_key").null_count == len(HELD)
            assert rows.column("recorded_at").null_count == 0
        lake.append(SYSTEM, {"event": [event(20, fact_key=9)]})
        lake.drain(SYSTEM)
        lake.compact(SYSTEM)
        lake.vacuum(SYSTEM)
        assert events(lake) == [*HELD, 20]
        assert list(lake.check()) == []
        assert "migrate" in [row.deed.kind for row in lake.audit.rows()]
    assert migrate(old, SYSTEM) == {}


def test_migrate__keeps_when_each_row_was_recorded(fewer_columns: Path, tmp_path: Path) -> None:
    path = Path(shutil.copytree(fewer_columns, tmp_path / "lake"))
    migrate(path, SYSTEM)
    with Lake.open(path) as lake, lake.read(DOCTOR) as reader:
        times = reader.query(
            "SELECT event_id, recorded_at FROM event ORDER BY event_id", tables=["event"]
        ).to_pylist()
        bulk = {row["recorded_at"] for row in times if row["event_id"] < 10}
        assert len(bulk) == 1
        assert {row["recorded_at"] for row in times if row["event_id"] >= 10}.isdisjoint(bulk)
        early = bulk.pop()
    with Lake.open(path) as lake, lake.read(DOCTOR, recorded_at=early) as reader:
        # The retirement of event 3 was recorded later.
        assert ids(reader.rows("event")) == [1, 2, 3, 4, 5, 6, 7]


def held_after_kill(place: str, old: Path) -> list[int]:
    """Kill a migration there, run it again; what the lake holds then."""
    script = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from vitruvian.lake import migrate\n"
        "from vitruvian.trust import SYSTEM\n"
        "def fault(at):\n"
        "    if at == sys.argv[2]: os.kill(os.getpid(), signal.SIGKILL)\n"
        "migrate(Path(sys.argv[1]), SYSTEM, fault=fault)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(old), place], cwd=ROOT, check=False)
    assert done.returncode == -9
    with pytest.raises(OlderLake):
        Lake.open(old)
    migrate(old, SYSTEM)
    assert list(check_folder(old)) == []
    with Lake.open(old) as lake:
        return events(lake)


@pytest.mark.parametrize("place", ["migrate:after-widen", "publish:before-catalogue"])
def test_migrate_killed_half_way__is_finished_by_the_next_one(old: Path, place: str) -> None:
    assert held_after_kill(place, old) == HELD


@pytest.mark.torture
@pytest.mark.parametrize(
    "place",
    [
        *("migrate:after-widen", "migrate:before-rewrite", "compact:after-file"),
        *("publish:after-fsync", "publish:after-delta", "publish:before-catalogue"),
        "publish:after-catalogue",
    ],
)
def test_migrate_killed_anywhere__is_finished_by_the_next_one(old: Path, place: str) -> None:
    assert held_after_kill(place, old) == HELD


def test_lake_of_a_newer_version__is_refused_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lake.create(tmp_path / "lake"):
        pass
    table = TABLES["note"]
    monkeypatch.setitem(TABLES, "note", replace(table, columns=table.columns[:-1]))
    columns.stamp.cache_clear()
    with pytest.raises(NewerLake, match=r"it has note\.url"):
        Lake.open(tmp_path / "lake")
    with pytest.raises(NewerLake):
        migrate(tmp_path / "lake", SYSTEM)
    monkeypatch.undo()
    monkeypatch.delitem(TABLES, "note")
    columns.stamp.cache_clear()
    with pytest.raises(NewerLake, match=r"it has note,"):
        Lake.open(tmp_path / "lake")


def test_required_new_column__cannot_be_filled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Lake.create(tmp_path / "lake"):
        pass
    table = TABLES["note"]
    wider = (*table.columns, Column("colour", pa.string(), "of the paper", required=True))
    monkeypatch.setitem(TABLES, "note", replace(table, columns=wider))
    columns.stamp.cache_clear()
    with pytest.raises(NotMigratable, match=r"note\.colour"):
        migrate(tmp_path / "lake", SYSTEM)
