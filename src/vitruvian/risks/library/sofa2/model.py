"""Sequential Organ Failure Assessment of 2025 (SOFA-2).

References
----------
Ranzani OT, Singer M, Salluh JIF, et al. Development and validation of the Sequential Organ Failure
Assessment (SOFA)-2 score. JAMA 2025; 334: 2090-2103. doi:10.1001/jama.2025.20516. The paper itself
could not be read here: every limit below was checked against three public implementations that
agree with one another, two of which give table 2 with its footnotes a to q.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from types import MappingProxyType

from vitruvian.criteria import Measure, Range
from vitruvian.risks.engine.points import ranged

BILIRUBIN_UMOL_PER_MG_DL = 17.104  # molar mass 584.66
CREATININE_UMOL_PER_MG_DL = 88.402  # molar mass 113.12
# every limit below: Ranzani 2025, table of the score
COMA = (15.0, 13.0, 9.0, 6.0)  # below: a point each; Glasgow coma score
OXYGEN_RATIO = (300.0, 225.0, 150.0, 75.0)  # mm[Hg], at or below; the last two with support
PLATELETS = (150.0, 100.0, 80.0, 50.0)  # 10*9/L, at or below
BILIRUBIN = (1.2, 3.0, 6.0, 12.0)  # mg/dL, above
CREATININE = (1.2, 2.0, 3.5)  # mg/dL, above
MEAN_PRESSURE = 70.0  # mm[Hg], below
CATECHOLAMINES = (0.0, 0.2, 0.4)  # noradrenaline and adrenaline together, ug/kg/min, above
DOPAMINE_ALONE = (0.0, 20.0, 40.0)  # ug/kg/min, above
LITTLE_URINE, VERY_LITTLE_URINE = 0.5, 0.3  # mL/kg/h, below
ENOUGH_URINE: Mapping[str, float] = MappingProxyType(
    {"urine_6h": 1.0, "urine_12h": 1.0, "urine_24h": 1.0}
)
POTASSIUM, PH, BICARBONATE = 6.0, 7.2, 12.0  # at or above; at or below; at or below; mmol/L
WORST = 4
UNSUPPORTED_WORST = 2

Known = Mapping[str, float]


def _brain(known: Known) -> int:
    points = sum(known["coma"] < limit for limit in COMA)
    return max(points, int(bool(known["delirium_drug"])))


def _lung(known: Known) -> int:
    if known["ecmo"]:
        return WORST
    points = sum(known["oxygen_ratio"] <= limit for limit in OXYGEN_RATIO)
    return points if known["support"] else min(points, UNSUPPORTED_WORST)


def _circulation(known: Known) -> int:
    """Pressors count before pressure; dopamine alone has limits of its own."""
    dose = round(known["noradrenaline"] + known["adrenaline"], 6)
    dopamine, other = known["dopamine"], known["other_pressor"]
    if known["mechanical"]:
        return WORST
    if not dose and not other and dopamine:
        return 1 + sum(dopamine > limit for limit in DOPAMINE_ALONE)
    if not dose and not other:
        return int(known["mean_pressure"] < MEAN_PRESSURE)
    if not dose:
        return 2
    points = 1 + sum(dose > limit for limit in CATECHOLAMINES)
    return min(points + int(bool(dopamine or other)), WORST)


def _liver(known: Known) -> int:
    value = known["bilirubin"] / BILIRUBIN_UMOL_PER_MG_DL
    return sum(round(value, 3) > limit for limit in BILIRUBIN)


def _kidney(known: Known) -> int:
    """Replacement, or its criteria met, is worst; else the worse of creatinine and urine."""
    value = round(known["creatinine"] / CREATININE_UMOL_PER_MG_DL, 3)
    acid = known["ph"] <= PH and known["bicarbonate"] <= BICARBONATE
    failing = value > CREATININE[0] or known["urine_6h"] < VERY_LITTLE_URINE
    if known["replacement"] or (failing and (known["potassium"] >= POTASSIUM or acid)):
        return WORST
    return max(sum(value > limit for limit in CREATININE), _by_urine(known))


def _by_urine(known: Known) -> int:
    if known["urine_24h"] < VERY_LITTLE_URINE or known["urine_12h"] <= 0:
        return 3
    if known["urine_12h"] < LITTLE_URINE:
        return 2
    return int(known["urine_6h"] < LITTLE_URINE)


def _blood(known: Known) -> int:
    return sum(known["platelets"] <= limit for limit in PLATELETS)


@dataclass(frozen=True)
class Organ:
    """How an organ is judged, and values that stand for whatever an unknown part may be."""

    points: Callable[[Known], int]
    stand_ins: Mapping[str, tuple[float, ...]]

    def possible(self, known: Known) -> tuple[int, ...]:
        """Every number of points that the organ may have."""
        each = (
            (float(known[n]),) if n in known else values for n, values in self.stand_ins.items()
        )
        return _points_of(self.points, tuple(self.stand_ins), tuple(each))


@lru_cache(maxsize=4096)
def _points_of(
    points: Callable[[Known], int], names: tuple[str, ...], each: tuple[tuple[float, ...], ...]
) -> tuple[int, ...]:
    """Points over all ways; kept, as the scores below ask for the same organs again."""
    ways = (dict(zip(names, way, strict=True)) for way in product(*each))
    return tuple(sorted({points(way) for way in ways}))


_EITHER = (0.0, 1.0)
ORGANS: Mapping[str, Organ] = MappingProxyType(
    {
        "brain": Organ(_brain, {"coma": (15, 14, 12, 8, 3), "delirium_drug": _EITHER}),
        "lung": Organ(
            _lung, {"oxygen_ratio": (400, 300, 200, 100, 60), "support": _EITHER, "ecmo": _EITHER}
        ),
        "circulation": Organ(
            _circulation,
            {
                "mean_pressure": (80, 60),
                "noradrenaline": (0, 0.1, 0.3, 0.5),
                "adrenaline": (0, 0.1, 0.3, 0.5),
                "dopamine": (0, 10, 30, 50),
                "other_pressor": _EITHER,
                "mechanical": _EITHER,
            },
        ),
        "liver": Organ(_liver, {"bilirubin": (10, 30, 80, 150, 300)}),
        "kidney": Organ(
            _kidney,
            {
                "creatinine": (80, 150, 250, 400),
                "urine_6h": (1, 0.4, 0.1),
                "urine_12h": (1, 0.4, 0),
                "urine_24h": (1, 0.1),
                "replacement": _EITHER,
                "potassium": (4, 7),
                "ph": (7.4, 7.0),
                "bicarbonate": (24, 8),
            },
        ),
        "blood": Organ(_blood, {"platelets": (300, 120, 90, 70, 20)}),
    }
)


@dataclass(frozen=True)
class Sofa2:
    """0 to 24 points over six organs, as a range where parts are missing.

    Inputs: coma (3 to 15), delirium_drug, support (advanced ventilatory support), ecmo,
    other_pressor, mechanical (circulatory support), replacement (renal): 1 or 0; oxygen_ratio
    (PaO2 in mm[Hg] over FiO2 as a fraction); mean_pressure (mm[Hg]); noradrenaline (as base),
    adrenaline and dopamine (ug/kg/min, 0 for none); bilirubin and creatinine
    (umol/L); urine_6h, urine_12h, urine_24h (mL/kg/h over that time); potassium and bicarbonate
    (mmol/L); ph; platelets (10*9/L). The worst values of 24 hours.

    Parameters
    ----------
    combine
        `sum`; or `max`: the points of the worst organ, 0 to 4.
    by_creatinine
        The kidney is judged without urine, as where nobody charts it. The full score is never
        less.

    Notes
    -----
    For adults in intensive care. Not here, of the footnotes: the coma score before sedation (c),
    the motor score where coma cannot be scored (d), SpO2/FiO2 where there is no arterial gas (f),
    a ceiling of treatment (h, m), how long a pressor ran (j), dialysis for other than the kidney's
    sake (o). What is missing is a range here, where the paper scores 0 (b).
    """

    combine: Callable[[Iterable[int]], int]
    by_creatinine: bool = False
    inputs: tuple[str, ...] = tuple(n for organ in ORGANS.values() for n in organ.stand_ins)

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The score; None when nothing is known."""
        if not any(name in known for name in self.inputs):
            return None
        told = {**known, **ENOUGH_URINE} if self.by_creatinine else known
        points = {name: organ.possible(told) for name, organ in ORGANS.items()}
        open_ = [name for name, each in points.items() if len(each) > 1]
        missing = [n for name in open_ for n in ORGANS[name].stand_ins if n not in told]
        return ranged(points, self.combine, missing)


SCORES: Mapping[str, Measure] = MappingProxyType(
    {
        "sofa2": Sofa2(sum),
        "sofa2_highest": Sofa2(max),
        "sofa2_by_creatinine": Sofa2(sum, by_creatinine=True),
        "sofa2_highest_by_creatinine": Sofa2(max, by_creatinine=True),
    }
)
