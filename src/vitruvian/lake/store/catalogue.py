"""The catalogue: the only truth about what is published, and the hot log beside it.

Both live in one SQLite file, so that a publication and a drain are one transaction each,
and `recorded_at` is issued in commit order by one write lock.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any  # sqlite3 gives columns without a type

from vitruvian.base.clock import Clock
from vitruvian.lake.disk.database import Database, row_seal
from vitruvian.lake.errors import NewerLake
from vitruvian.lake.store.codec import instant, micros

LAYOUT = "1"
SCHEMA = """
CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS snapshot(id INTEGER PRIMARY KEY, versions TEXT NOT NULL,
    drained_seq INTEGER NOT NULL, published_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS load(load_id INTEGER PRIMARY KEY, recorded_at INTEGER NOT NULL,
    snapshot_id INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS file(path TEXT PRIMARY KEY, kind TEXT NOT NULL,
    table_name TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL,
    row_count INTEGER NOT NULL, low INTEGER, high INTEGER, has_null INTEGER NOT NULL,
    load_id INTEGER, added_in INTEGER NOT NULL, removed_in INTEGER, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS blob(sha256 TEXT PRIMARY KEY, bytes INTEGER NOT NULL,
    added_in INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS log(seq INTEGER PRIMARY KEY AUTOINCREMENT, table_name TEXT NOT NULL,
    subject_id INTEGER, row TEXT NOT NULL, recorded_at INTEGER NOT NULL, seal TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS log_by_subject ON log(table_name, subject_id, seq);
"""
SEALED = ("meta", "snapshot", "load", "file", "blob", "log")


@dataclass(frozen=True)
class StoredFile:
    """One file under the lake's folder, as the catalogue knows it.

    `low` and `high` bound the first clustering column where it is a number;
    `has_null` says whether it is null in some row.
    """

    path: str
    kind: str
    table: str
    sha256: str
    size: int
    rows: int = 0
    low: int | None = None
    high: int | None = None
    has_null: bool = False
    load_id: int | None = None
    added_in: int = 0
    removed_in: int | None = None

    def may_hold(self, keys: Sequence[int]) -> bool:
        """Whether a row with one of these sorted keys may be in here."""
        if self.low is None or self.high is None:
            return False
        low, high = self.low, self.high
        return any(low <= key <= high for key in keys)


@dataclass(frozen=True)
class State:
    """One published state: what a reader runs on.

    `erased` names all erasures that were published up to it.
    """

    snapshot_id: int
    versions: Mapping[str, int]
    drained_seq: int
    log_seq: int
    recorded_us: int
    erased: str = ""


@dataclass(frozen=True)
class Publication:
    """What one transaction makes visible."""

    versions: Mapping[str, int] = field(default_factory=dict)
    added: tuple[StoredFile, ...] = ()
    removed: tuple[str, ...] = ()
    drained_seq: int | None = None
    load_id: int | None = None
    blobs: Mapping[str, int] = field(default_factory=dict)
    blobs_gone: tuple[str, ...] = ()
    meta: Mapping[str, str] = field(default_factory=dict)


class Catalogue:
    """What is published, and when."""

    def __init__(self, path: Path, *, clock: Clock) -> None:
        self.database = Database(path, durability="FULL", schema=SCHEMA)
        self._clock = clock

    def found(self, *, site: str) -> None:
        """Write the first state of an empty lake."""
        with self.database.writing() as connection:
            if connection.execute("SELECT 1 FROM meta WHERE key='layout'").fetchone():
                return
            for key, value in (("layout", LAYOUT), ("site", site), ("horizon", "0")):
                put_meta(connection, key=key, value=value)
            now = self.next_instant(connection)
            insert(connection, "snapshot", (0, "{}", 0, now))

    def check_layout(self) -> None:
        """Refuse a lake of another layout."""
        found = self.meta("layout")
        if found != LAYOUT:
            raise NewerLake(found=f"layout {found or 'unknown'}", expected=f"layout {LAYOUT}")

    def meta(self, key: str) -> str | None:
        """One setting of the lake; None when it was never written."""
        rows = self.database.rows("SELECT value FROM meta WHERE key=?", (key,))
        return str(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: str) -> None:
        """Write one setting of the lake."""
        with self.database.writing() as connection:
            put_meta(connection, key=key, value=value)

    def state(self) -> State:
        """The newest published state and the newest row of the log."""
        sql = """
            SELECT s.id, s.versions, s.drained_seq,
                   coalesce((SELECT max(seq) FROM log), s.drained_seq),
                   (SELECT value FROM meta WHERE key='last_recorded'),
                   (SELECT coalesce(group_concat(key || value), '') FROM meta
                    WHERE key > 'erased:' AND key < 'erased;')
            FROM snapshot s ORDER BY s.id DESC LIMIT 1"""
        (row,) = self.database.rows(sql)
        ident, versions, drained, last, recorded, erased = row
        return State(
            snapshot_id=int(str(ident)),
            versions=json.loads(str(versions)),
            drained_seq=int(str(drained)),
            log_seq=int(str(last)),
            recorded_us=int(str(recorded)),
            erased=str(erased),
        )

    def files(self, table: str, *, snapshot_id: int) -> list[StoredFile]:
        """The data files of one table in one published state."""
        sql = """SELECT * FROM file WHERE kind='data' AND table_name=? AND added_in<=?
                 AND (removed_in IS NULL OR removed_in>?) ORDER BY path"""
        rows = self.database.rows(sql, (table, snapshot_id, snapshot_id))
        return [stored_file(row) for row in rows]

    def all_files(self, *, kind: str | None = None) -> list[StoredFile]:
        """Every file that the catalogue answers for."""
        rows = self.database.rows("SELECT * FROM file WHERE ? IN ('', kind)", (kind or "",))
        return [stored_file(row) for row in rows]

    def loads(self) -> dict[int, int]:
        """When each bulk load was published, in microseconds since 1970 UTC."""
        rows: list[Any] = self.database.rows("SELECT load_id, recorded_at FROM load")
        return dict(rows)

    def next_load_id(self) -> int:
        """The number for the load that is starting; call with the writer lock held."""
        rows: list[Any] = self.database.rows("SELECT coalesce(max(load_id), 0) + 1 FROM load")
        return int(rows[0][0])

    def publish(self, publication: Publication) -> State:
        """Make a publication visible, whole, in one transaction."""
        with self.database.writing() as connection:
            before = connection.execute(
                "SELECT id, versions, drained_seq FROM snapshot ORDER BY id DESC LIMIT 1"
            ).fetchone()
            ident, now = before[0] + 1, self.next_instant(connection)
            versions = json.dumps({**json.loads(before[1]), **publication.versions})
            drained = publication.drained_seq
            insert(
                connection,
                "snapshot",
                (ident, versions, before[2] if drained is None else drained, now),
            )
            if publication.load_id is not None:
                insert(connection, "load", (publication.load_id, now, ident))
            _publish_files(connection, publication, snapshot_id=ident)
        return self.state()

    def forget(self, paths: Iterable[str]) -> None:
        """Take files out of the catalogue, before they are removed from the disk."""
        with self.database.writing() as connection:
            connection.executemany("DELETE FROM file WHERE path=?", [(path,) for path in paths])

    def replace_delta(self, *, added: Iterable[StoredFile], removed: Iterable[str]) -> None:
        """Take a checkpoint in and mark what it folds as removed; what is published stays."""
        with self.database.writing() as connection:
            (now,) = connection.execute("SELECT max(id) FROM snapshot").fetchone()
            for path in removed:
                row = connection.execute("SELECT * FROM file WHERE path=?", (path,)).fetchone()
                put_file(connection, replace(stored_file(row), removed_in=now))
            for one in added:
                put_file(connection, replace(one, added_in=now))
            put_meta(connection, key="checkpointing", value="")

    def now(self) -> datetime:
        """What the clock says."""
        return self._clock()

    def next_instant(self, connection: sqlite3.Connection) -> int:
        """Issue the next `recorded_at`: the clock's time, and always later than the last one."""
        row = connection.execute("SELECT value FROM meta WHERE key='last_recorded'").fetchone()
        now = micros(self._clock())
        if row is not None:
            now = max(now, int(row[0]) + 1)
        put_meta(connection, key="last_recorded", value=str(now))
        return now

    def latest_instant(self) -> datetime:
        """The newest `recorded_at` that was issued."""
        return instant(self.state().recorded_us)


def _publish_files(
    connection: sqlite3.Connection, publication: Publication, *, snapshot_id: int
) -> None:
    for added in publication.added:
        put_file(connection, replace(added, added_in=snapshot_id))
    for path in publication.removed:
        row = connection.execute("SELECT * FROM file WHERE path=?", (path,)).fetchone()
        put_file(connection, replace(stored_file(row), removed_in=snapshot_id))
    for sha256, size in publication.blobs.items():
        known = connection.execute("SELECT 1 FROM blob WHERE sha256=?", (sha256,)).fetchone()
        if not known:
            insert(connection, "blob", (sha256, size, snapshot_id))
    gone = [(sha256,) for sha256 in publication.blobs_gone]
    connection.executemany("DELETE FROM blob WHERE sha256=?", gone)
    for key, value in publication.meta.items():
        put_meta(connection, key=key, value=value)


def insert(connection: sqlite3.Connection, table: str, values: Sequence[object]) -> None:
    """Insert or replace one sealed row."""
    marks = ",".join("?" * (len(values) + 1))
    connection.execute(
        f"INSERT OR REPLACE INTO {table} VALUES({marks})", (*values, row_seal(values))
    )


def put_meta(connection: sqlite3.Connection, *, key: str, value: str) -> None:
    """Write one setting inside an open transaction."""
    insert(connection, "meta", (key, value))


def put_file(connection: sqlite3.Connection, stored: StoredFile) -> None:
    """Write one file's row inside an open transaction."""
    row = (
        *(stored.path, stored.kind, stored.table, stored.sha256, stored.size, stored.rows),
        *(stored.low, stored.high, int(stored.has_null), stored.load_id),
        *(stored.added_in, stored.removed_in),
    )
    insert(connection, "file", row)


def stored_file(row: Iterable[Any]) -> StoredFile:
    """A file's row as it stands in the catalogue."""
    path, kind, table, sha256, size, rows, low, high, null, load_id, added, removed, _ = row
    return StoredFile(
        *(path, kind, table, sha256, size, rows, low, high, bool(null), load_id, added, removed)
    )
