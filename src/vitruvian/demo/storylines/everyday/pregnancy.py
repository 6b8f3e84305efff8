"""A pregnancy: test, antenatal visits, ultrasound, birth; or one that goes on today."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

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
    refill,
    single_test,
    vital,
)
from vitruvian.demo.storylines.everyday.adult import set_build

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart

_VISIT = Plan("antenatal", (("clinic", 0.6),), "novak")
_BIRTH = Plan("admission", (("maternity", 66.0),), "novak", setting="IMP", discharged_to="home")
_ULTRASOUND = Study(
    "obstetric_ultrasound",
    "US",
    "uterus",
    (("Biometry", 24), ("Organs", 38)),
    "Single live fetus, size as expected for dates, no malformation seen. Placenta not low.",
)


def tell(chart: Chart) -> None:
    """Tell a pregnancy that began with the last period some months or years ago."""
    set_build(chart, lowest=19.0, highest=30.0)
    lmp = chart.days_ago(shortest=60, longest=1500)
    born = lmp + timedelta(days=round(chart.rng.gauss(279, 7)))
    _change_body(chart, lmp, born)
    _first_visit(chart, lmp, born)
    for week in (12, 16, 20, 24, 28, 32, 35, 37, 39):
        at = lmp + timedelta(weeks=week) + chart.jitter(0, 60)
        if at + timedelta(days=4) < born:
            _antenatal(chart, at, week)
    if born < chart.now:
        _give_birth(chart, born, (born - lmp).days / 7)


def _change_body(chart: Chart, lmp: datetime, born: datetime) -> None:
    spans = {"weight": 1.18, "haemoglobin": 0.86, "heart_rate": 1.15, "creatinine": 0.75}
    for analyte, factor in spans.items():
        chart.body.shift_while(
            analyte, start=lmp, stop=born, over=timedelta(days=250), factor=factor
        )


def _first_visit(chart: Chart, lmp: datetime, born: datetime) -> None:
    at = lmp + timedelta(days=chart.rng.randrange(40, 56))
    visit = chart.visit(_VISIT, start=at)
    test = Finding("pregnancy_test", "positive", flag="POS", specimen="urine")
    single_test(chart, test, at=at + timedelta(minutes=5), visit=visit, hours=(0.1, 0.3))
    known = at + timedelta(minutes=30)
    answer(chart, "pregnancy_status", "pregnant", at=known, visit=visit)
    ordered = prescribe(chart, "folic acid", at=known, visit=visit, until=born)
    refill(chart, ordered)
    chart.diagnose("pregnancy", at=known, visit=visit, onset=lmp.date(), abated=born)


def _antenatal(chart: Chart, at: datetime, week: int) -> None:
    at = chart.office(at)
    visit = chart.visit(_VISIT, start=at)
    soon = at + timedelta(minutes=8)
    bedside(chart, "visit", at=soon, visit=visit)
    vital(chart, "gestational_age", at=soon, visit=visit, level=week)
    vital(chart, "fetal_heart_rate", at=soon, visit=visit)
    if week in {12, 24, 35}:
        lab(chart, "blood_count", at=at + timedelta(minutes=20), visit=visit)
    if week in {12, 20, 32}:
        image(chart, _ULTRASOUND, at=at + timedelta(minutes=15), visit=visit)
    plan = "Iron tablets." if week == 28 else "Next visit in four weeks."
    note(chart, "antenatal", at=at + timedelta(minutes=33), visit=visit, weeks=week, plan=plan)


def _give_birth(chart: Chart, born: datetime, weeks: float) -> None:
    visit = chart.visit(_BIRTH, start=born - timedelta(hours=9))
    for hour in (0.3, 4, 20, 40):
        bedside(chart, "ward", at=visit.start + timedelta(hours=hour), visit=visit)
    section = chart.rng.random() < 0.28
    chart.perform("caesarean" if section else "birth", at=born, visit=visit, hours=0.8)
    lab(chart, "blood_count", at=born + timedelta(hours=12), visit=visit)
    after = born + timedelta(hours=30)
    answer(chart, "pregnancy_status", "not_pregnant", at=after, visit=visit)
    mode = "Caesarean section" if section else "Spontaneous birth"
    grams = round(chart.rng.gauss(3400, 380), -1)
    words = {"mode": mode, "weeks": f"{weeks:.0f}", "grams": f"{grams:.0f}"}
    note(chart, "birth", at=visit.start + timedelta(hours=60), visit=visit, **words)
