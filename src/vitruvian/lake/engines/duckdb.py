"""DuckDB, set up so that it reads this lake, nothing else, within its memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

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
    connection.execute("SET GLOBAL validate_external_file_cache='NO_VALIDATION'")
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
