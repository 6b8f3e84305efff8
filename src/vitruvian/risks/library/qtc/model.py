"""QT interval corrected for heart rate, by four formulas and by one chosen after the rate.

References
----------
Fridericia LS. Die Systolendauer im Elektrokardiogramm. Acta Med Scand 1920; 53: 469-486.
Bazett HC. An analysis of the time-relations of electrocardiograms. Heart 1920; 7: 353-370.
Sagie A, et al. An improved method for adjusting the QT interval for heart rate (the Framingham
Heart Study). Am J Cardiol 1992; 70: 797-801. doi:10.1016/0002-9149(92)90562-D.
Hodges M, Salerno D, Erlien D. Bazett's QT correction reviewed. J Am Coll Cardiol 1983; 1: 694.
Goldenberg I, Moss AJ, Zareba W. QT interval: how to measure it and what is "normal". J Cardiovasc
Electrophysiol 2006; 17: 333-336. doi:10.1111/j.1540-8167.2006.00408.x: Bazett corrects too much at
fast rates and too little at slow ones.
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


SLOWEST_FOR_BAZETT, FASTEST_FOR_BAZETT = 60, 100
"""Beats a minute between which Bazett's formula serves; beyond them Fridericia's does better.

So told alike by the openEHR model of QTc (Cambio CDS) and by Cardiology Connections, after
Goldenberg 2006.
"""


def qtc_by_rate(qt_ms: float, heart_rate: float) -> float:
    """After Bazett from 60 to 100 beats a minute, after Fridericia outside; in ms.

    Examples
    --------
    >>> round(qtc_by_rate(360, 75)), round(qtc_by_rate(360, 120))
    (402, 454)
    """
    usual = SLOWEST_FOR_BAZETT <= heart_rate <= FASTEST_FOR_BAZETT
    return (qtc_bazett if usual else qtc_fridericia)(qt_ms, heart_rate)


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


_FORMULAS = (qtc_by_rate, qtc_fridericia, qtc_bazett, qtc_framingham, qtc_hodges)
SCORES: Mapping[str, Measure] = MappingProxyType({each.__name__: Qtc(each) for each in _FORMULAS})
