"""All rows of a table in clustering order, one range of keys after another, in bounded memory.

An external sort of wide rows (verbatim records, notes) needs more memory than it is given; here
only the keys are looked at as a whole. Each range is small enough to be sorted in memory, and row
groups that cannot hold it are not read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any  # pyarrow ships no types

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitruvian.lake.engines.arrow import fill_recorded_at
from vitruvian.lake.errors import Damaged
from vitruvian.lake.store.codec import schema_of
from vitruvian.lake.store.tablefile import sorted_rows
from vitruvian.record import Table

BYTES_A_RANGE = 96 * 1024 * 1024
MOST_SAMPLED_KEYS = 2_000_000

Span = tuple[Any, Any] | None


@dataclass(frozen=True)
class Part:
    """One file to merge: where it lies, and when its load was published if its rows lack it."""

    path: Path
    load_instant_us: int | None = None


@dataclass(frozen=True)
class Source:
    """One file with what its end says."""

    part: Part
    metadata: Any
    spans: Sequence[Span]
    has_null: bool


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
        About how much to hold in memory at once, decoded.
    """
    key = table.cluster_by[0]
    sources = [_opened(part, key=key) for part in parts]
    bounds = _bounds(sources, key=key, bytes_a_range=bytes_a_range or BYTES_A_RANGE)
    for low, high in pairwise(bounds):
        found = [_within(table, one, low=low, high=high) for one in sources]
        yield sorted_rows(pa.concat_tables(found), table=table)
    for one in sources:
        if one.has_null:
            yield _of_nobody(table, one)


def _opened(part: Part, *, key: str) -> Source:
    metadata = pq.read_metadata(part.path)
    groups = [metadata.row_group(n) for n in range(metadata.num_row_groups)]
    statistics = [_statistics(group, key) for group in groups]
    spans = [(one.min, one.max) if one and one.has_min_max else None for one in statistics]
    has_null = any(_may_be_null(one) for one in statistics)
    return Source(part=part, metadata=metadata, spans=spans, has_null=has_null)


def _statistics(group: Any, key: str) -> Any:
    """What a row group says of its keys; None for a group without rows, which says nothing."""
    columns = (group.column(n) for n in range(group.num_columns))
    found = next(column.statistics for column in columns if column.path_in_schema == key)
    if found is None and group.num_rows:
        raise Damaged(what="a table file does not say which keys it holds")
    return found


def _may_be_null(statistics: Any) -> bool:
    if statistics is None:
        return False
    return not statistics.has_null_count or bool(statistics.null_count)


def _bounds(sources: Sequence[Source], *, key: str, bytes_a_range: int) -> list[Any]:
    """Keys at which ranges begin, and None for the open end; about equal bytes between them."""
    rows = sum(one.metadata.num_rows for one in sources)
    size = sum(_decoded_bytes(one.metadata) for one in sources)
    stride = max(1, rows // MOST_SAMPLED_KEYS)
    keys = pa.concat_arrays([_sampled(one.part.path, key, stride) for one in sources])
    if not len(keys):
        return []
    ordered = keys.take(pc.sort_indices(keys))
    ranges = max(1, size // bytes_a_range)
    step = max(1, len(ordered) // ranges)
    starts = [ordered[n].as_py() for n in range(0, len(ordered), step)]
    return [*dict.fromkeys(starts), None]


def _sampled(path: Path, key: str, stride: int) -> Any:
    keys = pq.read_table(path, columns=[key], use_threads=False).column(key).combine_chunks()
    keys = keys.drop_null()
    if stride == 1:
        return keys
    # Files are sorted, so the first key taken is the smallest: no row lies before the first range.
    return keys.take(pa.array(range(0, len(keys), stride), pa.int64()))


def _decoded_bytes(metadata: Any) -> int:
    return sum(metadata.row_group(n).total_byte_size for n in range(metadata.num_row_groups))


def _within(table: Table, source: Source, *, low: Any, high: Any) -> pa.Table:
    """The rows of one file with low <= key < high."""
    groups = [n for n, span in enumerate(source.spans) if _meets(span, low=low, high=high)]
    rows = _read(table, source, groups)
    keys = rows.column(table.cluster_by[0])
    kind = keys.type
    inside = pc.greater_equal(keys, pa.scalar(low, kind))
    if high is not None:
        inside = pc.and_(inside, pc.less(keys, pa.scalar(high, kind)))
    return rows.filter(inside)


def _of_nobody(table: Table, source: Source) -> pa.Table:
    """The rows of one file that have no key."""
    groups = [n for n in range(len(source.spans)) if _null_count(source, n, table.cluster_by[0])]
    rows = _read(table, source, groups)
    return rows.filter(pc.is_null(rows.column(table.cluster_by[0])))


def _null_count(source: Source, group: int, key: str) -> bool:
    return _may_be_null(_statistics(source.metadata.row_group(group), key))


def _read(table: Table, source: Source, groups: Sequence[int]) -> pa.Table:
    with pq.ParquetFile(source.part.path, metadata=source.metadata, memory_map=True) as parquet:
        rows = parquet.read_row_groups(list(groups), use_threads=False)
    rows = _with_columns(rows, table).select(table.column_names).cast(schema_of(table))
    return fill_recorded_at(rows, load_instant_us=source.part.load_instant_us)


def _with_columns(rows: pa.Table, table: Table) -> pa.Table:
    """Rows of a file written before some columns existed, which are null in it."""
    for column in table.columns:
        if column.name not in rows.column_names:
            rows = rows.append_column(column.name, pa.nulls(rows.num_rows, column.type))
    return rows


def _meets(span: Span, *, low: Any, high: Any) -> bool:
    return span is not None and span[1] >= low and (high is None or span[0] < high)
