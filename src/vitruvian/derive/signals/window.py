"""Any stretch of any channel, from the blobs that hold it and no others.

NotFound
`-- NoSuchChannel        no such recording or channel
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from vitruvian.base.errors import NotFound

if TYPE_CHECKING:
    from vitruvian.lake import Reader

_CODES = {"int16": "h", "int32": "i"}
_COLUMNS = [
    "subject_id", "version_id", "recording", "channel", "code", "unit", "rate_hz",
    "first_sample", "sample_count", "start_time", "gain", "baseline", "zero",
    "missing_value", "number_type", "blob_sha256", "byte_offset",
]  # fmt: skip

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
    rate_hz: float
    start: datetime | None
    seconds: float
    measured_seconds: float


@dataclass(frozen=True)
class Stretch:
    """Samples of one channel.

    Parameters
    ----------
    at_seconds
        Of the first value, from the recording's beginning.
    start
        The same as an instant; None when the source tells no time.
    values
        In ``unit``, one every 1 / ``rate_hz`` seconds; None where nothing was measured.
    """

    recording_id: str
    channel: str
    unit: str | None
    rate_hz: float
    at_seconds: float
    start: datetime | None
    values: list[float | None]


def channels_of(reader: Reader, person_id: int) -> list[Channel]:
    """What was recorded of a person, the newest recording first."""
    rows = reader.rows("signal", subjects=reader.subjects_of(person_id), columns=_COLUMNS)
    grouped: dict[tuple[int, str], list[Row]] = {}
    for row in rows.to_pylist():
        grouped.setdefault((row["version_id"], row["channel"]), []).append(row)
    found = [_channel(some) for some in grouped.values()]
    return sorted(found, key=lambda each: (each.start is None, each.start), reverse=True)


def _channel(rows: Sequence[Row]) -> Channel:
    first = min(rows, key=lambda row: row["first_sample"])
    samples = max(row["first_sample"] + row["sample_count"] for row in rows)
    return Channel(
        recording_id=str(first["version_id"]),
        recording=first["recording"],
        channel=first["channel"],
        code=first["code"],
        unit=first["unit"],
        rate_hz=first["rate_hz"],
        start=_beginning(first),
        seconds=samples / first["rate_hz"],
        measured_seconds=sum(row["sample_count"] for row in rows) / first["rate_hz"],
    )


def _beginning(row: Row) -> datetime | None:
    if row["start_time"] is None:
        return None
    began: datetime = row["start_time"] - timedelta(seconds=row["first_sample"] / row["rate_hz"])
    return began


def read_stretch(  # noqa: PLR0913  who, which recording and channel, from where, how long
    reader: Reader,
    person_id: int,
    recording_id: int,
    *,
    channel: str,
    at_seconds: float,
    seconds: float,
) -> Stretch:
    """A stretch of one channel.

    Parameters
    ----------
    reader
        The door.
    person_id, recording_id, channel
        As `channels_of` names them.
    at_seconds
        Where it begins, from the recording's beginning.
    seconds
        How long it is.

    Raises
    ------
    NoSuchChannel
        When there is none.
    """
    rows = reader.rows(
        "signal",
        subjects=reader.subjects_of(person_id),
        columns=_COLUMNS,
        where="version_id = ? AND channel = ?",
        params=[recording_id, channel],
    ).to_pylist()
    if not rows:
        raise NoSuchChannel
    rate = rows[0]["rate_hz"]
    first = max(0, round(at_seconds * rate))
    end = min(
        first + max(1, round(seconds * rate)),
        max(row["first_sample"] + row["sample_count"] for row in rows),
    )
    values: list[float | None] = [None] * max(0, end - first)
    for row in rows:
        _fill(values, row, first, reader)
    began = _beginning(min(rows, key=lambda row: row["first_sample"]))
    return Stretch(
        recording_id=str(recording_id),
        channel=channel,
        unit=rows[0]["unit"],
        rate_hz=rate,
        at_seconds=first / rate,
        start=None if began is None else began + timedelta(seconds=first / rate),
        values=values,
    )


def _fill(values: list[float | None], row: Row, first: int, reader: Reader) -> None:
    """Put what one stored stretch holds where it belongs; a gap stays None."""
    start = max(first, row["first_sample"])
    end = min(first + len(values), row["first_sample"] + row["sample_count"])
    if start >= end:
        return
    numbers = array(_CODES[row["number_type"]])
    offset = row["byte_offset"] + (start - row["first_sample"]) * numbers.itemsize
    data = reader.blob(row["blob_sha256"])
    numbers.frombytes(data[offset : offset + (end - start) * numbers.itemsize])
    if sys.byteorder == "big":
        numbers.byteswap()
    gain, missing = row["gain"], row["missing_value"]
    zero = row["baseline"] if row["zero"] is None else row["zero"]
    values[start - first : end - first] = [
        None if number == missing else (number - zero) / gain for number in numbers
    ]
