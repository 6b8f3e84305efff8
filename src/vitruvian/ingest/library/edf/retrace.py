"""A recording's events told again from its file."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa

from vitruvian.ingest.engine.signals.origin import origin_then
from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.edf.header import read_header
from vitruvian.ingest.library.edf.rows import RECORD, Told, clock_then, events_again
from vitruvian.record import table_named


def retrace_event(reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
    """The recording's header, and the events that its file gives today."""
    found = reader.history(
        "resource",
        where="version_id = ? AND resource_type = ?",
        params=[event["version_id"], RECORD],
    ).to_pylist()
    if not found:
        raise NotTraceable(event["event_id"], "the recording it was read from is not stored")
    stored = found[0]
    origin = origin_then(reader, stored)
    data = reader.blob(origin.sha256)
    told = Told(read_header(data, size=len(data)), origin)
    told.correct_clock(clock_then(reader, event["version_id"]))
    fresh = list(events_again(told, BytesIO(data)))
    return stored, pa.Table.from_pylist(fresh, schema=table_named("event").schema)
