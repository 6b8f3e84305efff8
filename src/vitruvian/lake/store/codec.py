"""Rows of the hot log as text and back, by the schema of their table."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any  # values of any column; the Arrow schema gives them their type

import orjson
import pyarrow as pa

from vitruvian.lake.errors import UnknownTable, WrongColumns
from vitruvian.record import TABLES, Table

SET_BY_THE_DOOR = ("recorded_at", "load_id")
# `Table.schema` builds a schema at each call; reading a patient asks for it dozens of times.
SCHEMAS: dict[str, pa.Schema] = {name: table.schema for name, table in TABLES.items()}


def schema_of(table: Table, columns: Sequence[str] | None = None) -> pa.Schema:
    """The Arrow schema of a table, or of some of its columns in the order given."""
    whole = SCHEMAS[table.name]
    return whole if columns is None else pa.schema([whole.field(name) for name in columns])


def known_table(name: str) -> Table:
    """The description of a stored table.

    Raises
    ------
    UnknownTable
        When there is none of that name.
    """
    if name not in TABLES:
        raise UnknownTable(table=name, known=tuple(TABLES))
    return TABLES[name]


def conform(rows: pa.Table, *, table: Table) -> pa.Table:
    """Rows with exactly the columns of their table, in order and type; missing ones null.

    Raises
    ------
    WrongColumns
        For a column too many, a required one missing or null, or a type that does not fit.
    """
    names = set(rows.column_names)
    extra = sorted(names - set(table.column_names))
    if extra:
        raise WrongColumns(table=table.name, why=f"unknown columns {', '.join(extra)}")
    columns = []
    for column in table.columns:
        have = column.name in names and column.name not in SET_BY_THE_DOOR
        values = rows.column(column.name) if have else pa.nulls(rows.num_rows, column.type)
        if column.required and values.null_count:
            raise WrongColumns(table=table.name, why=f"column {column.name} is missing or null")
        columns.append(_cast(values, to=column.type, name=column.name, table=table.name))
    return pa.Table.from_arrays(columns, schema=schema_of(table))


def _cast(values: Any, *, to: pa.DataType, name: str, table: str) -> Any:
    if values.type == to:
        return values
    try:
        return values.cast(to)
    except pa.ArrowException:
        # Arrow's own message quotes the value; ours must not.
        raise WrongColumns(
            table=table, why=f"column {name} is {values.type} and does not fit {to}"
        ) from None


def table_of_rows(rows: Sequence[Mapping[str, object]], *, table: Table) -> pa.Table:
    """Plain rows as an Arrow table of that shape.

    Raises
    ------
    WrongColumns
        As `conform` does.
    """
    extra = sorted({name for row in rows for name in row} - set(table.column_names))
    if extra:
        raise WrongColumns(table=table.name, why=f"unknown columns {', '.join(extra)}")
    columns = [_column(rows, name=c.name, kind=c.type, table=table) for c in table.columns]
    return conform(pa.table(dict(zip(table.column_names, columns, strict=True))), table=table)


def _column(
    rows: Sequence[Mapping[str, object]], *, name: str, kind: pa.DataType, table: Table
) -> Any:
    try:
        return pa.array([row.get(name) for row in rows], type=kind)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        raise WrongColumns(
            table=table.name, why=f"column {name} holds a value that is not {kind}"
        ) from None


def encode(rows: pa.Table) -> list[str]:
    """Each row as JSON without its nulls; instants as microseconds, bytes as base64."""
    plain = []
    for field in rows.schema:
        values = rows.column(field.name)
        if pa.types.is_timestamp(field.type):
            values = values.cast(pa.int64())
        plain.append([_as_json(value) for value in values.to_pylist()])
    names = rows.column_names
    return [
        orjson.dumps(
            {name: value for name, value in zip(names, row, strict=True) if value is not None}
        ).decode()
        for row in zip(*plain, strict=True)
    ]


def _as_json(value: object) -> object:
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value


def decode(texts: Sequence[tuple[str, int]], *, table: Table) -> pa.Table:
    """Rows of one table from their JSON, each with the instant the log recorded it at.

    Parameters
    ----------
    texts
        JSON and microseconds since 1970 UTC, a pair a row.
    table
        Whose rows they are.
    """
    rows: list[dict[str, Any]] = []
    for text, recorded_us in texts:
        row = orjson.loads(text)
        row["recorded_at"] = recorded_us
        row["load_id"] = None
        rows.append(row)
    columns = [_decoded([row.get(c.name) for row in rows], kind=c.type) for c in table.columns]
    return pa.Table.from_arrays(columns, schema=schema_of(table))


def _decoded(values: list[Any], *, kind: pa.DataType) -> Any:
    if pa.types.is_timestamp(kind):
        return pa.array(values, type=pa.int64()).cast(kind)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        values = [None if value is None else base64.b64decode(value) for value in values]
    return pa.array(values, type=kind)


def micros(instant: datetime) -> int:
    """Microseconds since 1970 UTC, exactly."""
    delta = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds


def instant(microseconds: int) -> datetime:
    """The instant that many microseconds after 1970 UTC."""
    seconds, rest = divmod(microseconds, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest)
