"""Spark over Spark Connect: Apache Spark, or Sail, on one pinned state of the lake.

Spark reads the Parquet files of a published state under the reader's lease, and nothing else of
the lake; what it finds comes back as Arrow. It never writes.
"""

from __future__ import annotations

import importlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pyarrow as pa

from vitruvian.lake.engines.open_ends import shown_sql
from vitruvian.lake.engines.scan import LINEAGE, AsOf, Pinned, scopes_of
from vitruvian.lake.errors import SparkFailed, SparkMissing, SparkUnreachable
from vitruvian.lake.store.codec import schema_of
from vitruvian.record import Table

if TYPE_CHECKING:
    from vitruvian.lake.reader import Reader

SERVER = "SPARK_REMOTE"
DEFAULT_PORT = 15002
SECONDS_TO_ANSWER = 10.0


# What a worker does with the rows of its part, batch by batch.
Reading = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


class Spark:
    """One session; what it is shown lives as long as it does."""

    # Any: the client is an optional package.
    def __init__(self, session: Any) -> None:
        self._session = session

    def show(self, name: str, rows: pa.Table) -> None:
        """Let SQL see rows in hand under a name."""
        sent = rows if rows.num_rows else _one_blank_row(rows.schema)
        with _failures():
            found = self._session.createDataFrame(sent)
            # The client takes no empty table.
            found = found if rows.num_rows else found.where("false")
            found.createOrReplaceTempView(name)

    def show_table(self, reader: Reader, table: str) -> None:
        """Let SQL see a table of the lake under its own name, as the door shows it.

        Parameters
        ----------
        reader
            The pinned state; it must stay open as long as Spark reads.
        table
            Name of the table.

        Raises
        ------
        NotDrained
            When rows of it are still in the hot log.
        """
        pinned = reader.pinned(table)
        files = f"{table}_files"
        if pinned.files:
            with _failures():
                found = self._session.read.parquet(*(str(path) for path in pinned.files))
                found.createOrReplaceTempView(files)
        else:
            self.show(files, schema_of(pinned.table).empty_table())
        for scope, ids in pinned.retired.items():
            self.show(_retired_name(pinned.table, scope), ids)
        if pinned.subjects is not None:
            self.show(f"{table}_subjects", pa.table({"subject_id": list(pinned.subjects)}))
        with _failures():
            self._session.sql(door_sql(pinned, files=files)).createOrReplaceTempView(table)

    def query(self, sql: str) -> pa.Table:
        """The answer of one SELECT; its rows come in no order.

        Raises
        ------
        SparkFailed
            When Spark does not run it.
        """
        with _failures():
            return self._session.sql(sql).toArrow()

    def read_by_workers(
        self, sql: str, read: Reading, *, order: Sequence[str], out: pa.Schema
    ) -> pa.Table:
        """What the workers make of the answer of one SELECT; rows come in no order.

        Parameters
        ----------
        sql
            The SELECT.
        read
            What a worker does with its rows; the package must be installed where it runs.
        order
            Columns in whose order rows come; one worker gets all rows of a value of the first.
        out
            Columns that it yields.

        Raises
        ------
        SparkFailed
            When Spark does not run it.
        """
        types = _optional("pyspark.sql.pandas.types", package="pyspark-client")
        with _failures():
            shared = self._session.sql(sql).repartition(order[0]).sortWithinPartitions(*order)
            found = shared.mapInArrow(read, types.from_arrow_schema(out)).toArrow()
        return found.cast(out)


def door_sql(pinned: Pinned, *, files: str) -> str:
    """Spark SQL for one table as the door shows it.

    Parameters
    ----------
    pinned
        The table as files.
    files
        Name of the relation that holds the files' rows.
    """
    table = pinned.table
    columns = ", ".join(
        _recorded_at(pinned.loads) if name == "recorded_at" else f"f.`{name}`"
        for name in table.column_names
    )
    conditions = _as_of_conditions(table, pinned.as_of)
    if pinned.subjects is not None and "subject_id" in table.column_names:
        conditions.append(f"subject_id IN (SELECT subject_id FROM `{table.name}_subjects`)")
    for scope, column in scopes_of(table).items():
        if scope in pinned.retired:
            ids = f"`{_retired_name(table, scope)}`"
            conditions.append(f"NOT EXISTS (SELECT 1 FROM {ids} r WHERE r.target_id = d.{column})")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    known_at = None if pinned.as_of.known_at is None else _instant(pinned.as_of.known_at)
    # Names stand between backticks here; between plain quotes Spark sees texts.
    shown = shown_sql(table, known_at=known_at).replace('"', "`")
    return f"SELECT {shown} FROM (SELECT {columns} FROM `{files}` f) d{where}"


def _recorded_at(loads: Mapping[int, int]) -> str:
    """Bulk rows learn when they were recorded from the load that brought them."""
    if not loads:
        return "f.`recorded_at`"
    cases = " ".join(f"WHEN {load} THEN timestamp_micros({at})" for load, at in loads.items())
    return f"coalesce(f.`recorded_at`, CASE f.`load_id` {cases} END) AS `recorded_at`"


def _as_of_conditions(table: Table, as_of: AsOf) -> list[str]:
    known_at = None if table.name in LINEAGE else as_of.known_at
    asked = (("known_at", known_at), ("recorded_at", as_of.recorded_at))
    return [f"d.`{name}` <= {_instant(at)}" for name, at in asked if at is not None]


def _instant(at: datetime) -> str:
    """An instant as Spark writes it."""
    return f"TIMESTAMP '{at.isoformat()}'"


def _one_blank_row(schema: pa.Schema) -> pa.Table:
    blank = {field.name: pa.nulls(1, _sendable(field.type)) for field in schema}
    return pa.table(blank)


def _sendable(kind: pa.DataType) -> pa.DataType:
    """The type as Spark knows it: it has one for bytes of any length."""
    return pa.binary() if pa.types.is_large_binary(kind) else kind


def _retired_name(table: Table, scope: str) -> str:
    return f"{table.name}_retired_{scope}"


# ---------------------------------------------------------------------- sessions


@contextmanager
def open_spark(address: str | None = None) -> Iterator[Spark]:
    """A session on the server at that address, or on a Sail of our own on this machine.

    Parameters
    ----------
    address
        Like `sc://host:15002`; None takes what the environment's `SPARK_REMOTE` says.

    Raises
    ------
    SparkMissing
        When a package is not installed.
    SparkUnreachable
        When no server answers.
    """
    found = address or os.environ.get(SERVER)
    if found:
        with _session(found) as session:
            yield Spark(session)
        return
    with _own_server() as own, _session(own) as session:
        yield Spark(session)


@contextmanager
def _session(address: str) -> Iterator[Any]:
    sql = _optional("pyspark.sql", package="pyspark-client")
    try:
        _knock(address)
        session = sql.SparkSession.builder.remote(address).create()
        # Times without a zone are read in the session's.
        session.conf.set("spark.sql.session.timeZone", "UTC")
    except Exception as error:  # noqa: BLE001 (gRPC and Spark share no class)
        raise SparkUnreachable(why=type(error).__name__) from None
    try:
        yield session
    finally:
        # A server that was idle for long has closed the session by itself, and says so loudly.
        with suppress(Exception):
            session.stop()


def _knock(address: str) -> None:
    """Whether anybody answers there; the client itself would ask again for ten minutes."""
    found = urlsplit(address)
    if found.hostname:
        place = (found.hostname, found.port or DEFAULT_PORT)
        socket.create_connection(place, timeout=SECONDS_TO_ANSWER).close()


@contextmanager
def _own_server() -> Iterator[str]:
    """A Sail server on the loopback address, in this process, without a word in the logs."""
    with _silent():
        sail = _optional("pysail.spark", package="pysail")
        server = sail.SparkConnectServer(ip="127.0.0.1", port=0)
        server.start(background=True)
    host, port = server.listening_address
    try:
        yield f"sc://{host}:{port}"
    finally:
        server.stop()


def _optional(module: str, *, package: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError:
        raise SparkMissing(package=package) from None


@contextmanager
def _silent() -> Iterator[None]:
    """A server started inside logs nothing: its lines may quote what a query holds."""
    before = os.environ.get("RUST_LOG")
    os.environ["RUST_LOG"] = "off"
    try:
        yield
    finally:
        if before is None:
            del os.environ["RUST_LOG"]
        else:
            os.environ["RUST_LOG"] = before


@contextmanager
def _failures() -> Iterator[None]:
    """Failures of Spark in the words of the house."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 (gRPC and Spark share no class)
        raise SparkFailed(kind=type(error).__name__, said=str(error)) from None
