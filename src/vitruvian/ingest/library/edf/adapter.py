"""The EDF adapter: recognises recordings, puts them on disk, maps them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import RECORDS, LoadContext, Probe, Source
from vitruvian.ingest.engine.whose.loading import sheet_batch
from vitruvian.ingest.engine.whose.sheet import Sheet
from vitruvian.ingest.library.edf.header import FIXED, is_edf, read_header
from vitruvian.ingest.library.edf.loading import CLOCKS, EdfLoading, Spooled
from vitruvian.ingest.library.edf.retrace import retrace_event
from vitruvian.ingest.library.edf.rows import LABEL
from vitruvian.ingest.report import Problem, Problems

_SURE, _CHUNK = 0.95, 1 << 20
SHEET = Sheet.of("edf_patient", LABEL, "EDF/Patients")


class Adapter:
    """EDF and EDF+ recordings, the sheets that tell whose they are and how clocks were off."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self._spooled: dict[str, Spooled] = {}

    def score(self, probe: Probe) -> float | None:
        """Sure of the fixed part of the header; the file's name plays no part."""
        told = any(each.is_sheet(probe.head) for each in (SHEET, CLOCKS))
        return _SURE if told or is_edf(probe.head) else None

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """A recording as one record, its header; the samples wait on disk."""
        with source.open() as stream:
            head = stream.read(FIXED)
            if SHEET.is_sheet(head):
                yield sheet_batch(head + stream.read(source.limits.document_bytes))
                return
            if CLOCKS.is_sheet(head):
                yield _batch(head + stream.read(source.limits.document_bytes), CLOCKS.kind)
                return
            spooled = Spooled(_on_disk(head, stream))
        self._spooled[source.sha256] = spooled
        with spooled.path.open("rb") as stream:
            data = stream.read(FIXED * 4_097)
        header = read_header(data, size=spooled.path.stat().st_size)
        _report(spooled, header.byte_count + header.records * header.record_bytes, problems)
        if not all(each.calibrated for each in header.signals):
            problems.add(Problem(0, None, "not-calibrated", _NOT_CALIBRATED))
        yield _batch(data[: header.byte_count], None)

    def begin(self, context: LoadContext) -> EdfLoading:
        """Start a bulk load."""
        return EdfLoading(context, SHEET, self._spooled)

    def link(self, bulk: Any, *, site: str) -> None:
        """Link patients to the persons whom the sheets declare."""
        SHEET.link(bulk, site=site)

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """A recording's stored header, and the events that its file gives today."""
        return retrace_event(reader, event)


def _on_disk(head: bytes, stream: Any) -> Path:
    """The whole file, unpacked; a recording of a night does not fit into memory."""
    with tempfile.NamedTemporaryFile(prefix="vitruvian-edf-", delete=False) as out:
        out.write(head)
        shutil.copyfileobj(stream, out, _CHUNK)
    return Path(out.name)


def _report(spooled: Spooled, told: int, problems: Problems) -> None:
    if spooled.path.stat().st_size > told:
        problems.add(Problem(0, None, "more-than-told", _MORE))


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


_MORE = (
    "More bytes follow than the header tells. What it tells was read, the rest is kept unread. "
    "Ask who wrote the file."
)
_NOT_CALIBRATED = (
    "A signal tells no physical or digital limits that could be. Its numbers are kept as they are, "
    "without unit. Ask who wrote the file."
)
