"""The HL7 v2 adapter: recognises, reads, and hands over to the mapping."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.engine.adapter import RECORDS, LoadContext, Probe, Source
from vitruvian.ingest.engine.listeners import Feed
from vitruvian.ingest.library.hl7v2.live import Hl7Receiver
from vitruvian.ingest.library.hl7v2.loading import Hl7Loading
from vitruvian.ingest.library.hl7v2.quarantine import replay_messages, waiting_messages
from vitruvian.ingest.library.hl7v2.reading.framing import is_hl7, split_messages
from vitruvian.ingest.library.hl7v2.retrace import retrace_event
from vitruvian.ingest.quarantine import Quarantined, Replayed
from vitruvian.ingest.report import Problems

_SURE = 0.95
_MESSAGES_A_BATCH = 1_000
_BYTES_A_BATCH = 16 << 20


class Adapter:
    """HL7 Version 2 in vertical bar encoding: single messages, batches, MLLP frames."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def score(self, probe: Probe) -> float | None:
        """Sure when the source begins with MSH, FHS or BHS and declares delimiters."""
        return _SURE if is_hl7(probe.head) else None

    def read(self, source: Source, problems: Problems) -> Iterator[pa.RecordBatch]:
        """Messages in order with their verbatim bytes."""
        del problems
        held: list[bytes] = []
        first = size = 0
        with source.open() as stream:
            for data in split_messages(stream, limit=source.limits.document_bytes):
                held.append(data)
                size += len(data)
                if len(held) >= _MESSAGES_A_BATCH or size >= _BYTES_A_BATCH:
                    yield _batch(first, held)
                    first, held, size = first + len(held), [], 0
        if held:
            yield _batch(first, held)

    def begin(self, context: LoadContext) -> Hl7Loading:
        """Start a bulk load."""
        return Hl7Loading(context)

    def receiver(self, feed: Feed) -> Hl7Receiver:
        """Take a live feed (MLLP)."""
        return Hl7Receiver(feed, self.manifest)

    def retrace(self, reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
        """An event's stored message, and the events that its bytes give today."""
        return retrace_event(reader, event)

    def quarantined(self, reader: Any) -> list[Quarantined]:
        """Messages that are kept and could not be mapped."""
        return waiting_messages(reader, self.manifest.name)

    def replay(self, lake: Any, *, access: Any) -> Replayed:
        """Map them again."""
        return replay_messages(lake, access=access)


def _batch(first: int, messages: list[bytes]) -> pa.RecordBatch:
    records = range(first, first + len(messages))
    return pa.record_batch(
        {
            "record": pa.array(records, pa.int64()),
            "locator": pa.array([f"record {record}" for record in records], pa.string()),
            "bytes": pa.array(messages, pa.large_binary()),
            "context": pa.nulls(len(messages), pa.string()),
        },
        schema=RECORDS,
    )
