"""Hypertrophic cardiomyopathy at risk of sudden death: syncope, echo, Holter, family.

What the HCM Risk-SCD calculator asks for is all measured here: age, maximal wall thickness,
left atrial diameter, outflow gradient, non-sustained ventricular tachycardia, syncope and
sudden death in the family.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.chart import (
    Plan,
    Study,
    bedside,
    echo,
    image,
    lab,
    note,
    prescribe,
    refill,
    vital,
)
from vitruvian.demo.life import Coding

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart

_EMERGENCY = Plan("emergency", (("emergency", 4.0),), "brandt", setting="EMER")
_CLINIC = Plan("follow_up", (("clinic", 1.5),), "brandt")
_IMPLANT = Plan("admission", (("cardiology", 50.0),), "brandt", "IMP", "home")
_ROLES = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
_ECHO = Study(
    "echo",
    "US",
    "heart",
    (("Parasternal", 12), ("Apical", 18), ("Doppler outflow tract", 9)),
    "Asymmetric septal hypertrophy, systolic anterior motion of the mitral valve.",
)


@dataclass(frozen=True, slots=True)
class Risk:
    """Which markers of risk this patient has."""

    syncope: bool
    runs: int
    family: bool


def tell(chart: Chart) -> None:
    """Tell the years since the first symptoms."""
    first = chart.days_ago(shortest=200, longest=2000)
    high = chart.anchor_days is not None
    risk = Risk(
        syncope=high or chart.rng.random() < 0.5,
        runs=chart.rng.randint(1, 5) if high or chart.rng.random() < 0.6 else 0,
        family=high or chart.rng.random() < 0.5,
    )
    _change_body(chart)
    if risk.syncope:
        _faint(chart, first)
    at = first + timedelta(days=12)
    _assess(chart, at, risk)
    year = at + timedelta(days=350)
    while year < chart.now:
        _yearly(chart, year, risk)
        year += timedelta(days=365) + chart.jitter(-300, 300)
    _decide(chart, at + timedelta(days=60), risk, undecided=high)


def _change_body(chart: Chart) -> None:
    body, rng = chart.body, chart.rng
    body.set_baseline("wall_thickness", rng.uniform(18, 30))
    body.set_baseline("left_atrium", rng.uniform(41, 51))
    body.set_baseline("outflow_gradient", rng.choice([rng.uniform(35, 105), rng.uniform(7, 25)]))
    body.set_baseline("nt_pro_bnp", rng.uniform(450, 2400))
    body.set_baseline("troponin", rng.uniform(15, 40))


def _faint(chart: Chart, at: datetime) -> None:
    visit = chart.visit(_EMERGENCY, start=at)
    bedside(chart, "ward", at=at + timedelta(minutes=8), visit=visit)
    chart.perform("ecg", at=at + timedelta(minutes=12), visit=visit, hours=0.1)
    for key in ("chemistry", "heart"):
        lab(chart, key, at=at + timedelta(minutes=20), visit=visit)
    chart.diagnose(
        "syncope",
        at=at + timedelta(hours=1),
        visit=visit,
        onset=at,
        abated=at,
        category="encounter-diagnosis",
    )


def _assess(chart: Chart, at: datetime, risk: Risk) -> None:
    visit = chart.visit(_CLINIC, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=5), visit=visit)
    seen = at + timedelta(minutes=30)
    chart.perform("echocardiography", at=seen, visit=visit)
    echo(chart, at=seen, visit=visit)
    image(chart, _ECHO, at=seen, visit=visit)
    _holter(chart, at + timedelta(minutes=70), risk)
    reason = chart.diagnose(
        "hypertrophic_cardiomyopathy", at=at + timedelta(minutes=75), visit=visit
    )
    _family(chart, at + timedelta(minutes=40), risk)
    ordered = prescribe(
        chart, "metoprolol", at=at + timedelta(minutes=80), visit=visit, reason=reason
    )
    refill(chart, ordered)
    note(chart, "cardiomyopathy", at=at + timedelta(days=3), visit=visit, **_words(chart, risk))


def _words(chart: Chart, risk: Risk) -> dict[str, str]:
    return {
        "syncope": "One unexplained syncope at rest." if risk.syncope else "No syncope.",
        "wall": chart.last("wall_thickness"),
        "atrium": chart.last("left_atrium"),
        "gradient": chart.last("outflow_gradient"),
        "ejection": chart.last("ejection_fraction"),
        "runs": f"{risk.runs} runs of NSVT" if risk.runs else "no NSVT",
        "family": "brother died suddenly at 34, mother healthy."
        if risk.family
        else "no sudden death.",
    }


def _holter(chart: Chart, at: datetime, risk: Risk) -> None:
    back = chart.visit(_CLINIC, start=at + timedelta(hours=49))
    chart.perform("holter", at=back.start, visit=back, hours=0.3)
    read = back.start + timedelta(minutes=50)
    vital(chart, "ventricular_runs", at=read, visit=back, level=risk.runs)
    if risk.runs:
        chart.diagnose("ventricular_runs", at=read + timedelta(minutes=9), visit=back)


def _family(chart: Chart, at: datetime, risk: Risk) -> None:
    brother = Coding(_ROLES, "BRO", "brother")
    if risk.family:
        chart.relate(brother, at=at, affected="sudden_death", onset=34, died=34)
    else:
        chart.relate(
            brother, at=at, affected=None, note="No family history of sudden cardiac death"
        )
    mother = Coding(_ROLES, "MTH", "mother")
    chart.relate(mother, at=at, affected=None, note="No family history of cardiomyopathy")


def _yearly(chart: Chart, at: datetime, risk: Risk) -> None:
    at = chart.office(at)
    visit = chart.visit(_CLINIC, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=5), visit=visit)
    echo(chart, at=at + timedelta(minutes=25), visit=visit)
    lab(chart, "heart", at=at + timedelta(minutes=12), visit=visit)
    note(chart, "cardiomyopathy", at=at + timedelta(hours=1), visit=visit, **_words(chart, risk))


def _decide(chart: Chart, at: datetime, risk: Risk, *, undecided: bool) -> None:
    markers = risk.syncope + bool(risk.runs) + risk.family
    if markers >= 2:
        chart.warn("sudden_death_risk", start=at)
    if undecided or markers < 2:
        return
    if chart.rng.random() < 0.12:
        chart.die(at + chart.days(40, 900))
        return
    visit = chart.visit(_IMPLANT, start=at)
    bedside(chart, "ward", at=at + timedelta(minutes=30), visit=visit)
    done = at + timedelta(hours=6)
    chart.perform("icd_implantation", at=done, visit=visit, hours=1.2, site="heart")
    note(chart, "cardiomyopathy_icd", at=done + timedelta(hours=2), visit=visit)
