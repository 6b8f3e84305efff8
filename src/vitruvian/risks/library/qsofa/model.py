"""Quick SOFA.

References
----------
Singer M, et al. The third international consensus definitions for sepsis and septic shock
(Sepsis-3). JAMA 2016; 315: 801-810. doi:10.1001/jama.2016.0287. Box 4.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range
from vitruvian.risks.engine.points import ranged

# every line below: Singer 2016, box 4
MET: Mapping[str, Callable[[float], bool]] = MappingProxyType(
    {
        "respiration": lambda per_min: per_min >= 22,  # noqa: PLR2004 - cited above
        "systolic": lambda mmhg: mmhg <= 100,  # noqa: PLR2004 - cited above
        "coma": lambda points: points < 15,  # noqa: PLR2004 - cited above
    }
)


@dataclass(frozen=True)
class QuickSofa:
    """0 to 3 points; inputs: respiration (/min), systolic (mm[Hg]), coma (Glasgow, 3 to 15).

    Notes
    -----
    Not a screening test on its own (Surviving Sepsis Campaign 2021, 10.1097/CCM.0000000000005337):
    it must not interrupt anybody.
    """

    inputs: tuple[str, ...] = tuple(MET)

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The score, as a range where parts are missing; None when all are."""
        missing = [name for name in self.inputs if name not in known]
        if len(missing) == len(self.inputs):
            return None
        points = {
            name: (int(met(known[name])),) if name in known else (0, 1) for name, met in MET.items()
        }
        return ranged(points, sum, missing)


SCORES: Mapping[str, Measure] = MappingProxyType({"qsofa": QuickSofa()})
