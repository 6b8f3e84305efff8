"""Which tables and columns a lake was written with, and whether this version can use it.

A new table needs nothing: it is empty until the next writer makes it. A new column does: files
written before it lack it, and `migrate` writes them again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError

from vitruvian.lake.disk.database import row_seal
from vitruvian.lake.errors import Damaged, NewerLake, OlderLake
from vitruvian.lake.store.store import Store
from vitruvian.record import TABLES

STAMP = "columns"
MOST_NAMED = 5
# Which columns each table has, by name, and their type; empty where the type was not kept.
Columns = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Gap:
    """How the columns of a lake differ from ours.

    Parameters
    ----------
    lacking
        Columns of ours that the lake's files do not have, by table.
    foreign
        Tables and columns of the lake that this version does not know, or knows otherwise.
    """

    lacking: Mapping[str, tuple[str, ...]]
    foreign: tuple[str, ...]


def ours() -> Columns:
    """The columns of every table of this version."""
    return {
        name: {column.name: str(column.type) for column in table.columns}
        for name, table in TABLES.items()
    }


@cache
def stamp() -> str:
    """Our columns as the catalogue keeps them."""
    return json.dumps(ours(), sort_keys=True)


def gap(stored: Columns) -> Gap:
    """How the columns of a lake differ from ours; a table it does not have yet is no difference."""
    lacking: dict[str, tuple[str, ...]] = {}
    foreign: list[str] = []
    for table, columns in stored.items():
        if table not in TABLES:
            foreign.append(table)
            continue
        known = ours()[table]
        foreign += [
            f"{table}.{name}"
            for name, kind in columns.items()
            if name not in known or (kind and kind != known[name])
        ]
        missing = tuple(name for name in known if name not in columns)
        if missing:
            lacking[table] = missing
    return Gap(lacking=lacking, foreign=tuple(sorted(foreign)))


def expect_ours(store: Store) -> None:
    """Refuse a lake whose columns are not ours.

    Raises
    ------
    NewerLake
        When it has tables or columns that this version does not know.
    OlderLake
        When files of it lack columns that this version reads.
    """
    found = gap_of(store)
    expect_known(found)
    if found.lacking:
        raise OlderLake(tables=tuple(sorted(found.lacking)))


def expect_known(found: Gap) -> None:
    """Refuse columns that this version does not know."""
    if found.foreign:
        named = ", ".join(found.foreign[:MOST_NAMED])
        raise NewerLake(
            found=f"it has {named}, unknown here", expected="tables and columns of this version"
        )


def gap_of(store: Store) -> Gap:
    """How the columns of an open lake differ from ours."""
    text = store.catalogue.meta(STAMP)
    if text == stamp():
        return Gap(lacking={}, foreign=())
    return gap(_stamped(store) if text else _from_delta(store))


def _stamped(store: Store) -> Columns:
    """The columns that the catalogue says the lake has; a flipped bit must not look like others."""
    sql = "SELECT key, value, seal FROM meta WHERE key=?"
    ((key, value, seal),) = store.catalogue.database.rows(sql, (STAMP,))
    if row_seal((key, value)) != seal:
        raise Damaged(what="the catalogue's list of columns differs from its hash")
    found: Columns = json.loads(str(value))
    return found


def keep_as_found(store: Store) -> None:
    """Stamp a lake of the first version with what it has, before its Delta logs are changed."""
    if store.catalogue.meta(STAMP) is None:
        store.catalogue.set_meta(STAMP, json.dumps(_from_delta(store), sort_keys=True))


def _from_delta(store: Store) -> Columns:
    """The columns that the Delta logs of a lake name; lakes of the first version kept no stamp."""
    found: dict[str, dict[str, str]] = {}
    for name, delta in store.deltas.items():
        if delta.newest() < 0:
            continue
        try:
            fields = DeltaTable(str(delta.folder)).schema().fields
        except (DeltaError, OSError):
            continue  # `check` names a log that cannot be opened
        found[name] = {field.name: "" for field in fields}
    return found


def put_stamp(store: Store) -> None:
    """Write down that the lake has our columns; call with the writer lock held."""
    if store.catalogue.meta(STAMP) != stamp():
        store.catalogue.set_meta(STAMP, stamp())
