"""Half an hour of a night: EEG, breathing and oxygen, with stages and apnoeas as words.

Curves are sums of waves, made for the eye; nothing here stands for a real brain.
Breathing stops in each apnoea, and oxygen falls some seconds later.
EDF headers tell no zone, so they are written in UTC.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import TYPE_CHECKING, Any

from vitruvian.demo.catalogue import hospital
from vitruvian.demo.render.wearables.watch import last_seen

if TYPE_CHECKING:
    from vitruvian.demo.life import Life

SECONDS, RATE, BREATH_RATE, EVERY = 1800, 100, 10, 7
SHEET_HEAD = "edf_patient,identifier_system,patient_id\n"
_WORDS_BYTES, _EPOCH = 120, 30
_WIDTHS = (16, 80, 8, 8, 8, 8, 8, 80, 8, 32)
_SIGNALS = (
    ("EEG Fpz-Cz", "AgAgCl electrodes", "uV", "-200", "200", "-2000", "2000", "", str(RATE), ""),
    ("Resp oro-nasal", "thermistor", "", "-1", "1", "-1000", "1000", "", str(BREATH_RATE), ""),
    ("SaO2", "finger", "%", "0", "100", "0", "1000", "", "1", ""),
    ("EDF Annotations", "", "", "-1", "1", "-32768", "32767", "", str(_WORDS_BYTES // 2), ""),
)
_STAGES = (("Sleep stage W", 4), ("Sleep stage N1", 6), ("Sleep stage N2", 24),
           ("Sleep stage N3", 16), ("Sleep stage R", 10))  # fmt: skip


@dataclass(frozen=True)
class Night:
    """One recording of one patient."""

    life: Life
    start: datetime

    @property
    def name(self) -> str:
        """Of the file; it holds no name and no number of the patient."""
        return f"sleep-{self.life.number:07d}.edf"

    @property
    def code(self) -> str:
        """What the sleep laboratory calls its patient."""
        return f"SL-{self.life.number:05d}"

    @property
    def link(self) -> str:
        """The line of the sheet that tells whose code it is."""
        return f"{self.code},{hospital().mrn_system},{self.life.person.mrn}\n"

    @cached_property
    def apnoeas(self) -> list[tuple[int, int]]:
        """Second and length of each."""
        rng = Random(f"apnoea {self.life.key}")
        starts = range(240, SECONDS - 120, 150)
        return [(at + rng.randrange(60), rng.randrange(12, 34)) for at in starts]

    def truth(self) -> dict[str, Any]:
        """What was planted."""
        return {"patient": self.life.key, "file": self.name, "apnoeas": self.apnoeas}

    @property
    def data(self) -> bytes:
        """Header and records of one second."""
        size = 256 * (len(_SIGNALS) + 1)
        fixed = (
            f"{'0':8}{self.code + ' X X X':80}{f'Startdate {self._day} X X X':80}"
            f"{self.start:%d.%m.%y}{self.start:%H.%M.%S}{size:<8}{'EDF+C':44}"
            f"{SECONDS:<8}{1:<8}{len(_SIGNALS):<4}"
        )
        columns = "".join(
            signal[n].ljust(width) for n, width in enumerate(_WIDTHS) for signal in _SIGNALS
        )
        return (fixed + columns).encode("ascii") + b"".join(self._records())

    @property
    def _day(self) -> str:
        months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
        return f"{self.start:%d}-{months[self.start.month - 1]}-{self.start:%Y}"

    def _records(self) -> Iterator[bytes]:
        rng = Random(f"night {self.life.key}")
        words = self._words()
        for second in range(SECONDS):
            samples = array("h", self._samples(rng, second))
            if sys.byteorder == "big":
                samples.byteswap()
            told = f"+{second}\x14\x14\x00" + words.get(second, "")
            yield samples.tobytes() + told.encode().ljust(_WORDS_BYTES, b"\x00")

    def _samples(self, rng: Random, second: int) -> Iterator[int]:
        deep = 1.0 if second < 1020 else 0.35
        for n in range(RATE):
            at = second + n / RATE
            slow, fast = math.sin(2 * math.pi * 1.3 * at), math.sin(2 * math.pi * 11 * at)
            wave = 55 * deep * slow + 12 * fast + rng.gauss(0, 6)
            yield max(-2000, min(2000, round(wave * 10)))
        stopped = any(at <= second < at + length for at, length in self.apnoeas)
        for n in range(BREATH_RATE):
            breath = 0.02 if stopped else 0.6
            wave = breath * math.sin(2 * math.pi * 0.24 * (second + n / BREATH_RATE))
            yield round(1000 * (wave + rng.gauss(0, 0.01)))
        fallen = sum(
            max(0.0, length / 3 - abs(second - at - length - 10) / 4) for at, length in self.apnoeas
        )
        yield round(10 * (96 - fallen))

    def _words(self) -> dict[int, str]:
        """Annotations by the record that holds them."""
        found: dict[int, str] = {}
        at = 0
        for stage, epochs in _STAGES:
            length = epochs * _EPOCH
            found[at] = f"+{at}\x15{length}\x14{stage}\x14\x00"
            at += length
        for at, length in self.apnoeas:
            found[at] = found.get(at, "") + f"+{at}\x15{length}\x14Obstructive apnea\x14\x00"
        return found


def nights(life: Life) -> Iterator[Night]:
    """The night of a life that was sent to the sleep laboratory, nine days before it was seen."""
    seen = last_seen(life)
    if life.number % EVERY == 0 and seen is not None:
        evening = seen.astimezone(UTC).replace(hour=22, minute=30, second=0)
        yield Night(life, evening - timedelta(days=9))
