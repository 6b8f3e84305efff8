"""Observation, Specimen, DiagnosticReport and ServiceRequest."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.demo.render.fhir.common import TERMS, concept, quantity, term, wall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.demo.life import Life, Measurement, Order, Report, Specimen
    from vitruvian.demo.render.fhir.common import Pen

_LABORATORY = [{"reference": "Organization/laboratory"}]
_PERFORMERS = {
    "LAB": "Organization/laboratory",
    "MB": "Organization/laboratory",
    "PAT": "Organization/pathology",
    "RAD": "Practitioner/papadakis",
}
_ORDER_KINDS = {
    "laboratory": ("108252007", "Laboratory procedure"),
    "imaging": ("363679005", "Imaging"),
}


def measurements(life: Life, pen: Pen) -> Iterator[dict[str, Any]]:
    """Write specimens, then orders, then results, then the reports that gather them."""
    for specimen in life.specimens:
        yield _specimen(specimen, pen)
    for order in life.orders:
        yield _order(order, pen)
    for one in life.measurements:
        yield _observation(one, pen)
    for report in life.reports:
        yield _report(report, pen)


def _observation(one: Measurement, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Observation",
        "id": pen.id(one.id),
        "status": one.status,
        "category": [term("observation-category", one.category)],
        "code": concept(one.concept),
        "subject": pen.patient,
        **pen.encounter(one.encounter),
        "effectiveDateTime": wall(one.time),
        "issued": wall(one.known_at),
    }
    if one.category == "laboratory":
        resource["performer"] = _LABORATORY
    _value(one, resource)
    if one.interpretation:
        resource["interpretation"] = [term("v3-ObservationInterpretation", one.interpretation)]
    if one.specimen:
        resource["specimen"] = pen.ref("Specimen", one.specimen)
    if one.low:
        resource["referenceRange"] = [_range(one.low, one.high, one.unit)]
    return resource


def _value(one: Measurement, resource: dict[str, Any]) -> None:
    if one.value:
        measured = quantity(one.value, one.unit, one.ucum)
        if one.comparator:
            measured["comparator"] = one.comparator
        resource["valueQuantity"] = measured
    elif one.finding is not None:
        if one.finding.codings:
            resource["valueCodeableConcept"] = concept(one.finding)
        else:
            resource["valueString"] = one.finding.text
    elif one.components:
        resource["component"] = [
            {
                "code": concept(part.concept),
                "valueQuantity": quantity(part.value, part.unit, part.ucum),
            }
            for part in one.components
        ]


@lru_cache(maxsize=1024)
def _range(low: str, high: str, unit: str) -> orjson.Fragment:
    written = {"high": {"value": orjson.Fragment(high), "unit": unit}}
    if float(low) > 0:
        written = {"low": {"value": orjson.Fragment(low), "unit": unit}, **written}
    return orjson.Fragment(orjson.dumps(written))


def _specimen(one: Specimen, pen: Pen) -> dict[str, Any]:
    return {
        "resourceType": "Specimen",
        "id": pen.id(one.id),
        "type": concept(one.kind),
        "subject": pen.patient,
        "collection": {"collectedDateTime": wall(one.collected)},
    }


def _order(one: Order, pen: Pen) -> dict[str, Any]:
    code, display = _ORDER_KINDS[one.category]
    kind = {"system": "http://snomed.info/sct", "code": code, "display": display}
    return {
        "resourceType": "ServiceRequest",
        "id": pen.id(one.id),
        "status": one.status,
        "intent": "order",
        "category": [{"coding": [kind]}],
        "code": concept(one.concept),
        "subject": pen.patient,
        **pen.encounter(one.encounter),
        "authoredOn": wall(one.time),
    }


def _report(one: Report, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "DiagnosticReport",
        "id": pen.id(one.id),
        "status": "final",
        "category": [{"coding": [{"system": f"{TERMS}/v2-0074", "code": one.category}]}],
        "code": concept(one.concept),
        "subject": pen.patient,
        **pen.encounter(one.encounter),
        "effectiveDateTime": wall(one.time),
        "issued": wall(one.known_at),
        "performer": [{"reference": _PERFORMERS[one.category]}],
    }
    if one.order:
        resource["basedOn"] = [pen.ref("ServiceRequest", one.order)]
    if one.specimen:
        resource["specimen"] = [pen.ref("Specimen", one.specimen)]
    if one.results:
        resource["result"] = [pen.ref("Observation", result) for result in one.results]
    if one.imaging:
        resource["imagingStudy"] = [pen.ref("ImagingStudy", one.imaging)]
    if one.conclusion:
        resource["conclusion"] = one.conclusion
    return resource
