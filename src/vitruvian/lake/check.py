"""Whether every stored byte is what was written.

Files of tables, Delta logs and blobs are compared with the sha256 in the catalogue. Databases are
compared with the hash each row carries, with SQLite's own check of their structure, and, where they
were closed cleanly, with the sha256 of the whole file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any  # rows of SQLite

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from vitruvian.base.errors import VitruvianError
from vitruvian.lake import accounts as accounts_file
from vitruvian.lake.accounts import Accounts
from vitruvian.lake.apps import apps as apps_file
from vitruvian.lake.apps.apps import Apps
from vitruvian.lake.audit import Audit
from vitruvian.lake.cold.errors import PlaceNotReached
from vitruvian.lake.disk.database import Database, row_seal, sha256_of
from vitruvian.lake.disk.wal import wal_faults
from vitruvian.lake.permit import desk as desk_file
from vitruvian.lake.permit.desk import Desk
from vitruvian.lake.store import catalogue as catalogue_file
from vitruvian.lake.store.store import Store

DATABASES = ("lake.sqlite", "accounts.sqlite", "audit.sqlite", "leases.sqlite")
# Databases that lakes made before them do not have; backups find them by themselves.
LATER = ("permit.sqlite", "erasure.sqlite", "apps.sqlite")


@dataclass(frozen=True)
class Finding:
    """One place where stored bytes are not what was written.

    Parameters
    ----------
    kind
        data, delta, blob, database, audit or catalogue.
    what
        Which file or row, and in what it differs. Never a patient's data.
    """

    kind: str
    what: str


def faults_at_rest(root: Path) -> Iterator[Finding]:
    """What is wrong with the databases of a lake that nobody has open."""
    for name in (*DATABASES, *LATER):
        if (root / name).is_file():
            yield from _bytes_faults(root / name)
        elif name in DATABASES:
            yield Finding("database", f"{name} is missing")


def _bytes_faults(path: Path) -> list[Finding]:
    found = [Finding("database", f"{path.name}-wal: {what}") for what in wal_faults(path)]
    seal = path.with_name(f"{path.name}.sha256")
    if seal.is_file() and seal.read_bytes() != f"{sha256_of(path)}\n".encode():
        found.append(Finding("database", f"{path.name} differs from the sha256 beside it"))
    return found


def _bytes_faults_while_open(database: Database) -> list[Finding]:
    """The same while others may write: they wait."""
    try:
        connection = database.connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            return _bytes_faults(database.path)
        finally:
            connection.execute("ROLLBACK")
    except sqlite3.DatabaseError:
        return [Finding("database", f"{database.path.name} cannot be locked for reading")]


@dataclass(frozen=True)
class Beside:
    """What lies beside the tables of a lake."""

    audit: Audit
    accounts: Accounts
    desk: Desk
    apps: Apps


def faults(store: Store, beside: Beside) -> Iterator[Finding]:
    """Everything that is wrong with an open lake."""
    audit, accounts, desk, apps = beside.audit, beside.accounts, beside.desk, beside.apps
    databases = (store.catalogue, accounts, desk, apps, audit, store.leases)
    for one in databases:
        yield from _bytes_faults_while_open(one.database)
    yield from _row_faults(store.catalogue.database, tables=catalogue_file.SEALED)
    yield from _row_faults(accounts.database, tables=accounts_file.SEALED)
    yield from _row_faults(desk.database, tables=desk_file.SEALED)
    yield from _row_faults(apps.database, tables=apps_file.SEALED)
    yield from _structure_faults(audit.database)
    yield from _structure_faults(store.leases.database)
    try:
        yield from (Finding("audit", what) for what in audit.faults())
        yield from _catalogue_faults(store)
        yield from _file_faults(store)
        yield from _blob_faults(store)
        yield from _delta_faults(store)
    except (VitruvianError, ValueError, TypeError) as error:
        # A damaged catalogue cannot say what else is damaged.
        yield Finding("database", f"the check could not go on: {type(error).__name__}")


def _structure_faults(database: Database) -> Iterator[Finding]:
    try:
        rows = database.connection().execute("PRAGMA integrity_check").fetchall()
    except sqlite3.DatabaseError:
        yield Finding("database", f"{database.path.name} is not readable as a database")
        return
    if rows != [("ok",)]:
        yield Finding("database", f"{database.path.name}: {len(rows)} faults of structure")


def _row_faults(database: Database, *, tables: Sequence[str]) -> Iterator[Finding]:
    yield from _structure_faults(database)
    for table in tables:
        try:
            rows = database.connection().execute(f"SELECT rowid, * FROM {table}")
            for ident, *values, seal in rows:
                # SQLite itself numbers the log; gaps in that are looked for on their own.
                if row_seal(values[1:] if table == "log" else values) != seal:
                    yield Finding("database", f"{database.path.name}: {table} row {ident}")
        except (sqlite3.DatabaseError, UnicodeDecodeError):
            yield Finding("database", f"{database.path.name}: {table} is not readable")


def _catalogue_faults(store: Store) -> Iterator[Finding]:
    """Gaps in what is numbered without gaps."""
    database = store.catalogue.database
    numbered = (("snapshot", "id", 0), ("load", "load_id", 1))
    for table, column, first in numbered:
        found: list[Any] = database.rows(f"SELECT {column} FROM {table} ORDER BY 1")
        if [one for (one,) in found] != list(range(first, first + len(found))):
            yield Finding("catalogue", f"{table} rows are missing")
    sequence: list[Any] = [(store.catalogue.state().drained_seq,)]
    sequence += database.rows("SELECT seq FROM log WHERE seq>? ORDER BY seq", sequence[0])
    if any(one[0] + 1 != other[0] for one, other in pairwise(sequence)):
        yield Finding("catalogue", "log rows are missing")
    issued: list[Any] = database.rows("SELECT seq FROM sqlite_sequence WHERE name='log'")
    if (issued[0][0] if issued else 0) < sequence[-1][0]:
        yield Finding("catalogue", "the log's counter is behind its rows")


def _file_faults(store: Store) -> Iterator[Finding]:
    for one in store.catalogue.all_files():
        path = store.root / one.path
        if not path.is_file():
            yield Finding(one.kind, f"{one.path} is missing")
        elif path.stat().st_size != one.size or sha256_of(path) != one.sha256:
            yield Finding(one.kind, f"{one.path} has other bytes than were written")


def _blob_faults(store: Store) -> Iterator[Finding]:
    rows: list[Any] = store.catalogue.database.rows("SELECT sha256 FROM blob")
    for (sha256,) in rows:
        try:
            found = store.blobs.hash_of(sha256)
        except PlaceNotReached as error:
            yield Finding("blob", str(error))
            return
        if found is None:
            yield Finding("blob", f"{sha256[:16]}... is missing")
        elif found != sha256:
            yield Finding("blob", f"{sha256[:16]}... has other bytes than were written")


def _delta_faults(store: Store) -> Iterator[Finding]:
    """Tables whose Delta log names other files than the catalogue does."""
    state = store.catalogue.state()
    known = {one.table for one in store.catalogue.all_files(kind="delta")}
    for name, delta in store.deltas.items():
        if name not in known:
            continue  # a table newer than the lake; the next writer makes it
        version = state.versions.get(name, 0)
        try:
            table = DeltaTable(str(delta.folder), version=version)
            named = {Path(uri).name for uri in table.file_uris()}
        except (DeltaError, OSError):
            yield Finding("delta", f"{name} version {version} cannot be opened")
            continue
        files = store.catalogue.files(name, snapshot_id=state.snapshot_id)
        if named != {Path(one.path).name for one in files}:
            yield Finding("delta", f"{name} version {version} names other files")
