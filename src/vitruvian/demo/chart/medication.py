"""Drugs: ordered, handed over, given, or said to be taken. Four different facts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from vitruvian.demo.catalogue import drug
from vitruvian.demo.life import Administration, Dispense, Prescription, Statement

if TYPE_CHECKING:
    from datetime import date, datetime

    from vitruvian.demo.chart.core import Chart
    from vitruvian.demo.life import Encounter


def prescribe(
    chart: Chart,
    name: str,
    *,
    at: datetime,
    visit: Encounter,
    until: datetime | None = None,
    **details: str,
) -> Prescription:
    """Order a drug at its usual dose (details: `dose`, `reason`)."""
    usual = drug(name)
    return chart.write(
        Prescription(
            id=chart.next_id("prescription"),
            drug=usual.concept,
            dose=details.get("dose", usual.dose),
            unit=usual.unit,
            route=usual.route,
            times_a_day=usual.times_a_day,
            start=at,
            stop=until,
            status="active" if until is None else "completed",
            reason=details.get("reason"),
            encounter=visit.id,
            practitioner=visit.practitioner,
        )
    )


def refill(chart: Chart, ordered: Prescription, *, days: int = 90) -> None:
    """Hand over packs at the pharmacy from the first day until the drug is stopped."""
    at = ordered.start + chart.jitter(1, 30)
    last = ordered.stop or chart.now
    while at < last:
        chart.write(
            Dispense(
                chart.next_id("dispense"),
                ordered.id,
                ordered.drug,
                at,
                days * ordered.times_a_day,
                days,
            )
        )
        at += timedelta(days=days) + chart.jitter(-60, 96)


def give(
    chart: Chart,
    ordered: Prescription,
    *,
    at: datetime,
    hours: float = 0.0,
    rate: tuple[str, str] = ("", ""),
) -> None:
    """Give a dose at the bedside, or let it run for some hours at a rate."""
    chart.write(
        Administration(
            id=chart.next_id("dose"),
            prescription=ordered.id,
            drug=ordered.drug,
            start=at,
            end=at + timedelta(minutes=round(hours * 60)) if hours else None,
            dose=ordered.dose if not rate[0] else "",
            unit=ordered.unit,
            rate=rate[0],
            rate_unit=rate[1],
            status="completed",
            why_not="",
            encounter=ordered.encounter,
        )
    )


def withhold(chart: Chart, ordered: Prescription, *, at: datetime, why: str) -> None:
    """Write that a dose was deliberately not given."""
    give(chart, ordered, at=at)
    doses = chart.facts[Administration]
    doses[-1] = replace(doses[-1], dose="", unit="", status="not-done", why_not=why)


def repeat(chart: Chart, ordered: Prescription, *, until: datetime, hours: float = 0.0) -> None:
    """Give a drug as often as ordered until an instant, a few minutes early or late."""
    step = timedelta(hours=24 / ordered.times_a_day)
    at = ordered.start + timedelta(minutes=20)
    while at < until:
        give(chart, ordered, at=at + chart.jitter(-0.2, 0.3), hours=hours)
        at += step


def reports_taking(chart: Chart, name: str, *, since: date, asserted: datetime) -> None:
    """Write what the patient says they take, bought or ordered elsewhere."""
    chart.write(
        Statement(chart.next_id("statement"), drug(name).concept, since, asserted, "active")
    )
