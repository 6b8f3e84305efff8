"""Draining, compacting and removing change no answer, and no reader loses its files."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable

from tests.lake.rows import DAY, DOCTOR, START, arrow, event, ids, resource, source
from vitruvian.lake import Lake
from vitruvian.lake.engines.cluster import Part, rows_in_order
from vitruvian.lake.engines.duckdb import EngineSettings, open_engine
from vitruvian.lake.errors import StorageFailed
from vitruvian.lake.maintain import ENTRIES_BEFORE_CHECKPOINT, MOST_RUNS, runs_of, runs_to_merge
from vitruvian.lake.store.catalogue import StoredFile
from vitruvian.record import TABLES
from vitruvian.trust import SYSTEM, Deed


def answers(lake: Lake) -> tuple[list[int], list[int]]:
    with lake.read(DOCTOR) as reader:
        return ids(reader.rows("event")), ids(reader.rows("event", subjects=[1]))


def fill_one(lake: Lake, n: int) -> None:
    lake.append(SYSTEM, {"event": [event(2 * n), event(2 * n + 1, subject=2)]})
    lake.drain(SYSTEM)


def fill(lake: Lake, *, rounds: int) -> None:
    for n in range(rounds):
        fill_one(lake, n)


def test_drain__of_an_empty_log_moves_nothing(lake: Lake) -> None:
    assert lake.drain(SYSTEM) == 0


def test_drain__moves_every_row_once_and_empties_the_log(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1), event(2)]})
    before = answers(lake)
    assert lake.drain(SYSTEM) == 2
    assert lake.drain(SYSTEM) == 0
    assert answers(lake) == before
    assert lake._store.catalogue.database.rows("SELECT count(*) FROM log") == [(0,)]


def test_drain__goes_in_steps_when_the_log_is_long(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.lake.maintain.ROWS_A_DRAIN", 3)
    lake.append(SYSTEM, {"event": [event(n) for n in range(8)]})
    assert lake.drain(SYSTEM) == 8
    assert answers(lake)[0] == list(range(8))


def test_drain__that_fails_leaves_the_log_and_no_file(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.append(SYSTEM, {"event": [event(1)]})

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("vitruvian.lake.store.store.fsync_all", full)
        with pytest.raises(StorageFailed, match="the disk is full"):
            lake.drain(SYSTEM)
    assert answers(lake)[0] == [1]
    assert list((lake.path / "tables" / "event").glob("*.parquet")) == []
    assert lake.drain(SYSTEM) == 1


def test_log_rows__stay_while_a_reader_needs_them(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1)]})
    with lake.read(DOCTOR) as reader:
        lake.drain(SYSTEM)
        lake.append(SYSTEM, {"event": [event(2)]})
        assert ids(reader.rows("event")) == [1]


def test_compaction__leaves_one_file_sorted_by_subject_and_the_same_answers(lake: Lake) -> None:
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(100), event(101, subject=2)]))
    fill(lake, rounds=3)
    before = answers(lake)
    assert lake.compact(SYSTEM) == 1
    assert lake.compact(SYSTEM) == 0
    assert answers(lake) == before
    state = lake._store.catalogue.state()
    (only,) = lake._store.catalogue.files("event", snapshot_id=state.snapshot_id)
    assert (only.rows, only.low, only.high, only.load_id) == (8, 1, 2, None)


def test_compaction__cuts_files_between_subjects(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.lake.store.tablefile.COMPACTED_ROWS_A_FILE", 5)
    monkeypatch.setattr("vitruvian.lake.store.tablefile.ROWS_A_GROUP", 4)
    monkeypatch.setattr("vitruvian.lake.engines.cluster.BYTES_A_RANGE", 1)
    for part in range(2):
        with lake.bulk(SYSTEM) as load:
            rows = [event(100 * part + n, subject=n // 6) for n in range(40)]
            load.write("event", arrow("event", rows))
    before = answers(lake)
    lake.compact(SYSTEM)
    state = lake._store.catalogue.state()
    files = lake._store.catalogue.files("event", snapshot_id=state.snapshot_id)
    spans = sorted((one.low or 0, one.high or 0) for one in files)
    assert len(spans) > 2
    assert all(high < low for (_, high), (low, _) in pairwise(spans))
    assert answers(lake) == before
    assert lake.compact(SYSTEM) == 0


def file(low: int | None, high: int | None, *, rows: int = 1) -> StoredFile:
    return StoredFile(f"{low}-{high}", "data", "event", "", 1, rows=rows, low=low, high=high)


def test_runs__are_as_few_as_overlap_allows() -> None:
    def runs(*spans: tuple[int | None, int | None]) -> list[list[str]]:
        return [[one.path for one in run] for run in runs_of([file(*span) for span in spans])]

    assert runs((1, 4), (5, 9)) == [["1-4", "5-9"]]
    assert runs((1, 5), (5, 9)) == [["1-5"], ["5-9"]]
    assert runs((1, 9), (2, 3), (4, 5)) == [["1-9"], ["2-3", "4-5"]]
    assert runs((1, 4), (None, None)) == [["1-4", "None-None"]]
    assert runs((None, None), (None, None)) == [["None-None"], ["None-None"]]


def test_tidying__merges_the_small_runs_and_leaves_the_large_one() -> None:
    large, small = [file(1, 9, rows=1_000_000)], [file(1, 9, rows=10)]
    assert runs_to_merge([large, small, small, small]) == []
    assert runs_to_merge([large, small, small, small, small]) == [small] * 4
    assert runs_to_merge([small] * 5) == [small] * 5


@pytest.mark.parametrize("how", ["bulk", "drain"])
def test_many_loads__are_tidied_by_themselves(lake: Lake, how: str) -> None:
    for n in range(30):
        if how == "bulk":
            with lake.bulk(SYSTEM) as load:
                load.write("event", arrow("event", [event(2 * n), event(2 * n + 1, subject=2)]))
        else:
            fill_one(lake, n)
    state = lake._store.catalogue.state()
    assert len(lake._store.catalogue.files("event", snapshot_id=state.snapshot_id)) <= MOST_RUNS
    assert answers(lake)[0] == list(range(60))
    assert list(lake.check()) == []


def test_compaction__takes_tables_with_keys_of_text(lake: Lake) -> None:
    for n in (3, 1, 2):
        with lake.bulk(SYSTEM) as load:
            load.write("source", arrow("source", [source(f"s{n}")]))
    assert lake.compact(SYSTEM) == 1
    with lake.read(DOCTOR) as reader:
        found = reader.rows("source", columns=["source_id"]).column("source_id").to_pylist()
    assert sorted(found) == ["s1", "s2", "s3"]


def test_load__stands_when_tidying_after_it_fails(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: object) -> int:
        raise StorageFailed(doing="tidying", why="the disk is full")

    monkeypatch.setattr("vitruvian.lake.maintain.tidy", full)
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(1)]))
    assert answers(lake)[0] == [1]
    assert lake.audit.rows()[-2].deed == Deed("compact", "failed")


@pytest.mark.parametrize("bytes_a_range", [1, 10_000, 10**9])
def test_rows_in_order__are_all_rows_sorted_whatever_the_memory(
    lake: Lake, bytes_a_range: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vitruvian.lake.store.tablefile.ROWS_A_GROUP", 7)
    for part in range(3):
        with lake.bulk(SYSTEM) as load:
            rows = [
                resource(3 * n + part, subject=None if n % 7 == 0 else n % 11) for n in range(50)
            ]
            load.write("resource", arrow("resource", rows))
    files = sorted((lake.path / "tables" / "resource").glob("*.parquet"))
    streamed = list(
        rows_in_order(
            TABLES["resource"], [Part(path, 7) for path in files], bytes_a_range=bytes_a_range
        )
    )
    found = pa.concat_tables(streamed)
    subjects = [n for n in found["subject_id"].to_pylist() if n is not None]
    assert ids(found, column="version_id") == list(range(150))
    assert subjects == sorted(subjects)
    assert found["recorded_at"].null_count == 0
    assert found["subject_id"].slice(len(subjects)).null_count == 150 - len(subjects)


def test_files_apart__are_each_read_for_their_own_ranges_only(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred loads of other patients cost a hundred times one of them, not ten thousand."""
    for part in range(6):
        with lake.bulk(SYSTEM) as load:
            rows = [event(10 * part + n, subject=10 * part + n) for n in range(10)]
            load.write("event", arrow("event", rows))
    read: list[str] = []

    class Counting(pq.ParquetFile):  # type: ignore[misc]  # pyarrow ships no types
        def read_row_group(self, *args: object, **options: object) -> pa.Table:
            if "columns" not in options:
                read.append("whole")
            return super().read_row_group(*args, **options)

    files = sorted((lake.path / "tables" / "event").glob("*.parquet"))
    sources = [Part(path, 7) for path in files]
    monkeypatch.setattr("vitruvian.lake.engines.cluster.pq.ParquetFile", Counting)
    found = list(rows_in_order(TABLES["event"], sources, bytes_a_range=1))
    assert len(found) == len(files) == 6
    # once to see how large its rows are, once for its range
    assert len(read) == 2 * len(files)


def test_wide_rows_of_the_same_patients__are_read_a_few_times_however_many_loads(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every load of a genome holds all samples: twice as many cost twice as much, not four times."""
    monkeypatch.setattr("vitruvian.lake.store.tablefile.BYTES_A_GROUP", 30_000)
    monkeypatch.setattr("vitruvian.lake.maintain.MOST_RUNS", 8)
    for part in range(8):
        with lake.bulk(SYSTEM) as load:
            rows = [resource(8 * n + part, subject=n // 2, body=bytes(1_000)) for n in range(100)]
            load.write("resource", arrow("resource", rows))
    read: list[int] = []

    class Counting(pq.ParquetFile):  # type: ignore[misc]  # pyarrow ships no types
        def read_row_group(self, *args: object, **options: object) -> pa.Table:
            rows = super().read_row_group(*args, **options)
            read.append(0 if "columns" in options else rows.num_rows)
            return rows

    files = sorted((lake.path / "tables" / "resource").glob("*.parquet"))
    sources = [Part(path, 7) for path in files]
    monkeypatch.setattr("vitruvian.lake.engines.cluster.pq.ParquetFile", Counting)
    found = list(rows_in_order(TABLES["resource"], sources, bytes_a_range=240_000))
    assert len(files) == 8
    assert sum(one.num_rows for one in found) == 800
    assert sum(read) < 3 * 800


@pytest.mark.parametrize("bytes_a_range", [1, 4_000, 10**9])
def test_rows_of_one_patient__are_sorted_in_pieces_too(
    lake: Lake, bytes_a_range: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch of ten years is one patient: the ranges go on inside one key."""
    monkeypatch.setattr("vitruvian.lake.store.tablefile.ROWS_A_GROUP", 5)
    for part in range(4):
        with lake.bulk(SYSTEM) as load:
            rows = [
                event(4 * n + part, subject=n // 60, time=None if n % 9 == 0 else START + n * DAY)
                for n in range(70)
            ]
            load.write("event", arrow("event", rows))
    files = sorted((lake.path / "tables" / "event").glob("*.parquet"))
    parts = [Part(path, 7) for path in files]
    streamed = list(rows_in_order(TABLES["event"], parts, bytes_a_range=bytes_a_range))
    found = pa.concat_tables(streamed)
    assert ids(found) == list(range(280))
    kept = found.select(["subject_id", "time"]).to_pylist()
    keys = [(r["subject_id"], r["time"] is None, r["time"] or START) for r in kept]
    assert keys == sorted(keys)
    most = {1: 80, 4_000: 160, 10**9: 280}[bytes_a_range]
    assert max(one.num_rows for one in streamed) <= most
    assert (len(streamed) > 1) == (bytes_a_range < 10**9)


def test_vacuum__removes_what_compaction_replaced(lake: Lake) -> None:
    fill(lake, rounds=3)
    lake.compact(SYSTEM)
    folder = lake.path / "tables" / "event"
    assert len(list(folder.glob("*.parquet"))) == 4
    assert lake.vacuum(SYSTEM) == 3
    assert len(list(folder.glob("*.parquet"))) == 1
    assert list(lake.check()) == []


def test_vacuum__waits_for_the_oldest_reader(lake: Lake) -> None:
    fill(lake, rounds=3)
    with lake.read(DOCTOR) as reader:
        lake.compact(SYSTEM)
        assert lake.vacuum(SYSTEM) == 0
        assert ids(reader.rows("event")) == [0, 1, 2, 3, 4, 5]
    assert lake.vacuum(SYSTEM) == 3


def test_vacuum__does_not_wait_for_a_process_that_died(lake: Lake) -> None:
    fill(lake, rounds=2)
    with lake._store.leases.database.writing() as connection:
        sql = "INSERT INTO lease(snapshot_id, drained_seq, pid, born) VALUES(0, 0, 1, 'long ago')"
        connection.execute(sql)
    lake.compact(SYSTEM)
    assert lake.vacuum(SYSTEM) == 2


def test_long_delta_log__is_folded_into_a_checkpoint(lake: Lake) -> None:
    fill(lake, rounds=25)
    log = lake.path / "tables" / "event" / "_delta_log"
    lake.vacuum(SYSTEM)
    assert len(list(log.glob("*.json"))) <= ENTRIES_BEFORE_CHECKPOINT
    assert len(list(log.glob("*.checkpoint.parquet"))) == 1
    fill(lake, rounds=1)
    assert list(lake.check()) == []


def test_delta_log__names_the_files_that_other_engines_should_read(lake: Lake) -> None:
    fill(lake, rounds=3)
    lake.compact(SYSTEM)
    lake.vacuum(SYSTEM)
    uris = DeltaTable(str(lake.path / "tables" / "event")).file_uris()
    engine = open_engine(EngineSettings(memory_limit="200MB", temp=lake.path / "temp"))
    try:
        found = engine.execute("SELECT event_id, recorded_at FROM read_parquet(?)", [uris])
        rows = found.to_arrow_table()
    finally:
        engine.close()
    assert ids(rows) == [0, 1, 2, 3, 4, 5]
    assert rows["recorded_at"].null_count == 0


def test_writer__that_died_before_publication_is_undone(lake: Lake) -> None:
    fill(lake, rounds=1)

    class Died(BaseException):
        pass

    def die(place: str) -> None:
        if place == "publish:before-catalogue":
            raise Died

    lake._store.fault = die
    lake._store.discard = lambda _: None  # type: ignore[method-assign, assignment]
    with pytest.raises(Died), lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(50)]))
    lake._store.fault = lambda _: None
    assert list(lake.check()) == []
    with lake.bulk(SYSTEM) as load:
        load.write("event", arrow("event", [event(51)]))
    assert answers(lake)[0] == [0, 1, 51]
    assert list(lake.check()) == []


def test_known_at__is_compared_to_the_microsecond(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1)]})
    with lake.read(DOCTOR, known_at=START) as reader:
        assert ids(reader.rows("event", subjects=[1])) == ids(reader.rows("event")) == [1]


def test_drain__of_a_lake_that_is_written_to_meanwhile_comes_to_an_end(tmp_path: Path) -> None:
    later = 100

    def write_more(place: str) -> None:
        nonlocal later
        if place == "drain:after-file":
            later += 1
            assert later < 105
            lake.append(SYSTEM, {"event": [event(later)]})

    with Lake.create(tmp_path / "lake", fault=write_more) as lake:
        lake.append(SYSTEM, {"event": [event(1)]})
        assert lake.drain(SYSTEM) == 1
        assert lake.backlog().rows == 1
        assert lake.drain(SYSTEM) == 1
