"""How a table is described: name, meaning, type and unit of every column."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

INSTANT = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True)
class Column:
    """One column: what it is called, what it holds and what it means."""

    name: str
    type: pa.DataType
    meaning: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One stored table, clustered by ``cluster_by`` inside each file."""

    name: str
    meaning: str
    columns: tuple[Column, ...]
    key: str
    cluster_by: tuple[str, ...]

    @property
    def schema(self) -> pa.Schema:
        """The Arrow schema in column order."""
        return pa.schema([pa.field(c.name, c.type, nullable=not c.required) for c in self.columns])

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(c.name for c in self.columns)


LINEAGE: tuple[Column, ...] = (
    Column("site", pa.string(), "the hospital that sent it", required=True),
    Column("source_id", pa.string(), "the file or message it came in", required=True),
    Column("locator", pa.string(), "where in that source: record number and JSON pointer"),
    Column("known_at", INSTANT, "when the care team could see it", required=True),
    Column("known_at_basis", pa.string(), "stated by the source, or assumed", required=True),
    Column(
        "recorded_at",
        INSTANT,
        "when Vitruvian published it; null in files of a bulk load, whose load_id tells",
    ),
    Column("load_id", pa.int64(), "the bulk load that brought it; null for the hot log"),
)
