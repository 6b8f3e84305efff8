"""A recording's events told again from its header and its files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from vitruvian.ingest.engine.signals.origin import origin_then
from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.wfdb.recording import read_recording
from vitruvian.ingest.library.wfdb.rows import FILES, RECORD, Told, events
from vitruvian.record import table_named


def retrace_event(reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
    """The recording's header, and the events that it and its files give today."""
    found = reader.history("resource", where="version_id = ?", params=[event["version_id"]])
    rows = {row["resource_type"]: row for row in found.to_pylist()}
    header = rows.get(RECORD)
    if header is None:
        raise NotTraceable(event["event_id"], "the recording it was read from is not stored")
    files = _files(reader, header)
    recording = read_recording(header["bytes"], lambda name: reader.blob(files[name]))
    fresh = list(events(Told(recording, origin_then(reader, header))))
    return header, pa.Table.from_pylist(fresh, schema=table_named("event").schema)


def _files(reader: Any, header: Mapping[str, Any]) -> dict[str, str]:
    """Hashes of the files beside the header, by their names in it."""
    text = reader.rows(
        "resource",
        columns=["bytes"],
        where="resource_type = ? AND resource_id = ?",
        params=[FILES, str(header["version_id"])],
    ).to_pylist()
    lines = text[0]["bytes"].decode().splitlines() if text else []
    return {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
