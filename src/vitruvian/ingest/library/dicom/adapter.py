"""The DICOM adapter: recognises, reads, and hands over to the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import RECORDS, LoadContext, Probe, Source
from vitruvian.ingest.engine.listeners import Feed, Listening
from vitruvian.ingest.errors import DocumentTooLarge
from vitruvian.ingest.library.dicom.linking import SHEET, link_subjects
from vitruvian.ingest.library.dicom.loading import DicomLoading
from vitruvian.ingest.library.dicom.reading.header import ReadHeader, read_header
from vitruvian.ingest.library.dicom.reading.part10 import is_part10
from vitruvian.ingest.library.dicom.receiving.server import serving
from vitruvian.ingest.library.dicom.retrace import retrace_event
from vitruvian.ingest.report import Problem, Problems

_SURE = 0.99


class Adapter:
    """DICOM Part 10 files, and the sheet that declares who gives patient ids."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure when there is a preamble, the prefix DICM and a meta header."""
        return _SURE if is_part10(probe.head) or SHEET.is_sheet(probe.head) else None

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """The file as one record, its header beside it; a DICOMDIR has none."""
        if source.byte_count > source.limits.document_bytes:
            raise DocumentTooLarge(source.limits.document_bytes)
        with source.open() as stream:
            data = stream.read()
        if SHEET.is_sheet(data):
            yield _batch(data, None)
            return
        found = read_header(data, limit=source.limits.document_bytes)
        if found is not None:
            _report(found, problems)
            yield _batch(data, found.header.as_bytes.decode())

    def begin(self, context: LoadContext) -> DicomLoading:
        """Start a bulk load."""
        return DicomLoading(context)

    def server(self, feed: Feed, listening: Listening) -> AbstractContextManager[int]:
        """Receive objects over DICOM while the context is open; it gives the port."""
        return serving(feed, listening)

    def link(self, bulk: Any, *, site: str) -> None:
        """Link subjects to the persons whose numbers they have."""
        link_subjects(bulk, site=site)

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """A study's stored record, and the event that its files give today."""
        return retrace_event(reader, event)


def _report(found: ReadHeader, problems: Problems) -> None:
    for tag in found.unreadable:
        problems.add(Problem(0, f"/{tag}", "unreadable-element", _UNREADABLE))


_UNREADABLE = (
    "The element's value is not of its own kind. It stays in the file and is not shown. "
    "Ask the sender to correct it."
)


def _batch(data: bytes, context: str | None) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "record": pa.array([0], pa.int64()),
            "locator": pa.array(["record 0"], pa.string()),
            "bytes": pa.array([data], pa.large_binary()),
            "context": pa.array([context], pa.string()),
        },
        schema=RECORDS,
    )
