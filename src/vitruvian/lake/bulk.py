"""A bulk load: many rows straight into table files, visible all at once or not at all."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from vitruvian.lake.errors import LoadOver
from vitruvian.lake.permit.projection import projected
from vitruvian.lake.reader import Reader
from vitruvian.lake.store.catalogue import State, StoredFile
from vitruvian.lake.store.codec import conform, known_table, schema_of
from vitruvian.lake.store.store import Change, Store
from vitruvian.lake.store.tablefile import BYTES_A_FILE, ROWS_A_FILE, write_sorted
from vitruvian.record import table_named

if TYPE_CHECKING:
    import duckdb

    from vitruvian.trust import Policy

Watcher = Callable[[str, pa.Table], None]


class BulkLoad:
    """One load in the making; opened by `Lake.bulk`.

    Several threads may write rows and blobs; its connection belongs to one of them.

    Attributes
    ----------
    load_id
        The number that its rows carry.
    reader
        The state before this load, which cannot move while it lasts.
    connection
        An engine for set-wise work; temporary tables are allowed.
    file_bytes
        How much of one table waits in memory before it is written as a file.
    """

    def __init__(
        self,
        store: Store,
        *,
        load_id: int,
        reader: Reader,
        connection: duckdb.DuckDBPyConnection,
        policy: Policy,
    ) -> None:
        self.load_id = load_id
        self.reader = reader
        self.connection = connection
        self._store = store
        self._policy = policy
        self._waiting: dict[str, list[pa.Table]] = {}
        self._files: dict[str, list[StoredFile]] = {}
        self._blobs: dict[str, int] = {}
        self._over = False
        self._closing: list[Callable[[], None]] = []
        self._watching: list[Watcher] = []
        self._guard, self._one_file = threading.Lock(), threading.Lock()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="table-file")
        self._writing: Future[None] | None = None
        self.file_bytes = BYTES_A_FILE

    def write(self, table: str, rows: pa.Table) -> None:
        """Take rows in; they are gathered and written as files of decent size.

        Parameters
        ----------
        table
            Name of the table.
        rows
            Columns of that table in any order; missing nullable ones become null.
            `recorded_at` and `load_id` are set here.

        Raises
        ------
        WrongColumns
            For a column too many, a required one missing or null, or a type that does not fit.
        """
        self._check_open()
        described = known_table(table)
        whole = conform(rows, table=described)
        for look in self._watching:
            look(table, whole)
        for name, some in projected(table, whole, self._policy).items():
            self.write(name, some)
        marks = pa.array([self.load_id] * whole.num_rows, pa.int64())
        position = described.column_names.index("load_id")
        whole = whole.set_column(position, schema_of(described).field("load_id"), marks)
        if not whole.num_rows:
            return
        with self._guard:
            waiting = self._waiting.setdefault(table, [])
            waiting.append(whole)
            full = self._waiting.pop(table) if _enough(waiting, self.file_bytes) else None
        del waiting, whole
        if full is not None:
            self._write_beside(table, full)

    def put_blob(self, data: bytes | Path) -> str:
        """Store bytes, or a copy of a file, and give their sha256."""
        self._check_open()
        sha256, size = self._store.blobs.put(data)
        self._blobs[sha256] = size
        return sha256

    @property
    def empty(self) -> bool:
        """Whether nothing was handed in."""
        return not (self._waiting or self._writing or self._files or self._blobs)

    def publish(self) -> State | None:
        """Write out the rest and make all of it visible; None when there was nothing."""
        self._check_open()
        self._over = True
        rest = [one for waiting in self._waiting.values() for one in waiting]
        if sum(one.nbytes for one in rest) > self.file_bytes:
            self.end()  # so much at once is for one file only
        del rest
        for table in list(self._waiting):
            self._write_out(table, self._waiting.pop(table))
        self.end()
        if self._writing is not None:
            self._writing.result()
        if self.empty:
            return None
        self._store.fault("bulk:before-publish")
        load_id = self.load_id
        return self._store.publish(Change(added=self._files, load_id=load_id, blobs=self._blobs))

    def watch(self, look: Watcher) -> None:
        """Have somebody look at all rows as they are taken in, from whichever thread writes them.

        Parameters
        ----------
        look
            Is given the name of the table and the rows, with every column of the table.
        """
        self._watching.append(look)

    def at_end(self, close: Callable[[], None]) -> None:
        """Have something closed when the load ends, well or not, while its engine still runs.

        Whoever works on a cursor of the connection in a thread must have left it by then: an
        engine that is closed under a running statement waits for itself forever.
        """
        self._closing.append(close)

    def end(self) -> None:
        """Take nothing in any more, and let what is in the making be finished."""
        self._over = True
        while self._closing:
            self._closing.pop()()
        self._thread.shutdown()

    def give_up(self) -> None:
        """Remove what was written so far."""
        self.end()
        self._store.discard(self._files)

    def _write_beside(self, table: str, waiting: list[pa.Table]) -> None:
        """Write a file while the next rows are made; never two, for each takes its rows thrice.

        Only a rest that is smaller than a file is written beside the last of them.
        """
        with self._one_file:
            if self._writing is not None:
                self._writing.result()
            self._writing = self._thread.submit(self._write_out, table, waiting)

    def _write_out(self, table: str, waiting: list[pa.Table]) -> None:
        rows = pa.concat_tables(waiting)
        waiting.clear()
        described = table_named(table)
        written = write_sorted(self._store.root, table=described, rows=rows, load_id=self.load_id)
        self._files.setdefault(table, []).append(written)
        del rows
        # What is free again goes back to the system.
        pa.default_memory_pool().release_unused()
        self._store.fault("bulk:after-file")

    def _check_open(self) -> None:
        if self._over:
            raise LoadOver


def _enough(waiting: list[pa.Table], file_bytes: int) -> bool:
    rows: int = sum(one.num_rows for one in waiting)
    size: int = sum(one.nbytes for one in waiting)
    return rows >= ROWS_A_FILE or size >= file_bytes
