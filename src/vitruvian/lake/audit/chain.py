"""The audit: one hash chain in two sinks, which mend each other's missing tail.

`audit.sqlite` answers questions (who saw this patient); `audit.jsonl` is the same chain as plain
lines, for a log collector. A row is written to both inside one lock. After a crash the shorter one
is completed from the longer one; where both have a row and differ, `check` says so.

With one sink down, what treats patients goes on and an alarm is told; all else waits. With both
down nothing is shown: then there is the emergency view, which has an audit of its own.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Literal  # rows of SQLite

import structlog

from vitruvian.base.clock import Clock
from vitruvian.base.errors import Unavailable
from vitruvian.lake.audit.walking import row_of, walk
from vitruvian.lake.disk.database import Database
from vitruvian.lake.disk.durable import fsync_path, storage_errors, write_whole
from vitruvian.lake.errors import Damaged, StorageFailed
from vitruvian.trust import GENESIS, SYSTEM, Access, AuditRow, Deed, chained

SCHEMA = """
CREATE TABLE IF NOT EXISTS audit(seq INTEGER PRIMARY KEY, line TEXT NOT NULL, hash TEXT NOT NULL,
    line_end INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS shown(subject_id INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (subject_id, seq)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS checkpoint(number INTEGER PRIMARY KEY, line TEXT NOT NULL,
    sha256 TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sent(place TEXT NOT NULL, kind TEXT NOT NULL, upto INTEGER NOT NULL,
    PRIMARY KEY (place, kind)) WITHOUT ROWID;
"""
Sink = Literal["audit.sqlite", "audit.jsonl"]
Head = tuple[int, str, int]
TAIL_BYTES = 64 * 1024
# A closed record is opened, or a refusal told, at the bedside too.
AT_THE_BEDSIDE = frozenset({"read", "glass", "refused"})
log = structlog.get_logger("vitruvian.audit")


class AuditDown(Unavailable):
    """Neither sink of the audit can be written, so nothing is shown."""

    def __init__(self) -> None:
        super().__init__(
            "Neither sink of the audit can be written, so no patient is shown. For treatment run "
            "'vitruvian serve --emergency', which keeps who looked in a folder of its own; then "
            "see what is wrong with the disks of audit.sqlite and audit.jsonl."
        )


class Audit:
    """What was done with the stored data, by whom and why.

    `down` names the sink that could not be written last; it is empty when all is well.
    """

    def __init__(self, root: Path, *, clock: Clock) -> None:
        self._clock = clock
        self._lines = root / "audit.jsonl"
        # NORMAL: a killed process loses nothing; a power cut may take the rows since `flush`.
        self.database = Database(root / "audit.sqlite", durability="NORMAL", schema=SCHEMA)
        with storage_errors("opening the audit"):
            self._handle = os.open(self._lines, os.O_RDWR | os.O_CREAT, 0o600)
        self.down: frozenset[Sink] = frozenset()
        self._guard = threading.Lock()
        self._last = 0
        self._mend()

    def record(self, access: Access, deed: Deed) -> AuditRow:
        """Write one row to both sinks; what treats patients is content with one.

        Raises
        ------
        StorageFailed
            When one sink cannot be written, and it treats no patient.
        AuditDown
            When neither can.
        """
        treats = may_go_on(access, deed)
        try:
            row, down = self._in_database(access, deed, treats=treats)
        except (StorageFailed, Damaged):
            if not treats:
                raise
            row, down = self._in_lines(access, deed), frozenset[Sink]({"audit.sqlite"})
        self._last = row.seq
        self._tell(down)
        return row

    def _tell(self, down: frozenset[Sink]) -> None:
        if down != self.down:
            if down:
                log.error("audit sink down", sink=min(down))
            else:
                log.warning("audit whole again")
            self.down = down

    def _in_database(
        self, access: Access, deed: Deed, *, treats: bool
    ) -> tuple[AuditRow, frozenset[Sink]]:
        """Into both; into the database alone where the lines cannot be written."""
        with self.database.writing() as connection, self._lines_alone():
            failed = tried(lambda: self._level(connection))
            head = self._head(connection)
            row = self._next(head, access, deed)
            text = row.line()
            line = text.encode() + b"\n"
            _insert(connection, row, text, line_end=head[2] + len(line))
            failed = failed or tried(lambda: self._put(line, at=head[2]))
            if failed is not None and not treats:
                raise failed
        return row, frozenset() if failed is None else frozenset[Sink]({"audit.jsonl"})

    def _in_lines(self, access: Access, deed: Deed) -> AuditRow:
        """Into the lines alone: they must hold the newest row, or the chain would part in two."""
        try:
            with self._lines_alone():
                head = self._head_of_lines()
                if head is None or head[0] < self._last:
                    raise AuditDown
                row = self._next(head, access, deed)
                self._put(row.line().encode() + b"\n", at=head[2])
        except OSError:
            raise AuditDown from None
        return row

    def _put(self, line: bytes, *, at: int) -> None:
        """Write a line; one that a dead writer left torn is overwritten and cut off behind it."""
        write_whole(self._handle, line, at=at)
        os.ftruncate(self._handle, at + len(line))

    def _next(self, head: Head, access: Access, deed: Deed) -> AuditRow:
        return chained(AuditRow(head[0] + 1, self._clock().isoformat(), access, deed, head[1]))

    @contextmanager
    def _lines_alone(self) -> Iterator[None]:
        """Nobody else writes lines meanwhile, also who cannot lock the database."""
        with self._guard:
            with suppress(OSError):  # the write will say what is wrong
                fcntl.flock(self._handle, fcntl.LOCK_EX)
            try:
                yield
            finally:
                with suppress(OSError):
                    fcntl.flock(self._handle, fcntl.LOCK_UN)

    def _head_of_lines(self) -> Head | None:
        """Number, hash and end of the last whole line; None when it is not sound."""
        size = os.fstat(self._handle).st_size
        taken = min(size, TAIL_BYTES)
        while True:
            tail = os.pread(self._handle, taken, size - taken)
            last = tail.rpartition(b"\n")[0]
            if taken == size or b"\n" in last:
                break
            taken = min(size, 2 * taken)
        if not last:
            return (0, GENESIS, 0) if not size else None
        row = row_of(last.rpartition(b"\n")[2].decode("utf-8", errors="replace"))
        if row is None or chained(row).hash != row.hash:
            return None
        return row.seq, row.hash, size - taken + len(last) + 1

    def _head(self, connection: sqlite3.Connection) -> Head:
        sql = "SELECT seq, hash, line_end FROM audit ORDER BY seq DESC LIMIT 1"
        row: Any = connection.execute(sql).fetchone()
        return row or (0, GENESIS, 0)

    def head(self) -> tuple[int, str]:
        """How many rows there are, and the hash of the last one."""
        with self.database.reading() as connection:
            seq, digest, _ = self._head(connection)
        return seq, digest

    def at(self, seq: int) -> str:
        """When a row was written; empty when there is no such row."""
        rows = self.database.rows("SELECT line FROM audit WHERE seq=?", (seq,))
        return _parsed(rows[0]).at if rows else ""

    def heads(self, counts: Iterable[int]) -> dict[int, str]:
        """The chain's hash after so many rows, for the counts that it has."""
        found = {0: GENESIS}
        for count in set(counts):
            rows: list[Any] = self.database.rows("SELECT hash FROM audit WHERE seq=?", (count,))
            found.update((count, digest) for (digest,) in rows)
        return found

    def rows(self, *, subject_id: int | None = None) -> list[AuditRow]:
        """Every row, or those in which rows of one subject were shown, oldest first."""
        sql, values = "SELECT line FROM audit ORDER BY seq", ()
        if subject_id is not None:
            sql = "SELECT line FROM audit JOIN shown USING (seq) WHERE subject_id=? ORDER BY seq"
            return [_parsed(row) for row in self.database.rows(sql, (subject_id,))]
        return [_parsed(row) for row in self.database.rows(sql, values)]

    def faults(self) -> Iterator[str]:
        """What does not hold: breaks of the chain, and places where the sinks differ."""
        with self.database.reading() as connection:
            yield from walk(connection, self._lines)
        yield from self._checkpoint_faults()

    def _checkpoint_faults(self) -> Iterator[str]:
        """Whether the kept checkpoints are as they were written; who signed them is not asked."""
        kept: list[Any] = self.database.rows(
            "SELECT number, line, sha256 FROM checkpoint ORDER BY number"
        )
        for number, (stored, line, digest) in enumerate(kept, start=1):
            if stored != number or hashlib.sha256(line.encode()).hexdigest() != digest:
                yield f"checkpoint {number} of the audit is missing or not as it was written"
                return

    def _mend(self) -> None:
        """Level the sinks while opening; the seal of a file at rest stays where they agree."""
        with self.database.reading() as connection:
            _, _, end = self._head(connection)
        if os.fstat(self._handle).st_size != end:
            with storage_errors("mending the audit"), self.database.writing() as connection:
                self._level(connection)

    def _level(self, connection: sqlite3.Connection) -> None:
        """Complete the sink that lost its tail from the one that kept it."""
        seq, before, end = self._head(connection)
        size = os.fstat(self._handle).st_size
        if size < end:
            self._rewrite_lines(connection, size=size)
        elif size > end:
            self._adopt_lines(connection, seq=seq, before=before, end=end)

    def _rewrite_lines(self, connection: sqlite3.Connection, *, size: int) -> None:
        sql = "SELECT line, line_end FROM audit WHERE line_end>? ORDER BY seq"
        for line, line_end in connection.execute(sql, (size,)):
            data = line.encode() + b"\n"
            write_whole(self._handle, data, at=line_end - len(data))

    def _adopt_lines(
        self, connection: sqlite3.Connection, *, seq: int, before: str, end: int
    ) -> None:
        """Take whole, rightly chained lines over; a torn one is left for the next write."""
        tail = os.pread(self._handle, os.fstat(self._handle).st_size - end, end)
        for line in tail.split(b"\n")[:-1]:
            row = row_of(line.decode("utf-8", errors="replace"))
            sound = row is not None and row.seq == seq + 1 and row.before == before
            if row is None or not sound or chained(row).hash != row.hash:
                break
            end += len(line) + 1
            _insert(connection, row, row.line(), line_end=end)
            seq, before = row.seq, row.hash
        os.ftruncate(self._handle, end)

    def flush(self) -> None:
        """Make every row so far survive a power cut."""
        with storage_errors("flushing the audit"):
            os.fsync(self._handle)
            fsync_path(self._lines.parent)
        self.database.rows("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        """Flush and close both sinks."""
        self.flush()
        self.database.close()
        os.close(self._handle)


def tried(write: Callable[[], None]) -> StorageFailed | None:
    """What kept something from being written; None when it was."""
    try:
        with storage_errors("writing the audit"):
            write()
    except StorageFailed as failed:
        return failed
    return None


def may_go_on(access: Access, deed: Deed) -> bool:
    """Whether one sink is enough: to treat a patient, and to say how the server is."""
    about_itself = access.role == SYSTEM.role and deed.kind == "read" and not deed.subjects
    return about_itself or (access.purpose == "treatment" and deed.kind in AT_THE_BEDSIDE)


def _insert(connection: sqlite3.Connection, row: AuditRow, line: str, *, line_end: int) -> None:
    values = (row.seq, line, row.hash, line_end)
    connection.execute("INSERT INTO audit VALUES(?,?,?,?)", values)
    shown = [(subject, row.seq) for subject in set(row.deed.subjects)]
    connection.executemany("INSERT INTO shown VALUES(?,?)", shown)


def _parsed(row: tuple[object, ...]) -> AuditRow:
    return AuditRow.parse(str(row[0]))
