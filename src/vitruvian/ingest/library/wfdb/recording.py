"""A recording put together: each channel as pieces of samples with their places."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from vitruvian.ingest.errors import Malformed
from vitruvian.ingest.library.wfdb.header import KIND, RecordHeader, Signal, read_record
from vitruvian.ingest.library.wfdb.samples import MISSING, channels

STRETCH_SECONDS = 600
Fetch = Callable[[str], bytes]
"""The bytes of a file that stands beside the header."""


@dataclass(frozen=True)
class Piece:
    """Samples of one channel without a gap, at most ten minutes."""

    signal: Signal
    first: int
    values: Any  # numpy.ndarray of int64, (samples,)
    file_sha256: str

    @property
    def missing(self) -> int | None:
        """The digital value that says there is none."""
        return MISSING.get(self.signal.format)

    @property
    def physical(self) -> Any:
        """Values in the channel's unit, nan where there is none: numpy.ndarray of float64."""
        numbers = (self.values - self.signal.baseline) / self.signal.gain
        numbers[self.values == self.missing] = float("nan")
        return numbers


@dataclass
class Channel:
    """One channel of a recording; ``rate`` in samples a second."""

    name: str
    unit: str
    rate: float
    pieces: list[Piece] = field(default_factory=list)


@dataclass
class Recording:
    """What a header and its files give."""

    header: RecordHeader
    channels: dict[str, Channel] = field(default_factory=dict)
    frames: int = 0
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.frames / self.header.rate


def read_recording(data: bytes, fetch: Fetch) -> Recording:
    """A recording from its header and the files beside it.

    Parameters
    ----------
    data
        The header.
    fetch
        Gives a file that stands beside it, by its name.

    Raises
    ------
    SourceBroken
        When a file is absent, cut short, or none of its kind.
    """
    header = read_record(data)
    recording = Recording(header)
    if header.segments:
        _take_segments(recording, fetch)
    else:
        recording.frames = _take_signals(recording, header, 0, fetch)
    return recording


def _take_segments(recording: Recording, fetch: Fetch) -> None:
    """Segments one after another; a layout has no samples, a gap has no header."""
    for segment in recording.header.segments:
        if segment.name is not None:
            data = fetch(f"{segment.name}.hea")
            recording.parts[f"{segment.name}.hea"] = hashlib.sha256(data).hexdigest()
            header = read_record(data)
            if header.segments:
                raise Malformed(KIND, "segments within segments")
            if segment.samples:
                _take_signals(recording, header, recording.frames, fetch, segment.samples)
        recording.frames += segment.samples


def _take_signals(
    recording: Recording,
    header: RecordHeader,
    start: int,
    fetch: Fetch,
    frames: int | None = None,
) -> int:
    """The channels of one header, from a frame on; how many frames there are."""
    wanted, longest = header.samples or frames, 0
    for file, signals in _by_file(header):
        if file == "~" or signals[0].format == "0":
            continue
        data = fetch(file)
        sha256 = hashlib.sha256(data).hexdigest()
        recording.parts[file] = sha256
        for signal, values in zip(signals, channels(data, signals, wanted), strict=True):
            longest = max(longest, len(values) // signal.frame)
            _add(recording, signal, (start, values, sha256))
    return wanted or longest


def _by_file(header: RecordHeader) -> Iterator[tuple[str, list[Signal]]]:
    files: dict[str, list[Signal]] = {}
    for signal in header.signals:
        files.setdefault(signal.file, []).append(signal)
    yield from files.items()


def _add(recording: Recording, signal: Signal, found: tuple[int, Any, str]) -> None:
    start, values, sha256 = found
    rate = recording.header.rate * signal.frame
    name = signal.name
    if (known := recording.channels.get(name)) is not None and known.unit != signal.unit:
        name = f"{name} ({signal.unit})"
    channel = recording.channels.setdefault(name, Channel(name, signal.unit, rate))
    size = max(1, round(STRETCH_SECONDS * rate))
    for at in range(0, len(values), size):
        first = start * signal.frame + at
        channel.pieces.append(Piece(signal, first, values[at : at + size], sha256))
