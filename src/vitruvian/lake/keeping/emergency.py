"""What was published last, read where it lies and never written: for a lake whose writer is dead.

Only the small databases are copied, into a folder of their own: sessions and the audit go there.
Table files and blobs are read in place, and neither the writer's lock nor any byte of the lake is
needed but those read. So the view works beside a writer that hangs, on a disk that is full, and on
one that is mounted read-only.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import datetime
from pathlib import Path

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.errors import Unavailable
from vitruvian.lake.disk.durable import storage_errors
from vitruvian.lake.errors import NoLake
from vitruvian.lake.keeping import columns
from vitruvian.lake.lake import Lake
from vitruvian.lake.store.catalogue import State
from vitruvian.lake.store.leases import birth_of
from vitruvian.trust import Access

READ_IN_PLACE = ("tables", "blobs")
# The view has an audit and leases of its own; a lock of its own it never takes.
LEFT_BEHIND = ("audit.", "leases.", "writer.lock")
SECONDS_TO_WAIT = 5.0


class EmergencyOnly(Unavailable):
    """Something was to be stored through the emergency view."""

    def __init__(self, *, until: datetime) -> None:
        super().__init__(
            f"This is the read-only emergency view of what was stored until {until:%Y-%m-%d %H:%M} "
            "UTC: nothing can be stored here. Write it down, and enter it once the lake is served "
            "normally again."
        )


class EmergencyLake(Lake):
    """A lake that is only read; every write is refused with one sentence."""

    def __init__(self, path: Path, *, clock: Clock, memory_limit: str) -> None:
        """Use `emergency_view`."""
        super().__init__(path, clock=clock, memory_limit=memory_limit)
        self.until: datetime = self._store.catalogue.latest_instant()

    def begin(self, whole: Path) -> None:
        """Check that this version can read the lake, and lease the state that is shown."""
        self._store.catalogue.check_layout()
        columns.expect_ours(self._store)
        _lease(whole / "leases.sqlite", self._store.catalogue.state())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        raise EmergencyOnly(until=self.until)
        yield

    def append(
        self, access: Access, rows: Mapping[str, Sequence[Mapping[str, object]]]
    ) -> datetime:
        """Refuse.

        Raises
        ------
        EmergencyOnly
            Always.
        """
        del access, rows
        raise EmergencyOnly(until=self.until)


def emergency_view(
    path: Path, *, clock: Clock = system_clock, memory_limit: str = "1GB"
) -> EmergencyLake:
    """The last published state of a lake that nobody can write to, or that nobody should.

    Parameters
    ----------
    path
        The lake's folder; nothing in it is changed but one lease, where that is possible.
    clock
        What tells the time.
    memory_limit
        What the engine may use before it spills to disk.

    Returns
    -------
    EmergencyLake
        Its `path` is the folder in which sessions and the audit of this view lie.

    Raises
    ------
    NoLake
        When there is none.
    NewerLake, OlderLake
        When this version cannot read it.
    Damaged
        When a database cannot be copied.
    """
    whole = path.absolute()
    if not (whole / "lake.sqlite").is_file():
        raise NoLake
    view = _folder_beside(whole, at=clock())
    try:
        with storage_errors("preparing the emergency view"):
            _fill(view, whole)
        lake = EmergencyLake(view, clock=clock, memory_limit=memory_limit)
        try:
            lake.begin(whole)
        except BaseException:
            lake.close()
            raise
    except BaseException:
        shutil.rmtree(view, ignore_errors=True)
        raise
    return lake


def _fill(view: Path, whole: Path) -> None:
    for name in READ_IN_PLACE:
        (view / name).symlink_to(whole / name, target_is_directory=True)
    for source in sorted(whole.iterdir()):
        if source.is_file() and source.suffix in {".sqlite", ".toml"} and _wanted(source):
            _copy(source, view / source.name)


def _wanted(source: Path) -> bool:
    return not source.name.startswith(LEFT_BEHIND)


def _folder_beside(lake: Path, *, at: datetime) -> Path:
    """A new folder beside the lake; among the temporary files where that one cannot be made."""
    name = f"{lake.name}.emergency-{at:%Y%m%dT%H%M%S%fZ}"
    beside = lake.with_name(name)
    with suppress(OSError):
        beside.mkdir(mode=0o700)
        return beside
    with storage_errors("making a folder for the emergency view"):
        return Path(tempfile.mkdtemp(prefix=f"{name}-"))


def _copy(source: Path, target: Path) -> None:
    """A database as of one moment; anything else byte by byte."""
    log = source.with_name(f"{source.name}-wal")
    if not log.exists():
        # Nobody has it open; reading it in place would leave SQLite's own files beside it.
        shutil.copyfile(source, target)
    if not log.exists() or _copied_by_sqlite(source, target):
        return
    # A folder that cannot be written to has no index of the log beside the database, and nobody
    # changes what is copied here.
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    shutil.copyfile(log, target.with_name(f"{target.name}-wal"))


def _copied_by_sqlite(source: Path, target: Path) -> bool:
    address = f"{source.as_uri()}?mode=ro"
    target.unlink(missing_ok=True)
    try:
        with (
            closing(sqlite3.connect(address, uri=True, timeout=SECONDS_TO_WAIT)) as stored,
            closing(sqlite3.connect(target)) as copy,
        ):
            stored.backup(copy)
    except sqlite3.Error:
        return False
    return True


def _lease(path: Path, state: State) -> None:
    """Ask a writer that comes back to keep the files of this state while this process lives."""
    pid = os.getpid()
    values = (state.snapshot_id, state.drained_seq, pid, birth_of(pid))
    with (
        suppress(sqlite3.Error, OSError),
        closing(
            sqlite3.connect(f"{path.as_uri()}?mode=rw", uri=True, timeout=SECONDS_TO_WAIT)
        ) as leases,
    ):
        path.with_name(f"{path.name}.sha256").unlink(missing_ok=True)
        sql = "INSERT INTO lease(snapshot_id, drained_seq, pid, born) VALUES(?,?,?,?)"
        leases.execute(sql, values)
        leases.commit()
