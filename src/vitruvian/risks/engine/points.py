"""Scores made of points: what each part earns, and the range left where parts are missing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import product

from vitruvian.criteria import Range


@dataclass(frozen=True)
class Bands:
    """Points by bands of a number, as a chart prints them.

    Parameters
    ----------
    upper
        (highest value of the band, points), ascending.
    above
        Points above the last of these.
    decimals
        A value is rounded to so many places first, half up, as a chart is read; None leaves it.
    """

    upper: tuple[tuple[float, int], ...]
    above: int
    decimals: int | None = 0

    def points(self, value: float) -> int:
        """Points for a value.

        Examples
        --------
        >>> Bands(upper=((8, 3), (11, 1), (20, 0), (24, 2)), above=3).points(24)
        2
        """
        read = value
        if self.decimals is not None:
            scale = 10**self.decimals
            # 36.05 * 10 is 360.49999999999994; a chart shows 36.1
            read = math.floor(round(value * scale, 6) + 0.5) / scale
        return next((points for edge, points in self.upper if read <= edge), self.above)

    @property
    def possible(self) -> tuple[int, ...]:
        """Every number of points that a value may earn."""
        return tuple(sorted({*(points for _, points in self.upper), self.above}))


Parts = Mapping[str, tuple[int, ...]]


def ranged(parts: Parts, combine: Callable[[Iterable[int]], int], missing: Iterable[str]) -> Range:
    """The least and the greatest score over all points that each part may have.

    Parameters
    ----------
    parts
        Points each part may earn: one number where it is known.
    combine
        How parts make a score: `sum`, `max`; it must not fall when a part rises.
    missing
        Names of what would make it one number.
    """
    low = combine(min(points) for points in parts.values())
    high = combine(max(points) for points in parts.values())
    return Range(low, high, () if low == high else tuple(missing))


def hull(ranges: Iterable[Range]) -> Range:
    """The range that holds all of them."""
    found = list(ranges)
    low, high = min(one.low for one in found), max(one.high for one in found)
    missing = dict.fromkeys(name for one in found for name in one.missing)
    return Range(low, high, () if low == high else tuple(missing))


def filled(known: Mapping[str, float], doubtful: Iterable[str]) -> list[dict[str, float]]:
    """`known`, once for each way in which the yes-or-no parts that are missing may be answered."""
    open_ = [name for name in doubtful if name not in known]
    ways = product((0.0, 1.0), repeat=len(open_))
    return [{**known, **dict(zip(open_, way, strict=True))} for way in ways]
