"""The FHIR R4 adapter: recognises, reads, and hands over to the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import PROBE_BYTES, LoadContext, Probe, Source
from vitruvian.ingest.library.fhir.loading import FhirLoading
from vitruvian.ingest.library.fhir.reading.envelope import is_ndjson, read_document, read_lines
from vitruvian.ingest.library.fhir.retrace import retrace_event
from vitruvian.ingest.report import Problems

if TYPE_CHECKING:
    import pyarrow as pa

_SURE, _LIKELY = 0.9, 0.4


class Adapter:
    """HL7 FHIR R4 in JSON: single resources, Bundles of every type, NDJSON."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure when a resourceType stands in the first bytes of a JSON object."""
        head = probe.head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not head.startswith(b"{"):
            return None
        if b'"resourceType"' in head:
            return _SURE
        if not probe.whole and b'"entry"' in head and probe.suffix == ".json":
            return _LIKELY
        return None

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Records in order with their verbatim bytes."""
        with source.open() as stream:
            head = stream.read(PROBE_BYTES)
        whole = len(head) < PROBE_BYTES
        if is_ndjson(head, suffix=source.suffix, whole=whole):
            yield from read_lines(source, problems)
        else:
            yield from read_document(source, problems)

    def begin(self, context: LoadContext) -> FhirLoading:
        """Start a bulk load."""
        return FhirLoading(context, self.manifest)

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored record, and the events that its bytes give today."""
        return retrace_event(reader, event)
