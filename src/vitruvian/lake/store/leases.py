"""Leases: which published states somebody still reads, so that nothing of theirs is removed.

They live in a file of their own whose last rows may be lost: a lease dies with its process. The
file itself must stay readable after a power cut, so it is flushed at checkpoints, not at commits.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any  # rows of SQLite

from vitruvian.lake.disk.database import Database
from vitruvian.lake.store.catalogue import Catalogue, State

SCHEMA = """
CREATE TABLE IF NOT EXISTS lease(id INTEGER PRIMARY KEY AUTOINCREMENT, snapshot_id INTEGER NOT NULL,
    drained_seq INTEGER NOT NULL, pid INTEGER NOT NULL, born TEXT NOT NULL);
"""
TRIES = 100


class Leases:
    """Who reads which published state."""

    def __init__(self, path: Path, *, catalogue: Catalogue) -> None:
        self.database = Database(path, durability="NORMAL", schema=SCHEMA)
        self._catalogue = catalogue
        self._born = birth_of(os.getpid())

    def take(self) -> tuple[int, State]:
        """Lease the newest published state; its id and the state.

        A remover raises the horizon before it looks at the leases, and a reader looks at the
        horizon after it wrote its lease: whichever comes second sees the other.
        """
        for _ in range(TRIES):
            state = self._catalogue.state()
            with self.database.writing() as connection:
                sql = "INSERT INTO lease(snapshot_id, drained_seq, pid, born) VALUES(?,?,?,?)"
                values = (state.snapshot_id, state.drained_seq, os.getpid(), self._born)
                lease = connection.execute(sql, values).lastrowid or 0
            if int(self._catalogue.meta("horizon") or 0) <= state.snapshot_id:
                return lease, state
            self.release(lease)
        message = "the horizon passed the newest published state"
        raise AssertionError(message)

    def release(self, lease: int) -> None:
        """Give a lease back."""
        with self.database.writing() as connection:
            connection.execute("DELETE FROM lease WHERE id=?", (lease,))

    def horizon(self) -> tuple[int, int]:
        """The oldest state still read, as snapshot and drained sequence; newer ones must stay.

        Raises the horizon first, so that no new reader can start on an older state.
        """
        state = self._catalogue.state()
        self._catalogue.set_meta("horizon", str(state.snapshot_id))
        rows: list[Any] = self.database.rows("SELECT * FROM lease")
        snapshots, drained = [state.snapshot_id], [state.drained_seq]
        for lease, snapshot_id, drained_seq, pid, born in rows:
            if birth_of(pid) == born:
                snapshots.append(snapshot_id)
                drained.append(drained_seq)
            else:
                self.release(lease)
        return min(snapshots), min(drained)


def birth_of(pid: int) -> str:
    """When a process started, in the kernel's own words; empty when it does not live.

    A pid alone is not enough: the kernel gives it to somebody else later.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text("ascii", errors="replace")
    except OSError:
        return _alive(pid)
    return stat.rpartition(")")[2].split()[19]


def _alive(pid: int) -> str:
    """The same where there is no /proc: only whether it lives."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        return "alive"
    return "alive" if not Path("/proc/self/stat").exists() else ""
