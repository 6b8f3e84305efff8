"""Ten minutes of lead II and arterial pressure, drawn beat by beat.

Curves are sums of bell shapes, made for the eye; nothing here stands for a real heart.
WFDB headers tell no zone, so they are written in UTC.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import hospital

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.life import Life

RATE, SECONDS = 125, 600
_ECG_GAIN, _PRESSURE_GAIN = 200, 20
_MISSING = -32768
# place in the beat (0 to 1), width, height: P, Q, R, S, T in millivolt
_ECG = ((0.16, 0.025, 0.12), (0.27, 0.008, -0.12), (0.29, 0.010, 1.1), (0.31, 0.009, -0.25),
        (0.55, 0.045, 0.28))  # fmt: skip
# systolic wave and dicrotic wave, as shares of the pulse pressure
_PRESSURE = ((0.42, 0.09, 1.0), (0.66, 0.07, 0.35))


@dataclass(frozen=True, slots=True)
class Strip:
    """One recording of one patient."""

    life: Life
    start: datetime

    @property
    def name(self) -> str:
        """Of the record; it holds no name and no number of the patient."""
        return f"icu-{self.life.number:07d}"

    @property
    def link(self) -> str:
        """The line of the sheet that tells whose it is."""
        return f"{self.name},{hospital().mrn_system},{self.life.person.mrn}\n"

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Header and signal file."""
        samples = self._samples()
        lines = [
            f"{self.name} 2 {RATE} {len(samples) // 2} {self.start:%H:%M:%S %d/%m/%Y}",
            _line(self.name, f"{_ECG_GAIN}/mV", samples[0::2], "II"),
            _line(self.name, f"{_PRESSURE_GAIN}/mmHg", samples[1::2], "ABP"),
            "# made-up patient; times are UTC",
        ]
        if sys.byteorder == "big":
            samples.byteswap()
        yield f"{self.name}.hea", "".join(f"{line}\n" for line in lines).encode()
        yield f"{self.name}.dat", samples.tobytes()

    def _samples(self) -> array[int]:
        """Both channels, sample by sample; the pressure line is flushed once."""
        rng = Random(self.life.seed * 10_000_000 + self.life.number)
        beat, low, pulse = 60 / rng.uniform(88, 118), rng.uniform(42, 55), rng.uniform(38, 50)
        flushed = rng.randrange(120, 400)
        found = array("h")
        for number in range(RATE * SECONDS):
            second = number / RATE
            phase = second / beat % 1
            ecg = _wave(phase, _ECG) + rng.gauss(0, 0.012)
            pressure = low + pulse * _wave(phase, _PRESSURE) + 2 * math.sin(second / 3)
            gone = flushed <= second < flushed + 8
            found.append(round(ecg * _ECG_GAIN))
            found.append(_MISSING if gone else round(pressure * _PRESSURE_GAIN))
        return found


def _wave(phase: float, shapes: tuple[tuple[float, float, float], ...]) -> float:
    return sum(
        height * math.exp(-(((phase - place) / width) ** 2) / 2) for place, width, height in shapes
    )


def _line(name: str, gain: str, samples: array[int], channel: str) -> str:
    """A signal line with the checksum that header(5) wants: the sum of all samples, 16 bits."""
    checksum = (sum(samples) + (1 << 15)) % (1 << 16) - (1 << 15)
    return f"{name}.dat 16 {gain} 16 0 {samples[0]} {checksum} 0 {channel}"


def strips(life: Life) -> Iterator[Strip]:
    """A strip of the first stay in intensive care."""
    stays = [stay for visit in life.encounters for stay in visit.stays if stay.ward == "intensive"]
    if stays:
        first = min(stays, key=lambda stay: stay.start)
        yield Strip(life, first.start.replace(microsecond=0))
