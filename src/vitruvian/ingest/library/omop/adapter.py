"""The OMOP CDM adapter: tables known by their columns, mapped by a declared table's mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import PROBE_BYTES, LoadContext, Probe, Source
from vitruvian.ingest.engine.tables.language.mapping import Declared, read_mapping
from vitruvian.ingest.engine.tables.loading import TableLoading
from vitruvian.ingest.engine.tables.reading.columnar import (
    is_duckdb,
    is_parquet,
    parquet_columns,
    read_duckdb,
    read_parquet,
)
from vitruvian.ingest.engine.tables.reading.texts import header_of, read_text
from vitruvian.ingest.engine.tables.retrace import Event, retrace_event
from vitruvian.ingest.errors import Truncated
from vitruvian.ingest.report import Problems

if TYPE_CHECKING:
    import pyarrow as pa

_MAPPING = Path(__file__).with_name("mapping.toml")
_SURE, _LIKELY, _UNREADABLE = 0.9, 0.3, 0.1


@cache
def omop() -> Declared:
    """The mapping of the OMOP tables."""
    return read_mapping(_MAPPING.read_bytes())


class Adapter:
    """OMOP CDM 5.3 and 5.4: one file a table, or a DuckDB file with all of them."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure of the columns of an OMOP table; a database is looked into when it is read."""
        if is_duckdb(probe.head):
            return _LIKELY
        if is_parquet(probe.head):
            with BytesIO(probe.head) if probe.whole or not probe.open else probe.open() as stream:
                columns = parquet_columns(stream)
            if columns is None:
                return _UNREADABLE
        else:
            header = header_of(probe.head)
            columns = () if header is None else header.columns
        return None if omop().table_with(columns) is None else _SURE

    def version_of(self, source: Source) -> str:
        """The adapter's version, and that of the mapping."""
        del source
        return f"{self.manifest.version}; {omop().stamp}"

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """The rows of each table, with their bytes and their fields."""
        with source.open() as stream:
            head = stream.read(PROBE_BYTES)
        if is_duckdb(head):
            yield from _database(source)
            return
        with source.open() as stream:
            if is_parquet(head):
                table = _named(parquet_columns(stream) or (), kind="Parquet file")
                stream.seek(0)
                rows = read_parquet(stream)
            else:
                header = header_of(head)
                table = _named(header.columns if header else (), kind="table")
                rows = read_text(stream, header, source.limits, problems) if header else iter(())
            for each in rows:
                yield each.batch(table=table)

    def begin(self, context: LoadContext) -> _Loading:
        """Start a bulk load."""
        return _Loading(context)

    def retrace(self, reader: Any, event: Event) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored row, and the events that its bytes give today."""
        return retrace_event(reader, event)


class _Loading(TableLoading):
    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take rows in."""
        del problems
        self.stage_rows(source, omop(), batch)


def _named(columns: tuple[str, ...], *, kind: str) -> str:
    rule = omop().table_with(columns)
    if rule is None:
        raise Truncated(kind)
    return rule.name


def _database(source: Source) -> Iterator[pa.RecordBatch]:
    wanted = {name: frozenset(rule.columns) for name, rule in omop().tables.items()}
    with source.open() as stream:
        for name, rows in read_duckdb(stream, wanted):
            yield rows.batch(table=name)
