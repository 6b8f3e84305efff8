"""A recording's events told again from its file."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pyarrow as pa

from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.edf.header import read_header
from vitruvian.ingest.library.edf.rows import RECORD, Origin, Told, events_again
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
    zone = reader.rows(
        "source", columns=["time_zone"], where="source_id = ?", params=[stored["source_id"]]
    ).to_pylist()
    name = zone[0]["time_zone"] if zone else None
    origin = Origin(
        site=stored["site"],
        source_id=stored["source_id"],
        sha256=stored["content_hash"],
        zone=name or "UTC",
        zone_declared=name is not None,
        received_at=max(stored["known_at"], stored["recorded_at"]),
    )
    data = reader.blob(origin.sha256)
    told = Told(read_header(data, size=len(data)), origin)
    fresh = list(events_again(told, BytesIO(data)))
    return stored, pa.Table.from_pylist(fresh, schema=table_named("event").schema)
