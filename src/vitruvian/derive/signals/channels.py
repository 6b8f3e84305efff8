"""What was recorded of a person: recordings, their channels, and where the patient lay.

NotFound
`-- NoSuchChannel        no such recording or channel
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from vitruvian.base.errors import NotFound

if TYPE_CHECKING:
    from vitruvian.lake import Reader

COLUMNS = [
    "subject_id", "version_id", "site", "source_id", "known_at", "recording", "channel", "code",
    "unit", "rate_hz", "first_sample", "sample_count", "start_time", "gain", "baseline", "zero",
    "missing_value", "number_type", "blob_sha256", "byte_offset",
]  # fmt: skip
_LISTED = [name for name in COLUMNS if name not in {"blob_sha256", "byte_offset", "number_type"}]
SLOWEST_WAVE_HZ = 5.0
"""Slower channels are numerics: values of a monitor's display, one a minute to a few a second."""

Kind = Literal["waveform", "numeric"]
Row = Mapping[str, Any]


class NoSuchChannel(NotFound):
    """There is no such recording or channel."""

    def __init__(self) -> None:
        super().__init__(
            "There is no such recording or channel of this person at the moment asked about. "
            "Expected one that the list of recordings names."
        )


@dataclass(frozen=True)
class Channel:
    """One channel of one recording.

    Parameters
    ----------
    recording_id
        Which recording, as text (64 bits).
    channel, code, unit
        What is measured.
    kind
        A waveform, or numerics: what a monitor displays.
    rate_hz
        Samples a second.
    start
        When the recording begins; None when its source tells no time.
    seconds
        From the recording's beginning to the channel's last sample.
    measured_seconds
        Without gaps.
    """

    recording_id: str
    recording: str
    channel: str
    code: str
    unit: str | None
    kind: Kind
    rate_hz: float
    start: datetime | None
    seconds: float
    measured_seconds: float


@dataclass(frozen=True)
class Recording:
    """One recording with its channels.

    Parameters
    ----------
    start
        When it begins; None when its source tells no time.
    zone_assumed
        Its clock has no zone and the site declared none, so that UTC was taken.
    device
        As its source names it; None when it does not.
    event_id
        Its event on the timeline, whose birth can be asked for.
    """

    recording_id: str
    recording: str
    site: str
    source_id: str
    known_at: datetime
    start: datetime | None
    seconds: float
    zone_assumed: bool
    device: str | None
    event_id: str | None
    channels: list[Channel]


@dataclass(frozen=True)
class BedStay:
    """Where the patient lay meanwhile, as the encounters tell; ``end`` is None while open."""

    location: str
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True)
class Recordings:
    """Everything recorded of a person, the newest first, and the beds of that time."""

    recordings: list[Recording]
    stays: list[BedStay]


def channels_of(reader: Reader, person_id: int) -> list[Channel]:
    """What was recorded of a person, the newest recording first."""
    return _channels(_rows(reader, reader.subjects_of(person_id)))


def recordings_of(reader: Reader, person_id: int) -> Recordings:
    """What was recorded of a person by what, and in which bed, the newest recording first."""
    subjects = reader.subjects_of(person_id)
    rows = _rows(reader, subjects)
    grouped: dict[str, list[Channel]] = {}
    for channel in _channels(rows):
        grouped.setdefault(channel.recording_id, []).append(channel)
    told = _events(reader, subjects) if grouped else {}
    origins = {str(row["version_id"]): row for row in rows}
    found = [
        _recording(channels, origins[number], told.get(number, {}))
        for number, channels in grouped.items()
    ]
    return Recordings(found, _stays(reader, subjects, found))


def _rows(reader: Reader, subjects: Sequence[int]) -> list[Row]:
    rows: list[Row] = reader.rows("signal", subjects=subjects, columns=_LISTED).to_pylist()
    return rows


def _channels(rows: Iterable[Row]) -> list[Channel]:
    grouped: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        grouped.setdefault((row["version_id"], row["channel"]), []).append(row)
    found = [_channel(some) for some in grouped.values()]
    return sorted(found, key=lambda each: (each.start is not None, each.start), reverse=True)


def _channel(rows: Sequence[Row]) -> Channel:
    first = min(rows, key=lambda row: row["first_sample"])
    samples = max(row["first_sample"] + row["sample_count"] for row in rows)
    return Channel(
        recording_id=str(first["version_id"]),
        recording=first["recording"],
        channel=first["channel"],
        code=first["code"],
        unit=first["unit"],
        kind="waveform" if first["rate_hz"] >= SLOWEST_WAVE_HZ else "numeric",
        rate_hz=first["rate_hz"],
        start=beginning(first),
        seconds=samples / first["rate_hz"],
        measured_seconds=sum(row["sample_count"] for row in rows) / first["rate_hz"],
    )


def beginning(row: Row) -> datetime | None:
    """When the recording of a stretch begins."""
    if row["start_time"] is None:
        return None
    began: datetime = row["start_time"] - timedelta(seconds=row["first_sample"] / row["rate_hz"])
    return began


def _recording(channels: list[Channel], origin: Row, told: Row) -> Recording:
    starts = [each.start for each in channels if each.start is not None]
    return Recording(
        recording_id=channels[0].recording_id,
        recording=channels[0].recording,
        site=origin["site"],
        source_id=origin["source_id"],
        known_at=origin["known_at"],
        start=min(starts, default=None),
        seconds=max(each.seconds for each in channels),
        zone_assumed="assumed-zone" in (told.get("flags") or ()),
        device=told.get("device"),
        event_id=str(told["event_id"]) if told else None,
        channels=channels,
    )


def _events(reader: Reader, subjects: Sequence[int]) -> dict[str, Row]:
    """The event of each recording; minutes of channels carry a number, it does not."""
    rows = reader.rows(
        "event",
        subjects=subjects,
        columns=["event_id", "version_id", "device", "flags"],
        where="category = 'signal' AND numeric_value IS NULL",
    ).to_pylist()
    return {str(row["version_id"]): row for row in rows}


def _stays(
    reader: Reader, subjects: Sequence[int], recordings: Sequence[Recording]
) -> list[BedStay]:
    """Stays that overlap any recording, in their order."""
    spans = [
        (each.start, each.start + timedelta(seconds=each.seconds))
        for each in recordings
        if each.start is not None
    ]
    if not spans:
        return []
    rows = reader.rows(
        "location_stay",
        subjects=subjects,
        columns=["location_text", "location_ref", "start_time", "end_time"],
        where="start_time IS NOT NULL AND coalesce(status, '') != 'planned'",
    ).to_pylist()
    found = [
        BedStay(row["location_text"] or row["location_ref"], row["start_time"], row["end_time"])
        for row in rows
        if (row["location_text"] or row["location_ref"])
        and any(_overlaps(row, start, end) for start, end in spans)
    ]
    return sorted(found, key=lambda each: (str(each.start), each.location))


def _overlaps(stay: Row, start: datetime, end: datetime) -> bool:
    began, ended = stay["start_time"], stay["end_time"]
    return began < end and (ended is None or ended > start)
