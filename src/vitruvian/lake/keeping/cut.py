"""A lake cut back to what was recorded up to an instant.

Only for a lake that was just restored: rows recorded later are gone from it for good. Whole files
of later loads are dropped; files that hold earlier and later rows are written again without them.
The audit and the accounts stay as they are: what was done is not undone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitruvian.lake import maintain
from vitruvian.lake.disk.durable import storage_errors
from vitruvian.lake.engines.arrow import keep_as_of
from vitruvian.lake.store.catalogue import StoredFile
from vitruvian.lake.store.codec import micros
from vitruvian.lake.store.store import Change, Store
from vitruvian.lake.store.tablefile import write_stream
from vitruvian.record import TABLES, Table


def cut_back(store: Store, *, at: datetime) -> None:
    """Remove every row recorded after an instant.

    Parameters
    ----------
    store
        A lake just restored; nobody else has it open.
    at
        Rows recorded then or earlier stay.
    """
    with store.writer():
        loads = store.catalogue.loads()
        state = store.catalogue.state()
        for name, table in TABLES.items():
            files = store.catalogue.files(name, snapshot_id=state.snapshot_id)
            _cut_table(store, table, _later(store, files, loads=loads, at=at), at=at)
        _cut_log(store, at=at)
        _cut_blobs(store, at=at)
        maintain.vacuum(store)


def _later(
    store: Store, files: Sequence[StoredFile], *, loads: dict[int, int], at: datetime
) -> list[tuple[StoredFile, bool]]:
    """The files with rows recorded after an instant, and whether all of their rows were."""
    found = []
    for one in files:
        if one.load_id is not None:
            if loads[one.load_id] > micros(at):
                found.append((one, True))
        elif _latest(store, one) > micros(at):
            found.append((one, False))
    return found


def _latest(store: Store, stored: StoredFile) -> int:
    """The latest instant at which a row of a file was recorded, in microseconds."""
    column = pq.read_table(store.root / stored.path, columns=["recorded_at"], use_threads=False)
    latest = pc.max(column.column(0).cast(pa.int64())).as_py()
    return 0 if latest is None else int(latest)


def _cut_table(
    store: Store, table: Table, later: Sequence[tuple[StoredFile, bool]], *, at: datetime
) -> None:
    if not later:
        return
    written: list[StoredFile] = []
    try:
        for one, whole in later:
            if not whole:
                rows = _kept_rows(store, one, at=at)
                written += list(write_stream(store.root, table=table, batches=rows))
        store.fault("restore:before-cut")
        removed = [one for one, _ in later]
        store.publish(Change(added={table.name: written}, removed={table.name: removed}))
    except BaseException:
        store.discard({table.name: written})
        raise


def _kept_rows(store: Store, stored: StoredFile, *, at: datetime) -> Iterator[pa.Table]:
    """The rows of one file recorded in time, row group by row group, in the order they lie in."""
    with storage_errors("restoring"), pq.ParquetFile(store.root / stored.path) as parquet:
        for group in range(parquet.num_row_groups):
            rows = parquet.read_row_group(group, use_threads=False)
            kept = keep_as_of(rows, column="recorded_at", at=at)
            if kept.num_rows:
                yield kept


def _cut_log(store: Store, *, at: datetime) -> None:
    with store.catalogue.database.writing() as connection:
        connection.execute("DELETE FROM log WHERE recorded_at>?", (micros(at),))


def _cut_blobs(store: Store, *, at: datetime) -> None:
    """Blobs that came with later loads; the next vacuum removes their bytes."""
    later = "SELECT id FROM snapshot WHERE published_at>?"
    with store.catalogue.database.writing() as connection:
        connection.execute(f"DELETE FROM blob WHERE added_in IN ({later})", (micros(at),))
