"""Small recordings, written by hand after the EDF and EDF+ specifications."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

SHEET = "edf_patient,identifier_system,patient_id\n{key},https://ward.example/mrn,M-1\n"
PATIENT = "MCH-1 F 14-FEB-1950 Test_Ward"


@dataclass(frozen=True)
class Channel:
    """One signal of a made recording; a record takes ``rate`` samples a second."""

    label: str
    values: Sequence[int]
    rate: int = 10
    unit: str = "uV"
    limits: tuple[float, float, int, int] = (-200, 200, -2048, 2047)


@dataclass(frozen=True)
class Made:
    """A made recording in records of one second."""

    channels: tuple[Channel, ...]
    words: dict[int, list[str]] = field(default_factory=dict)
    onsets: Sequence[float] | None = None
    kind: str = "EDF+C"
    patient: str = PATIENT
    day: str = "05.03.24"
    more: str = "Startdate 05-MAR-2024 X X X"

    def write(self, path: Path) -> Path:
        plain = not self.kind
        first = self.channels[0]
        records = len(first.values) // first.rate
        signals = [_signal(each) for each in self.channels]
        if not plain:
            signals.append(("EDF Annotations", "", "", "-1", "1", "-32768", "32767", "", "60", ""))
        widths = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
        columns = "".join(
            signal[n].ljust(width) for n, width in enumerate(widths) for signal in signals
        )
        size = 256 * (len(signals) + 1)
        fixed = (
            f"{'0':8}{self.patient:80}{self.more:80}{self.day:8}{'07.15.00':8}{size:<8}"
            f"{self.kind:44}{records:<8}{1:<8}{len(signals):<4}"
        )
        body = b"".join(self._record(n, plain=plain) for n in range(records))
        path.write_bytes((fixed + columns).encode("latin-1") + body)
        return path

    def _record(self, number: int, *, plain: bool) -> bytes:
        parts = []
        for each in self.channels:
            some = each.values[number * each.rate : (number + 1) * each.rate]
            parts.append(struct.pack(f"<{len(some)}h", *some))
        if not plain:
            onset = number if self.onsets is None else self.onsets[number]
            told = f"+{onset:g}\x14\x14\x00" + "".join(self.words.get(number, []))
            parts.append(told.encode().ljust(120, b"\x00"))
        return b"".join(parts)


def _signal(each: Channel) -> tuple[str, ...]:
    low, high, digital_low, digital_high = each.limits
    return (
        each.label, "", each.unit, f"{low:g}", f"{high:g}", str(digital_low), str(digital_high),
        "", str(each.rate), "",
    )  # fmt: skip


def ramp(seconds: int, rate: int = 10, step: int = 1) -> list[int]:
    return [(number * step) % 2000 - 1000 for number in range(seconds * rate)]


def samples(folder: Path) -> list[Path]:
    """A plain recording, and one with words and two rates."""
    numeric = Channel("SaO2", [970 + n for n in range(20)], rate=1, unit="%",
                      limits=(0, 100, 0, 1000))  # fmt: skip
    return [
        Made((Channel("EEG Fpz-Cz", ramp(5)),), kind="").write(folder / "first.edf"),
        Made(
            (Channel("EEG Fpz-Cz", ramp(20)), numeric),
            words={3: ["+3.5\x15" + "30\x14Sleep stage W\x14\x00"]},
        ).write(folder / "second.edf"),
    ]
