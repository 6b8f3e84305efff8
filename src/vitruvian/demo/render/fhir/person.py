"""Patient and what is said about the person as a whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitruvian.demo.catalogue import hospital
from vitruvian.demo.render.fhir.common import (
    TERMS,
    coding,
    concept,
    period,
    practitioner,
    term,
    wall,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vitruvian.demo.life import (
        Allergy,
        Consent,
        Flag,
        Immunisation,
        Life,
        Person,
        Relative,
        Team,
    )
    from vitruvian.demo.render.fhir.common import Pen

_CONSENT_TEXT = {"permit": "agrees", "deny": "does not agree"}


def person(life: Life, pen: Pen) -> Iterator[dict[str, Any]]:
    """Write the patient, then allergies, vaccines, family, flags, consents and teams."""
    yield _patient(life.person, pen)
    for allergy in life.allergies:
        yield _allergy(allergy, pen)
    for vaccine in life.immunisations:
        yield _immunisation(vaccine, pen)
    for relative in life.relatives:
        yield _relative(relative, pen)
    for flag in life.flags:
        yield _flag(flag, pen)
    for consent in life.consents:
        yield _consent(consent, pen)
    for team in life.teams:
        yield _team(team, pen)


def _patient(one: Person, pen: Pen) -> dict[str, Any]:
    house = hospital()
    resource: dict[str, Any] = {
        "resourceType": "Patient",
        "id": pen.key,
        "identifier": [
            _identifier("MR", house.mrn_system, one.mrn),
            _identifier("NI", house.insurance_system, one.insurance_number),
        ],
        "active": True,
        "name": [{"use": "official", "family": one.family, "given": list(one.given)}],
        "telecom": [{"system": "phone", "value": one.phone, "use": "mobile"}],
        "gender": one.sex,
        "birthDate": one.born.isoformat(),
        "address": [
            {"use": "home", "line": [one.street], "city": one.city, "postalCode": one.postal_code}
        ],
        "communication": [{"language": {"coding": [_language(one.language)]}, "preferred": True}],
        "managingOrganization": {"reference": "Organization/hospital"},
    }
    if one.died is not None:
        resource["deceasedDateTime"] = wall(one.died)
    return resource


def _identifier(kind: str, system: str, value: str) -> dict[str, Any]:
    return {"use": "official", "type": term("v2-0203", kind), "system": system, "value": value}


def _language(code: str) -> dict[str, str]:
    return {"system": "urn:ietf:bcp:47", "code": code}


def _allergy(one: Allergy, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "AllergyIntolerance",
        "id": pen.id(one.id),
        "clinicalStatus": term("allergyintolerance-clinical", "active"),
        "verificationStatus": term("allergyintolerance-verification", "confirmed"),
        "code": concept(one.concept),
        "patient": pen.patient,
        "recordedDate": wall(one.recorded),
    }
    if one.criticality:
        resource["criticality"] = one.criticality
    if one.reaction is not None:
        resource["reaction"] = [{"manifestation": [concept(one.reaction)]}]
    return resource


def _immunisation(one: Immunisation, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "Immunization",
        "id": pen.id(one.id),
        "status": one.status,
        "vaccineCode": concept(one.vaccine),
        "patient": pen.patient,
        **pen.encounter(one.encounter),
        "occurrenceDateTime": wall(one.time),
        "primarySource": True,
    }
    if one.status == "not-done":
        return {**resource, "statusReason": term("v3-ActReason", "PATOBJ")}
    protocol = [{"doseNumberPositiveInt": one.dose_number}]
    return {**resource, "lotNumber": one.lot, "protocolApplied": protocol}


def _relative(one: Relative, pen: Pen) -> dict[str, Any]:
    resource: dict[str, Any] = {
        "resourceType": "FamilyMemberHistory",
        "id": pen.id(one.id),
        "status": "completed",
        "patient": pen.patient,
        "date": wall(one.recorded),
        "relationship": {"coding": [coding(one.relation)], "text": one.relation.display},
    }
    if one.died_age_years is not None:
        resource["deceasedAge"] = _age(one.died_age_years)
    if one.affected is not None:
        condition: dict[str, Any] = {"code": concept(one.affected)}
        if one.onset_age_years is not None:
            condition["onsetAge"] = _age(one.onset_age_years)
        resource["condition"] = [condition]
    elif one.note:
        resource["condition"] = [{"code": {"text": one.note}}]
    return resource


def _age(years: int) -> dict[str, Any]:
    return {"value": years, "unit": "years", "system": "http://unitsofmeasure.org", "code": "a"}


def _flag(one: Flag, pen: Pen) -> dict[str, Any]:
    return {
        "resourceType": "Flag",
        "id": pen.id(one.id),
        "status": "active" if one.end is None else "inactive",
        "category": [term("flag-category", "clinical")],
        "code": concept(one.concept),
        "subject": pen.patient,
        "period": period(one.start, one.end),
    }


def _consent(one: Consent, pen: Pen) -> dict[str, Any]:
    agrees = _CONSENT_TEXT[one.decision]
    return {
        "resourceType": "Consent",
        "id": pen.id(one.id),
        "status": one.status,
        "scope": term("consentscope", one.scope),
        "category": [{"coding": [{"system": f"{TERMS}/v3-ActCode", "code": "RESEARCH"}]}],
        "patient": pen.patient,
        "dateTime": wall(one.time),
        "policyRule": {"text": f"The patient {agrees} to the use of the record in research."},
        "provision": {"type": one.decision},
    }


def _team(one: Team, pen: Pen) -> dict[str, Any]:
    return {
        "resourceType": "CareTeam",
        "id": pen.id(one.id),
        "status": "active",
        "name": one.name,
        "subject": pen.patient,
        "period": period(one.start, None),
        "participant": [{"member": practitioner(key)} for key in one.members],
    }
