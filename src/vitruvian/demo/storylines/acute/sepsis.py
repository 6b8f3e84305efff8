"""Sepsis with shock: emergency department, ward, intensive care, ward, home.

Lactate, creatinine and inflammation rise and fall together; vital signs are read every hour
in intensive care; norepinephrine is titrated; blood cultures grow a day later.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.body import Episode
from vitruvian.demo.chart import (
    Finding,
    Plan,
    Study,
    answer,
    bedside,
    culture,
    give,
    image,
    lab,
    note,
    prescribe,
    repeat,
    vital,
)

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart
    from vitruvian.demo.life import Encounter

_XRAY = Study("chest_xray", "DX", "chest", (("PA", 1),), "No consolidation. Central line in place.")
_ESCHERICHIA = (
    Finding("blood_culture", "escherichia", flag="POS"),
    Finding("ampicillin_resistance", "resistant", flag="R"),
    Finding("ceftriaxone_resistance", "susceptible", flag="S"),
    Finding("piperacillin_resistance", "susceptible", flag="S"),
    Finding("ciprofloxacin_resistance", "resistant", flag="R"),
    Finding("meropenem_resistance", "susceptible", flag="S"),
)
_STAPHYLOCOCCUS = (
    Finding("blood_culture", "staphylococcus", flag="POS"),
    Finding("ciprofloxacin_resistance", "susceptible", flag="S"),
)

# Factors on the personal baseline at the worst hour: a fixed part and one per severity.
_SHOCK = {
    "lactate": (1.0, 4.6),
    "heart_rate": (1.0, 0.7),
    "temperature": (1.072, 0.0),
    "respiratory_rate": (1.0, 0.8),
    "systolic": (1.0, -0.3),
    "diastolic": (1.0, -0.32),
    "mean_pressure": (1.0, -0.31),
    "oxygen_saturation": (1.0, -0.08),
    "arterial_ph": (1.0, -0.018),
    "arterial_po2": (1.0, -0.3),
    "urine_output": (0.25, 0.0),
}
_INFLAMMATION = {
    "crp": (0.0, 120.0),
    "procalcitonin": (0.0, 350.0),
    "leukocytes": (2.6, 0.0),
    "platelets": (0.4, 0.0),
    "creatinine": (1.0, 2.4),
    "urea": (1.0, 2.2),
    "bilirubin": (2.4, 0.0),
    "albumin": (0.62, 0.0),
    "inr": (1.35, 0.0),
    "haemoglobin": (0.82, 0.0),
    "glucose": (1.6, 0.0),
    "potassium": (1.12, 0.0),
}


@dataclass(frozen=True, slots=True)
class Course:
    """The hours of one admission and how hard it is."""

    start: datetime
    intensive: datetime
    ward: datetime
    home: datetime
    severity: float
    urinary: bool
    ventilated: bool
    dies: bool


def tell(chart: Chart) -> None:
    """Tell one admission with septic shock."""
    course = _course(chart)
    _change_body(chart, course)
    visit = _admission(chart, course)
    _emergency(chart, course, visit)
    _intensive(chart, course, visit)
    _laboratory(chart, course, visit)
    _back_on_ward(chart, course, visit)
    if course.dies:
        chart.die(course.ward - timedelta(hours=4))


def _course(chart: Chart) -> Course:
    rng = chart.rng
    start = chart.days_ago(shortest=20, longest=1500) + chart.jitter(0, 12)
    intensive = start + chart.jitter(8, 20)
    ward = intensive + chart.jitter(70, 150)
    severity = rng.uniform(0.7, 1.3)
    return Course(
        start=start,
        intensive=intensive,
        ward=ward,
        home=ward + chart.jitter(122, 200),
        severity=severity,
        urinary=rng.random() < 0.65,
        ventilated=severity > 1.0,
        dies=chart.anchor_days is None and severity > 1.17,
    )


def _change_body(chart: Chart, course: Course) -> None:
    onset, peak = course.start - timedelta(hours=14), course.intensive + timedelta(hours=8)
    hard = course.severity
    fast = Episode(onset, peak, course.ward)
    slow = Episode(onset, peak + timedelta(hours=24), course.home + timedelta(days=3))
    for episode, factors in ((fast, _SHOCK), (slow, _INFLAMMATION)):
        chart.body.swell(episode, {key: base + per * hard for key, (base, per) in factors.items()})


def _admission(chart: Chart, course: Course) -> Encounter:
    def hours(left: datetime, entered: datetime) -> float:
        return (left - entered).total_seconds() / 3600

    wards = (
        ("emergency", 4.0),
        ("medicine", hours(course.intensive, course.start) - 4.0),
        ("intensive", hours(course.ward, course.intensive)),
        ("medicine", hours(course.home, course.ward)),
    )
    return chart.visit(
        Plan("admission", wards, "rahman", setting="IMP", discharged_to="home"), start=course.start
    )


def _emergency(chart: Chart, course: Course, visit: Encounter) -> None:
    at = course.start + timedelta(minutes=12)
    for quarter in (0, 25, 70, 130, 200):
        bedside(chart, "ward", at=at + timedelta(minutes=quarter), visit=visit)
    findings = _ESCHERICHIA if course.urinary else _STAPHYLOCOCCUS
    culture(chart, findings, at=at + timedelta(minutes=20), visit=visit)
    chart.diagnose("sepsis", at=at + timedelta(minutes=50), visit=visit, abated=course.home)
    focus = "urinary_infection" if course.urinary else "pneumonia"
    told = at + timedelta(minutes=90)
    chart.diagnose(focus, at=told, visit=visit, abated=course.home, verification="confirmed")
    fluid = prescribe(chart, "balanced crystalloid", at=at, visit=visit, until=visit.end)
    for part in (10, 45, 100, 170):
        give(chart, fluid, at=at + timedelta(minutes=part), hours=0.5)
    drug = prescribe(
        chart,
        "piperacillin and tazobactam",
        at=at + timedelta(minutes=40),
        visit=visit,
        until=course.start + timedelta(days=7),
    )
    repeat(chart, drug, until=course.start + timedelta(days=7), hours=0.5)
    _first_note(chart, at + timedelta(hours=2), visit, course)


def _first_note(chart: Chart, at: datetime, visit: Encounter, course: Course) -> None:
    lab(chart, "blood_gas", at=course.start + timedelta(minutes=25), visit=visit)
    words = {
        "focus": "Flank pain on the left." if course.urinary else "Productive cough for two days.",
        "rate": chart.last("respiratory_rate"),
        "pressure": chart.last_pressure(),
        "temperature": chart.last("temperature"),
        "lactate": chart.last("lactate"),
    }
    note(chart, "sepsis_admission", at=at, visit=visit, **words)


def _intensive(chart: Chart, course: Course, visit: Encounter) -> None:
    start = course.intensive
    _lines(chart, course, visit)
    answer(
        chart,
        "code_status",
        "do_not_resuscitate" if course.dies else "resuscitate",
        at=start + timedelta(hours=2),
        visit=visit,
    )
    chart.diagnose("septic_shock", at=start + timedelta(hours=1), visit=visit, abated=course.ward)
    chart.diagnose("kidney_injury", at=start + timedelta(hours=6), visit=visit, abated=course.home)
    hour = start + timedelta(minutes=5)
    while hour < min(course.ward, chart.now):
        bedside(chart, "intensive", at=hour, visit=visit)
        if hour.hour % 4 == 0:
            vital(chart, "temperature", at=hour, visit=visit)
            coma = 8.0 if course.ventilated and hour < course.ward - timedelta(hours=40) else 14.0
            vital(chart, "coma_scale", at=hour, visit=visit, level=coma)
        hour += timedelta(hours=1)
    _pressor(chart, course, visit)


def _lines(chart: Chart, course: Course, visit: Encounter) -> None:
    at = course.intensive + timedelta(minutes=30)
    chart.perform("central_line", at=at, visit=visit)
    image(chart, _XRAY, at=at + timedelta(hours=1), visit=visit)
    if not course.ventilated:
        chart.perform("intubation", at=at, visit=visit, why_not="Improved with high-flow oxygen")
        return
    chart.perform("intubation", at=at + timedelta(minutes=20), visit=visit, hours=0.3)
    wake = course.ward - timedelta(hours=36)
    hours = (wake - at).total_seconds() / 3600
    chart.perform("ventilation", at=at + timedelta(minutes=40), visit=visit, hours=hours)
    sedation = prescribe(chart, "propofol", at=at, visit=visit, until=wake)
    give(chart, sedation, at=at + timedelta(minutes=15), hours=hours, rate=("2", "mg/kg/h"))


def _pressor(chart: Chart, course: Course, visit: Encounter) -> None:
    stop = course.ward - timedelta(hours=24)
    start = course.intensive + timedelta(minutes=20)
    drug = prescribe(chart, "norepinephrine", at=start, visit=visit, until=stop)
    at, steps = start, max(3, int((stop - start).total_seconds() // (4 * 3600)))
    for step in range(steps):
        height = min(step + 1, 3) / 3 * (1 - step / steps)
        dose = max(0.02, 0.34 * course.severity * height)
        give(chart, drug, at=at, hours=4.0, rate=(f"{dose:.2f}", "ug/kg/min"))
        at += timedelta(hours=4)


def _laboratory(chart: Chart, course: Course, visit: Encounter) -> None:
    end = min(course.home, chart.now)
    at = course.start + timedelta(minutes=30)
    while at < end:
        for key in ("chemistry", "blood_count", "inflammation", "clotting"):
            lab(chart, key, at=at, visit=visit)
        at += timedelta(hours=12 if at < course.ward else 24) + chart.jitter(-1, 1)
    gas = course.intensive + timedelta(minutes=15)
    while gas < min(course.ward, chart.now):
        lab(chart, "blood_gas", at=gas, visit=visit)
        gas += timedelta(hours=5) + chart.jitter(-1, 1)
    _daily_notes(chart, course, visit)


def _daily_notes(chart: Chart, course: Course, visit: Encounter) -> None:
    day, at = 1, course.intensive + timedelta(hours=11)
    while at < course.ward:
        early = (at - course.start).total_seconds() < 45 * 3600
        words = {
            "day": day,
            "shock": "Norepinephrine running."
            if at < course.ward - timedelta(hours=24)
            else "Off vasopressors.",
            "lactate": chart.last("lactate", before=at),
            "creatinine": chart.last("creatinine", before=at),
            "kidney": "AKI, urine output low" if day < 3 else "AKI, recovering",
            "lungs": "Ventilated." if course.ventilated else "High-flow oxygen, not intubated.",
            "culture": "pending" if early else _germ(course),
            "code": "DNR" if course.dies else "full",
        }
        note(chart, "sepsis_icu", at=at, visit=visit, **words)
        day, at = day + 1, at + timedelta(hours=24)


def _germ(course: Course) -> str:
    return "E. coli" if course.urinary else "S. aureus"


def _back_on_ward(chart: Chart, course: Course, visit: Encounter) -> None:
    at = course.ward + timedelta(hours=1)
    while at < min(course.home, chart.now):
        bedside(chart, "ward", at=at, visit=visit)
        at += timedelta(hours=6)
    days = (course.home - course.start).days
    words = {
        "days": days,
        "source": "the urinary tract" if course.urinary else "pneumonia",
        "culture": _germ(course),
        "creatinine": chart.last("creatinine"),
    }
    note(chart, "sepsis_discharge", at=course.home - timedelta(hours=1), visit=visit, **words)
