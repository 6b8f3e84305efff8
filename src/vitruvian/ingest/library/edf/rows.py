"""Rows of every table that a recording gives."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.signals.channels import ChannelWords
from vitruvian.ingest.engine.signals.events import Shown, event_row, minute_row
from vitruvian.ingest.engine.signals.minutes import MINUTE, Minutes
from vitruvian.ingest.engine.signals.origin import Origin, Row, Store
from vitruvian.ingest.library.edf.header import Header, start_of
from vitruvian.ingest.library.edf.mapping import WORDS
from vitruvian.ingest.library.edf.patient import Patient, patient_of
from vitruvian.ingest.library.edf.recording import Annotation, Piece, Recording

RECORD, CLOCK = "EDF/Recording", "EDF/Clock"
LABEL = "EDF patient"
_PLACE = "record 0"


@dataclass
class Told:
    """A recording with its place in the lake, and what was read of its samples so far."""

    header: Header
    origin: Origin
    recording: Recording = field(init=False)
    minutes: Minutes = field(default_factory=Minutes)
    stretches: list[Row] = field(default_factory=list)
    words: ChannelWords = WORDS

    def __post_init__(self) -> None:
        self.recording = Recording(self.header)
        self.patient: Patient = patient_of(self.header)
        self.start = start_of(self.header, self.origin.zone)
        self.version_id = stable_id(self.origin.site, RECORD, self.origin.sha256)

    def correct_clock(self, ahead_seconds: float) -> None:
        """Take off what the device's clock was before the hospital's, once."""
        self.origin = replace(self.origin, clock_ahead_seconds=ahead_seconds)
        if self.start is not None:
            self.start -= timedelta(seconds=ahead_seconds)

    @property
    def names(self) -> tuple[str, ...]:
        """What a sheet of clocks may call it by."""
        return tuple(filter(None, (self.header.investigation, self.origin.source_id)))

    @property
    def key(self) -> str:
        """By what the patient is known here: the code in the header, else this file."""
        return self.patient.code or f"file {self.origin.source_id}"

    @property
    def subject_id(self) -> int:
        """The source identity that the header names."""
        return stable_id(self.origin.site, "EDF/Patient", self.key)

    @property
    def time_as_sent(self) -> str:
        """The clock of its header."""
        return f"{self.header.day} {self.header.time}"

    @property
    def lineage(self) -> Row:
        """Columns that every row has; what a device shows is seen at once."""
        received = self.origin.received_at
        return {
            "subject_id": self.subject_id,
            "version_id": self.version_id,
            "site": self.origin.site,
            "source_id": self.origin.source_id,
            "locator": _PLACE,
            "known_at": min(self.at(self.recording.seconds) or received, received),
            "known_at_basis": "assumed",
        }

    def at(self, seconds: float) -> datetime | None:
        """A moment of the recording, by its samples."""
        return self.since_header(seconds + self.recording.begun)

    def since_header(self, seconds: float) -> datetime | None:
        """A moment after that of the header, as annotations are told."""
        return None if self.start is None else self.start + timedelta(seconds=seconds)


def read_samples(told: Told, stream: BinaryIO, store: Store) -> None:
    """Store the samples, and keep what is said of each stretch and each minute."""
    told.stretches = [_stretch(told, piece, store) for piece in _read(told, stream)]


def recording_rows(told: Told, head: bytes) -> Iterator[tuple[str, Row]]:
    """The stretches that were read, then the record, its clock, its patient and its events."""
    for stretch in told.stretches:
        first, count, rate = (stretch[name] for name in ("first_sample", "sample_count", "rate_hz"))
        times = {"start_time": told.at(first / rate), "end_time": told.at((first + count) / rate)}
        yield "signal", told.lineage | stretch | times
    yield "resource", _record(told, RECORD, told.origin.sha256, head)
    if ahead := told.origin.clock_ahead_seconds:
        yield "resource", _record(told, CLOCK, str(told.version_id), repr(ahead).encode())
    who = told.patient
    yield "patient", {
        **told.lineage, "family": who.name, "birth_date": who.birth_date, "sex": who.sex,
        "identifiers": [{"system": None, "value": told.key, "label": LABEL}],
        "search_text": terms.fold(" ".join(filter(None, (who.name, told.key)))),
    }  # fmt: skip
    for event in _events(told):
        yield "event", event


def _record(told: Told, kind: str, name: str, data: bytes) -> Row:
    own = {} if kind == RECORD else {"version_id": stable_id(kind, name)}
    sha256 = told.origin.sha256 if kind == RECORD else hashlib.sha256(data).hexdigest()
    return {
        **told.lineage, **own, "record": 0, "resource_type": kind, "resource_id": name,
        "content_hash": sha256, "deleted": False, "bytes": data,
    }  # fmt: skip


def clock_then(reader: Any, version_id: int) -> float:
    """How far the clock of a stored recording was ahead, as its times were taken when it came."""
    said = reader.rows(
        "resource",
        columns=["bytes"],
        where="resource_type = ? AND resource_id = ?",
        params=[CLOCK, str(version_id)],
    ).to_pylist()
    return float(said[0]["bytes"]) if said else 0.0


def events_again(told: Told, stream: BinaryIO) -> Iterator[Row]:
    """The events that a stored file gives today."""
    for _ in _read(told, stream):
        pass
    yield from _events(told)


def _read(told: Told, stream: BinaryIO) -> Iterator[Piece]:
    """The pieces of a recording; each is added to its minutes on the way."""
    for piece in told.recording.pieces(stream):
        channel = told.recording.channels[piece.channel]
        values = (piece.values - channel.signal.zero) / channel.signal.gain
        rate = told.header.rate(channel.signal)
        told.minutes.take(piece.channel, values, first=piece.first, rate=rate)
        yield piece


def _stretch(told: Told, piece: Piece, store: Store) -> Row:
    channel = told.recording.channels[piece.channel]
    signal, rate = channel.signal, told.header.rate(channel.signal)
    return {
        "signal_id": stable_id(str(told.version_id), channel.name, str(piece.first)),
        "recording": told.origin.source_id,
        "channel": channel.name,
        "code": WORDS.code_of(channel.name, signal.unit),
        "unit": WORDS.ucum(signal.unit) or None,
        "rate_hz": rate,
        "first_sample": piece.first,
        "sample_count": len(piece.values),
        "gain": signal.gain,
        "baseline": round(signal.zero),
        "zero": signal.zero,
        "missing_value": None,
        "number_type": "int16",
        "blob_sha256": store(piece.values.astype("<i2").tobytes()),
        "byte_offset": 0,
        "file_sha256": told.origin.sha256,
    }


# ------------------------------------------------------------------ events


def _events(told: Told) -> Iterator[Row]:
    """One event for the recording; a value a minute for each channel; each annotation."""
    seconds = told.recording.seconds
    yield event_row(told, "/0", {
        "code": "EDF//recording", "code_text": "Recording of signals", "text_value": _words(told),
        "time": told.at(0), "end_time": told.at(seconds),
    })  # fmt: skip
    for number, each in enumerate(told.recording.annotations):
        yield event_row(told, f"/annotation/{number}", _annotation(told, each))
    if told.start is not None:
        for number, at, minute in told.minutes:
            channel = told.recording.channels[number]
            rate = told.header.rate(channel.signal)
            shown = Shown(channel.name, channel.signal.unit, rate)
            yield minute_row(told, (number, at), shown, minute)


def _words(told: Told) -> str:
    names = [each.name for each in told.recording.channels]
    span = f"{told.recording.seconds / MINUTE:.1f} minutes"
    return f"{len(names)} channels ({', '.join(names)}), {span}"


def _annotation(told: Told, each: Annotation) -> Row:
    end = None if not each.duration else told.since_header(each.onset + each.duration)
    return {
        "code": "EDF//annotation", "code_text": "Annotation", "text_value": each.text,
        "time": told.since_header(each.onset), "end_time": end,
    }  # fmt: skip
