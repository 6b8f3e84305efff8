"""How a made-up body changes over time: one level per analyte, whatever measures it.

Every patient has a personal baseline for each analyte. A storyline bends it with a lasting
`shift` (metformin lowers HbA1c over three months) or a passing `swell` (sepsis raises
lactate for two days). Whoever measures afterwards reads the same body, so results from
different storylines of one patient agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime, timedelta
    from random import Random

    from vitruvian.demo.catalogue import Analyte


@dataclass(frozen=True, slots=True)
class Change:
    """A factor on an analyte's baseline: in from `start`, full at `full`, gone at `gone`."""

    start: datetime
    full: datetime
    fading: datetime | None
    gone: datetime | None
    factor: float

    def at(self, time: datetime) -> float:
        """Give the factor in force at an instant (1 outside the change)."""
        if time <= self.start or (self.gone is not None and time >= self.gone):
            return 1.0
        return 1.0 + (self.factor - 1.0) * self._share(time)

    def _share(self, time: datetime) -> float:
        if time < self.full:
            return (time - self.start) / (self.full - self.start)
        if self.fading is None or self.gone is None or time <= self.fading:
            return 1.0
        return (self.gone - time) / (self.gone - self.fading)


@dataclass(frozen=True, slots=True)
class Episode:
    """When a passing disturbance starts, peaks and is over."""

    start: datetime
    peak: datetime
    over: datetime


@dataclass(slots=True)
class Body:
    """The levels of one patient's analytes at any time."""

    rng: Random
    sex: str
    baselines: dict[str, float] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)

    def set_baseline(self, analyte: str, level: float) -> None:
        """Fix the personal baseline, for instance a weight or an untreated HbA1c."""
        self.baselines[analyte] = level

    def shift(self, analyte: str, *, start: datetime, over: timedelta, factor: float) -> None:
        """Change an analyte for good, reached after `over`."""
        self._add(analyte, Change(start, start + over, None, None, factor))

    def shift_while(
        self, analyte: str, *, start: datetime, stop: datetime, over: timedelta, factor: float
    ) -> None:
        """Change an analyte as long as a treatment lasts; it fades after `stop`."""
        full = min(start + over, stop)
        self._add(analyte, Change(start, full, stop, stop + over, factor))

    def swell(self, episode: Episode, factors: dict[str, float]) -> None:
        """Disturb several analytes together and let them return to their baseline."""
        for analyte, factor in factors.items():
            self._add(
                analyte, Change(episode.start, episode.peak, episode.peak, episode.over, factor)
            )

    def level(self, analyte: Analyte, time: datetime) -> float:
        """Give the true level at an instant, before the noise of measuring it."""
        level = self._baseline(analyte)
        for change in self.changes.get(analyte.key, ()):
            level *= change.at(time)
        return min(max(level, analyte.floor), analyte.ceiling)

    def measure(self, analyte: Analyte, time: datetime) -> float:
        """Measure an analyte: its level with day-to-day and laboratory variation."""
        noisy = self.level(analyte, time) * (1.0 + analyte.variation * self.rng.gauss(0.0, 1.0))
        return min(max(noisy, analyte.floor), analyte.ceiling)

    def _baseline(self, analyte: Analyte) -> float:
        known = self.baselines.get(analyte.key)
        if known is None:
            spread = max(-2.0, min(2.0, self.rng.gauss(0.0, 1.0)))
            known = analyte.typical_for(self.sex) + analyte.spread * spread
            known = self.baselines[analyte.key] = max(known, analyte.floor)
        return known

    def _add(self, analyte: str, change: Change) -> None:
        self.changes.setdefault(analyte, []).append(change)
