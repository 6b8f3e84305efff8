"""The header of an EDF or EDF+ file.

References
----------
Kemp et al., Electroenceph Clin Neurophysiol 1992;82:391 (EDF);
Kemp and Olivan, Clin Neurophysiol 2003;114:1755 (EDF+), doi:10.1016/S1388-2457(03)00123-8.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from vitruvian.ingest.errors import Malformed, Truncated

KIND = "EDF file"
FIXED, OF_SIGNAL, SAMPLE_BYTES = 256, 256, 2
ANNOTATIONS = "EDF Annotations"
_VERSION = b"0       "
_MOST_SIGNALS, _MOST_RECORD_BYTES = 4_096, 64 << 20
_FIELDS = (("label", 16), ("transducer", 80), ("unit", 8), ("low", 8), ("high", 8),
           ("digital_low", 8), ("digital_high", 8), ("filter", 80), ("samples", 8),
           ("reserved", 32))  # fmt: skip
_DAY = re.compile(r"Startdate (\d\d)-([A-Z]{3})-(\d{4})")
_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_CENTURY = 85
"""Years 85 to 99 are of the last century, 00 to 84 of this one (EDF+ 2.1.3.2)."""


@dataclass(frozen=True)
class Signal:
    """One signal: what it is called, its unit, how its numbers are meant."""

    label: str
    unit: str
    samples: int
    gain: float
    zero: float
    calibrated: bool

    @property
    def is_annotations(self) -> bool:
        """Whether it holds words instead of samples."""
        return self.label == ANNOTATIONS


@dataclass(frozen=True)
class Header:
    """What stands before the samples."""

    patient: str
    recording: str
    day: str
    time: str
    kind: str
    records: int
    seconds: float
    signals: tuple[Signal, ...]

    @property
    def byte_count(self) -> int:
        """Of the header itself."""
        return FIXED + OF_SIGNAL * len(self.signals)

    @cached_property
    def record_bytes(self) -> int:
        """Of one data record."""
        return SAMPLE_BYTES * sum(each.samples for each in self.signals)

    @property
    def continuous(self) -> bool:
        """Whether its records follow one another without a gap."""
        return not self.kind.startswith("EDF+D")

    @property
    def investigation(self) -> str | None:
        """The hospital's code of the investigation (EDF+ 2.1.3.3.4); in EDF the whole field."""
        code = self.recording
        if self.kind.startswith("EDF+"):
            _, _, code, *_ = (*self.recording.split(), "", "", "")
        return None if code in {"", "X"} else code

    def rate(self, signal: Signal) -> float:
        """Samples a second of one signal."""
        return signal.samples / self.seconds


def is_edf(head: bytes) -> bool:
    """Whether bytes begin like an EDF file; never by name."""
    if len(head) < FIXED or not head.startswith(_VERSION):
        return False
    told = head[:FIXED].decode("latin-1")
    return told[168:184].count(".") == 4 and told[184:192].strip().isdigit()  # noqa: PLR2004  dd.mm.yyhh.mm.ss


def read_header(data: bytes, *, size: int) -> Header:
    """The header, checked against the size of the file.

    Raises
    ------
    Truncated
        When fewer bytes follow than it tells.
    Malformed
        When a field is none of its kind.
    """
    if len(data) < FIXED:
        raise Truncated(KIND)
    text = data.decode("latin-1")
    count = _whole(text[252:256], "the number of signals", most=_MOST_SIGNALS)
    if len(data) < FIXED + OF_SIGNAL * count:
        raise Truncated(KIND)
    header = Header(
        patient=text[8:88].strip(),
        recording=text[88:168].strip(),
        day=text[168:176].strip(),
        time=text[176:184].strip(),
        kind=text[192:236].strip(),
        records=_whole(text[236:244], "the number of records", least=-1),
        seconds=_number(text[244:252], "the duration of a record"),
        signals=_signals(text[FIXED:], count),
    )
    return _checked(header, told=text[184:192], size=size)


def _checked(header: Header, *, told: str, size: int) -> Header:
    if _whole(told, "the size of the header") != header.byte_count:
        raise Malformed(KIND, "its header is not as large as it tells")
    if not 0 < header.record_bytes <= _MOST_RECORD_BYTES:
        raise Malformed(KIND, "its records are empty or larger than any real one")
    sampled = any(not each.is_annotations for each in header.signals)
    if header.seconds < 0 or (sampled and header.seconds == 0):
        raise Malformed(KIND, "its records last no time")
    held = (size - header.byte_count) // header.record_bytes
    if header.records < 0:
        raise Malformed(KIND, "the recording was not closed: its number of records is not told")
    if held < header.records:
        raise Truncated(KIND)
    return header


def _signals(text: str, count: int) -> tuple[Signal, ...]:
    columns, at = {}, 0
    for name, width in _FIELDS:
        columns[name] = [text[at + n * width : at + (n + 1) * width].strip() for n in range(count)]
        at += width * count
    return tuple(_signal({name: said[n] for name, said in columns.items()}) for n in range(count))


def _signal(said: dict[str, str]) -> Signal:
    """Numbers are meant on the straight line through the two pairs of limits."""
    samples = _whole(said["samples"], "the number of samples", least=1)
    if said["label"] == ANNOTATIONS:
        return Signal(said["label"], "", samples, 1.0, 0.0, calibrated=True)
    low, high = (_number(said[each], "a physical limit") for each in ("low", "high"))
    digital = [_number(said[each], "a digital limit") for each in ("digital_low", "digital_high")]
    span, steps = high - low, digital[1] - digital[0]
    if not span or steps <= 0:
        return Signal(said["label"], "", samples, 1.0, 0.0, calibrated=False)
    gain = steps / span
    return Signal(said["label"], said["unit"], samples, gain, digital[1] - high * gain,
                  calibrated=True)  # fmt: skip


def _whole(text: str, what: str, *, least: int = 0, most: int = 10**9) -> int:
    try:
        found = int(text)
    except ValueError:
        found = least - 1
    if not least <= found <= most:
        raise Malformed(KIND, f"{what} is no number that can be")
    return found


def _number(text: str, what: str) -> float:
    try:
        found = float(text)
    except ValueError:
        found = math.nan
    if not math.isfinite(found):
        raise Malformed(KIND, f"{what} is no number")
    return found


def start_of(header: Header, zone: str) -> datetime | None:
    """When the first record begins, in UTC; None when no day is told.

    The full year of EDF+ holds before the two digits of EDF.
    """
    try:
        day, month, year = (int(part) for part in header.day.split("."))
        hour, minute, second = (int(part) for part in header.time.split("."))
        year += 1900 if year >= _CENTURY else 2000
        if header.kind.startswith("EDF+"):
            if "Startdate X" in header.recording:
                return None
            if found := _DAY.search(header.recording):
                day, month, year = int(found[1]), _MONTHS.index(found[2]) + 1, int(found[3])
        told = datetime(year, month, day, hour, minute, second, tzinfo=ZoneInfo(zone))
        return told.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Malformed(KIND, "its date or time is none") from None
