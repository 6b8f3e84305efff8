"""A life in FHIR R4: single resources, or one transaction Bundle a patient.

Both layouts hold the same resources byte for byte, so that loading both doubles nothing.

References
----------
HL7 FHIR Release 4 (4.0.1), https://hl7.org/fhir/R4/
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from vitruvian.demo.catalogue import hospital
from vitruvian.demo.render.fhir.clinical import clinical
from vitruvian.demo.render.fhir.common import Pen
from vitruvian.demo.render.fhir.house import house
from vitruvian.demo.render.fhir.measurement import measurements
from vitruvian.demo.render.fhir.medication import medication
from vitruvian.demo.render.fhir.papers import papers
from vitruvian.demo.render.fhir.person import person

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from vitruvian.demo.life import Life

__all__ = ["bundle", "house", "resources"]


def resources(life: Life) -> Iterator[dict[str, Any]]:
    """Give every FHIR resource of a life; what is referred to comes first."""
    pen = Pen(life.key)
    yield from person(life, pen)
    yield from clinical(life, pen)
    yield from papers(life, pen)
    yield from measurements(life, pen)
    yield from medication(life, pen)


def bundle(contents: Iterable[dict[str, Any]]) -> bytes:
    """Give one transaction Bundle that puts every resource under its own id."""
    base = hospital().base_url
    entries = []
    for resource in contents:
        path = f"{resource['resourceType']}/{resource['id']}"
        entries.append(
            {
                "fullUrl": f"{base}/{path}",
                "resource": resource,
                "request": {"method": "PUT", "url": path},
            }
        )
    return orjson.dumps(
        {"resourceType": "Bundle", "type": "transaction", "entry": entries},
        option=orjson.OPT_APPEND_NEWLINE,
    )
