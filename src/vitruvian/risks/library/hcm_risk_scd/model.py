"""HCM Risk-SCD: sudden cardiac death within five years in hypertrophic cardiomyopathy.

References
----------
O'Mahony C, et al. A novel clinical risk prediction model for sudden cardiac death in
hypertrophic cardiomyopathy (HCM Risk-SCD). Eur Heart J 2014; 35: 2010-2020.
doi:10.1093/eurheartj/eht439.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range
from vitruvian.risks.engine.points import filled, hull

BASELINE_SURVIVAL = 0.998  # five years; O'Mahony 2014
WALL, WALL_SQUARED = 0.15939858, -0.00294271  # per mm, per mm2; O'Mahony 2014
COEFFICIENTS: Mapping[str, float] = MappingProxyType(
    {  # O'Mahony 2014
        "atrium_mm": 0.0259082,
        "gradient_mmhg": 0.00446131,
        "family_scd": 0.4583082,
        "nsvt": 0.82639195,
        "syncope": 0.71650361,
        "age_years": -0.01799934,
    }
)
MEASURED = ("age_years", "wall_mm", "atrium_mm", "gradient_mmhg")
DOUBTFUL = ("family_scd", "nsvt", "syncope")
YOUNGEST_YEARS = 16  # derived in patients of 16 and older; O'Mahony 2014, methods
THINNEST_MM, THICKEST_MM = 10.0, 35.0  # beyond it the model was not derived; O'Mahony 2014
WIDEST_ATRIUM_MM = 67.0  # the same
HIGHEST_GRADIENT_MMHG = 154.0  # the same


def five_year_risk_percent(known: Mapping[str, float]) -> float:
    """Risk of sudden cardiac death within five years, in per cent.

    Parameters
    ----------
    known
        age_years (>= 16), wall_mm (greatest wall thickness), atrium_mm (parasternal diameter),
        gradient_mmhg (greatest, at rest or on Valsalva), and family_scd, nsvt, syncope as 0 or 1.

    Examples
    --------
    >>> one = {"age_years": 40, "wall_mm": 20, "atrium_mm": 45, "gradient_mmhg": 30}
    >>> round(five_year_risk_percent({**one, "family_scd": 0, "nsvt": 0, "syncope": 0}), 2)
    2.63
    """
    wall = known["wall_mm"]
    index = WALL * wall + WALL_SQUARED * wall**2
    index += sum(weight * known[name] for name, weight in COEFFICIENTS.items())
    return 100 * (1 - math.pow(BASELINE_SURVIVAL, math.exp(index)))


@dataclass(frozen=True)
class HcmRiskScd:
    """The risk in per cent; a range where one of the three yes-or-no parts is missing.

    Nothing is said when a measured part is missing or lies outside the derivation data.

    Notes
    -----
    Not under 16 years, after cardiac arrest or sustained ventricular tachycardia, in metabolic or
    syndromic disease, nor in elite athletes.
    """

    inputs: tuple[str, ...] = (*MEASURED, *DOUBTFUL)

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The risk, 0 to 100."""
        if any(name not in known for name in MEASURED) or not _in_range(known):
            return None
        risks = [five_year_risk_percent(way) for way in filled(known, DOUBTFUL)]
        missing = tuple(name for name in DOUBTFUL if name not in known)
        return hull(Range(risk, risk, missing) for risk in risks)


def _in_range(known: Mapping[str, float]) -> bool:
    return (
        known["age_years"] >= YOUNGEST_YEARS
        and THINNEST_MM <= known["wall_mm"] <= THICKEST_MM
        and 0 < known["atrium_mm"] <= WIDEST_ATRIUM_MM
        and 0 <= known["gradient_mmhg"] <= HIGHEST_GRADIENT_MMHG
    )


SCORES: Mapping[str, Measure] = MappingProxyType({"hcm_risk_scd": HcmRiskScd()})
