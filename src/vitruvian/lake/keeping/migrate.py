"""Bringing an older lake up: files written before a column existed are written again with it.

No row changes and none is dropped; what a new column would have held is unknown, so it is null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from vitruvian.base.clock import Clock, system_clock
from vitruvian.lake import maintain
from vitruvian.lake.audit import Audit
from vitruvian.lake.disk.durable import storage_errors
from vitruvian.lake.errors import Damaged, NoLake, NotMigratable
from vitruvian.lake.keeping.columns import expect_known, gap_of, keep_as_found, put_stamp
from vitruvian.lake.store.catalogue import Publication
from vitruvian.lake.store.store import Fault, Store, no_fault
from vitruvian.record import Table, table_named
from vitruvian.trust import Access, Deed, require


def migrate(
    path: Path, access: Access, *, clock: Clock = system_clock, fault: Fault = no_fault
) -> Mapping[str, tuple[str, ...]]:
    """Give every table of a lake the columns of this version; which it lacked, by table.

    A run that is killed half-way is finished by the next one.

    Parameters
    ----------
    path
        The lake's folder.
    access
        Who asks and why.
    clock
        What tells the time.
    fault
        Called by name at places where a test may pull the plug.

    Raises
    ------
    NoLake
        When there is none.
    NewerLake
        When the lake has columns that this version does not know.
    NotMigratable
        When a new column must not be empty.
    """
    if not (path / "lake.sqlite").is_file():
        raise NoLake
    require(access)
    store, audit = Store(path.absolute(), clock=clock, fault=fault), Audit(path, clock=clock)
    with closing(store), closing(audit), store.writer():
        store.catalogue.check_layout()
        store.recover()
        lacked = _bring_up(store)
        if lacked:
            audit.record(access, Deed("migrate", definition=" ".join(sorted(lacked))))
    return lacked


def _bring_up(store: Store) -> Mapping[str, tuple[str, ...]]:
    found = gap_of(store)
    expect_known(found)
    for name, missing in found.lacking.items():
        _expect_nullable(table_named(name), missing)
    keep_as_found(store)
    for name in found.lacking:
        _widen(store, table_named(name))
    put_stamp(store)
    return found.lacking


def _expect_nullable(table: Table, missing: Sequence[str]) -> None:
    for column in table.columns:
        if column.name in missing and column.required:
            raise NotMigratable(column=f"{table.name}.{column.name}")


def _widen(store: Store, table: Table) -> None:
    """First the Delta log learns of the columns, then the files get them."""
    delta = store.deltas[table.name]
    with storage_errors("migrating a table"):
        delta.widen()
        store.fault("migrate:after-widen")
        known = frozenset(one.path for one in store.catalogue.all_files(kind="delta"))
        entries = delta.entries(known=known)
    store.catalogue.publish(
        Publication(versions={table.name: delta.newest()}, added=tuple(entries))
    )
    store.fault("migrate:before-rewrite")
    state = store.catalogue.state()
    files = store.catalogue.files(table.name, snapshot_id=state.snapshot_id)
    narrow = [one for one in files if _lacks_columns(store.root / one.path, table)]
    if narrow:
        maintain.rewrite(store, table, narrow)


def _lacks_columns(path: Path, table: Table) -> bool:
    try:
        return not set(table.column_names) <= set(pq.read_schema(path).names)
    except (OSError, pa.ArrowException):
        raise Damaged(what=f"a file of table {table.name} is not readable") from None
