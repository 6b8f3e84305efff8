"""Dose of an infusion: none where it is known not to run, any where its dose is not told.

References
----------
Vincent JL, et al. The SOFA score. Intensive Care Med 1996; 22: 707-710. doi:10.1007/BF01709751.
Table 3: drugs of the circulation in ug/kg/min.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range

# ends of what a dose may be: beyond both, no score of the library changes its points
LEAST, MOST = 1e-6, 1e3


@dataclass(frozen=True)
class InfusionDose:
    """The dose in ug/kg/min; 0 where the drug was not given, a range where its dose is not told.

    Inputs: given (1 or 0), dose (the highest of the time; 0 is a stopped infusion).
    """

    inputs: tuple[str, ...] = ("given", "dose")

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The dose; None when nobody said whether it was given."""
        if "dose" in known:
            return Range(known["dose"], known["dose"])
        if "given" not in known:
            return None
        return Range(LEAST, MOST, ("dose",)) if known["given"] else Range(0, 0)


SCORES: Mapping[str, Measure] = MappingProxyType({"infusion_dose": InfusionDose()})
