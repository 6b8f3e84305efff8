"""A copy of a lake while it is written to.

The state to copy is leased, so that no file of it or of any later state is removed meanwhile. Then
the databases are copied by SQLite's own online backup, which sees one instant and blocks nobody;
what the copied catalogue names is copied after it. Bytes that the backup folder holds are not
copied again.
"""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any  # rows of SQLite

from vitruvian.base.clock import Clock, system_clock
from vitruvian.lake.accounts import Accounts
from vitruvian.lake.audit import Audit
from vitruvian.lake.check import DATABASES
from vitruvian.lake.disk.database import Database, sha256_of
from vitruvian.lake.disk.durable import fsync_all, storage_errors
from vitruvian.lake.errors import Damaged, InsideTheLake, NoLake, StorageFailed
from vitruvian.lake.keeping.sealing import Key
from vitruvian.lake.keeping.vault import DRAFTS, Backup, Kept, Vault
from vitruvian.lake.store.catalogue import StoredFile, stored_file
from vitruvian.lake.store.codec import instant, micros
from vitruvian.lake.store.store import Fault, Store, no_fault
from vitruvian.trust import Access, Deed, require

Progress = Callable[[int, int], None]
TRIES = 5
LEAST_FREE_BYTES = 256 * 1024


@dataclass(frozen=True)
class BackupReport:
    """What a backup holds, and how much of it had to be copied."""

    name: str
    files: int
    size: int
    copied: int
    copied_size: int


@dataclass(frozen=True)
class Wants:
    """Who asks for a backup, how to tell how far it is, and how many older ones to keep.

    With a `key` the backups are encrypted.
    `erasures` is the ledger that a restore goes by; None takes the one beside the place, if any.
    """

    access: Access
    keep: int | None = None
    key: Key | None = None
    erasures: Path | None = None
    progress: Progress = lambda _done, _total: None
    clock: Clock = system_clock
    fault: Fault = no_fault


class Moved(Exception):
    """Never leaves this file: a small file was replaced before it could be copied."""


def backup(path: Path, to: Path, wants: Wants) -> BackupReport:
    """Copy a lake into a folder of backups, while others write to it.

    Parameters
    ----------
    path
        The lake's folder.
    to
        An empty folder, or one that holds earlier backups of this lake.
    wants
        Who asks, and how.

    Raises
    ------
    NoLake
        When there is none.
    NotAVault, OtherVault, InsideTheLake
        When that folder cannot take it.
    StorageFailed
        When the bytes cannot be written; then the folder holds what it held before.
    Damaged
        When a file of the lake is not what was written.
    """
    if not (path / "lake.sqlite").is_file():
        raise NoLake
    require(wants.access)
    source, target = path.resolve(), to.resolve()
    if source in (target, *target.parents) or target in source.parents:
        raise InsideTheLake
    store = Store(source, clock=wants.clock, fault=wants.fault)
    audit = Audit(source, clock=wants.clock)
    with closing(store), closing(audit):
        store.catalogue.check_layout()
        vault = Vault(target, key=wants.key)
        vault.prepare(lake=identity(store.catalogue.database.connection()))
        with vault.locked():
            audit.record(wants.access, Deed("backup"))
            return _into(vault, store, wants)


def identity(connection: sqlite3.Connection) -> str:
    """Which lake this is: a hash of its site and of the instant it was made."""
    sql = "SELECT value FROM meta WHERE key='site' UNION ALL SELECT published_at FROM snapshot "
    rows = connection.execute(sql + "WHERE id=0").fetchall()
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:32]


def _into(vault: Vault, store: Store, wants: Wants) -> BackupReport:
    vault.sweep()
    lease, _ = store.leases.take()
    try:
        report = _attempts(vault, store, wants)
    except BaseException:
        _undo(vault)
        raise
    finally:
        store.leases.release(lease)
    if wants.keep is not None:
        vault.forget(vault.names()[: -wants.keep])
        vault.sweep()
    return report


def _undo(vault: Vault) -> None:
    """Leave the folder as it was; on a disk that fails, the next run does it."""
    try:
        vault.sweep()
    except StorageFailed:
        return


def _attempts(vault: Vault, store: Store, wants: Wants) -> BackupReport:
    for _ in range(TRIES):
        try:
            with _drafts(vault, store) as drafts:
                return _one_backup(vault, store, drafts, wants)
        except Moved:
            continue
    raise Damaged(what="a file of a Delta log has other bytes than were written")


@contextmanager
def _drafts(vault: Vault, store: Store) -> Iterator[Path]:
    """A folder for copies of databases, gone afterwards; in the clear only inside the lake."""
    beside = store.root / "temp" if vault.drafts_elsewhere else vault.objects
    folder = beside / f"{DRAFTS}{uuid.uuid4().hex}"
    with storage_errors("writing the backup"):
        if vault.drafts_elsewhere:
            _forget_drafts(beside)
        folder.mkdir(parents=True)
    try:
        yield folder
    finally:
        with storage_errors("writing the backup"):
            for path in folder.iterdir():
                path.unlink(missing_ok=True)
            folder.rmdir()


def _forget_drafts(folder: Path) -> None:
    """Remove what a killed run left in the lake; one backup runs at a time."""
    for draft in folder.glob(f"{DRAFTS}*"):
        shutil.rmtree(draft)


def _one_backup(vault: Vault, store: Store, drafts: Path, wants: Wants) -> BackupReport:
    databases = _copy_databases(store, drafts, wants.clock)
    wants.fault("backup:after-databases")
    found = _described(drafts / "lake.sqlite", taken=micros(wants.clock()))
    # Delta logs first: they are small, and the only ones that may be replaced meanwhile.
    sources = {path: (store.root / path, kept) for path, kept in found.files.items()}
    sources |= {path.name: (path, _kept(path)) for path in databases}
    whole = replace(found, files={path: kept for path, (_, kept) in sources.items()})
    done = copied = copied_size = 0
    for path, (source, kept) in sources.items():
        near = _fetched(vault, store, drafts, kept) if path.startswith("blobs/") else source
        if _put(vault, near, kept, delta="/_delta_log/" in path):
            copied, copied_size = copied + 1, copied_size + kept.size
            wants.fault("backup:after-object")
        done += kept.size
        wants.progress(done, whole.size)
    wants.fault("backup:before-list")
    vault.save(whole)
    wants.fault("backup:after-list")
    return BackupReport(whole.name, len(whole.files), whole.size, copied, copied_size)


def _fetched(vault: Vault, store: Store, drafts: Path, kept: Kept) -> Path:
    """Where the bytes of a blob can be copied from: out of cold storage when it lies there."""
    path = store.blobs.path(kept.sha256)
    if path.is_file() or vault.holds(kept):
        return path
    draft = drafts / "cold"
    with storage_errors("writing the backup"):
        draft.write_bytes(store.blobs.get(kept.sha256))
    return draft


def _put(vault: Vault, source: Path, kept: Kept, *, delta: bool) -> bool:
    try:
        return vault.put(source, kept)
    except Damaged:
        if delta:
            raise Moved from None
        raise


def _copy_databases(store: Store, drafts: Path, clock: Clock) -> list[Path]:
    """Catalogue first, audit last: nothing is in the copy that its audit does not speak of."""
    copies = [_copy_database(store.catalogue.database, drafts / "lake.sqlite")]
    accounts = Accounts(store.root, clock=clock)
    with closing(accounts.database):
        copies.append(_copy_database(accounts.database, drafts / "accounts.sqlite"))
    copies += [_copy_beside(path, drafts / path.name) for path in _beside(store.root)]
    audit = Audit(store.root, clock=clock)
    with closing(audit):
        copies.append(_copy_database(audit.database, drafts / "audit.sqlite"))
    copies.append(_copy_lines(copies[-1], store.root / "audit.jsonl", drafts / "audit.jsonl"))
    return copies


def _beside(root: Path) -> list[Path]:
    """Databases that other rooms keep beside the tables, such as saved cohorts."""
    return sorted(path for path in root.glob("*.sqlite") if path.name not in DATABASES)


def _copy_beside(path: Path, target: Path) -> Path:
    database = Database(path, durability="FULL", schema="")
    with closing(database):
        return _copy_database(database, target)


def _copy_database(database: Database, target: Path) -> Path:
    try:
        with closing(sqlite3.connect(target)) as copy:
            database.connection().backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
        with storage_errors("writing the backup"):
            fsync_all([target])
    except sqlite3.DatabaseError as error:
        # SQLite says "disk I/O error" of a full disk, too.
        full = "full" in str(error) or shutil.disk_usage(target.parent).free < LEAST_FREE_BYTES
        why = "the disk is full" if full else str(error)
        raise StorageFailed(doing="copying a database into the backup", why=why) from None
    return target


def _copy_lines(copied: Path, lines: Path, target: Path) -> Path:
    """The other sink of the audit, up to the last row that the copied one has."""
    with closing(sqlite3.connect(copied)) as connection:
        (end,) = connection.execute("SELECT coalesce(max(line_end), 0) FROM audit").fetchone()
    with storage_errors("writing the backup"), lines.open("rb") as stream:
        target.write_bytes(stream.read(end))
        fsync_all([target])
    return target


def _kept(path: Path) -> Kept:
    with storage_errors("writing the backup"):
        return Kept(sha256_of(path), path.stat().st_size)


def _described(catalogue: Path, *, taken: int) -> Backup:
    """What a copied catalogue names, Delta logs first."""
    with closing(sqlite3.connect(catalogue)) as connection:
        (snapshot,) = connection.execute("SELECT max(id) FROM snapshot").fetchone()
        sql = "SELECT value FROM meta WHERE key='last_recorded'"
        (recorded,) = connection.execute(sql).fetchone()
        rows: list[Any] = connection.execute(
            "SELECT * FROM file WHERE removed_in IS NULL ORDER BY kind DESC, path"
        ).fetchall()
        blobs = connection.execute("SELECT sha256, bytes FROM blob ORDER BY 1").fetchall()
    stored: list[StoredFile] = [stored_file(row) for row in rows]
    files = {one.path: Kept(one.sha256, one.size) for one in stored}
    files |= {f"blobs/{sha[:2]}/{sha}": Kept(sha, size) for sha, size in blobs}
    name = f"{instant(taken):%Y%m%dT%H%M%S%fZ}"
    return Backup(name=name, recorded_us=int(recorded), snapshot_id=snapshot, files=files)
