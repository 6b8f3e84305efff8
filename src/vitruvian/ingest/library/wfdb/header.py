"""The header of a WFDB record, line by line.

References
----------
WFDB Applications Guide, header(5): "header file format".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from vitruvian.ingest.errors import Malformed, Truncated
from vitruvian.ingest.library.wfdb.flac import FLAC

KIND = "WFDB header"
FORMATS = frozenset({"8", "16", "24", "32", "61", "80", "160", "212", "310", "311", *FLAC})
_LISTED = FORMATS | {"0"}
_DEFAULT_RATE, _DEFAULT_GAIN = 250.0, 200.0
_MOST_SIGNALS = 1_000
_NUMBERS = 6
# one sample in four months to a million a second; thirty years
_LEAST_RATE, _MOST_RATE, _MOST_SECONDS = 1e-7, 1e6, 1e9
_MOST_STEPS = 1 << 40
_GAP = "~"

_RECORD = re.compile(
    r"(?P<name>[\w-]+)(?:/(?P<segments>\d+))? +(?P<signals>\d{1,4})"
    r"(?: +(?P<rate>[\d.eE+-]+)(?:/[\d.eE+-]+(?:\([\d.eE+-]+\))?)?(?: +(?P<samples>\d+)"
    r"(?: +(?P<time>[\d:.]+)(?: +(?P<date>\d\d?/\d\d?/\d{4}))?)?)?)? *"
)
_SIGNAL = re.compile(
    r"(?P<file>[\w.~-]+) +(?P<format>\d+)(?:x(?P<frame>\d+))?(?::(?P<skew>\d+))?"
    r"(?:\+(?P<offset>\d+))?(?: +(?P<rest>.*))?"
)
_GAIN = re.compile(r"(?P<gain>[\d.eE+-]+)(?:\((?P<baseline>-?\d+)\))?(?:/(?P<unit>\S+))?")
_SEGMENT = re.compile(r"(?P<name>[\w-]+|~) +(?P<samples>\d+) *")


@dataclass(frozen=True)
class Signal:
    """One channel as its header describes it."""

    file: str
    format: str
    frame: int
    skew: int
    offset: int
    gain: float
    baseline: int
    unit: str
    first: int
    name: str


@dataclass(frozen=True)
class Segment:
    """One part of a record of several; ``name`` is None for a gap."""

    name: str | None
    samples: int


@dataclass(frozen=True)
class RecordHeader:
    """A record: its clock, and its channels or its segments."""

    name: str
    rate: float
    samples: int | None
    time: str | None
    date: str | None
    signals: tuple[Signal, ...]
    segments: tuple[Segment, ...]


def is_header(head: bytes) -> bool:
    """Whether bytes begin like a WFDB header; never by name."""
    if b"\t" in head or b"\0" in head:
        return False
    lines = _lines(head.decode("latin-1"))
    record = _RECORD.fullmatch(lines[0]) if lines else None
    if record is None or int(record["signals"]) > _MOST_SIGNALS or record["rate"] is None:
        return False
    if len(lines) == 1:
        return record["samples"] is not None
    if record["segments"]:
        return _SEGMENT.fullmatch(lines[1]) is not None
    signal = _SIGNAL.fullmatch(lines[1])
    return signal is not None and signal["format"] in _LISTED


def _lines(text: str) -> list[str]:
    stripped = (line.strip(" \r") for line in text.split("\n"))
    return [line for line in stripped if line and not line.startswith("#")]


def read_record(data: bytes) -> RecordHeader:
    """A header's record line and what follows it.

    Raises
    ------
    Truncated
        When fewer lines follow than the first one tells, or the last one has no end.
    Malformed
        When a line is none of its kind.
    """
    if not data.endswith((b"\n", b"\r")):
        raise Truncated(KIND)
    lines = _lines(data.decode("latin-1"))
    said = _RECORD.fullmatch(lines[0]) if lines else None
    if said is None:
        raise Malformed(KIND, "its record line")
    count = int(said["segments"] or said["signals"])
    if len(lines) <= count:
        raise Truncated(KIND)
    several = said["segments"] is not None
    rows = list(enumerate(lines[1 : count + 1]))
    header = RecordHeader(
        name=said["name"],
        rate=_number(said["rate"], _DEFAULT_RATE),
        samples=int(said["samples"]) if said["samples"] else None,
        time=said["time"],
        date=said["date"],
        signals=() if several else tuple(_signal(line, number) for number, line in rows),
        segments=tuple(_segment(line) for _, line in rows) if several else (),
    )
    _expect_sane(header)
    return header


def _expect_sane(header: RecordHeader) -> None:
    """A clock that exists, a rate and a length that a monitor could have, frames with samples."""
    start_of(header, "UTC")
    frames = sum(each.samples for each in header.segments) or header.samples or 0
    if not _LEAST_RATE <= header.rate <= _MOST_RATE or frames / header.rate > _MOST_SECONDS:
        raise Malformed(KIND, "its sampling rate or its length")
    if any(each.frame < 1 or abs(each.baseline) >= _MOST_STEPS for each in header.signals):
        raise Malformed(KIND, "a signal line")


def _number(said: str | None, usual: float) -> float:
    try:
        return float(said) if said else usual
    except ValueError:
        raise Malformed(KIND, "a number") from None


def _segment(line: str) -> Segment:
    said = _SEGMENT.fullmatch(line)
    if said is None:
        raise Malformed(KIND, "a segment line")
    return Segment(None if said["name"] == _GAP else said["name"], int(said["samples"]))


def _signal(line: str, number: int) -> Signal:
    said = _SIGNAL.fullmatch(line)
    if said is None:
        raise Malformed(KIND, f"signal line {number + 1}")
    words = (said["rest"] or "").split() + [""] * _NUMBERS
    gain = _GAIN.fullmatch(words[0])
    zero = _whole(words[2])
    return Signal(
        file=said["file"],
        format=said["format"],
        frame=int(said["frame"] or 1),
        skew=int(said["skew"] or 0),
        offset=int(said["offset"] or 0),
        gain=_number(gain["gain"] if gain else None, 0.0) or _DEFAULT_GAIN,
        baseline=int(gain["baseline"]) if gain and gain["baseline"] else zero,
        unit=(gain["unit"] if gain else None) or "mV",
        first=_whole(words[3]),
        name=_description(said["rest"] or "") or f"signal {number + 1}",
    )


def _whole(said: str) -> int:
    return int(said) if re.fullmatch(r"-?\d+", said) else 0


def _description(rest: str) -> str:
    """What follows the six numbers, spaces inside it kept."""
    words = rest.split(None, _NUMBERS)
    return words[_NUMBERS].strip() if len(words) > _NUMBERS else ""


def start_of(header: RecordHeader, zone: str) -> datetime | None:
    """When the first sample was taken; None when no date is told."""
    if header.date is None or header.time is None:
        return None
    try:
        day, month, year = (int(part) for part in header.date.split("/"))
        parts = [float(part) for part in header.time.split(":")]
        hour, minute, second = [0.0] * (3 - len(parts)) + parts
        whole = datetime(
            year, month, day, int(hour), int(minute), int(second),
            min(999_999, round(second % 1 * 1e6)),
            tzinfo=ZoneInfo(zone),
        )  # fmt: skip
        return whole.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(KIND, "its date or time") from None
