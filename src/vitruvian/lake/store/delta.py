"""The Delta log of each table, written by `deltalake`, for other engines to read.

Vitruvian itself reads file lists from the catalogue; the Delta log says the same to Spark,
Sail or DuckDB's own reader.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deltalake import CommitProperties, DeltaTable, PostCommitHookProperties, Schema
from deltalake.exceptions import DeltaError
from deltalake.transaction import AddAction, RemoveAction

from vitruvian.lake.disk.database import sha256_of
from vitruvian.lake.disk.durable import fsync_all, make_folder
from vitruvian.lake.errors import StorageFailed
from vitruvian.lake.store.catalogue import StoredFile
from vitruvian.record import Table

FIRST = "0" * 20
ENTRY = re.compile(r"^(\d{20})\.json$")
_NO_HOOKS = PostCommitHookProperties(create_checkpoint=False, cleanup_expired_logs=False)


class DeltaLog:
    """The Delta log of one table."""

    def __init__(self, root: Path, *, table: Table) -> None:
        self._root = root
        self._table = table
        self.folder = root / "tables" / table.name
        self.log_folder = self.folder / "_delta_log"

    def create(self) -> None:
        """Write version 0, when there is none."""
        if self.newest() < 0:
            make_folder(self.folder)
            DeltaTable.create(
                str(self.folder),
                schema=self._table.schema,
                name=self._table.name,
                description=self._table.meaning,
                configuration={"delta.enableExpiredLogCleanup": "false"},
            )

    def widen(self) -> None:
        """Name the columns of the table that the log does not name yet."""
        with delta_errors():
            table = DeltaTable(str(self.folder))
            known = {field.name for field in table.schema().fields}
            fresh = [
                field
                for field in Schema.from_arrow(self._table.schema).fields
                if field.name not in known
            ]
            if fresh:
                table.alter.add_columns(fresh, post_commithook_properties=_NO_HOOKS)

    def files(self) -> tuple[Path, ...]:
        """What lies in the folder of the log, in order of name; nothing when there is no table."""
        return tuple(sorted(self.log_folder.iterdir())) if self.log_folder.is_dir() else ()

    def newest(self) -> int:
        """The newest version on disk, published or not; -1 when there is no table."""
        found = (ENTRY.match(path.name) for path in self.files())
        return max((int(entry[1]) for entry in found if entry), default=-1)

    def commit(self, *, added: Sequence[StoredFile], removed: Sequence[StoredFile]) -> int:
        """One version that takes files in and others out; its number."""
        actions: list[AddAction | RemoveAction] = [self._add(one) for one in added]
        actions += [self._remove(one) for one in removed]
        with delta_errors():
            table = DeltaTable(str(self.folder))
            table.create_write_transaction(
                actions,
                mode="append",
                schema=table.schema(),
                commit_properties=CommitProperties(max_commit_retries=0),
                post_commithook_properties=_NO_HOOKS,
            )
        return self.newest()

    def _add(self, stored: StoredFile) -> AddAction:
        stats: dict[str, object] = {"numRecords": stored.rows}
        if stored.low is not None:
            key = self._table.cluster_by[0]
            stats["minValues"] = {key: stored.low}
            stats["maxValues"] = {key: stored.high}
        path = self._root / stored.path
        return AddAction(
            path=path.name,
            size=stored.size,
            partition_values={},
            modification_time=int(path.stat().st_mtime * 1000),
            data_change=True,
            stats=json.dumps(stats),
        )

    def _remove(self, stored: StoredFile) -> RemoveAction:
        name = Path(stored.path).name
        return RemoveAction(
            path=name,
            data_change=True,
            deletion_timestamp=int(time.time() * 1000),
            partition_values={},
            size=stored.size,
        )

    def restore(self, version: int) -> int:
        """Undo versions that were never published; the number of the version that undoes them."""
        with delta_errors():
            DeltaTable(str(self.folder)).restore(version, post_commithook_properties=_NO_HOOKS)
        return self.newest()

    def checkpoint(self) -> None:
        """Fold the log into one file, so that other engines open the table fast."""
        with delta_errors():
            DeltaTable(str(self.folder)).create_checkpoint()

    def checkpoint_files(self) -> tuple[StoredFile, ...]:
        """The checkpoint of the newest version, and the pointer to it."""
        names = (f"{self.newest():020d}.checkpoint.parquet", "_last_checkpoint")
        return tuple(self.describe(self.log_folder / name) for name in names)

    def entries(self, *, known: frozenset[str]) -> tuple[StoredFile, ...]:
        """Flush the log files that the catalogue does not know yet, and describe them."""
        fresh = [
            path
            for path in self.files()
            if path.is_file() and self._relative(path) not in known and not is_draft(path)
        ]
        fsync_all(fresh)
        if any(path.stem == FIRST for path in fresh):
            fsync_all([self.log_folder])  # deltalake has just made it
        return tuple(self.describe(path) for path in fresh)

    def describe(self, path: Path) -> StoredFile:
        """One log file as the catalogue stores it."""
        return StoredFile(
            path=self._relative(path),
            kind="delta",
            table=self._table.name,
            sha256=sha256_of(path),
            size=path.stat().st_size,
        )

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._root).as_posix()


@contextmanager
def delta_errors() -> Iterator[None]:
    """Failures of `deltalake` as one sentence; its own words hold paths."""
    try:
        yield
    except DeltaError as error:
        raise StorageFailed(doing="a commit to a Delta log", why=type(error).__name__) from error


def is_draft(path: Path) -> bool:
    """Whether a file of the log folder is an unfinished write."""
    return path.name.endswith(".tmp") or path.name.startswith((".", "_commit_"))


def is_torn(path: Path) -> bool:
    """Whether a version of the log lost bytes: a power cut can leave a name over none of them.

    A version is one JSON object per line, and the first one names the protocol and the schema
    (Delta transaction log protocol, "Delta log entries" and "Table initialization").
    """
    if not ENTRY.match(path.name):
        return False
    try:
        said = {key for line in path.read_bytes().splitlines() for key in json.loads(line)}
    except (ValueError, TypeError):
        return True
    return not said or (path.stem == FIRST and not {"protocol", "metaData"} <= said)
