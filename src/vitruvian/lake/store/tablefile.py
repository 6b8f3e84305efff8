"""Parquet files: sorted by the table's clustering, small row groups, hashed as they close."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any  # pyarrow ships no types

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitruvian.lake.disk.database import sha256_of
from vitruvian.lake.disk.durable import storage_errors
from vitruvian.lake.store.catalogue import StoredFile
from vitruvian.lake.store.codec import schema_of
from vitruvian.record import Table

ROWS_A_GROUP = 4_000
# A patient has hundreds of events and a few rows of these, so fewer are unpacked for one patient.
FEW_A_PATIENT = frozenset({"patient", "encounter", "location_stay", "note", "image", "assay"})
SHARE_OF_A_GROUP = 4
LEAST_ROWS_A_GROUP = 16
# One patient's page unpacks a row group of each of these, a look-up one of the keys, and a cohort
# all of them: Snappy takes half the time of Zstandard, and a quarter more room for events.
UNPACKED_OFTEN = frozenset({"event", "resource_key", "patient", "encounter"})
UNPACKED_OFTEN |= {"location_stay", "image", "person_link", "retirement"}
BYTES_A_GROUP = 4 * 1024 * 1024
# From about here on, copying a row as a whole is cheaper than taking its columns apart.
WIDE_ROW = 16 * 1024
ROWS_A_FILE = 200_000
BYTES_A_FILE = 256 * 1024 * 1024
COMPACTED_ROWS_A_FILE = 1_000_000
COMPACTED_BYTES_A_FILE = 1024 * 1024 * 1024


def sorted_rows(rows: pa.Table, *, table: Table) -> pa.Table:
    """Rows in the table's clustering order, nulls last."""
    if rows.num_rows <= 1:
        return rows
    order = [(name, "ascending") for name in table.cluster_by]
    keys = rows.select(table.cluster_by).combine_chunks()
    places = pc.sort_indices(keys, sort_keys=order).to_numpy()
    if (places[1:] > places[:-1]).all():
        return rows
    if rows.nbytes > WIDE_ROW * rows.num_rows:
        return pa.concat_tables([rows.slice(n, 1) for n in places.tolist()]).combine_chunks()
    # One chunk a column: taking rows from many chunks is several times slower.
    return rows.combine_chunks().take(places)


def rows_a_group(rows: pa.Table, *, few: bool = False) -> int:
    """Rows that are read and decoded together: fewer where each holds a text or a file.

    Parameters
    ----------
    rows
        What is written.
    few
        Whether a patient has a few rows only of the table.
    """
    fitting = BYTES_A_GROUP * int(rows.num_rows) // max(int(rows.nbytes), 1)
    most = max(ROWS_A_GROUP // SHARE_OF_A_GROUP, 1) if few else ROWS_A_GROUP
    return min(max(fitting, LEAST_ROWS_A_GROUP), most)


def group_ends(keys: Any, *, most: int) -> list[int]:
    """Where row groups end, so that none holds more than so many rows.

    A key whose rows fit into one group is not cut: two groups take twice the time to unpack.

    Parameters
    ----------
    keys
        (n,) the first clustering column, in order.
    most
        Rows a group, at least 1.

    Returns
    -------
    list of int
        Ascending; the last is n.

    Examples
    --------
    >>> group_ends(pa.chunked_array([[5, 5, 7, 7, 7, 9]]), most=4)
    [2, 6]
    >>> group_ends(pa.chunked_array([[5, 7, 7, 7, 7, 7]]), most=4)
    [1, 5, 6]
    """
    runs = pc.run_end_encode(keys.combine_chunks()).run_ends.to_numpy()
    ends, start = [], 0
    while start < len(keys):
        fitting = int(runs.searchsorted(start + most, "right"))
        whole = int(runs[fitting - 1]) if fitting else 0
        start = whole if whole > start else min(start + most, len(keys))
        ends.append(start)
    return ends


class TableWriter:
    """Writes one Parquet file of rows that arrive already in order."""

    def __init__(self, root: Path, *, table: Table, load_id: int | None) -> None:
        self._root = root
        self._table = table
        self._load_id = load_id
        # The name says nothing: file names must not carry what is inside.
        self.path = root / "tables" / table.name / f"{uuid.uuid4().hex}.parquet"
        self.rows = 0
        self.last_key: object = None
        self._low: int | None = None
        self._high: int | None = None
        self._has_null = False
        with storage_errors("opening a table file"):
            self._parquet = pq.ParquetWriter(
                self.path,
                schema_of(table),
                compression="snappy" if table.name in UNPACKED_OFTEN else "zstd",
                use_dictionary=_dictionary_columns(table),
                # Nothing is pruned by what stands in a list, and its numbers mostly run on.
                write_statistics=[name for name, kind in _kinds(table) if not _is_list(kind)],
                column_encoding=_differences(table),
                sorting_columns=_sorting(table),
                bloom_filter_options=_bloom(table),
            )

    def write(self, rows: pa.Table) -> None:
        """Add rows, in order."""
        if not rows.num_rows:
            return  # Parquet would keep a row group of nothing
        with storage_errors("writing a table file"):
            most = rows_a_group(rows, few=self._table.name in FEW_A_PATIENT)
            start = 0
            for end in group_ends(rows.column(self._table.cluster_by[0]), most=most):
                self._parquet.write_table(rows.slice(start, end - start), row_group_size=most)
                start = end
        self.rows += rows.num_rows
        self.last_key = rows.column(self._table.cluster_by[0])[-1].as_py()
        self._widen(rows.column(self._table.cluster_by[0]))

    def _widen(self, keys: Any) -> None:
        if not pa.types.is_integer(keys.type):
            return
        self._has_null = self._has_null or keys.null_count > 0
        bounds = pc.min_max(keys).as_py()
        if bounds["min"] is None:
            return
        self._low = bounds["min"] if self._low is None else min(self._low, bounds["min"])
        self._high = bounds["max"] if self._high is None else max(self._high, bounds["max"])

    def finish(self) -> StoredFile:
        """Close the file and describe it as the catalogue stores it."""
        with storage_errors("closing a table file"):
            self._parquet.close()
            return StoredFile(
                path=self.path.relative_to(self._root).as_posix(),
                kind="data",
                table=self._table.name,
                sha256=sha256_of(self.path),
                size=self.path.stat().st_size,
                rows=self.rows,
                low=self._low,
                high=self._high,
                has_null=self._has_null,
                load_id=self._load_id,
            )

    def abandon(self) -> None:
        """Close and remove the file.

        Closing writes, which a full disk refuses once more, and a disk turned read-only keeps the
        file: nothing names it, and the next clearing removes it.
        """
        with suppress(OSError):
            self._parquet.close()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def write_sorted(root: Path, *, table: Table, rows: pa.Table, load_id: int | None) -> StoredFile:
    """Sort rows and write them as one file."""
    writer = TableWriter(root, table=table, load_id=load_id)
    try:
        writer.write(sorted_rows(rows, table=table))
        return writer.finish()
    except BaseException:
        writer.abandon()
        raise


def write_stream(root: Path, *, table: Table, batches: Iterator[pa.Table]) -> Iterator[StoredFile]:
    """Write rows that arrive in order as files of decent size, none of which cuts a subject."""
    writer: TableWriter | None = None
    size = 0
    try:
        for rows in batches:
            rest = rows
            if writer is not None and _is_full(writer, size):
                head, rest = _cut_at_next_subject(rows, table=table, last=writer.last_key)
                writer.write(head)
                del head
                if rest.num_rows:
                    yield writer.finish()
                    writer, size = None, 0
            if rest.num_rows:
                writer = writer or TableWriter(root, table=table, load_id=None)
                writer.write(rest)
                size += rest.nbytes
            # the next range is sorted before this name is bound again
            del rows, rest
        if writer is not None:
            yield writer.finish()
            writer = None
    finally:
        if writer is not None:
            writer.abandon()


def _is_full(writer: TableWriter, size: int) -> bool:
    return writer.rows >= COMPACTED_ROWS_A_FILE or size >= COMPACTED_BYTES_A_FILE


def _cut_at_next_subject(
    rows: pa.Table, *, table: Table, last: object
) -> tuple[pa.Table, pa.Table]:
    """Rows that still belong to the last key written, and the rest."""
    keys = rows.column(table.cluster_by[0]).to_pylist()
    still = next((n for n, key in enumerate(keys) if key != last), len(keys))
    return rows.slice(0, still), rows.slice(still)


def _dictionary_columns(table: Table) -> list[str]:
    """Text columns that repeat; verbatim bytes and ids do not."""
    return [
        column.name
        for column in table.columns
        if pa.types.is_string(column.type)
        and column.name not in ("locator", "text", "content_hash")
    ]


def _differences(table: Table) -> dict[str, str]:
    """Lists of whole numbers as differences: a third cheaper to write and to read, and smaller."""
    return {
        f"{name}.list.element": "DELTA_BINARY_PACKED"
        for name, kind in _kinds(table)
        if _is_list(kind) and pa.types.is_integer(kind.value_type)
    }


def _is_list(kind: Any) -> bool:
    return bool(pa.types.is_list(kind))


def _sorting(table: Table) -> list[Any]:
    names = table.column_names
    return [pq.SortingColumn(names.index(name)) for name in table.cluster_by]


def _bloom(table: Table) -> dict[str, dict[str, float]]:
    """Bloom filters on the row's own id, which sorting by subject scatters."""
    if table.key in table.cluster_by or not pa.types.is_integer(dict(_kinds(table))[table.key]):
        return {}
    return {table.key: {"ndv": ROWS_A_GROUP, "fpp": 0.01}}


def _kinds(table: Table) -> list[tuple[str, pa.DataType]]:
    return [(column.name, column.type) for column in table.columns]
