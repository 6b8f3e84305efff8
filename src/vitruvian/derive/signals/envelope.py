"""Channels over any length of time: samples when close, lowest and highest when far.

A line drawn through every hundredth sample shows waves that nobody had (aliasing) and hides
spikes that somebody had. So a long window comes as bins, each with the lowest and the highest
of all its samples.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from vitruvian.derive.signals.channels import COLUMNS, NoSuchChannel
from vitruvian.derive.signals.samples import Numbers, Row, binned, digital, physical, plain

if TYPE_CHECKING:
    from vitruvian.lake import Reader

_STEPS = (1, 2, 5)
SAMPLES_A_POINT = 4
"""Up to so many samples a pixel a line through them is drawn as it is; beyond, it is a band."""


@dataclass(frozen=True)
class Window:
    """One channel in a window.

    Parameters
    ----------
    channel, unit, rate_hz
        What is measured; samples a second.
    at_seconds
        Of the first value, from the recording's beginning.
    step_seconds
        From one value to the next.
    samples
        How many stand in one value: 1 for the samples themselves, more for lowest and highest.
    low, high
        In ``unit``; None where nothing was measured.
        Of single samples ``high`` is empty, since it would be ``low`` again.
    measured
        Of each value, how many of its samples were measured; empty where always all or none.
    """

    channel: str
    unit: str | None
    rate_hz: float
    at_seconds: float
    step_seconds: float
    samples: int
    low: list[float | None]
    high: list[float | None]
    measured: list[int]


@dataclass(frozen=True)
class Asked:
    """Which part of a recording is looked at, and in how many values at most.

    Parameters
    ----------
    at_seconds
        Where it begins, from the recording's beginning.
    seconds
        How long it is.
    points
        How many values fit: the width of the screen in pixels.
    """

    at_seconds: float
    seconds: float
    points: int


def read_windows(
    reader: Reader, person_id: int, recording_id: int, *, channels: Sequence[str], asked: Asked
) -> list[Window]:
    """Some channels of one recording in one window, in the order they were asked for.

    Raises
    ------
    NoSuchChannel
        When the person has no such recording, or it has no such channel.
    """
    names = ", ".join("?" for _ in channels)
    rows = reader.rows(
        "signal",
        subjects=reader.subjects_of(person_id),
        columns=COLUMNS,
        where=f"version_id = ? AND channel IN ({names})",
        params=[recording_id, *channels],
    ).to_pylist()
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["channel"], []).append(row)
    if not all(channel in grouped for channel in channels):
        raise NoSuchChannel
    return [_window(reader, grouped[channel], asked) for channel in channels]


def _window(reader: Reader, rows: Sequence[Row], asked: Asked) -> Window:
    rate = rows[0]["rate_hz"]
    held = max(row["first_sample"] + row["sample_count"] for row in rows)
    # A sample on either side, so that the line runs on to the edges of the screen.
    first = max(0, math.floor(asked.at_seconds * rate) - 1)
    end = min(held, math.ceil((asked.at_seconds + asked.seconds) * rate) + 2)
    size = _size(end - first, asked.points)
    first -= first % size
    count = max(0, math.ceil((end - first) / size))
    low, high, measured = _empty(count)
    for row, start, stop in _within(rows, first, min(held, first + count * size)):
        numbers = digital(row, reader, first=start, end=stop)
        if size == 1:
            low[start - first : stop - first] = physical(row, numbers)
        else:
            _take(row, numbers, (low, high, measured), (start, first, size))
    return Window(
        channel=rows[0]["channel"],
        unit=rows[0]["unit"],
        rate_hz=rate,
        at_seconds=first / rate,
        step_seconds=size / rate,
        samples=size,
        low=plain(low),
        high=[] if size == 1 else plain(high),
        measured=_partly(measured, size, held - first),
    )


def _size(samples: int, points: int) -> int:
    """Samples a bin: 1 while they fit, else 1, 2 or 5 times a power of ten.

    Round sizes keep the bins where they are while somebody pans, so that nothing flickers.
    """
    if samples <= SAMPLES_A_POINT * points:
        return 1
    least = samples / points
    power = int(10 ** math.floor(math.log10(least)))
    return next(
        (step * power for step in _STEPS if step * power >= least),
        10 * power,
    )


def _within(rows: Sequence[Row], first: int, end: int) -> Iterator[tuple[Row, int, int]]:
    """Stored stretches with what they hold of the window."""
    for row in rows:
        start = max(first, row["first_sample"])
        stop = min(end, row["first_sample"] + row["sample_count"])
        if start < stop:
            yield row, start, stop


def _empty(count: int) -> tuple[Numbers, Numbers, Numbers]:
    return np.full(count, np.nan), np.full(count, np.nan), np.zeros(count, np.int64)


def _take(
    row: Row,
    numbers: Numbers,
    into: tuple[Numbers, Numbers, Numbers],
    place: tuple[int, int, int],
) -> None:
    """Add the bins of one stretch; two stretches may share the bin where they meet."""
    start, first, size = place
    found = binned(row, numbers, first=start, size=size)
    at = found.first - first // size
    part = slice(at, at + len(found.low))
    low, high, measured = into
    low[part] = np.fmin(low[part], found.low)
    high[part] = np.fmax(high[part], found.high)
    measured[part] += found.measured


def _partly(measured: Numbers, size: int, samples: int) -> list[int]:
    """How many samples of each bin were measured; empty where each is whole or empty."""
    if size == 1 or not len(measured):
        return []
    room = np.full(len(measured), size)
    room[-1] = min(size, samples - (len(measured) - 1) * size)
    partly = (measured > 0) & (measured < room)
    told: list[int] = measured.tolist()
    return told if partly.any() else []
