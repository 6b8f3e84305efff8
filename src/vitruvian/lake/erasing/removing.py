"""Taking rows and bytes out of every file of a lake, so that a killed run can go on."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any  # pyarrow ships no types

import pyarrow.compute as pc

from vitruvian.lake import maintain
from vitruvian.lake.disk.database import Database
from vitruvian.lake.disk.durable import storage_errors
from vitruvian.lake.erasing.errors import StillRead
from vitruvian.lake.erasing.finding import (
    BY_SOURCE,
    WHOSE,
    Doomed,
    doomed,
    files_of,
    gone_of,
    may_hold,
    mended,
    row_groups,
)
from vitruvian.lake.keeping import columns
from vitruvian.lake.store.catalogue import StoredFile
from vitruvian.lake.store.store import Change, Store
from vitruvian.lake.store.tablefile import TableWriter
from vitruvian.record import TABLES, Table

MOST_PASSES = 20
WHO = ("person", "person_id", "subject_id")
# What was done, and who reads now: neither holds content.
KEPT_AS_THEY_ARE = ("audit.sqlite", "leases.sqlite", "erasure.sqlite")
MARK = "erased:"
Find = Callable[[Store, frozenset[int]], Doomed]


@dataclass
class Rewritten:
    """Files without the rows that went, those they replace, and how many rows went, by table."""

    added: dict[str, list[StoredFile]] = field(default_factory=dict)
    removed: dict[str, list[StoredFile]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)


def remove_rows(store: Store, subjects: frozenset[int], *, ident: str, find: Find = doomed) -> None:
    """Publish every table without the rows of some subjects; how many went is published with it.

    Rows that arrive in the hot log meanwhile go in a further pass. Call with the writer lock held.

    Parameters
    ----------
    store
        The lake's bytes.
    subjects
        Whose rows.
    ident
        Of the request, under which the counts are kept.
    find
        Says what goes with the subjects.
    """
    store.recover()
    columns.put_stamp(store)
    for _ in range(MOST_PASSES):
        maintain.drain(store)
        store.fault("erase:after-drain")
        _one_pass(store, find(store, subjects), ident=ident)
        if not _waiting(store, subjects):
            return
    raise StillRead


def _waiting(store: Store, subjects: frozenset[int]) -> bool:
    marks = ",".join(str(int(one)) for one in subjects)
    sql = f"SELECT 1 FROM log WHERE seq>? AND subject_id IN ({marks}) LIMIT 1"
    return bool(store.catalogue.database.rows(sql, (store.catalogue.state().drained_seq,)))


def counts_of(store: Store, *, ident: str) -> tuple[dict[str, int], int]:
    """What went so far by table, and how many records that stay name the person."""
    said = json.loads(store.catalogue.meta(MARK + ident) or '{"counts": {}, "named": 0}')
    return dict(said["counts"]), int(said["named"])


def _one_pass(store: Store, found: Doomed, *, ident: str) -> None:
    done = Rewritten()
    try:
        for table in TABLES.values():
            _rewrite_table(store, table, found, done)
        if found.blobs:
            done.counts["blob"] = len(found.blobs)
        if found.lines:
            done.counts["sheet line"] = found.lines
        if done.counts:
            store.fault("erase:before-publish")
            store.publish(_change(store, found, done, ident=ident))
    except BaseException:
        store.discard(done.added)
        raise


def _change(store: Store, found: Doomed, done: Rewritten, *, ident: str) -> Change:
    before, _ = counts_of(store, ident=ident)
    names = sorted({*before, *done.counts})
    counts = {name: before.get(name, 0) + done.counts.get(name, 0) for name in names}
    return Change(
        added=done.added,
        removed=done.removed,
        blobs_gone=tuple(sorted(found.blobs)),
        meta={MARK + ident: json.dumps({"counts": counts, "named": found.named})},
    )


def _rewrite_table(store: Store, table: Table, found: Doomed, done: Rewritten) -> None:
    for one in files_of(store, table):
        if not may_hold(one, table, found):
            continue
        count, touched = _count(store, one, table, found)
        if not touched:
            continue
        if count:
            done.counts[table.name] = done.counts.get(table.name, 0) + count
        done.removed.setdefault(table.name, []).append(one)
        if count < one.rows:
            done.added.setdefault(table.name, []).append(_without(store, one, table, found))
            store.fault("erase:after-file")


def _count(store: Store, one: StoredFile, table: Table, found: Doomed) -> tuple[int, bool]:
    """How many rows of a file go, and whether the file must be written anew."""
    wanted = ("source_id",) if table.name in BY_SOURCE else _whose(table)
    count, sheets = 0, False
    for rows in row_groups(store, one, wanted) if wanted else ():
        count += int(pc.sum(gone_of(rows, table, found)).as_py() or 0)
        if table.name == "resource" and found.mended:
            sheets = sheets or bool(
                found.mended.keys() & set(rows.column("version_id").to_pylist())
            )
    return count, sheets or count > 0


def _whose(table: Table) -> tuple[str, ...]:
    return tuple(name for name in WHOSE if name in table.column_names)


def _without(store: Store, one: StoredFile, table: Table, found: Doomed) -> StoredFile:
    """The same file without the rows that go, in the order they lie in."""
    writer = TableWriter(store.root, table=table, load_id=one.load_id)
    try:
        for rows in row_groups(store, one):
            stays = rows.filter(pc.invert(gone_of(rows, table, found)))
            writer.write(mended(stays, table, found))
        return writer.finish()
    except BaseException:
        writer.abandon()
        raise


def remove_bytes(store: Store, *, patience: float) -> None:
    """Remove old files, their Delta history and what the log held, once nobody reads them.

    Raises
    ------
    StillRead
        When somebody reads them for longer than the patience, in seconds, lasts.
    """
    begun = time.time()
    _wait_for_readers(store, until=time.monotonic() + patience)
    for name in TABLES:
        maintain.checkpoint(store, name, most=1)
    maintain.vacuum(store)
    store.fault("erase:after-vacuum")
    with storage_errors("removing spilled rows"):
        for path in (store.root / "temp").iterdir():
            if path.is_file() and path.stat().st_mtime < begun:
                path.unlink(missing_ok=True)
    scrub(store.catalogue.database)


def _wait_for_readers(store: Store, *, until: float) -> None:
    state = store.catalogue.state()
    while store.leases.horizon() < (state.snapshot_id, state.drained_seq):
        if time.monotonic() >= until:
            raise StillRead
        time.sleep(0.05)


def scrub(database: Database) -> None:
    """Write a database anew, so that no free page holds what was deleted; raises `StillRead`."""
    if not database.scrub():
        raise StillRead


def remove_beside(root: Path, everyone: frozenset[int]) -> None:
    """Drop rows about some persons from databases that other rooms keep beside the tables.

    A row is about them when a column called person, person_id or subject_id says so, or when a
    column called like such a table names one of its rows. Every database is then written anew.
    """
    for path in sorted(root.glob("*.sqlite")):
        if path.name in KEPT_AS_THEY_ARE or path.name == "lake.sqlite":
            continue
        with closing(Database(path, durability="FULL", schema="")) as database:
            if path.name not in ("permit.sqlite", "accounts.sqlite"):
                _drop_rows(database, everyone)
            scrub(database)


def _drop_rows(database: Database, everyone: frozenset[int]) -> None:
    words = ",".join(f"{int(one)},'{int(one)}'" for one in sorted(everyone))
    with database.writing() as connection:
        tables = _columns(connection)
        about = {
            name: f"{who} IN ({words})"
            for name, listed in tables.items()
            for who in listed
            if who in WHO
        }
        for name, listed in tables.items():
            for other in set(about) & set(listed):
                key = tables[other][0]
                whose = f'SELECT "{key}" FROM "{other}" WHERE {about[other]}'
                connection.execute(f'DELETE FROM "{name}" WHERE "{other}" IN ({whose})')
        for name, condition in about.items():
            connection.execute(f'DELETE FROM "{name}" WHERE {condition}')


def _columns(connection: Any) -> Mapping[str, list[str]]:
    sql = "SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'"
    names = [name for (name,) in connection.execute(sql).fetchall()]
    return {
        name: [row[1] for row in connection.execute(f'PRAGMA table_info("{name}")')]
        for name in names
    }
