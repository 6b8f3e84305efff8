"""Rows of every table that a recording gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.signals.channels import ChannelWords
from vitruvian.ingest.engine.signals.events import Shown, event_row, minute_row
from vitruvian.ingest.engine.signals.minutes import MINUTE, Minutes
from vitruvian.ingest.engine.signals.origin import Origin, Row, Store
from vitruvian.ingest.library.wfdb.header import start_of
from vitruvian.ingest.library.wfdb.mapping import WORDS
from vitruvian.ingest.library.wfdb.recording import Channel, Piece, Recording

RECORD = "WFDB/Record"
FILES = "WFDB/Files"
# Beside the names of files, which hold no colon: how far the clock was ahead.
AHEAD = "clock:ahead-seconds"
LABEL = "WFDB record"
_PLACE = "record 0"


@dataclass(frozen=True)
class Told:
    """A recording with its place in the lake."""

    recording: Recording
    origin: Origin
    words: ChannelWords = WORDS

    @property
    def version_id(self) -> int:
        """Of the header with the files it names."""
        parts = (f"{name} {sha}" for name, sha in sorted(self.recording.parts.items()))
        return stable_id(self.origin.site, RECORD, self.origin.sha256, *parts)

    @property
    def subject_id(self) -> int:
        """Its own subject: who it is about is told by a sheet, by a link."""
        return stable_id(self.origin.site, LABEL, str(self.version_id))

    @property
    def start(self) -> datetime | None:
        """When its first sample was taken, by the hospital's clock."""
        shown = start_of(self.recording.header, self.origin.zone)
        ahead = timedelta(seconds=self.origin.clock_ahead_seconds)
        return None if shown is None else shown - ahead

    @property
    def end(self) -> datetime | None:
        """When it ends, exclusive."""
        return self.at(self.recording.seconds)

    @property
    def time_as_sent(self) -> str | None:
        """The clock of its header."""
        header = self.recording.header
        return " ".join(filter(None, (header.time, header.date))) or None

    def at(self, seconds: float) -> datetime | None:
        """A moment of the recording, by its samples."""
        return None if self.start is None else self.start + timedelta(seconds=seconds)

    @property
    def lineage(self) -> Row:
        """Columns that every row has; what a monitor shows is seen at once."""
        return {
            "subject_id": self.subject_id,
            "version_id": self.version_id,
            "site": self.origin.site,
            "source_id": self.origin.source_id,
            "locator": _PLACE,
            "known_at": min(self.end or self.origin.received_at, self.origin.received_at),
            "known_at_basis": "assumed",
        }


def recording_rows(told: Told, header: bytes, store: Store) -> Iterator[tuple[str, Row]]:
    """The record, a patient to be found by, the stretches, and the events."""
    name = told.recording.header.name
    yield "resource", {
        **told.lineage, "record": 0, "resource_type": RECORD, "resource_id": name,
        "content_hash": told.origin.sha256, "deleted": False, "bytes": header,
    }  # fmt: skip
    lines = sorted(told.recording.parts.items())
    if told.origin.clock_ahead_seconds:
        lines.append((AHEAD, repr(told.origin.clock_ahead_seconds)))
    named = "".join(f"{said}  {name}\n" for name, said in lines)
    yield "resource", {
        **told.lineage, "version_id": stable_id(FILES, str(told.version_id)), "record": 0,
        "resource_type": FILES, "resource_id": str(told.version_id),
        "content_hash": hashlib.sha256(named.encode()).hexdigest(), "deleted": False,
        "bytes": named.encode(),
    }  # fmt: skip
    yield (
        "patient",
        {
            **told.lineage,
            "identifiers": [{"system": None, "value": name, "label": LABEL}],
            "search_text": terms.fold(name),
        },
    )
    for channel in told.recording.channels.values():
        for piece in channel.pieces:
            if len(piece.values):
                yield "signal", _stretch(told, channel, piece, store)
    for event in events(told):
        yield "event", event


def files_of(reader: Any, version_id: int) -> dict[str, str]:
    """Hashes of the files of a stored recording by their names, and what its clock was off by."""
    text = reader.rows(
        "resource",
        columns=["bytes"],
        where="resource_type = ? AND resource_id = ?",
        params=[FILES, str(version_id)],
    ).to_pylist()
    lines = text[0]["bytes"].decode().splitlines() if text else []
    return {name: said for said, _, name in (line.partition("  ") for line in lines)}


def _stretch(told: Told, channel: Channel, piece: Piece, store: Store) -> Row:
    small = np.abs(piece.values).max(initial=0) < 1 << 15
    kind = "int16" if small else "int32"
    start = told.at(piece.first / channel.rate)
    return {
        **told.lineage,
        "signal_id": stable_id(str(told.version_id), channel.name, str(piece.first)),
        "recording": told.recording.header.name,
        "channel": channel.name,
        "code": WORDS.code_of(channel.name, channel.unit),
        "unit": WORDS.ucum(channel.unit),
        "rate_hz": channel.rate,
        "first_sample": piece.first,
        "sample_count": len(piece.values),
        "start_time": start,
        "end_time": start and start + timedelta(seconds=len(piece.values) / channel.rate),
        "gain": piece.signal.gain,
        "baseline": piece.signal.baseline,
        "missing_value": piece.missing,
        "number_type": kind,
        "blob_sha256": store(piece.values.astype("<i2" if small else "<i4").tobytes()),
        "byte_offset": 0,
        "file_sha256": piece.file_sha256,
    }


def events(told: Told) -> Iterator[Row]:
    """One event for the recording; a value a minute for each channel where time is told."""
    yield event_row(told, "/0", {
        "code": "WFDB//recording",
        "code_text": "Recording of signals",
        "text_value": _words(told.recording),
        "time": told.start,
        "end_time": told.end,
    })  # fmt: skip
    if told.start is not None:
        channels = list(told.recording.channels.values())
        for number, at, minute in _minutes(channels):
            shown = Shown(channels[number].name, channels[number].unit, channels[number].rate)
            yield minute_row(told, (number, at), shown, minute)


def _words(recording: Recording) -> str:
    names = ", ".join(recording.channels)
    span = f"{recording.seconds / MINUTE:.1f} minutes"
    return f"{len(recording.channels)} channels ({names}), {span}, {recording.header.rate:g} Hz"


def _minutes(channels: Iterable[Channel]) -> Minutes:
    """What was measured in each minute of the clock of the recording."""
    minutes = Minutes()
    for number, channel in enumerate(channels):
        for piece in channel.pieces:
            minutes.take(number, piece.physical, first=piece.first, rate=channel.rate)
    return minutes
