"""The audit: one hash chain in two sinks, which mend each other's missing tail.

`audit.sqlite` answers questions (who saw this patient); `audit.jsonl` is the same chain as plain
lines, for a log collector. A row is written to both inside one lock. After a crash the shorter one
is completed from the longer one; where both have a row and differ, `check` says so.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any  # rows of SQLite

from vitruvian.base.clock import Clock
from vitruvian.lake.disk.database import Database
from vitruvian.lake.disk.durable import fsync_path, storage_errors, write_whole
from vitruvian.trust import GENESIS, Access, AuditRow, Deed, chain_breaks, chained

SCHEMA = """
CREATE TABLE IF NOT EXISTS audit(seq INTEGER PRIMARY KEY, line TEXT NOT NULL, hash TEXT NOT NULL,
    line_end INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS shown(subject_id INTEGER NOT NULL, seq INTEGER NOT NULL,
    PRIMARY KEY (subject_id, seq)) WITHOUT ROWID;
"""


class Audit:
    """What was done with the stored data, by whom and why."""

    def __init__(self, root: Path, *, clock: Clock) -> None:
        self._clock = clock
        self._lines = root / "audit.jsonl"
        # NORMAL: a killed process loses nothing; a power cut may take the rows since `flush`.
        self.database = Database(root / "audit.sqlite", durability="NORMAL", schema=SCHEMA)
        with storage_errors("opening the audit"):
            self._handle = os.open(self._lines, os.O_RDWR | os.O_CREAT, 0o600)
        self._mend()

    def record(self, access: Access, deed: Deed) -> AuditRow:
        """Write one row to both sinks."""
        with storage_errors("writing the audit"), self.database.writing() as connection:
            seq, before, start = self._head(connection)
            at = self._clock().isoformat()
            row = chained(AuditRow(seq + 1, at, access, deed, before))
            line = row.line().encode() + b"\n"
            _insert(connection, row, line_end=start + len(line))
            # A torn line of a writer that died is overwritten here, and cut off behind it.
            write_whole(self._handle, line, at=start)
            os.ftruncate(self._handle, start + len(line))
        return row

    def _head(self, connection: sqlite3.Connection) -> tuple[int, str, int]:
        sql = "SELECT seq, hash, line_end FROM audit ORDER BY seq DESC LIMIT 1"
        row: Any = connection.execute(sql).fetchone()
        return row or (0, GENESIS, 0)

    def rows(self, *, subject_id: int | None = None) -> list[AuditRow]:
        """Every row, or those in which rows of one subject were shown, oldest first."""
        sql, values = "SELECT line FROM audit ORDER BY seq", ()
        if subject_id is not None:
            sql = "SELECT line FROM audit JOIN shown USING (seq) WHERE subject_id=? ORDER BY seq"
            return [_parsed(row) for row in self.database.rows(sql, (subject_id,))]
        return [_parsed(row) for row in self.database.rows(sql, values)]

    def faults(self) -> Iterator[str]:
        """What does not hold: breaks of the chain, and places where the sinks differ."""
        stored: list[Any] = self.database.rows("SELECT seq, line, hash FROM audit ORDER BY seq")
        rows = []
        for seq, line, digest in stored:
            row = _readable(line)
            if row is None or row.hash != digest:
                yield f"audit row {seq} is not readable or carries another hash than its column"
                return
            rows.append(row)
        for seq in chain_breaks(rows):
            yield f"the audit chain breaks at row {seq}"
        yield from self._line_faults([line for _, line, _ in stored])
        yield from self._index_faults(rows)

    def _line_faults(self, stored: Sequence[str]) -> Iterator[str]:
        lines = self._lines.read_bytes().split(b"\n")[:-1]
        if len(lines) < len(stored):
            yield f"audit.jsonl holds {len(lines)} rows and audit.sqlite {len(stored)}"
        for number, (line, expected) in enumerate(zip(lines, stored, strict=False), start=1):
            if line != expected.encode():
                yield f"audit.jsonl and audit.sqlite differ at row {number}"
                return

    def _index_faults(self, rows: Sequence[AuditRow]) -> Iterator[str]:
        indexed = set(self.database.rows("SELECT subject_id, seq FROM shown"))
        if indexed != {(subject, row.seq) for row in rows for subject in row.deed.subjects}:
            yield "the patient index of the audit does not match its rows"

    def _mend(self) -> None:
        """Complete the sink that lost its tail from the one that kept it."""
        with self.database.reading() as connection:
            _, _, end = self._head(connection)
        if os.fstat(self._handle).st_size == end:
            return
        with storage_errors("mending the audit"), self.database.writing() as connection:
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
            row = _readable(line.decode("utf-8", errors="replace"))
            sound = row is not None and row.seq == seq + 1 and row.before == before
            if row is None or not sound or chained(row).hash != row.hash:
                break
            end += len(line) + 1
            _insert(connection, row, line_end=end)
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


def _insert(connection: sqlite3.Connection, row: AuditRow, *, line_end: int) -> None:
    values = (row.seq, row.line(), row.hash, line_end)
    connection.execute("INSERT INTO audit VALUES(?,?,?,?)", values)
    shown = [(subject, row.seq) for subject in set(row.deed.subjects)]
    connection.executemany("INSERT INTO shown VALUES(?,?)", shown)


def _parsed(row: tuple[object, ...]) -> AuditRow:
    return AuditRow.parse(str(row[0]))


def _readable(line: str) -> AuditRow | None:
    try:
        return AuditRow.parse(line)
    except (ValueError, KeyError, TypeError):
        return None
