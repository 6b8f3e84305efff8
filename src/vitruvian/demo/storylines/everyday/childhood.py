"""A childhood: growth along a curve, the vaccination plan, an ear infection."""

from __future__ import annotations

from bisect import bisect_right
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import read_list
from vitruvian.demo.chart import Plan, note, prescribe, refill, vital
from vitruvian.demo.storylines.everyday.adult import vaccinate

if TYPE_CHECKING:
    from datetime import datetime

    from vitruvian.demo.chart import Chart

_WELL_CHILD = Plan("check_up", (("children", 0.6),), "oneill")
_SICK_CHILD = Plan("complaint", (("children", 0.4),), "oneill")


def tell(chart: Chart) -> None:
    """Tell a childhood from the first well-child visit to today."""
    build = chart.rng.gauss(1.0, 0.05)
    refused = chart.rng.random() < 0.05
    months = sorted({month for key, plan in _plan() for month in plan} | {0, 24, 36, 48, 108, 168})
    for month in months:
        at = chart.birthday_years((month + chart.rng.uniform(0.1, 1.2)) / 12)
        if at < chart.now:
            _well_child(chart, month, at, build=build, refused=refused)
    for _ in range(chart.rng.randrange(3)):
        _otitis(chart, chart.birthday_years(chart.rng.uniform(0.6, 7)))


def _plan() -> list[tuple[str, list[int]]]:
    return [(key, plan) for key, plan in read_list("schedule").items() if key != "growth"]


def _well_child(chart: Chart, month: int, at: datetime, *, build: float, refused: bool) -> None:
    at = chart.office(at)
    visit = chart.visit(_WELL_CHILD, start=at)
    weight, height = grown(month, "weight_kg") * build, grown(month, "height_cm") * build**0.4
    soon = at + timedelta(minutes=7)
    vital(chart, "weight", at=soon, visit=visit, level=weight)
    vital(chart, "height", at=soon, visit=visit, level=height)
    for key, plan in _plan():
        if month in plan:
            dose = None if refused else plan.index(month) + 1
            vaccinate(chart, key, at=at + timedelta(minutes=20), visit=visit, dose=dose)
    words = {"weight": f"{weight:.1f}", "height": f"{height:.0f}"}
    note(chart, "well_child", at=at + timedelta(minutes=30), visit=visit, **words)


def grown(month: float, what: str) -> float:
    """Give the average weight or height of a child at an age in months."""
    curve = read_list("schedule")["growth"]
    months, sizes = curve["months"], curve[what]
    place = min(max(bisect_right(months, month), 1), len(months) - 1)
    low, high = months[place - 1], months[place]
    share = (month - low) / (high - low)
    return float(sizes[place - 1] + share * (sizes[place] - sizes[place - 1]))


def _otitis(chart: Chart, at: datetime) -> None:
    at = chart.office(at)
    visit = chart.visit(_SICK_CHILD, start=at)
    soon = at + timedelta(minutes=5)
    vital(chart, "temperature", at=soon, visit=visit, level=chart.rng.uniform(38.1, 39.6))
    over = at + timedelta(days=8)
    reason = chart.diagnose(
        "otitis", at=soon, visit=visit, abated=over, category="encounter-diagnosis"
    )
    stop = at + timedelta(days=5)
    ordered = prescribe(
        chart, "amoxicillin", at=at + timedelta(minutes=10), visit=visit, until=stop, reason=reason
    )
    refill(chart, ordered, days=5)
    note(chart, "otitis", at=at + timedelta(minutes=14), visit=visit)
