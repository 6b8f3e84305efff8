"""Any stretch of any channel sample by sample, from the blobs that hold it and no others."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from vitruvian.derive.signals.channels import COLUMNS, NoSuchChannel, beginning
from vitruvian.derive.signals.samples import Row, digital, physical, plain

if TYPE_CHECKING:
    from vitruvian.lake import Reader


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
        columns=COLUMNS,
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
    began = beginning(min(rows, key=lambda row: row["first_sample"]))
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
    numbers = physical(row, digital(row, reader, first=start, end=end))
    values[start - first : end - first] = plain(numbers)
