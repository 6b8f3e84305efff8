"""Encounter, Condition and Procedure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.demo.render.fhir.common import (
    TERMS,
    concept,
    period,
    practitioner,
    term,
    wall,
    ward,
    when,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from vitruvian.demo.life import Condition, Encounter, Life, Procedure
    from vitruvian.demo.render.fhir.common import Pen


def clinical(life: Life, pen: Pen) -> Iterator[dict[str, Any]]:
    """Write encounters, then the diagnoses and procedures made in them."""
    for visit in life.encounters:
        yield _encounter(visit, pen)
    for condition in life.conditions:
        yield _condition(condition, pen)
    for procedure in life.procedures:
        yield _procedure(procedure, pen)


def _encounter(one: Encounter, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Encounter",
        "id": pen.id(one.id),
        "status": "in-progress" if one.end is None else "finished",
        "class": {"system": f"{TERMS}/v3-ActCode", "code": one.setting},
        "type": [concept(one.kind)],
        "subject": pen.patient,
        "participant": [{"individual": practitioner(one.practitioner)}],
        "period": period(one.start, one.end),
        "location": [_stay(stay.ward, stay.start, stay.end) for stay in one.stays],
        "serviceProvider": {"reference": "Organization/hospital"},
    }
    if one.reason is not None:
        resource["reasonCode"] = [concept(one.reason)]
    if one.part_of is not None:
        resource["partOf"] = pen.ref("Encounter", one.part_of)
    if one.discharged_to and one.end is not None:
        home = term("discharge-disposition", one.discharged_to)
        resource["hospitalization"] = {"dischargeDisposition": home}
    return resource


def _stay(where: str, start: datetime, end: datetime | None) -> dict[str, Any]:
    status = "active" if end is None else "completed"
    return {"location": ward(where), "status": status, "period": period(start, end)}


def _condition(one: Condition, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Condition",
        "id": pen.id(one.id),
        "verificationStatus": term("condition-ver-status", one.verification),
        "category": [term("condition-category", one.category)],
        "code": concept(one.concept),
        "subject": pen.patient,
        **pen.encounter(one.encounter),
        "recordedDate": wall(one.recorded),
    }
    if one.verification != "refuted":
        clinical_status = "active" if one.abated is None else "resolved"
        resource["clinicalStatus"] = term("condition-clinical", clinical_status)
        resource["onsetDateTime"] = when(one.onset)
    if one.abated is not None:
        resource["abatementDateTime"] = when(one.abated)
    if one.stage:
        resource["stage"] = [{"summary": {"text": one.stage}}]
    return resource


def _procedure(one: Procedure, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Procedure",
        "id": pen.id(one.id),
        "status": one.status,
        "code": concept(one.concept),
        "subject": pen.patient,
        **pen.encounter(one.encounter),
        "performedPeriod": period(one.start, None if one.status == "in-progress" else one.end),
    }
    if one.why_not:
        resource["statusReason"] = {"text": one.why_not}
    if one.site is not None:
        resource["bodySite"] = [concept(one.site)]
    if one.reason:
        resource["reasonReference"] = [pen.ref("Condition", one.reason)]
    return resource
