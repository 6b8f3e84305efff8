"""Covid-19 pneumonia: PCR, falling saturation, CT, oxygen, dexamethasone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.body import Episode
from vitruvian.demo.chart import (
    Finding,
    Plan,
    Study,
    answer,
    bedside,
    image,
    lab,
    note,
    prescribe,
    repeat,
    single_test,
    vital,
)
from vitruvian.demo.storylines.everyday.adult import vaccinate

if TYPE_CHECKING:
    from vitruvian.demo.chart import Chart
    from vitruvian.demo.life import Encounter

_CT = Study(
    "ct_chest",
    "CT",
    "chest",
    (("Lung, 1 mm", 320), ("Soft tissue, 3 mm", 107)),
    "Bilateral peripheral ground-glass opacities, about 40 % of the lungs. No embolism.",
)
_VACCINATION = Plan("check_up", (("clinic", 0.3),), "ito")
# The years in which people were admitted with this disease, before it became mild.
_WAVE_START, _WAVE_DAYS = datetime(2020, 10, 1, 9, tzinfo=UTC), 520


@dataclass(frozen=True, slots=True)
class Course:
    """One admission: from falling ill to going home."""

    ill: datetime
    start: datetime
    worst: datetime
    home: datetime
    flow: int
    dies: bool


def tell(chart: Chart) -> None:
    """Tell one admission in the years of the pandemic (or now, where an anchor is set)."""
    course = _course(chart)
    _change_body(chart, course)
    hours = (course.home - course.start).total_seconds() / 3600
    wards = (("emergency", 3.0), ("isolation", hours - 3.0))
    plan = Plan("admission", wards, "rahman", setting="IMP", discharged_to="home")
    visit = chart.visit(plan, start=course.start)
    arrival = Plan("emergency", wards[:1], "rahman", setting="EMER", part_of=visit.id)
    chart.visit(arrival, start=course.start)
    status = "do_not_resuscitate" if chart.age_at(course.start) > 82 else "resuscitate"
    answer(chart, "code_status", status, at=course.start + timedelta(hours=5), visit=visit)
    _admit(chart, course, visit)
    _oxygen(chart, course, visit)
    _drugs(chart, course, visit)
    _laboratory(chart, course, visit)
    if course.dies:
        chart.die(course.home - timedelta(hours=9))
    _afterwards(chart, course, visit)


def _course(chart: Chart) -> Course:
    rng = chart.rng
    wave = _WAVE_START + chart.days(0, _WAVE_DAYS)
    start = wave if chart.anchor_days is None else chart.days_ago(shortest=5, longest=9)
    worst = start + chart.days(2, 4)
    old = chart.age_at(start) > 70
    return Course(
        ill=start - timedelta(days=rng.randrange(5, 9)),
        start=start,
        worst=worst,
        home=worst + chart.days(4, 9),
        flow=rng.choice([2, 4, 6, 10, 15]),
        dies=old and chart.anchor_days is None and rng.random() < 0.2,
    )


def _change_body(chart: Chart, course: Course) -> None:
    depth = 0.05 + course.flow * 0.006
    lungs = Episode(course.ill, course.worst, course.home)
    chart.body.swell(
        lungs,
        {
            "oxygen_saturation": 1 - depth,
            "respiratory_rate": 1.7,
            "temperature": 1.055,
            "heart_rate": 1.3,
        },
    )
    blood = Episode(course.ill, course.worst, course.home + timedelta(days=5))
    chart.body.swell(
        blood,
        {
            "crp": 55.0,
            "d_dimer": 4.5,
            "ferritin": 6.0,
            "lymphocytes": 0.35,
            "alt": 1.9,
            "procalcitonin": 2.5,
        },
    )


def _admit(chart: Chart, course: Course, visit: Encounter) -> None:
    at = course.start + timedelta(minutes=15)
    bedside(chart, "ward", at=at, visit=visit)
    words = {
        "days": (course.start - course.ill).days,
        "saturation": chart.last("oxygen_saturation"),
    }
    test = Finding("covid_pcr", "detected", flag="POS", specimen="swab")
    single_test(chart, test, at=at + timedelta(minutes=5), visit=visit, hours=(2, 6))
    told = at + timedelta(hours=7)
    over = course.home + timedelta(days=3)
    chart.diagnose("covid", at=told, visit=visit, onset=course.ill.date(), abated=over)
    chart.diagnose("pulmonary_embolism", at=told, visit=visit, verification="refuted")
    chart.diagnose("respiratory_failure", at=told, visit=visit, abated=course.home)
    chart.warn("isolation", start=told, end=over)
    image(chart, _CT, at=at + timedelta(hours=2), visit=visit)
    note(chart, "covid_admission", at=at + timedelta(hours=7), visit=visit, **words)


def _oxygen(chart: Chart, course: Course, visit: Encounter) -> None:
    hours = (course.home - course.start).total_seconds() / 3600 - 30
    chart.perform(
        "oxygen", at=course.start + timedelta(minutes=25), visit=visit, hours=max(hours, 20)
    )
    at = course.start + timedelta(hours=2)
    while at < min(course.home, chart.now):
        bedside(chart, "ward", at=at, visit=visit)
        if at < course.home - timedelta(hours=30):
            share = 1 - abs((at - course.worst).total_seconds()) / (8 * 86400)
            flow = max(1, round(course.flow * max(share, 0.1)))
            vital(chart, "oxygen_flow", at=at, visit=visit, level=flow)
        at += timedelta(hours=6)


def _drugs(chart: Chart, course: Course, visit: Encounter) -> None:
    at = course.start + timedelta(hours=8)
    days = {"dexamethasone": 10, "enoxaparin": 30, "remdesivir": 5}
    for name, length in days.items():
        stop = min(at + timedelta(days=length), course.home)
        repeat(chart, prescribe(chart, name, at=at, visit=visit, until=stop), until=stop, hours=0.0)


def _laboratory(chart: Chart, course: Course, visit: Encounter) -> None:
    at = course.start + timedelta(minutes=40)
    while at < min(course.home, chart.now):
        for key in ("covid", "chemistry", "blood_count"):
            lab(chart, key, at=at, visit=visit)
        at += timedelta(hours=24) + chart.jitter(-2, 2)


def _afterwards(chart: Chart, course: Course, visit: Encounter) -> None:
    words = {"days": (course.home - course.start).days, "flow": course.flow}
    note(chart, "covid_discharge", at=course.home - timedelta(hours=1), visit=visit, **words)
    at = chart.office(course.home + chart.days(150, 260))
    for dose in (1, 2):
        later = chart.visit(_VACCINATION, start=at)
        vaccinate(chart, "covid", at=at + timedelta(minutes=9), visit=later, dose=dose)
        at += timedelta(days=28)
