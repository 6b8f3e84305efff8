"""One SQLite file: a connection a thread, sealed rows, and a seal over the whole file at rest.

SQLite has no page checksums here, so two seals stand in for them: every row of every table
carries a hash of its other columns, and a cleanly closed file has its sha256 beside it.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from vitruvian.lake.disk.durable import fsync_path, storage_errors
from vitruvian.lake.errors import Damaged, StorageFailed, WriterBusy

Durability = Literal["FULL", "NORMAL", "OFF"]
LARGEST_WHOLE_FILE_SEAL = 256 * 1024 * 1024


def row_seal(values: Sequence[object]) -> str:
    """A hash of one row's values, in column order."""
    words = "\x1f".join(f"{type(value).__name__[0]}{value}" for value in values)
    return hashlib.blake2b(words.encode(), digest_size=16).hexdigest()


def sha256_of(path: Path) -> str:
    """The sha256 of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


@contextmanager
def sqlite_errors(path: Path, doing: str) -> Iterator[None]:
    """Failures of SQLite with a database, in the words of the house.

    Raises
    ------
    WriterBusy
        When somebody else holds it.
    StorageFailed
        When the disk does not take or give it.
    Damaged
        When it is no database.
    """
    try:
        yield
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            raise WriterBusy from error
        raise StorageFailed(doing=doing, why=str(error)) from error
    except sqlite3.DatabaseError as error:
        raise Damaged(what=f"{path.name} is not readable as a database") from error


class Database:
    """One SQLite file in WAL mode."""

    def __init__(self, path: Path, *, durability: Durability, schema: str) -> None:
        self.path = path
        self._durability = durability
        self._threads = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._guard = threading.Lock()
        with sqlite_errors(self.path, "opening a database"):
            self._lay_out(schema)

    @property
    def seal_path(self) -> Path:
        """Where the sha256 of the closed file stands."""
        return self.path.with_name(self.path.name + ".sha256")

    def connection(self) -> sqlite3.Connection:
        """The connection of the calling thread."""
        known: sqlite3.Connection | None = getattr(self._threads, "connection", None)
        if known is not None:
            return known
        fresh = sqlite3.connect(
            self.path, timeout=30.0, isolation_level=None, check_same_thread=False
        )
        fresh.execute("PRAGMA journal_mode=WAL")
        fresh.execute(f"PRAGMA synchronous={self._durability}")
        with self._guard:
            self._connections.append(fresh)
        self._threads.connection = fresh
        return fresh

    def _lay_out(self, schema: str) -> None:
        """Add what an older file lacks; its seal is broken before the first byte changes."""
        connection = self.connection()
        before = connection.execute("PRAGMA schema_version").fetchone()
        try:
            self._in_one(schema, "BEGIN")
        except sqlite3.OperationalError:
            # Somebody else lays it out at this moment: wait for them, then look again.
            self._in_one(schema, "BEGIN IMMEDIATE")
        try:
            if connection.execute("PRAGMA schema_version").fetchone() != before:
                self._break_seal()
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _in_one(self, schema: str, begin: str) -> None:
        connection = self.connection()
        try:
            connection.executescript(f"{begin};\n{schema}")
        except sqlite3.Error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One write transaction: all of it or none of it."""
        with sqlite_errors(self.path, "writing to a database"):
            connection = self.connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._break_seal()
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    def _break_seal(self) -> None:
        """Remove the seal of a file at rest: under the write lock, before the first byte.

        Its folder is flushed too: a seal that came back after a power cut would call sound rows
        damaged.
        """
        with storage_errors("writing to a database"):
            if self.seal_path.exists():
                self.seal_path.unlink(missing_ok=True)
                fsync_path(self.seal_path.parent)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Several reads of one state."""
        with sqlite_errors(self.path, "reading a database"):
            connection = self.connection()
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("COMMIT")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[object, ...]]:
        """The rows of one query."""
        with sqlite_errors(self.path, "reading a database"):
            return self.connection().execute(sql, tuple(parameters)).fetchall()

    def scrub(self) -> bool:
        """Write the file anew without its free pages; whether nobody holds older ones open."""
        with sqlite_errors(self.path, "writing a database anew"):
            connection = self.connection()
            with self.writing():
                pass  # breaks the seal of the file at rest
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy

    def close(self) -> None:
        """Close every connection; leave the file sealed when nobody else has it open."""
        self._seal_at_rest()
        with self._guard:
            for connection in self._connections:
                connection.close()
            self._connections.clear()
        self._threads = threading.local()

    def _seal_at_rest(self) -> None:
        """Write the sha256 of the file beside it, once all of it is in the main file."""
        try:
            connection = self.connection()
            (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
            if mode != "wal":
                return  # a disk that failed left the old mode: the next to open it writes its head
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy or self.path.stat().st_size > LARGEST_WHOLE_FILE_SEAL:
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                self._write_seal()
            finally:
                connection.execute("ROLLBACK")
        except (sqlite3.Error, OSError):
            # A seal is a second safeguard: without it the row hashes still stand. One that a disk
            # turned read-only keeps is still right: it was broken before the first byte.
            with suppress(OSError):
                self.seal_path.unlink(missing_ok=True)

    def _write_seal(self) -> None:
        wal = self.path.with_name(self.path.name + "-wal")
        if (wal.exists() and wal.stat().st_size) or self.seal_path.exists():
            return
        draft = self.seal_path.with_suffix(".draft")
        draft.write_text(sha256_of(self.path) + "\n", "ascii")
        fsync_path(draft)
        draft.replace(self.seal_path)
