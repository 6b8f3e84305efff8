"""The samples and the words of a recording, stretch by stretch; a gap begins a new one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np

from vitruvian.ingest.errors import Malformed, Truncated
from vitruvian.ingest.library.edf.header import KIND, SAMPLE_BYTES, Header, Signal

STRETCH_SECONDS = 600
_BLOCK_BYTES = 8 << 20
_HALF_A_SAMPLE = 0.5
_MOST_ANNOTATIONS = 100_000


@dataclass(frozen=True)
class Piece:
    """Samples of one channel without a gap, at most ten minutes; ``first`` counts from 0."""

    channel: int
    first: int
    values: Any  # numpy.ndarray of int16, (samples,)


@dataclass(frozen=True)
class Annotation:
    """Words at a moment: seconds from the beginning; no duration where none is told."""

    onset: float
    duration: float | None
    text: str


@dataclass
class Channel:
    """One channel that holds samples, and what of it waits to be handed on."""

    number: int
    name: str
    signal: Signal
    first: int = 0
    waiting: list[Any] = field(default_factory=list)
    held: int = 0


class Recording:
    """A recording that is read once, from its beginning to its end."""

    def __init__(self, header: Header) -> None:
        self.header = header
        self.annotations: list[Annotation] = []
        self.channels = _channels(header)
        self.seconds = 0.0
        self.begun = 0.0  # parts of a second after the header's time; EDF+ tells them

    def pieces(self, stream: BinaryIO) -> Iterator[Piece]:
        """The stretches of every channel; annotations and length are known at the end.

        Raises
        ------
        Truncated, Malformed
            When samples are missing, or words are not written as EDF+ says.
        """
        stream.seek(self.header.byte_count)
        at_once = max(1, _BLOCK_BYTES // self.header.record_bytes)
        for first in range(0, self.header.records, at_once):
            count = min(at_once, self.header.records - first)
            yield from self._block(stream, first, count)
        for channel in self.channels:
            yield from _handed_on(channel)

    def _block(self, stream: BinaryIO, first: int, count: int) -> Iterator[Piece]:
        width = self.header.record_bytes
        data = stream.read(count * width)
        if len(data) < count * width:
            raise Truncated(KIND)
        table = np.frombuffer(data, "<i2").reshape(count, width // SAMPLE_BYTES)
        onsets = self._words(table, first)
        for start, end in _runs(onsets, self.header.seconds):
            for channel, column in _columns(self.header, self.channels):
                values = table[start:end, column : column + channel.signal.samples].reshape(-1)
                rate = self.header.rate(channel.signal)
                yield from _taken(channel, round(onsets[start] * rate), values, rate)
        self.seconds = max(self.seconds, max(onsets) + self.header.seconds)

    def _words(self, table: Any, first: int) -> list[float]:
        """When each record begins; annotations are put by on the way."""
        length = self.header.seconds
        onsets = [(first + n) * length for n in range(len(table))]
        at, timed = 0, False
        for signal in self.header.signals:
            if signal.is_annotations:
                for n, row in enumerate(table[:, at : at + signal.samples]):
                    begun = self._lists(row.astype("<i2").tobytes(), keeps_time=not timed)
                    if begun is not None and not self.header.continuous:
                        onsets[n] = begun
                    elif begun is not None and first + n == 0:
                        self.begun = begun
                timed = True
            at += signal.samples
        return onsets

    def _lists(self, data: bytes, *, keeps_time: bool) -> float | None:
        """One record's lists of annotations; the first of them only keeps time."""
        begun = None
        for number, part in enumerate(data.split(b"\x00")):
            if not part:
                continue
            onset, duration, texts = _list(part)
            if number == 0 and keeps_time:
                begun, texts = onset, texts[1:] if texts[:1] == [""] else texts
            for text in filter(None, texts):
                self.annotations.append(Annotation(onset, duration, text))
        if len(self.annotations) > _MOST_ANNOTATIONS:
            raise Malformed(KIND, f"more than {_MOST_ANNOTATIONS:,} annotations")
        return begun


def _channels(header: Header) -> list[Channel]:
    """Channels with samples; one label twice gets a number behind it."""
    found: list[Channel] = []
    seen: dict[str, int] = {}
    for signal in header.signals:
        if not signal.is_annotations:
            name = signal.label or "unnamed"
            seen[name] = seen.get(name, 0) + 1
            told = name if seen[name] == 1 else f"{name} ({seen[name]})"
            found.append(Channel(len(found), told, signal))
    return found


def _columns(header: Header, channels: list[Channel]) -> Iterator[tuple[Channel, int]]:
    column, rest = 0, iter(channels)
    for signal in header.signals:
        if not signal.is_annotations:
            yield next(rest), column
        column += signal.samples


def _runs(onsets: list[float], seconds: float) -> Iterator[tuple[int, int]]:
    """Records that follow one another without a gap."""
    start = 0
    for n in range(1, len(onsets) + 1):
        if n == len(onsets) or abs(onsets[n] - onsets[n - 1] - seconds) > seconds * 1e-6 + 1e-9:
            yield start, n
            start = n


def _taken(channel: Channel, first: int, values: Any, rate: float) -> Iterator[Piece]:
    """Add samples to a channel; a stretch that is full, or ends at a gap, is handed on."""
    size = max(1, round(STRETCH_SECONDS * rate))
    if channel.held and abs(first - channel.first - channel.held) > _HALF_A_SAMPLE:
        yield from _handed_on(channel)
    while len(values):
        if not channel.held:
            channel.first = first
        room = size - channel.held
        part, values = values[:room], values[room:]
        channel.waiting.append(part)
        channel.held += len(part)
        first += len(part)
        if channel.held == size:
            yield from _handed_on(channel)


def _handed_on(channel: Channel) -> Iterator[Piece]:
    if channel.held:
        yield Piece(channel.number, channel.first, np.concatenate(channel.waiting))
    channel.waiting, channel.held = [], 0


def _list(part: bytes) -> tuple[float, float | None, list[str]]:
    """One time-stamped annotation list: onset, duration, texts (EDF+ 2.2.2)."""
    when, *texts = part.split(b"\x14")
    onset, _, duration = when.partition(b"\x15")
    if onset[:1] not in {b"+", b"-"}:
        raise Malformed(KIND, "an annotation without a moment")
    try:
        told = [text.decode("utf-8", "replace") for text in texts[:-1]]
        return float(onset), float(duration) if duration else None, told
    except ValueError:
        raise Malformed(KIND, "an annotation whose moment is none") from None
