"""QT interval corrected for heart rate, by four formulas.

References
----------
Fridericia LS. Die Systolendauer im Elektrokardiogramm. Acta Med Scand 1920; 53: 469-486.
Bazett HC. An analysis of the time-relations of electrocardiograms. Heart 1920; 7: 353-370.
Sagie A, et al. An improved method for adjusting the QT interval for heart rate (the Framingham
Heart Study). Am J Cardiol 1992; 70: 797-801. doi:10.1016/0002-9149(92)90562-D.
Hodges M, Salerno D, Erlien D. Bazett's QT correction reviewed. J Am Coll Cardiol 1983; 1: 694.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from vitruvian.criteria import Measure, Range
from vitruvian.risks.errors import OutOfRange


def rr_seconds(heart_rate: float) -> float:
    """Time between two beats.

    Raises
    ------
    OutOfRange
        When the rate is not above zero.
    """
    if not heart_rate > 0:
        raise OutOfRange("qtc", "heart_rate", expected="a rate above 0 /min")
    return 60 / heart_rate


def qtc_fridericia(qt_ms: float, heart_rate: float) -> float:
    """QT in ms over the cube root of RR in seconds. Fridericia 1920.

    Examples
    --------
    >>> round(qtc_fridericia(400, 75))
    431
    """
    return qt_ms / math.cbrt(rr_seconds(heart_rate))


def qtc_bazett(qt_ms: float, heart_rate: float) -> float:
    """QT in ms over the square root of RR in seconds; too long at fast rates. Bazett 1920."""
    return qt_ms / math.sqrt(rr_seconds(heart_rate))


def qtc_framingham(qt_ms: float, heart_rate: float) -> float:
    """QT plus 154 ms for each second that RR is short of one. Sagie 1992."""
    return qt_ms + 154 * (1 - rr_seconds(heart_rate))


def qtc_hodges(qt_ms: float, heart_rate: float) -> float:
    """QT plus 1.75 ms for each beat a minute above 60. Hodges 1983."""
    rr_seconds(heart_rate)
    return qt_ms + 1.75 * (heart_rate - 60)


@dataclass(frozen=True)
class Qtc:
    """The corrected interval in ms; nothing unless both parts are known.

    Inputs: qt_ms (lead with the longest clear T wave) and heart_rate (/min) of the same tracing.

    Notes
    -----
    Not in atrial fibrillation, with a wide QRS or a paced rhythm.
    """

    formula: Callable[[float, float], float]
    inputs: tuple[str, ...] = ("qt_ms", "heart_rate")

    def value(self, known: Mapping[str, float]) -> Range | None:
        """The interval."""
        if any(name not in known for name in self.inputs):
            return None
        corrected = self.formula(known["qt_ms"], known["heart_rate"])
        return Range(corrected, corrected)


SCORES: Mapping[str, Measure] = MappingProxyType(
    {each.__name__: Qtc(each) for each in (qtc_fridericia, qtc_bazett, qtc_framingham, qtc_hodges)}
)
