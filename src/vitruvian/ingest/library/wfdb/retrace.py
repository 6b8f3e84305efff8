"""A recording's events told again from its header and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from vitruvian.ingest.engine.signals.origin import origin_then
from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.wfdb.marks.reading import read_marks
from vitruvian.ingest.library.wfdb.marks.rows import ANNOTATIONS, Marked, marked_events
from vitruvian.ingest.library.wfdb.recording import read_recording
from vitruvian.ingest.library.wfdb.rows import AHEAD, RECORD, Told, events, files_of
from vitruvian.record import table_named


def retrace_event(reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
    """The recording's header, or its annotations, and the events that they give today."""
    record = _stored(reader, event["version_id"])
    if record is None:
        raise NotTraceable(event["event_id"], "the recording it was read from is not stored")
    if record["resource_type"] == RECORD:
        told = _told(reader, record, record)
        fresh = list(events(told))
    else:
        version, _, annotator = record["resource_id"].partition(".")
        header = _stored(reader, int(version))
        if header is None:
            raise NotTraceable(event["event_id"], "the recording it is about is not stored")
        told = _told(reader, header, record)
        marks = read_marks(record["bytes"])
        fresh = list(marked_events(Marked(told, marks, annotator, record["content_hash"])))
    return record, pa.Table.from_pylist(fresh, schema=table_named("event").schema)


def _stored(reader: Any, version_id: int) -> Mapping[str, Any] | None:
    """A header or a file of annotations, as it was stored."""
    found = reader.history("resource", where="version_id = ?", params=[version_id]).to_pylist()
    kinds = (RECORD, ANNOTATIONS)
    return next((row for row in found if row["resource_type"] in kinds), None)


def _told(reader: Any, header: Mapping[str, Any], record: Mapping[str, Any]) -> Told:
    """A recording put together again, with the origin of the file that tells of it."""
    files = files_of(reader, header["version_id"])
    recording = read_recording(header["bytes"], lambda name: reader.blob(files[name]))
    origin = replace(
        origin_then(reader, record),
        sha256=header["content_hash"],
        clock_ahead_seconds=float(files.get(AHEAD, 0)),
    )
    return Told(recording, origin)
