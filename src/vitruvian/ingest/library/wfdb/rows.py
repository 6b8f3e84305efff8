"""Rows of every table that a recording gives."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.wfdb.header import start_of
from vitruvian.ingest.library.wfdb.mapping import code_of, derivation, ucum
from vitruvian.ingest.library.wfdb.recording import Channel, Piece, Recording

RECORD = "WFDB/Record"
FILES = "WFDB/Files"
LABEL = "WFDB record"
_MINUTE = 60
_PLACE = "record 0"

Row = dict[str, Any]
Store = Callable[[bytes], str]
"""Stores bytes as a blob and gives its hash."""


@dataclass(frozen=True)
class Origin:
    """Where a header came from, and which zone its clock is in."""

    site: str
    source_id: str
    sha256: str
    zone: str
    zone_declared: bool
    received_at: datetime


@dataclass(frozen=True)
class Told:
    """A recording with its place in the lake."""

    recording: Recording
    origin: Origin

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
        """When its first sample was taken."""
        return start_of(self.recording.header, self.origin.zone)

    @property
    def end(self) -> datetime | None:
        """When it ends, exclusive."""
        seconds = timedelta(seconds=self.recording.seconds)
        return None if self.start is None else self.start + seconds

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
    named = "".join(f"{sha}  {file}\n" for file, sha in sorted(told.recording.parts.items()))
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


def _stretch(told: Told, channel: Channel, piece: Piece, store: Store) -> Row:
    small = np.abs(piece.values).max(initial=0) < 1 << 15
    kind = "int16" if small else "int32"
    start = _at(told, piece.first / channel.rate)
    return {
        **told.lineage,
        "signal_id": stable_id(str(told.version_id), channel.name, str(piece.first)),
        "recording": told.recording.header.name,
        "channel": channel.name,
        "code": code_of(channel.name, channel.unit),
        "unit": ucum(channel.unit),
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


def _at(told: Told, seconds: float) -> datetime | None:
    return None if told.start is None else told.start + timedelta(seconds=seconds)


def events(told: Told) -> Iterator[Row]:
    """One event for the recording; a value a minute for each channel where time is told."""
    yield _event(told, "/0", {
        "code": "WFDB//recording",
        "code_text": "Recording of signals",
        "text_value": _words(told.recording),
        "time": told.start,
        "end_time": told.end,
    })  # fmt: skip
    if told.start is not None:
        for number, channel in enumerate(told.recording.channels.values()):
            yield from _minutes(told, number, channel)


def _words(recording: Recording) -> str:
    names = ", ".join(recording.channels)
    span = f"{recording.seconds / _MINUTE:.1f} minutes"
    return f"{len(recording.channels)} channels ({names}), {span}, {recording.header.rate:g} Hz"


def _minutes(told: Told, number: int, channel: Channel) -> Iterator[Row]:
    """Mean of what was measured in each minute of the clock of the recording."""
    sums: dict[int, list[Any]] = {}
    for piece in channel.pieces:
        values = piece.physical
        minute = ((piece.first + np.arange(len(values))) / channel.rate // _MINUTE).astype(np.int64)
        for each in np.unique(minute):
            sums.setdefault(int(each), []).append(values[minute == each])
    for at, parts in sorted(sums.items()):
        together = np.concatenate(parts)
        measured = together[~np.isnan(together)]
        if len(measured):
            yield _rollup(told, (number, at), channel, measured)


def _rollup(told: Told, place: tuple[int, int], channel: Channel, measured: Any) -> Row:
    number, minute = place
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mean, low, high = (
            float(each) for each in (measured.mean(), measured.min(), measured.max())
        )
    numeric = channel.rate * _MINUTE <= 1.5  # noqa: PLR2004  about one value a minute: the value itself
    return _event(told, f"/{number + 1}/{minute}", {
        "code": code_of(channel.name, channel.unit),
        "code_text": channel.name if numeric else f"{channel.name}, mean of a minute",
        "numeric_value": round(mean, 6),
        "value_as_sent": f"{mean:.6g}",
        "unit_as_sent": channel.unit,
        "unit": ucum(channel.unit),
        "text_value": None if numeric else f"{low:.4g} to {high:.4g}",
        "time": _at(told, minute * _MINUTE),
        "end_time": None if numeric else _at(told, (minute + 1) * _MINUTE),
        "method": None if numeric else f"mean of {len(measured)} samples",
    })  # fmt: skip


def _event(told: Told, pointer: str, what: Row) -> Row:
    number = derivation()[0]
    at = what["time"]
    seen = what.get("end_time") or at or told.origin.received_at
    flags = [] if told.origin.zone_declared or at is None else ["assumed-zone"]
    header = told.recording.header
    return {
        **told.lineage,
        "event_id": stable_id(str(told.version_id), pointer, str(number), "0"),
        "derivation_id": number,
        "category": "signal",
        "modality": "signal",
        "act": "observed",
        "status": "preliminary" if "numeric_value" in what else "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "time_as_sent": " ".join(filter(None, (header.time, header.date))) or None,
        "fact_key": stable_id("WFDB", str(told.version_id), pointer),
        "flags": flags,
        **what,
        "known_at": min(seen, told.origin.received_at),
    }
