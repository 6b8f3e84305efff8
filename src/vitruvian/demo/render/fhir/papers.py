"""DocumentReference with the note inside, and ImagingStudy."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

from vitruvian.demo.render.fhir.common import concept, practitioner, wall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.demo.life import Document, ImagingStudy, Life
    from vitruvian.demo.render.fhir.common import Pen

_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_NOTE_CATEGORY = {
    "coding": [
        {
            "system": "http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category",
            "code": "clinical-note",
        }
    ]
}


def papers(life: Life, pen: Pen) -> Iterator[dict[str, Any]]:
    """Write notes and imaging studies."""
    for study in life.imaging:
        yield _imaging(study, pen)
    for document in life.documents:
        yield _document(document, pen)


def _document(one: Document, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "DocumentReference",
        "id": pen.id(one.id),
        "status": "current",
        "docStatus": "final",
        "type": concept(one.kind),
        "category": [_NOTE_CATEGORY],
        "subject": pen.patient,
        "date": wall(one.known_at),
        "author": [practitioner(one.author)],
        "content": [
            {
                "attachment": {
                    "contentType": "text/plain; charset=utf-8",
                    "language": "en",
                    "data": b64encode(one.text.encode()).decode(),
                    "title": one.kind.text,
                    "creation": wall(one.time),
                }
            }
        ],
    }
    if one.encounter:
        resource["context"] = {"encounter": [pen.ref("Encounter", one.encounter)]}
    return resource


def _imaging(one: ImagingStudy, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "ImagingStudy",
        "id": pen.id(one.id),
        "identifier": [{"system": "urn:dicom:uid", "value": f"urn:oid:{one.uid}"}],
        "status": "available",
        "modality": [{"system": _DICOM, "code": one.modality}],
        "subject": pen.patient,
        **pen.encounter(one.encounter),
        "started": wall(one.time),
        "numberOfSeries": len(one.series),
        "numberOfInstances": sum(series.instances for series in one.series),
        "procedureCode": [concept(one.concept)],
        "description": one.concept.text,
        "series": [
            {
                "uid": series.uid,
                "number": number,
                "modality": {"system": _DICOM, "code": series.modality},
                "description": series.description,
                "numberOfInstances": series.instances,
            }
            for number, series in enumerate(one.series, start=1)
        ],
    }
    if one.order:
        resource["basedOn"] = [pen.ref("ServiceRequest", one.order)]
    return resource
