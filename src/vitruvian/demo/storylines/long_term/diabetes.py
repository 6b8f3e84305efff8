"""Type 2 diabetes: HbA1c falls after metformin, creeps up, falls again after a second drug."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.chart import Plan, bedside, lab, note, prescribe, refill
from vitruvian.demo.storylines.everyday.adult import set_build

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart

_FOUND = Plan("complaint", (("clinic", 0.8),), "rahman")
_REVIEW = Plan("follow_up", (("clinic", 0.5),), "rahman")
_QUARTER = timedelta(days=100)


def tell(chart: Chart) -> None:
    """Tell the years since the diagnosis."""
    found = chart.days_ago(shortest=500, longest=2400)
    set_build(chart, lowest=27.0, highest=39.0)
    second = found + chart.days(300, 900)
    _change_body(chart, found, second)
    _diagnose(chart, found)
    at = found + timedelta(days=110)
    added = False
    while at < chart.now:
        _review(chart, at, add=at > second and not added)
        added = added or at > second
        at += timedelta(days=110) + chart.jitter(-200, 500)


def _change_body(chart: Chart, found: datetime, second: datetime) -> None:
    body = chart.body
    untreated = chart.rng.uniform(7.6, 10.6)
    body.set_baseline("hba1c", untreated)
    body.set_baseline("glucose", 1.59 * untreated - 2.59)  # Nathan 2008, ADAG
    for analyte, factor in (("hba1c", 0.8), ("glucose", 0.74)):
        body.shift(analyte, start=found, over=_QUARTER, factor=factor)
        creep = second - found - _QUARTER
        body.shift(analyte, start=found + _QUARTER, over=creep, factor=1.1)
        body.shift(analyte, start=second + timedelta(days=110), over=_QUARTER, factor=0.85)
    body.shift("weight", start=second, over=timedelta(days=200), factor=0.96)
    if chart.rng.random() < 0.25:
        years = timedelta(days=1500)
        body.set_baseline("urine_albumin_creatinine", chart.rng.uniform(35, 250))
        body.shift("creatinine", start=found, over=years, factor=chart.rng.uniform(1.2, 1.7))


def _diagnose(chart: Chart, at: datetime) -> None:
    visit = chart.visit(_FOUND, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=5), visit=visit)
    drawn = at + timedelta(minutes=15)
    for key in ("sugar", "chemistry", "lipids", "urine"):
        lab(chart, key, at=drawn, visit=visit)
    metres = chart.body.baselines["height"] / 100
    bmi = f"{chart.body.baselines['weight'] / metres**2:.1f}"
    told = at + timedelta(days=2)
    back = chart.visit(_REVIEW, start=told)
    reason = chart.diagnose("type_2_diabetes", at=told + timedelta(minutes=5), visit=back)
    if float(bmi) >= 30:
        chart.diagnose("obesity", at=told + timedelta(minutes=6), visit=back)
    ordered = prescribe(
        chart, "metformin", at=told + timedelta(minutes=15), visit=back, reason=reason
    )
    refill(chart, ordered)
    words = {"hba1c": chart.last("hba1c"), "bmi": bmi}
    note(chart, "diabetes_new", at=told + timedelta(minutes=25), visit=back, **words)


def _review(chart: Chart, at: datetime, *, add: bool) -> None:
    at = chart.office(at)
    visit = chart.visit(_REVIEW, start=at)
    bedside(chart, "visit", at=at + timedelta(minutes=4), visit=visit)
    drawn = at + timedelta(minutes=11)
    lab(chart, "sugar", at=drawn, visit=visit)
    lab(chart, "renal", at=drawn, visit=visit)
    if chart.rng.random() < 0.3:
        lab(chart, "urine", at=drawn, visit=visit)
    if add:
        name = chart.rng.choice(["empagliflozin", "semaglutide"])
        ordered = prescribe(chart, name, at=at + timedelta(minutes=20), visit=visit)
        refill(chart, ordered)
    plan = "A second drug is added." if add else "Continue."
    words = {"hba1c": chart.last("hba1c"), "plan": plan}
    note(chart, "diabetes_review", at=at + timedelta(days=1), visit=visit, **words)
