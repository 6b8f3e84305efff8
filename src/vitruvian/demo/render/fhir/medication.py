"""MedicationRequest, MedicationDispense, MedicationAdministration, MedicationStatement."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vitruvian.demo.render.fhir.common import (
    UCUM,
    concept,
    period,
    practitioner,
    quantity,
    wall,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.demo.life import Administration, Dispense, Life, Prescription, Statement
    from vitruvian.demo.render.fhir.common import Pen

ONE_DAY = timedelta(days=1)


def medication(life: Life, pen: Pen) -> Iterator[dict[str, Any]]:
    """Write what was ordered, handed over, given, and said to be taken."""
    infused = {dose.prescription for dose in life.administrations if dose.rate}
    for ordered in life.prescriptions:
        yield _request(ordered, pen, infused=ordered.id in infused)
    for pack in life.dispenses:
        yield _dispense(pack, pen)
    for dose in life.administrations:
        yield _administration(dose, pen)
    for said in life.statements:
        yield _statement(said, pen)


def _timing(one: Prescription, *, infused: bool) -> tuple[str, dict[str, Any]]:
    """How often, in words and as FHIR tells it: a running infusion, one dose, or so many a day."""
    bounds = {} if one.stop is None else {"boundsPeriod": period(one.start, one.stop)}
    if infused:
        return "continuous infusion", bounds
    if one.times_a_day == 1 and one.stop is not None and one.stop - one.start <= ONE_DAY:
        return "once", {"count": 1, **bounds}
    often = {"frequency": one.times_a_day, "period": 1, "periodUnit": "d"}
    return f"{one.times_a_day} x daily", {**often, **bounds}


def _request(one: Prescription, pen: Pen, *, infused: bool) -> dict[str, Any]:
    often, repeat = _timing(one, infused=infused)
    resource: dict[str, Any] = {
        "resourceType": "MedicationRequest",
        "id": pen.id(one.id),
        "status": one.status,
        "intent": "order",
        "medicationCodeableConcept": concept(one.drug),
        "subject": pen.patient,
        **pen.encounter(one.encounter),
        "authoredOn": wall(one.start),
        "requester": practitioner(one.practitioner),
        "dosageInstruction": [
            {
                "text": f"{one.dose} {one.unit} {one.route}, {often}",
                **({"timing": {"repeat": repeat}} if repeat else {}),
                "route": {"text": one.route},
                "doseAndRate": [{"doseQuantity": quantity(one.dose, one.unit, one.unit)}],
            }
        ],
    }
    if one.reason:
        resource["reasonReference"] = [pen.ref("Condition", one.reason)]
    return resource


def _dispense(one: Dispense, pen: Pen) -> dict[str, Any]:
    return {
        "resourceType": "MedicationDispense",
        "id": pen.id(one.id),
        "status": "completed",
        "medicationCodeableConcept": concept(one.drug),
        "subject": pen.patient,
        "authorizingPrescription": [pen.ref("MedicationRequest", one.prescription)],
        "quantity": {"value": one.quantity, "unit": "doses", "system": UCUM, "code": "{dose}"},
        "daysSupply": {"value": one.days, "unit": "days", "system": UCUM, "code": "d"},
        "whenHandedOver": wall(one.time),
    }


def _administration(one: Administration, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "MedicationAdministration",
        "id": pen.id(one.id),
        "status": one.status,
        "medicationCodeableConcept": concept(one.drug),
        "subject": pen.patient,
    }
    if one.encounter:
        resource["context"] = pen.ref("Encounter", one.encounter)
    if one.end is None:
        resource["effectiveDateTime"] = wall(one.start)
    else:
        running = one.status == "in-progress"
        resource["effectivePeriod"] = period(one.start, None if running else one.end)
    if one.prescription:
        resource["request"] = pen.ref("MedicationRequest", one.prescription)
    if one.why_not:
        return {**resource, "statusReason": [{"text": one.why_not}]}
    return {**resource, "dosage": _dosage(one)}


def _dosage(one: Administration) -> dict[str, Any]:
    if not one.rate:
        return {"dose": quantity(one.dose, one.unit, one.unit)}
    return {"rateQuantity": quantity(one.rate, one.rate_unit, one.rate_unit)}


def _statement(one: Statement, pen: Pen) -> dict[str, Any]:
    return {
        "resourceType": "MedicationStatement",
        "id": pen.id(one.id),
        "status": one.status,
        "medicationCodeableConcept": concept(one.drug),
        "subject": pen.patient,
        "effectivePeriod": {"start": one.start.isoformat()},
        "dateAsserted": wall(one.asserted),
        "informationSource": pen.patient,
    }
