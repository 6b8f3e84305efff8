"""A row of the audit as other software reads it: a FHIR AuditEvent.

References
----------
HL7 FHIR R4 (4.0.1), AuditEvent. DICOM PS3.16 2024e, CID 400: 110106 Export, 110107 Import,
110112 Query, 110114 User Authentication. HL7 v3 ActReason, PurposeOfUse (v3 release 2022):
TREAT, HRESCH, HQUALIMP, HOPERAT.
"""

from __future__ import annotations

from typing import Any

from vitruvian.trust.access import Purpose
from vitruvian.trust.audit.rows import AuditRow, DeedKind, Outcome

DICOM = "http://dicom.nema.org/resources/ontology/DCM"
REST = "http://terminology.hl7.org/CodeSystem/audit-event-type"
REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
KIND_OF_OBJECT = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
ROLE_OF_OBJECT = "http://terminology.hl7.org/CodeSystem/object-role"
PURPOSES: dict[Purpose, str] = {
    "treatment": "TREAT",
    "research": "HRESCH",
    "quality": "HQUALIMP",
    "operations": "HOPERAT",
}
OUTCOMES: dict[Outcome, str] = {"done": "0", "refused": "4", "failed": "8"}
# Kind of event, and its action: create, read, update, delete, execute.
READ = ("110112", "Query", "R")
KINDS: dict[DeedKind, tuple[str, str, str]] = {
    "read": READ,
    "refused": READ,
    "append": ("110107", "Import", "C"),
    "load": ("110107", "Import", "C"),
    "export": ("110106", "Export", "R"),
    "account": ("110114", "User Authentication", "E"),
}
UPKEEP = ("object", "Object", "E")


def as_audit_event(row: AuditRow, *, site: str) -> dict[str, Any]:
    """One row as FHIR R4 JSON; patients stand as their subject ids, never by name.

    Parameters
    ----------
    row
        A link of the chain.
    site
        The hospital whose lake it is.
    """
    code, display, action = KINDS.get(row.deed.kind, UPKEEP)
    system = DICOM if code.isdigit() else REST
    return {
        "resourceType": "AuditEvent",
        "id": str(row.seq),
        "type": {"system": system, "code": code, "display": display},
        "action": action,
        "recorded": row.at,
        "outcome": OUTCOMES[row.deed.outcome],
        "purposeOfEvent": [{"coding": [{"system": REASON, "code": PURPOSES[row.access.purpose]}]}],
        "agent": [agent(row)],
        "source": {"site": site, "observer": {"display": "Vitruvian"}},
        "entity": entities(row),
    }


def agent(row: AuditRow) -> dict[str, Any]:
    """Who asked, in which role."""
    said = {"who": {"identifier": {"value": row.access.who}}, "requestor": True}
    role = {"role": [{"text": row.access.role}]} if row.access.role else {}
    return {**role, **said}


def entities(row: AuditRow) -> list[dict[str, Any]]:
    """The patients whose rows were shown, else what was asked of the population."""
    person = {"system": KIND_OF_OBJECT, "code": "1", "display": "Person"}
    patient = {"system": ROLE_OF_OBJECT, "code": "1", "display": "Patient"}
    shown = [
        {"what": {"identifier": {"value": str(subject)}}, "type": person, "role": patient}
        for subject in row.deed.subjects
    ]
    asked = {"type": {**person, "code": "2", "display": "System Object"}}
    detail = [{"type": "hash", "valueString": row.hash}]
    whole = {**asked, "detail": detail}
    if row.deed.definition:
        whole["description"] = row.deed.definition
    return [*shown, whole]
