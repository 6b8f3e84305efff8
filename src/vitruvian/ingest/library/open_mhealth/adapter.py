"""The adapter of data points: Open mHealth and IEEE 1752.1, one a file, a line or a list item."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import LoadContext, Probe, Source
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.engine.tables.language.mapping import Declared, read_mapping
from vitruvian.ingest.engine.tables.reading.batch import Rows
from vitruvian.ingest.engine.tables.retrace import Event, retrace_event
from vitruvian.ingest.engine.whose.loading import WearerLoading, sheet_batch
from vitruvian.ingest.engine.whose.sheet import Sheet
from vitruvian.ingest.library.open_mhealth.points import (
    begins_like_points,
    data_points,
    fields_of,
)
from vitruvian.ingest.report import Problems

_MAPPING = Path(__file__).with_name("mapping.toml")
_SURE, _ROWS_AT_ONCE = 0.9, 5_000
_TABLE = "point"
SHEET = Sheet.of("open_mhealth_user", "Open mHealth user", "OMH/Wearers")


@cache
def declared() -> Declared:
    """The mapping of data points."""
    return read_mapping(_MAPPING.read_bytes())


@cache
def _known_fields() -> frozenset[str]:
    return frozenset(rule.name for rule in declared().tables[_TABLE].events)


class Adapter:
    """Data points, and the sheet that tells who their users are."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure of a header with a schema id; the file's name plays no part."""
        told = begins_like_points(probe.head) or SHEET.is_sheet(probe.head)
        return _SURE if told else None

    def version_of(self, source: Source) -> str:
        """The adapter's version, and that of the mapping."""
        del source
        return f"{self.manifest.version}; {declared().stamp}"

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Data points with their very bytes and their fields."""
        with source.open() as stream:
            head = stream.read(len(SHEET.head) + 3)
        with source.open() as stream:
            if SHEET.is_sheet(head):
                yield sheet_batch(stream.read(source.limits.document_bytes))
                return
            found = data_points(stream, source.limits, problems)
            while some := list(islice(found, _ROWS_AT_ONCE)):
                yield _batch(some, nobody=f"source {source.source_id}")

    def begin(self, context: LoadContext) -> WearerLoading:
        """Start a bulk load."""
        return WearerLoading(context, declared(), SHEET, names_only=True)

    def link(self, bulk: Any, *, site: str) -> None:
        """Link users to the persons whom the sheets declare."""
        SHEET.link(bulk, site=site)

    def retrace(self, reader: Any, event: Event) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored data point, and the events that its bytes give today."""
        return retrace_event(reader, event, fields=_fields_again)


def _batch(some: list[tuple[int, bytes, Mapping[str, Any]]], *, nobody: str) -> pa.RecordBatch:
    number = pa.array([place for place, *_ in some], pa.int64())
    data = pa.array([data for _, data, _ in some], pa.large_binary())
    fields = _fields((point for *_, point in some), nobody=nobody)
    return Rows(number, data, fields).batch(table=_TABLE)


def _fields(points: Iterable[Mapping[str, Any]], *, nobody: str) -> pa.Table:
    rows = [fields_of(each, nobody=nobody, known=_known_fields()) for each in points]
    names = sorted(declared().tables[_TABLE].named)
    return pa.table(
        {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    )


def _fields_again(records: Iterable[bytes]) -> list[pa.Table]:
    """The fields of stored data points, as they were read."""
    found = (
        point for data in records for *_, point in data_points(BytesIO(data), Limits(), Problems())
    )
    return [_fields(found, nobody="")]
