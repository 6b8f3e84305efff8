"""The WFDB adapter: recognises headers, reads the files beside them, maps recordings."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import RECORDS, LoadContext, Probe, Source
from vitruvian.ingest.engine.whose.links import Basis
from vitruvian.ingest.engine.whose.loading import sheet_batch
from vitruvian.ingest.engine.whose.sheet import Sheet
from vitruvian.ingest.errors import DocumentTooLarge, Malformed
from vitruvian.ingest.library.wfdb.header import KIND, is_header
from vitruvian.ingest.library.wfdb.loading import CLOCKS, Beside, WfdbLoading
from vitruvian.ingest.library.wfdb.marks.reading import KIND as ANNOTATION_KIND
from vitruvian.ingest.library.wfdb.marks.reading import Marks, read_marks
from vitruvian.ingest.library.wfdb.marks.rows import ANNOTATIONS, annotators
from vitruvian.ingest.library.wfdb.recording import Recording, read_recording
from vitruvian.ingest.library.wfdb.retrace import retrace_event
from vitruvian.ingest.library.wfdb.rows import LABEL
from vitruvian.ingest.report import Problems

_SURE, _PERHAPS = 0.9, 0.01
_SIGNAL_FILE = ".dat"
_BASIS = Basis("WFDB/Link", "sheet", "declared by the site's sheet of recordings")
SHEET = Sheet.of("wfdb_record", LABEL, "WFDB/Patients", _BASIS)


class Adapter:
    """WFDB headers with the files beside them, and the sheet that tells whose they are."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._parsed: dict[str, tuple[Recording, dict[str, bytes]]] = {}
        self._alone: dict[str, Problems] = {}
        self._marked: dict[str, Beside] = {}

    def score(self, probe: Probe) -> float | None:
        """Sure of a header by its lines; other files have no mark but the end of their name."""
        if is_header(probe.head) or any(each.is_sheet(probe.head) for each in (SHEET, CLOCKS)):
            return _SURE
        named = probe.suffix == _SIGNAL_FILE or probe.suffix.lstrip(".") in annotators()
        return _PERHAPS if named and probe.head else None

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """A header, or annotations, as one record; a signal file is read with its header."""
        if source.byte_count > source.limits.document_bytes:
            raise DocumentTooLarge(source.limits.document_bytes)
        with source.open() as stream:
            data = stream.read()
        if SHEET.is_sheet(data):
            yield sheet_batch(data)
        elif CLOCKS.is_sheet(data):
            yield _batch(data, CLOCKS.kind)
        elif source.suffix.lstrip(".") in annotators():
            self._marked[source.sha256] = _marked(source, read_marks(data))
            yield _batch(data, ANNOTATIONS)
        elif is_header(data):
            files: dict[str, bytes] = {}
            recording = read_recording(data, lambda name: _beside(source, name, files))
            self._parsed[source.sha256] = (recording, files)
            yield _batch(data, None)
        else:
            self._alone[source.sha256] = problems

    def begin(self, context: LoadContext) -> WfdbLoading:
        """Start a bulk load."""
        self._alone = {}
        return WfdbLoading(context, SHEET, self._parsed, self._alone, self._marked)

    def link(self, bulk: Any, *, site: str) -> None:
        """Link recordings to the persons their sheets declare."""
        SHEET.link(bulk, site=site)

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """A recording's stored header, and the events that it gives today."""
        return retrace_event(reader, event)


def _beside(source: Source, name: str, files: dict[str, bytes]) -> bytes:
    """A file that stands beside the header; it may be named once or many times."""
    if name not in files:
        stream = source.beside(name)
        if stream is None:
            raise Malformed(KIND, "a file that it names does not stand beside it")
        with stream:
            files[name] = stream.read(source.limits.document_bytes)
    return files[name]


def _marked(source: Source, marks: Marks) -> Beside:
    """Annotations with the header of the same name and what it names."""
    stem, _, annotator = source.name.rpartition(".")
    stream = source.beside(f"{stem}.hea")
    if stream is None:
        raise Malformed(ANNOTATION_KIND, "no header of its name stands beside it")
    with stream:
        header = stream.read(source.limits.document_bytes)
    files: dict[str, bytes] = {}
    recording = read_recording(header, lambda name: _beside(source, name, files))
    return Beside(recording, hashlib.sha256(header).hexdigest(), marks, annotator)


def _batch(data: bytes, kind: str | None) -> pa.RecordBatch:
    return pa.record_batch(
        {
            "record": pa.array([0], pa.int64()),
            "locator": pa.array(["record 0"], pa.string()),
            "bytes": pa.array([data], pa.large_binary()),
            "context": pa.array([kind], pa.string()),
        },
        schema=RECORDS,
    )
