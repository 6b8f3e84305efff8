"""Urine by the hour and by the day, where it was charted long enough.

References
----------
Vincent JL, et al. The SOFA score. Intensive Care Med 1996; 22: 707-710. doi:10.1007/BF01709751:
mL a day. KDIGO Clinical Practice Guideline for Acute Kidney Injury. Kidney Int Suppl 2012; 2:
1-138. doi:10.1038/kisup.2012.1, table 2: mL/kg/h.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range

DAY = 24


@dataclass(frozen=True)
class UrineOutput:
    """Urine of the last hours; nothing unless it was charted at least so many times.

    Inputs: urine (mL over that time), charted (how often), weight (kg). In mL, or in mL/kg/h
    where `by_weight`.

    Notes
    -----
    Hourly charting is looked for: a single volume of a day does not say how it was spread.
    """

    hours: int
    by_weight: bool
    inputs: tuple[str, ...] = ("urine", "charted", "weight")

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The volume or the rate."""
        if "urine" not in known or known.get("charted", 0) < self.hours:
            return None
        if not self.by_weight:
            return Range(known["urine"], known["urine"])
        weight = known.get("weight", 0)
        if weight <= 0:
            return None
        rate = known["urine"] / weight / self.hours
        return Range(rate, rate)


SCORES: Mapping[str, Measure] = MappingProxyType(
    {
        "urine_day": UrineOutput(DAY, by_weight=False),
        **{f"urine_rate_{each}h": UrineOutput(each, by_weight=True) for each in (6, 12, DAY)},
    }
)
