"""The adapter of declared tables: a mapping file says what the columns mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import PROBE_BYTES, LoadContext, Probe, Source
from vitruvian.ingest.engine.tables.language.mapping import (
    MARK,
    Declared,
    TableRule,
    read_mapping,
)
from vitruvian.ingest.engine.tables.loading import MAPPING, TableLoading
from vitruvian.ingest.engine.tables.reading.batch import Rows
from vitruvian.ingest.engine.tables.reading.columnar import (
    is_parquet,
    parquet_columns,
    read_parquet,
)
from vitruvian.ingest.engine.tables.reading.texts import header_of, read_text
from vitruvian.ingest.engine.tables.retrace import Event, retrace_event
from vitruvian.ingest.errors import BadMapping, Truncated
from vitruvian.ingest.report import Problems

_SURE, _BROKEN = 0.95, 0.05
_LARGEST = 1 << 20


class Adapter:
    """Any CSV or Parquet file that a mapping file beside it, or given with it, declares."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure of a mapping file, and of a table whose columns a mapping at hand names."""
        if _is_mapping(probe.head):
            return _SURE
        if not probe.mappings:
            return None
        if is_parquet(probe.head):
            with BytesIO(probe.head) if probe.whole or not probe.open else probe.open() as stream:
                columns = parquet_columns(stream)
            if columns is None:
                return _BROKEN
        else:
            header = header_of(probe.head)
            columns = None if header is None else header.columns
        return None if columns is None or _rule(probe.mappings, columns) is None else _SURE

    def version_of(self, source: Source) -> str:
        """The adapter's version and the mappings': a mended mapping reads a file again."""
        stamps = sorted(each.stamp for each in _declared(source.mappings))
        return "; ".join([self.manifest.version, *stamps])

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """The rows of a table with their bytes and their fields; or the mapping itself."""
        with source.open() as stream:
            head = stream.read(PROBE_BYTES)
        if _is_mapping(head):
            yield _mapping_record(source)
            return
        columns, rows = _rows(source, head, problems)
        found = _rule(source.mappings, columns)
        if found is None:
            kind = "Parquet file" if is_parquet(head) else "table"
            raise Truncated(kind)
        for each in rows:
            yield each.batch(table=found[1].name)

    def begin(self, context: LoadContext) -> _Loading:
        """Start a bulk load."""
        return _Loading(context)

    def retrace(self, reader: Any, event: Event) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored row, and the events that its bytes give today."""
        return retrace_event(reader, event)


class _Loading(TableLoading):
    def stage(self, source: Source, batch: pa.RecordBatch, problems: Problems) -> None:
        """Take rows, or a mapping, in."""
        del problems
        if not batch.num_rows:
            return
        if batch.column("context")[0].as_py() == MAPPING:
            self.stage_mapping(source, read_mapping(batch.column("bytes")[0].as_py()))
            return
        found = _rule(source.mappings, batch.schema.field("fields").type.names)
        if found is not None:
            self.stage_rows(source, found[0], batch)


def _is_mapping(head: bytes) -> bool:
    """Whether a file begins as mapping files do: comments, then ``[mapping]``."""
    lines = (line.strip() for line in head.removeprefix(b"\xef\xbb\xbf").splitlines())
    return next((line for line in lines if line and not line.startswith(b"#")), b"") == MARK


def _declared(mappings: tuple[bytes, ...]) -> list[Declared]:
    """The mappings that can be used; one that cannot is told where it is read itself."""
    found = []
    for text in dict.fromkeys(mappings):
        try:
            found.append(read_mapping(text))
        except BadMapping:
            continue
    return found


def _rule(mappings: tuple[bytes, ...], columns: Any) -> tuple[Declared, TableRule] | None:
    """The declared table that columns belong to: of those that fit, the one that asks for most."""
    fitting = [
        (declared, rule)
        for declared in _declared(mappings)
        if (rule := declared.table_with(columns)) is not None
    ]
    return max(fitting, key=lambda pair: len(pair[1].columns), default=None)


def _rows(source: Source, head: bytes, problems: Problems) -> tuple[Any, Iterator[Rows]]:
    if is_parquet(head):
        with source.open() as stream:
            columns = parquet_columns(stream)
        return columns or (), _of_stream(source, read_parquet)
    header = header_of(head)
    if header is None:
        return (), iter(())
    return header.columns, _of_stream(
        source, lambda stream: read_text(stream, header, source.limits, problems)
    )


def _of_stream(source: Source, read: Any) -> Iterator[Rows]:
    with source.open() as stream:
        yield from read(stream)


def _mapping_record(source: Source) -> pa.RecordBatch:
    with source.open() as stream:
        text = stream.read(_LARGEST)
    read_mapping(text)
    return pa.RecordBatch.from_pydict(
        {
            "record": pa.array([0], pa.int64()),
            "locator": ["record 0"],
            "bytes": pa.array([text], pa.large_binary()),
            "context": [MAPPING],
        }
    )
