"""Sequential Organ Failure Assessment of 1996.

References
----------
Vincent JL, et al. The SOFA (Sepsis-related Organ Failure Assessment) score to describe organ
dysfunction/failure. Intensive Care Med 1996; 22: 707-710. doi:10.1007/BF01709751. Table 3.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range
from vitruvian.risks.engine.points import Bands, ranged

# every limit below: Vincent 1996, table 3
OXYGEN_RATIO = (400.0, 300.0, 200.0, 100.0)  # mm[Hg]; the last two count when ventilated
PLATELETS = (150.0, 100.0, 50.0, 20.0)  # 10*9/L
COMA = (15.0, 13.0, 10.0, 6.0)  # Glasgow coma score
BILIRUBIN = Bands(upper=((19, 0), (32, 1), (101, 2), (204, 3)), above=4)  # umol/L
CREATININE = Bands(upper=((109, 0), (170, 1), (299, 2), (440, 3)), above=4)  # umol/L
URINE = ((200.0, 4), (500.0, 3))  # mL a day, below
MEAN_PRESSURE = 70.0  # mm[Hg], below: 1 point
DOPAMINE = Bands(upper=((0, 0), (5, 2), (15, 3)), above=4, decimals=None)  # ug/kg/min
DOBUTAMINE = Bands(upper=((0, 0),), above=2, decimals=None)  # any dose
ADRENALINE = Bands(upper=((0, 0), (0.1, 3)), above=4, decimals=None)  # noradrenaline alike
DRUGS: Mapping[str, Bands] = MappingProxyType(
    {
        "dopamine": DOPAMINE,
        "dobutamine": DOBUTAMINE,
        "adrenaline": ADRENALINE,
        "noradrenaline": ADRENALINE,
    }
)
WORST = 4
UNVENTILATED_WORST = 2

Known = Mapping[str, float]
ORGANS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "lung": ("oxygen_ratio", "ventilated"),
        "blood": ("platelets",),
        "liver": ("bilirubin",),
        "circulation": ("mean_pressure", *DRUGS),
        "brain": ("coma",),
        "kidney": ("creatinine", "urine"),
    }
)


def below(value: float, limits: tuple[float, ...]) -> int:
    """How many of the limits a value lies below.

    Examples
    --------
    >>> below(99, PLATELETS), below(150, PLATELETS)
    (2, 0)
    """
    return sum(value < limit for limit in limits)


def _lung(known: Known) -> tuple[int, ...]:
    if "oxygen_ratio" not in known:
        spontaneous = known.get("ventilated") == 0
        return (0, UNVENTILATED_WORST if spontaneous else WORST)
    points = below(known["oxygen_ratio"], OXYGEN_RATIO)
    spared = min(points, UNVENTILATED_WORST)
    if "ventilated" not in known:
        return (spared, points)
    return (points if known["ventilated"] else spared,)


def _circulation(known: Known) -> tuple[int, ...]:
    """The worst of pressure and drugs; what is not known may be as bad as it gets."""
    least = [DRUGS[drug].points(known[drug]) for drug in DRUGS if drug in known]
    least += [int(known["mean_pressure"] < MEAN_PRESSURE)] if "mean_pressure" in known else [0]
    most = [max(DRUGS[drug].possible) for drug in DRUGS if drug not in known]
    most += [] if "mean_pressure" in known else [1]
    return (max(least), max(*least, *most, 0))


def _kidney(known: Known) -> tuple[int, ...]:
    """The worse of creatinine and urine."""
    least, most = 0, 0
    if "creatinine" in known:
        least = CREATININE.points(known["creatinine"])
    if "urine" in known:
        by_urine = (points for limit, points in URINE if known["urine"] < limit)
        least = max(least, next(by_urine, 0))
    if "creatinine" not in known or "urine" not in known:
        most = WORST
    return (least, max(least, most))


def organ_points(known: Known) -> dict[str, tuple[int, ...]]:
    """The points, 0 to 4, that each organ may have."""
    unknown = tuple(range(WORST + 1))
    return {
        "lung": _lung(known),
        "blood": (below(known["platelets"], PLATELETS),) if "platelets" in known else unknown,
        "liver": (BILIRUBIN.points(known["bilirubin"]),) if "bilirubin" in known else unknown,
        "circulation": _circulation(known),
        "brain": (below(known["coma"], COMA),) if "coma" in known else unknown,
        "kidney": _kidney(known),
    }


@dataclass(frozen=True)
class Sofa:
    """0 to 24 points over six organs, as a range where parts are missing.

    Inputs: oxygen_ratio (PaO2 in mm[Hg] over FiO2 as a fraction), ventilated (1 or 0), platelets
    (10*9/L), bilirubin and creatinine (umol/L), mean_pressure (mm[Hg]), dopamine, dobutamine,
    adrenaline and noradrenaline (ug/kg/min for at least an hour, 0 for none), coma (3 to 15),
    urine (mL a day). The worst values of 24 hours.

    Parameters
    ----------
    combine
        `sum`; or `max`: the points of the worst organ, 0 to 4.
    by_creatinine
        The kidney is judged by creatinine alone, as where nobody charts urine. The full score is
        never less.

    Notes
    -----
    For adults in intensive care. A drug that is not known to be absent may be running.
    """

    combine: Callable[[Iterable[int]], int]
    by_creatinine: bool = False
    inputs: tuple[str, ...] = tuple(part for parts in ORGANS.values() for part in parts)

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The score; None when nothing is known."""
        if not any(name in known for name in self.inputs):
            return None
        told = {**known, "urine": math.inf} if self.by_creatinine else known
        points = organ_points(told)
        open_ = [organ for organ, each in points.items() if min(each) < max(each)]
        missing = [part for organ in open_ for part in ORGANS[organ] if part not in told]
        return ranged(points, self.combine, missing)


SCORES: Mapping[str, Measure] = MappingProxyType(
    {
        "sofa": Sofa(sum),
        "sofa_highest": Sofa(max),
        "sofa_by_creatinine": Sofa(sum, by_creatinine=True),
        "sofa_highest_by_creatinine": Sofa(max, by_creatinine=True),
    }
)
