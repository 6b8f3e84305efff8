"""DuckDB, set up so that it reads this lake, nothing else, within its memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

import duckdb

from vitruvian.lake.errors import TimeIsUp

THREADS = 2


@dataclass(frozen=True)
class EngineSettings:
    """What an engine may use."""

    memory_limit: str
    temp: Path
    threads: int = THREADS


def open_engine(settings: EngineSettings) -> duckdb.DuckDBPyConnection:
    """An engine without extensions from the network, spilling into the lake's own folder."""
    connection = duckdb.connect(
        config={
            "memory_limit": settings.memory_limit,
            "threads": str(settings.threads),
            "temp_directory": str(settings.temp),
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
    )
    # GLOBAL: what is set for a session does not reach the cursors made from it.
    connection.execute("SET GLOBAL TimeZone='UTC'")
    # Files are never rewritten under one name, so what was read of them stays true.
    connection.execute("SET GLOBAL parquet_metadata_cache=true")
    # The system keeps what is read of files: a second copy here took 600 MB at a million patients.
    connection.execute("SET GLOBAL enable_external_file_cache=false")
    return connection


def confine(connection: duckdb.DuckDBPyConnection, *, to: Path) -> None:
    """Take every other file and the network away from an engine, for good."""
    # An emergency view reads the tables where they lie, and DuckDB looks behind links.
    folders = dict.fromkeys([str(to), str((to / "tables").resolve())])
    listed = ", ".join(text_literal(folder) for folder in folders)
    connection.execute(f"SET allowed_directories=[{listed}]")
    connection.execute("SET enable_external_access=false")
    connection.execute("SET lock_configuration=true")


def text_literal(text: str) -> str:
    """A word as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


class Stops:
    """Stops what a request asked of an engine, from another thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._running: set[duckdb.DuckDBPyConnection] = set()
        self._over = False

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Whatever is started in this block, in its threads too, can be stopped."""
        before = _WATCHING.set(self)
        try:
            yield
        finally:
            _WATCHING.reset(before)

    @contextmanager
    def during(self, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """A query that can be stopped; raises `TimeIsUp` when it is over already."""
        with self._guard:
            if self._over:
                raise TimeIsUp
            self._running.add(connection)
        try:
            yield
        finally:
            with self._guard:
                self._running.discard(connection)

    def stop(self) -> None:
        """Stop what runs, and let nothing begin any more."""
        with self._guard:
            self._over = True
            for connection in self._running:
                connection.interrupt()


_WATCHING: ContextVar[Stops | None] = ContextVar("watching", default=None)


@contextmanager
def stoppable(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """A query that ends when the request that asked for it has run out of time."""
    watching = _WATCHING.get()
    with nullcontext() if watching is None else watching.during(connection):
        yield
