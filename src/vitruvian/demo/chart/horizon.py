"""Binding a chart into a life: nothing after today, nothing after death.

A stay that goes on today has no end, a running prescription no stop, and a result that the
laboratory has not yet released is not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.demo.life import (
    Administration,
    Allergy,
    Condition,
    Consent,
    Dispense,
    Document,
    Encounter,
    Flag,
    ImagingStudy,
    Immunisation,
    Life,
    Measurement,
    Order,
    Prescription,
    Procedure,
    Relative,
    Report,
    Specimen,
    Statement,
    Stay,
    Team,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.demo.chart.core import Chart

# When each kind of fact happened.
_HAPPENED: dict[type, str] = {
    Encounter: "start",
    Condition: "recorded",
    Measurement: "time",
    Specimen: "collected",
    Report: "time",
    Order: "time",
    Prescription: "start",
    Dispense: "time",
    Administration: "start",
    Statement: "asserted",
    Procedure: "start",
    Document: "time",
    Allergy: "recorded",
    Immunisation: "time",
    ImagingStudy: "time",
    Relative: "recorded",
    Flag: "start",
    Consent: "time",
    Team: "start",
}
_SHELF: dict[str, type] = {
    "encounters": Encounter,
    "conditions": Condition,
    "measurements": Measurement,
    "specimens": Specimen,
    "reports": Report,
    "orders": Order,
    "prescriptions": Prescription,
    "dispenses": Dispense,
    "administrations": Administration,
    "statements": Statement,
    "procedures": Procedure,
    "documents": Document,
    "allergies": Allergy,
    "immunisations": Immunisation,
    "imaging": ImagingStudy,
    "relatives": Relative,
    "flags": Flag,
    "consents": Consent,
    "teams": Team,
}


@dataclass(frozen=True, slots=True)
class Horizon:
    """The last instant of a chart: today, or death before it."""

    now: datetime
    died: datetime | None

    @property
    def last(self) -> datetime:
        """Give the last instant at which anything can happen to the patient."""
        return self.now if self.died is None else min(self.now, self.died)

    def end(self, end: datetime | None) -> datetime | None:
        """Give an end as it is known today: cut by death, open if still to come."""
        if end is not None and end <= self.last:
            return end
        return self.died

    def includes(self, fact: Any) -> bool:
        """Tell whether a fact has happened and is known today."""
        if getattr(fact, _HAPPENED[type(fact)]) > self.last:
            return False
        known_at = getattr(fact, "known_at", None)
        return known_at is None or bool(known_at <= self.now)


def bind(chart: Chart) -> Life:
    """Give the life a chart tells, up to today or death."""
    died = chart.person.died
    if died is not None and died > chart.now:
        chart.person = replace(chart.person, died=None)
    horizon = Horizon(chart.now, chart.person.died)
    shelves = {name: _bound(chart, kind, horizon) for name, kind in _SHELF.items()}
    return Life(
        seed=chart.seed,
        number=chart.number,
        storylines=tuple(chart.storylines),
        person=chart.person,
        **shelves,
    )


def _bound(chart: Chart, kind: type, horizon: Horizon) -> tuple[Any, ...]:
    kept = [fact for fact in chart.facts[kind] if horizon.includes(fact)]
    when = _HAPPENED[kind]
    kept.sort(key=lambda fact: getattr(fact, when))
    trim = _TRIMS.get(kind)
    if trim is not None:
        kept = [trim(fact, horizon) for fact in kept]
    if kind is Report:
        present = {fact.id for fact in chart.facts[Measurement] if horizon.includes(fact)}
        kept = [_with_results(report, present) for report in kept]
    return tuple(kept)


def _with_results(report: Report, present: set[str]) -> Report:
    if present.issuperset(report.results):
        return report
    return replace(report, results=tuple(key for key in report.results if key in present))


def _trim_encounter(visit: Encounter, horizon: Horizon) -> Encounter:
    if visit.end is not None and visit.end <= horizon.last:
        return visit
    stays = tuple(
        Stay(stay.ward, stay.start, horizon.end(stay.end))
        for stay in visit.stays
        if stay.start <= horizon.last
    )
    gone = "exp" if horizon.died else ""
    return replace(visit, end=horizon.end(visit.end), stays=stays, discharged_to=gone)


def _trim_condition(condition: Condition, horizon: Horizon) -> Condition:
    abated = condition.abated
    if isinstance(abated, datetime) and abated > horizon.last:
        return replace(condition, abated=None)
    return condition


def _trim_prescription(prescription: Prescription, horizon: Horizon) -> Prescription:
    if prescription.stop is not None and prescription.stop <= horizon.last:
        return prescription
    if horizon.died:
        return replace(prescription, stop=horizon.died, status="stopped")
    return replace(prescription, stop=None, status="active")


def _trim_span(fact: Any, horizon: Horizon) -> Any:
    if fact.end is None or fact.end <= horizon.last:
        return fact
    if horizon.died:
        return replace(fact, end=horizon.died, status="stopped")
    return replace(fact, end=horizon.now, status="in-progress")


def _trim_flag(flag: Flag, horizon: Horizon) -> Flag:
    return replace(flag, end=horizon.end(flag.end))


_TRIMS: dict[type, Callable[[Any, Horizon], Any]] = {
    Encounter: _trim_encounter,
    Condition: _trim_condition,
    Prescription: _trim_prescription,
    Procedure: _trim_span,
    Administration: _trim_span,
    Flag: _trim_flag,
}
