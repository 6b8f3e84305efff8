"""What was measured in each minute of the clock of a recording."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

MINUTE = 60
"""Its seconds."""


@dataclass
class Minute:
    """What was measured in one minute of one channel."""

    count: int = 0
    total: float = 0.0
    low: float = math.inf
    high: float = -math.inf

    def take(self, values: Any) -> None:
        """Add values, of which there is at least one."""
        self.count += len(values)
        self.total += float(values.sum())
        self.low = min(self.low, float(values.min()))
        self.high = max(self.high, float(values.max()))

    @property
    def mean(self) -> float:
        """Of what was measured."""
        return self.total / self.count


@dataclass
class Minutes:
    """Minutes by the number of the channel and that of the minute; one with nothing is absent."""

    found: dict[tuple[int, int], Minute] = field(default_factory=dict)

    def take(self, channel: int, values: Any, *, first: int, rate: float) -> None:
        """Add samples in the channel's unit (nan: none), of which the first is number ``first``."""
        measured = ~np.isnan(values)
        minute = ((first + np.flatnonzero(measured)) / rate // MINUTE).astype(np.int64)
        if not len(minute):
            return
        cuts = np.flatnonzero(np.diff(minute)) + 1
        parts = np.split(values[measured], cuts)
        for part, at in zip(parts, minute[np.r_[0, cuts]], strict=True):
            self.found.setdefault((channel, int(at)), Minute()).take(part)

    def __iter__(self) -> Iterator[tuple[int, int, Minute]]:
        """Channel, minute and what was measured, in their order."""
        for (channel, at), minute in sorted(self.found.items()):
            yield channel, at, minute
