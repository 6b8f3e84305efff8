"""Arterial oxygen pressure over inspired oxygen: the worst of some hours, as far as it is known.

References
----------
Vincent JL, et al. The SOFA score. Intensive Care Med 1996; 22: 707-710. doi:10.1007/BF01709751.
Table 3: PaO2/FiO2 in mm[Hg], FiO2 as a fraction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range

AIR = 0.2  # a fraction under that of air is an error of charting
LEAST_PERCENT = 20.0


def as_fraction(inspired: float) -> float | None:
    """Inspired oxygen as a fraction, whether it was charted as 0.21 to 1 or as 21 to 100 %.

    Examples
    --------
    >>> as_fraction(0.5), as_fraction(50), as_fraction(5)
    (0.5, 0.5, None)
    """
    if AIR <= inspired <= 1:
        return inspired
    if LEAST_PERCENT <= inspired <= 100:  # noqa: PLR2004 - percent
        return inspired / 100
    return None


@dataclass(frozen=True)
class OxygenRatio:
    """The lowest ratio in mm[Hg] of a time, as a range where gas and air cannot all be paired.

    Inputs: charted (lowest ratio as the laboratory gave it), pressure and fraction (one arterial
    oxygen pressure in mm[Hg] and the oxygen inspired then), lowest_pressure and highest_fraction
    (the extremes of the time). Inspired oxygen is a fraction, or a percentage of 20 or more.

    Notes
    -----
    No ratio of the time lies under lowest_pressure over highest_fraction, and the lowest is not
    above any that is known.
    """

    inputs: tuple[str, ...] = (
        *("charted", "pressure", "fraction", "lowest_pressure", "highest_fraction"),
    )

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The ratio; None when no ratio is known."""
        found = [known["charted"]] if "charted" in known else []
        found += _ratios(known, "pressure", "fraction")
        if not found:
            return None
        least = min([*found, *_ratios(known, "lowest_pressure", "highest_fraction")])
        missing = ("highest_fraction",) if least < min(found) else ()
        return Range(least, min(found), missing)


def _ratios(known: Mapping[str, float], pressure: str, fraction: str) -> list[float]:
    inspired = as_fraction(known[fraction]) if fraction in known else None
    return [known[pressure] / inspired] if inspired is not None and pressure in known else []


SCORES: Mapping[str, Measure] = MappingProxyType({"oxygen_ratio": OxygenRatio()})
