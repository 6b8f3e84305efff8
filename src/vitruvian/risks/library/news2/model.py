"""National Early Warning Score 2.

References
----------
Royal College of Physicians. National Early Warning Score (NEWS) 2: Standardising the assessment
of acute-illness severity in the NHS. London, 2017. ISBN 978-1-86016-682-2. Chart 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range
from vitruvian.risks.engine.points import Bands, filled, hull, ranged

# every line below: Royal College of Physicians 2017, chart 1
RESPIRATION = Bands(upper=((8, 3), (11, 1), (20, 0), (24, 2)), above=3)
SATURATION_1 = Bands(upper=((91, 3), (93, 2), (95, 1)), above=0)
SATURATION_2_AIR = Bands(upper=((83, 3), (85, 2), (87, 1)), above=0)
SATURATION_2_OXYGEN = Bands(upper=((83, 3), (85, 2), (87, 1), (92, 0), (94, 1), (96, 2)), above=3)
SYSTOLIC = Bands(upper=((90, 3), (100, 2), (110, 1), (219, 0)), above=3)
PULSE = Bands(upper=((40, 3), (50, 1), (90, 0), (110, 1), (130, 2)), above=3)
TEMPERATURE = Bands(upper=((35.0, 3), (36.0, 1), (38.0, 0), (39.0, 1)), above=2, decimals=1)
OXYGEN_POINTS = 2
NOT_ALERT_POINTS = 3

BANDS: Mapping[str, Bands] = MappingProxyType(
    {
        "respiration": RESPIRATION,
        "systolic": SYSTOLIC,
        "pulse": PULSE,
        "temperature": TEMPERATURE,
    }
)
DOUBTFUL = ("oxygen", "scale_2", "not_alert")
INPUTS = (*BANDS, "saturation", *DOUBTFUL)


def saturation_bands(*, oxygen: bool, scale_2: bool) -> Bands:
    """The column of the chart for a saturation: scale 2 only where it is prescribed."""
    if not scale_2:
        return SATURATION_1
    return SATURATION_2_OXYGEN if oxygen else SATURATION_2_AIR


def points_of(known: Mapping[str, float]) -> dict[str, tuple[int, ...]]:
    """The points that each parameter may have; all three yes-or-no parts must be known."""
    bands = {
        **BANDS,
        "saturation": saturation_bands(
            oxygen=bool(known["oxygen"]), scale_2=bool(known["scale_2"])
        ),
    }
    parts = {
        name: (band.points(known[name]),) if name in known else band.possible
        for name, band in bands.items()
    }
    parts["oxygen"] = (OXYGEN_POINTS if known["oxygen"] else 0,)
    parts["not_alert"] = (NOT_ALERT_POINTS if known["not_alert"] else 0,)
    return parts


@dataclass(frozen=True)
class News2:
    """NEWS2, aggregate (0 to 20) or of the highest parameter (0 to 3).

    Inputs: respiration (/min), saturation (%), systolic (mm[Hg]), pulse (/min), temperature
    (Cel); oxygen (1 on supplementary oxygen, 0 on air), scale_2 (1 when a target of 88 to 92 %
    is prescribed), not_alert (1 for new confusion, voice, pain or unresponsive).

    Notes
    -----
    Not under 16 years, nor in pregnancy.

    Examples
    --------
    >>> News2(sum).value({"respiration": 25, "oxygen": 0, "scale_2": 0, "not_alert": 0,
    ...     "systolic": 120, "pulse": 80, "temperature": 37.0})
    Range(low=3, high=6, missing=('saturation',))
    """

    combine: Callable[[Iterable[int]], int]
    inputs: tuple[str, ...] = INPUTS

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The score; None when nothing at all was measured."""
        if not any(name in known for name in (*BANDS, "saturation")):
            return None
        missing = tuple(name for name in self.inputs if name not in known)
        ways = (points_of(way) for way in filled(known, DOUBTFUL))
        found = hull(ranged(way, self.combine, missing) for way in ways)
        return Range(found.low, found.high, missing if found.low < found.high else ())


SCORES: Mapping[str, Measure] = MappingProxyType({"news2": News2(sum), "news2_highest": News2(max)})
