"""SOFA and QTc against the calculators of MedCalc-Bench (Khandekar 2024, arXiv:2406.12036).

Its package gives a score beside its explanation. Where it departs from the paper, or rounds on
the way, the difference is named here and left out of what is compared.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian.criteria import Range
from vitruvian.risks import score_named

pytest.importorskip("medcalc", reason="medcalc-bench is not installed: a test oracle")

FORMULAS = {
    "qtc_fridericia": ("qt_calculator_fredericia", "fredericia_calculator_explanation"),
    "qtc_bazett": ("qt_calculator_bazett", "bazett_calculator_explanation"),
    "qtc_framingham": ("qt_calculator_framingham", "framingham_calculator_explanation"),
    "qtc_hodges": ("qt_calculator_hodges", "hodges_calculator_explanation"),
}
SOFA = ("sofa", "compute_sofa_explanation")
# umol/L in 1 mg/dL, from the molar masses 584.66 and 113.12 g/mol
BILIRUBIN_UMOL, CREATININE_UMOL = 17.104, 88.402
# It prints RR to the millisecond and goes on with that: at 150 /min 0.1 % of RR.
ROUNDED_MS = 0.7


def theirs(which: tuple[str, str], told: dict[str, Any]) -> float:
    """The answer of one of their calculators."""
    module, function = which
    # Any: the package ships no types
    calculate: Any = getattr(import_module(f"medcalc.{module}"), function)
    return float(calculate(told)["Answer"])


@pytest.mark.parametrize("name", sorted(FORMULAS))
@given(qt=st.integers(250, 650), rate=st.integers(40, 150))
def test_qtc__equals_theirs_but_for_their_rounding(name: str, qt: int, rate: int) -> None:
    told = {"heart_rate": (rate, "beats per minute"), "qt_interval": (qt, "msec")}
    found = score_named(name).value({"qt_ms": float(qt), "heart_rate": float(rate)})
    assert found is not None
    assert found.low == found.high == pytest.approx(theirs(FORMULAS[name], told), abs=ROUNDED_MS)


# In the middle of each band: they score a ratio of exactly 199 otherwise, and limits in mg/dL and
# in umol/L are both printed in the paper and are not quite the same.
RATIOS = st.sampled_from([60.0, 95.0, 120.0, 180.0, 220.0, 280.0, 320.0, 390.0, 420.0, 500.0])
PLATELETS = st.sampled_from([10.0, 19.0, 20.0, 35.0, 50.0, 75.0, 100.0, 125.0, 150.0, 300.0])
BILIRUBIN = st.sampled_from([0.5, 1.0, 1.5, 1.8, 2.5, 5.0, 7.0, 11.0, 13.0, 20.0])
CREATININE = st.sampled_from([0.5, 1.0, 1.5, 1.8, 2.5, 3.2, 3.8, 4.7, 5.5, 9.0])


@given(
    ratio=RATIOS,
    ventilated=st.booleans(),
    platelets=PLATELETS,
    bilirubin=BILIRUBIN,
    creatinine=CREATININE,
    coma=st.integers(3, 15),
)
def test_sofa__equals_theirs_in_five_organs_and_low_pressure(
    *,
    ratio: float,
    ventilated: bool,
    platelets: float,
    bilirubin: float,
    creatinine: float,
    coma: int,
) -> None:
    """Circulation stays at a low pressure without drugs.

    Theirs gives 2 points to whoever has no low pressure, with or without drugs, and never 4; theirs
    takes creatinine or urine and never the worse of both.
    """
    told = {
        "partial_pressure_oxygen": (ratio, "mm Hg"),
        "fio2": (1.0, "%"),
        "mechanical_ventilation": ventilated,
        "gcs": coma,
        "bilirubin": (bilirubin, "mg/dL"),
        "platelet_count": (platelets * 1000, "µL"),
        "creatinine": (creatinine, "mg/dL"),
        "sys_bp": (85, "mm Hg"),
        "dia_bp": (60, "mm Hg"),
    }
    ours = score_named("sofa_by_creatinine").value(
        {
            "oxygen_ratio": ratio,
            "ventilated": float(ventilated),
            "platelets": platelets,
            "bilirubin": bilirubin * BILIRUBIN_UMOL,
            "creatinine": creatinine * CREATININE_UMOL,
            "coma": float(coma),
            "mean_pressure": 68.3,
            **dict.fromkeys(("dopamine", "dobutamine", "adrenaline", "noradrenaline"), 0.0),
        }
    )
    points = theirs(SOFA, told)
    assert ours == Range(points, points)
