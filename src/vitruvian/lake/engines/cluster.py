"""All rows of a table in clustering order, one range of keys after another, in bounded memory.

An external sort of wide rows (verbatim records, notes) needs more memory than it is given; here
only the key of each row group's first row is looked at as a whole. Each range is small enough to
be sorted in memory, also where all rows are one patient's, and row groups that cannot hold it are
not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias  # pyarrow ships no types

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitruvian.lake.engines.arrow import fill_recorded_at
from vitruvian.lake.store.codec import schema_of
from vitruvian.lake.store.tablefile import sorted_rows
from vitruvian.record import Table

# Decoded. Merging holds two to three times as much: rows as read, in one piece, and sorted.
BYTES_A_RANGE = 48 * 1024 * 1024

Key: TypeAlias = tuple[tuple[bool, Any], ...]
"""The values of the clustering columns, each after whether it is null: nulls come last."""


@dataclass(frozen=True)
class Part:
    """One file to merge: where it lies, and when its load was published if its rows lack it."""

    path: Path
    load_instant_us: int | None = None


@dataclass(frozen=True)
class Group:
    """One row group: its number, between which keys its rows lie, about how many bytes decoded."""

    number: int
    first: Key
    last: Key
    size: int


@dataclass(frozen=True)
class Source:
    """One file with its row groups, which are in order."""

    part: Part
    metadata: Any
    groups: Sequence[Group]

    def holding(self, low: Key, high: Key | None) -> list[int]:
        """The row groups that may hold keys from `low` on and before `high`."""
        return [
            each.number
            for each in self.groups
            if each.last >= low and (high is None or each.first < high)
        ]


def rows_in_order(
    table: Table, parts: Sequence[Part], *, bytes_a_range: int | None = None
) -> Iterator[pa.Table]:
    """All rows, sorted by the table's clustering; rows without a key come last.

    Parameters
    ----------
    table
        Whose rows they are.
    parts
        Its files, each sorted by the clustering.
    bytes_a_range
        About how much to sort at once, decoded.
    """
    sources = [_opened(part, table) for part in parts]
    bounds = _bounds(sources, bytes_a_range or BYTES_A_RANGE)
    for low, high in pairwise([*bounds, None]):
        if low is not None:  # only the end is open
            yield _range(table, sources, low, high)
            # what the range before took goes back to the system
            pa.default_memory_pool().release_unused()


def _opened(part: Part, table: Table) -> Source:
    with pq.ParquetFile(part.path) as parquet:
        metadata = parquet.metadata
        filled = [n for n in range(metadata.num_row_groups) if metadata.row_group(n).num_rows]
        weight = _decoded_a_byte(parquet, filled)
        firsts = [_key(parquet, n, table) for n in filled]
        # A file that is behind a range is not read for it: so its end must be known, too.
        lasts = [*firsts[1:], *(_key(parquet, n, table, place=-1) for n in filled[-1:])]
        groups = [
            Group(n, first, last, int(weight * _encoded(metadata, n)))
            for n, first, last in zip(filled, firsts, lasts, strict=True)
        ]
    return Source(part=part, metadata=metadata, groups=groups)


def _encoded(metadata: Any, number: int) -> int:
    return int(metadata.row_group(number).total_byte_size)


def _decoded_a_byte(parquet: Any, numbers: Sequence[int]) -> float:
    """How many bytes a byte of the file becomes; texts that repeat are written once there."""
    if not numbers:
        return 1.0
    largest = max(numbers, key=lambda n: _encoded(parquet.metadata, n))
    rows = parquet.read_row_group(largest, use_threads=False)
    return float(rows.nbytes) / max(1, _encoded(parquet.metadata, largest))


def _key(parquet: Any, number: int, table: Table, *, place: int = 0) -> Key:
    """The key of one row of a row group: of the first, or at another place."""
    names = list(table.cluster_by)
    rows = parquet.read_row_group(number, columns=names, use_threads=False)
    row = rows.slice(place % rows.num_rows, 1)
    return tuple((value is None, value) for value in (_plain(row, name) for name in names))


def _plain(row: pa.Table, name: str) -> Any:
    """A value that can be compared; instants as numbers, since not each fits a calendar."""
    column = row.column(name)
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column[0].as_py()


def _bounds(sources: Sequence[Source], bytes_a_range: int) -> list[Key]:
    """Keys at which ranges begin; about equal bytes between them."""
    bounds: list[Key] = []
    held = 0
    groups = (group for one in sources for group in one.groups)
    for group in sorted(groups, key=lambda each: each.first):
        full = held + group.size > bytes_a_range
        if not bounds or (full and group.first > bounds[-1]):
            bounds.append(group.first)
            held = 0
        held += group.size
    return bounds


def _range(table: Table, sources: Sequence[Source], low: Key, high: Key | None) -> pa.Table:
    """The rows with low <= key < high, in order."""
    found = [schema_of(table).empty_table()]
    for one in sources:
        found += _within(table, one, low, high)
    whole = pa.concat_tables(found).combine_chunks()
    found.clear()  # sorting takes as much again
    return sorted_rows(whole, table=table)


def _within(table: Table, source: Source, low: Key, high: Key | None) -> Iterator[pa.Table]:
    """The rows of one file within a range, one row group after another."""
    numbers = source.holding(low, high)
    if not numbers:
        return
    with pq.ParquetFile(source.part.path, metadata=source.metadata) as parquet:
        for number in numbers:
            rows = parquet.read_row_group(number, use_threads=False)
            inside = _from(rows, table.cluster_by, low)
            if high is not None:
                inside = pc.and_(inside, pc.invert(_from(rows, table.cluster_by, high)))
            yield _as_now(rows.filter(inside), table, source)


def _from(rows: pa.Table, names: Sequence[str], low: Key) -> Any:
    """Which rows have this key or a later one."""
    column, (is_null, value) = rows.column(names[0]), low[0]
    null = pc.is_null(column)
    if is_null:
        after, same = pc.and_(null, pc.invert(null)), null
    else:
        scalar = pa.scalar(value, column.type)
        after = pc.or_(null, pc.fill_null(pc.greater(column, scalar), fill_value=False))
        same = pc.fill_null(pc.equal(column, scalar), fill_value=False)
    rest = pc.invert(pc.and_(null, pc.invert(null)))
    if len(names) > 1:
        rest = _from(rows, names[1:], low[1:])
    return pc.or_(after, pc.and_(same, rest))


def _as_now(rows: pa.Table, table: Table, source: Source) -> pa.Table:
    """Rows as the table is described today; a column that came later is null."""
    for column in table.columns:
        if column.name not in rows.column_names:
            rows = rows.append_column(column.name, pa.nulls(rows.num_rows, column.type))
    rows = rows.select(table.column_names).cast(schema_of(table))
    return fill_recorded_at(rows, load_instant_us=source.part.load_instant_us)
