"""Atrial fibrillation on warfarin: an INR that answers, a bleed, sometimes a switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.body import Episode
from vitruvian.demo.chart import Plan, bedside, echo, lab, note, prescribe, refill

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart
    from vitruvian.demo.life import Encounter

_EMERGENCY = Plan("emergency", (("emergency", 5.0),), "brandt", setting="EMER")
_INR_VISIT = Plan("follow_up", (("clinic", 0.3),), "ito")


@dataclass(frozen=True, slots=True)
class Course:
    """When warfarin starts, when it is stopped (or never), when the INR runs high."""

    start: datetime
    stop: datetime
    bleed: datetime
    switched: bool


def tell(chart: Chart) -> None:
    """Tell the years since atrial fibrillation was found."""
    start = chart.days_ago(shortest=300, longest=2300)
    switched = chart.rng.random() < 0.3
    stop = start + chart.days(220, 900) if switched else chart.now
    bleed = start + chart.days(90, 200)
    course = Course(start, max(stop, start + timedelta(days=210)), bleed, switched)
    _change_body(chart, course)
    _found(chart, course)
    at = _settle_in(chart, course)
    while at < min(course.stop, chart.now):
        _inr_visit(chart, at)
        at += timedelta(days=28) + chart.jitter(-100, 160)
    _bleed(chart, course)
    if switched:
        _switch(chart, course)


def _change_body(chart: Chart, course: Course) -> None:
    body = chart.body
    body.set_baseline("left_atrium", chart.rng.uniform(42, 52))
    dose_effect = chart.rng.uniform(2.25, 2.7)
    stop = course.stop if course.switched else chart.now + timedelta(days=400)
    week = timedelta(days=7)
    body.shift_while("inr", start=course.start, stop=stop, over=week, factor=dose_effect)
    before, after = course.bleed - timedelta(days=4), course.bleed + timedelta(days=6)
    body.swell(Episode(before, course.bleed, after), {"inr": chart.rng.uniform(1.9, 2.6)})
    hours = [course.start - timedelta(hours=n) for n in (20, 1, -72)]
    body.swell(Episode(hours[0], hours[1], hours[2]), {"heart_rate": 1.85})


def _found(chart: Chart, course: Course) -> None:
    visit = chart.visit(_EMERGENCY, start=course.start)
    soon = course.start + timedelta(minutes=10)
    bedside(chart, "ward", at=soon, visit=visit)
    rate = chart.last("heart_rate")
    chart.perform("ecg", at=soon + timedelta(minutes=4), visit=visit, hours=0.1)
    for key in ("chemistry", "blood_count", "clotting", "thyroid", "heart"):
        lab(chart, key, at=soon + timedelta(minutes=12), visit=visit)
    chart.perform("echocardiography", at=soon + timedelta(hours=1), visit=visit)
    echo(chart, at=soon + timedelta(hours=1), visit=visit)
    reason = chart.diagnose("atrial_fibrillation", at=soon + timedelta(hours=2), visit=visit)
    years_before = (course.start - timedelta(days=chart.rng.randrange(400, 4000))).date()
    chart.diagnose("hypertension", at=soon + timedelta(hours=2), visit=visit, onset=years_before)
    _first_drugs(chart, visit, soon + timedelta(hours=3), (course, reason))
    words = {"rate": rate, "score": chart.rng.randint(2, 5), "atrium": chart.last("left_atrium")}
    note(chart, "fibrillation_new", at=soon + timedelta(hours=4), visit=visit, **words)


def _first_drugs(chart: Chart, visit: Encounter, at: datetime, why: tuple[Course, str]) -> None:
    course, reason = why
    stop = course.stop if course.switched else None
    refill(chart, prescribe(chart, "bisoprolol", at=at, visit=visit, reason=reason))
    ordered = prescribe(chart, "warfarin", at=at, visit=visit, reason=reason, until=stop)
    refill(chart, ordered)
    chart.warn("anticoagulated", start=at)


def _settle_in(chart: Chart, course: Course) -> datetime:
    for day in (4, 7, 11, 14, 21, 28):
        _inr_visit(chart, course.start + timedelta(days=day) + chart.jitter(-2, 5))
    return course.start + timedelta(days=56)


def _inr_visit(chart: Chart, at: datetime) -> None:
    at = chart.office(at)
    visit = chart.visit(_INR_VISIT, start=at)
    lab(chart, "clotting", at=at + timedelta(minutes=8), visit=visit)


def _bleed(chart: Chart, course: Course) -> None:
    at = course.bleed
    visit = chart.visit(_EMERGENCY, start=at)
    bedside(chart, "ward", at=at + timedelta(minutes=6), visit=visit)
    lab(chart, "clotting", at=at + timedelta(minutes=14), visit=visit)
    lab(chart, "blood_count", at=at + timedelta(minutes=14), visit=visit)
    over = at + timedelta(days=1)
    soon = at + timedelta(minutes=40)
    chart.diagnose("bleeding", at=soon, visit=visit, abated=over, category="encounter-diagnosis")
    note(chart, "fibrillation_bleeding", at=at + timedelta(hours=2), visit=visit)
    for day in (3, 7, 14):
        _inr_visit(chart, at + timedelta(days=day))


def _switch(chart: Chart, course: Course) -> None:
    visit = chart.visit(_INR_VISIT, start=course.stop)
    soon = course.stop + timedelta(minutes=10)
    note(chart, "fibrillation_switch", at=soon, visit=visit)
    refill(chart, prescribe(chart, "apixaban", at=soon + timedelta(days=3), visit=visit))
