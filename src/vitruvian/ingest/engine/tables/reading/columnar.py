"""Parquet files and DuckDB databases: rows as text, each with a JSON line of its own.

Such files hold no text of their own, so the bytes kept of a row are one JSON object:
every value as text that reads back to the same bits (shortest decimal of the binary number).
"""

from __future__ import annotations

import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from vitruvian.ingest.engine.tables.reading.batch import Rows
from vitruvian.ingest.errors import Malformed, Truncated
from vitruvian.lake.engines.duckdb import EngineSettings, open_engine

PARQUET = b"PAR1"
DUCKDB, _DUCKDB_AT = b"DUCK", 8
ROWS = 50_000
# what the Parquet library raises on damaged bytes: its own errors, and those of names in no text
_DAMAGE = (pa.ArrowException, OSError, ValueError, OverflowError)
_MEMORY = "512MB"


def is_parquet(head: bytes) -> bool:
    """Whether a file begins like Parquet."""
    return head.startswith(PARQUET)


def is_duckdb(head: bytes) -> bool:
    """Whether a file begins like a DuckDB database."""
    return head[_DUCKDB_AT : _DUCKDB_AT + len(DUCKDB)] == DUCKDB


@contextmanager
def on_disk(stream: BinaryIO, name: str) -> Iterator[Path]:
    """A copy of a stream as a file, for formats that jump back and forth."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy, 1 << 20)
        yield path


def parquet_columns(stream: BinaryIO) -> tuple[str, ...] | None:
    """The columns of a Parquet file, lower case; None when its end cannot be read."""
    try:
        with _seekable(stream) as jumping:
            return tuple(name.lower() for name in pq.read_schema(jumping).names)
    except _DAMAGE:
        return None


@contextmanager
def _seekable(stream: BinaryIO) -> Iterator[BinaryIO | Path]:
    if isinstance(stream, io.BytesIO) or isinstance(getattr(stream, "raw", None), io.FileIO):
        yield stream
        return
    with on_disk(stream, "table.parquet") as path:
        yield path


def read_parquet(stream: BinaryIO) -> Iterator[Rows]:
    """The rows of a Parquet file, some thousands at a time.

    Raises
    ------
    Truncated
        When its end, which says what it holds, is missing.
    Malformed
        When a part of it cannot be read.
    """
    kind, first = "Parquet file", 0
    with _seekable(stream) as jumping:
        try:
            file = pq.ParquetFile(jumping)
        except _DAMAGE:
            raise Truncated(kind) from None
        try:
            for batch in file.iter_batches(ROWS):
                yield rows_of(pa.Table.from_batches([batch]), first)
                first += batch.num_rows
        except _DAMAGE:
            raise Malformed(kind, "a part of it is damaged", record=first) from None


def read_duckdb(
    stream: BinaryIO, wanted: Mapping[str, frozenset[str]]
) -> Iterator[tuple[str, Rows]]:
    """The rows of those tables of a DuckDB database that are wanted, table after table.

    Parameters
    ----------
    stream
        The database file.
    wanted
        Name of a table, lower case, and the columns it must have.

    Raises
    ------
    Malformed
        When it is damaged, or holds none of these tables.
    """
    kind, first = "DuckDB database", 0
    with on_disk(stream, "tables.duckdb") as path:
        settings = EngineSettings(memory_limit=_MEMORY, temp=path.parent, threads=1)
        engine = open_engine(settings)
        try:
            try:
                engine.execute(f"ATTACH '{path}' AS given (READ_ONLY)")
                names = _tables_in(engine, wanted)
            except Exception:  # noqa: BLE001  the engine's errors would name the file
                raise Malformed(kind, "it is damaged, or of another version") from None
            if not names:
                raise Malformed(kind, "it holds none of the tables that are read here")
            for name, place in names:
                for batch in engine.execute(f"SELECT * FROM {place}").to_arrow_reader(ROWS):
                    yield name, rows_of(pa.Table.from_batches([batch]), first)
                    first += batch.num_rows
        finally:
            engine.close()


def _tables_in(engine: Any, wanted: Mapping[str, frozenset[str]]) -> list[tuple[str, str]]:
    found = engine.execute("""
    SELECT lower(table_name), table_schema, table_name, list(lower(column_name))
    FROM information_schema.columns WHERE table_catalog = 'given' GROUP BY ALL ORDER BY ALL
    """).fetchall()
    return [
        (name, f'given."{schema}"."{spelled}"')
        for name, schema, spelled, columns in found
        if name in wanted and wanted[name] <= set(columns)
    ]


def rows_of(table: pa.Table, first: int) -> Rows:
    """Every column as text, and each row as a JSON object without the empty ones."""
    names = [name.lower() for name in table.column_names]
    columns = [_as_text(column) for column in table.columns]
    fields = pa.table(columns, names=names)
    record = pa.array(np.arange(first, first + table.num_rows), pa.int64())
    return Rows(record, _json(fields), fields)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_dictionary(kind):
        return _as_text(column.cast(kind.value_type))
    if pa.types.is_float16(kind) or pa.types.is_float32(kind):
        column = column.cast(pa.float64())  # exact: every single number is a double number
    elif pa.types.is_timestamp(kind) and kind.tz is not None:
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    elif pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_nested(kind):
        return pa.chunked_array([pa.nulls(len(column), pa.string())])
    text = column.cast(pa.string())
    if pa.types.is_timestamp(kind):
        text = pc.replace_substring_regex(text, r"\.0+(Z?)$", r"\1")
    return text


def _json(fields: pa.Table) -> pa.Array:
    """One JSON object a row, made column by column."""
    parts = [
        pc.binary_join_element_wise(
            pa.scalar(f'{_escaped(name)}:"'), _escape(fields.column(name)), pa.scalar('"'), ""
        )
        for name in fields.column_names
    ]
    inner = pc.binary_join_element_wise(*parts, ",", null_handling="skip")
    whole = pc.binary_join_element_wise("{", inner, "}", "")
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    return whole.cast(pa.large_binary())


def _escape(column: pa.ChunkedArray) -> pa.ChunkedArray:
    for found, put in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        column = pc.replace_substring(column, found, put)
    if pc.any(pc.match_substring_regex(column, r"[\x00-\x1f]")).as_py():
        for number in range(32):  # the other control characters have no short form in JSON
            column = pc.replace_substring(column, chr(number), f"\\u{number:04x}")
    return column


def _escaped(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
