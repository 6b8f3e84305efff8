"""The Phenopackets adapter: recognises, reads, and hands over to the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import LoadContext, Probe, Source
from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.phenopackets.loading import PacketLoading, place_of
from vitruvian.ingest.library.phenopackets.reading.packets import (
    looks_like_packets,
    packet_of,
    packets,
)
from vitruvian.ingest.library.phenopackets.rows.events import events_of
from vitruvian.ingest.library.phenopackets.rows.findings import findings_of
from vitruvian.ingest.report import Problems
from vitruvian.record import table_named

_SURE = 0.95


class Adapter:
    """Phenopackets as JSON, one a file or one a line."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure of the fields that only a phenopacket has; the file's name plays no part."""
        return _SURE if looks_like_packets(probe.head) else None

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Packets with their very bytes."""
        return packets(source, problems)

    def begin(self, context: LoadContext) -> PacketLoading:
        """Start a bulk load."""
        return PacketLoading(context)

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored packet, and the events that its bytes give today."""
        rows = reader.history(
            "resource",
            subjects=[event["subject_id"]],
            where="version_id = ?",
            params=[event["version_id"]],
        ).to_pylist()
        if not rows:
            raise NotTraceable(event["event_id"], "the packet it was read from is not stored")
        packet = packet_of(rows[0]["bytes"])
        place = place_of(rows[0], packet)
        told = [*events_of(packet, place), *findings_of(packet, place)]
        return rows[0], pa.Table.from_pylist(told, table_named("event").schema)
