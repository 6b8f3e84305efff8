"""What resources allow, as rows: computed once, when they are written. Pure.

References
----------
HL7 FHIR R4 (4.0.1): Consent, CareTeam.participant, Encounter.participant, ResearchSubject,
Patient.generalPractitioner, meta.security.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from vitruvian.trust.consent import read_consent
from vitruvian.trust.consent.reading import period_of

Kind = Literal["consent", "care-team", "study", "guard"]
PROJECTED = frozenset({"Consent", "CareTeam", "Encounter", "ResearchSubject", "Patient"})
# Bytes that every record with labels holds: the name of the element, or a letter of it spelt by its
# number. Two patterns, because an engine looks for each at the speed of memory, and not for both.
MARKS = (b'"security"', rb"\\u00[67]")
# HL7 v3 ActCode: CEL celebrity, EMP employee information sensitivity; VIP, which is no code of it,
# as many systems send it after HL7 v2 table 0099 (VIP indicator).
GUARDS = {"CEL": "vip", "VIP": "vip", "EMP": "staff"}
NOT_CARING = frozenset({"entered-in-error", "cancelled", "proposed"})
NOT_STUDIED = frozenset({"withdrawn", "ineligible", "not-registered", "candidate"})


@dataclass(frozen=True)
class Grant:
    """One thing that a resource allows, or says of who may see its patient.

    Parameters
    ----------
    kind
        What it is.
    actor
        Whom it concerns: a reference as sent, a study, or the word of a guard.
    start, end
        When it holds, ISO 8601 UTC; None is open.
    terms
        Of a consent, as `Terms.text` spells them.
    readable
        Whether it could be read.
    """

    kind: Kind
    actor: str | None = None
    start: str | None = None
    end: str | None = None
    terms: str | None = None
    readable: bool = True


def grants_of(resource: Mapping[str, Any]) -> list[Grant]:
    """What one resource allows.

    Parameters
    ----------
    resource
        A FHIR R4 resource as JSON.
    """
    find = FINDERS.get(str(resource.get("resourceType")))
    if find is None:
        return []
    found: list[Grant] = []
    try:
        found.extend(find(resource))
    except (AttributeError, KeyError, TypeError, ValueError):
        # What nobody can read of a care team opens nothing; a consent never comes here.
        return found
    return found


def security_of(resource: Mapping[str, Any]) -> frozenset[str]:
    """The codes of `meta.security`, also of what is contained in the resource."""
    found = set(_codes((resource.get("meta") or {}).get("security")))
    contained = resource.get("contained")
    for one in contained if isinstance(contained, list) else []:
        found |= security_of(one) if isinstance(one, Mapping) else set()
    return frozenset(found)


def _codes(codings: Any) -> list[str]:
    some = codings if isinstance(codings, list) else []
    return [str(one["code"]) for one in some if isinstance(one, Mapping) and "code" in one]


def _consent(resource: Mapping[str, Any]) -> Iterator[Grant]:
    terms = read_consent(resource)
    if terms is not None:
        readable = terms.why_unreadable is None
        yield Grant("consent", terms=terms.text(), readable=readable)


def _care_team(resource: Mapping[str, Any]) -> Iterator[Grant]:
    if resource.get("status") in NOT_CARING:
        return
    whole = period_of(resource.get("period"))
    for one in resource.get("participant", []):
        member = (one.get("member") or {}).get("reference")
        if member:
            start, end = period_of(one.get("period")) if "period" in one else whole
            yield Grant("care-team", str(member), start, end)


def _encounter(resource: Mapping[str, Any]) -> Iterator[Grant]:
    if resource.get("status") in NOT_CARING:
        return
    whole = period_of(resource.get("period"))
    for one in resource.get("participant", []):
        person = (one.get("individual") or {}).get("reference")
        if person:
            yield Grant("care-team", str(person), *whole)


def _subject_of_research(resource: Mapping[str, Any]) -> Iterator[Grant]:
    study = (resource.get("study") or {}).get("reference")
    if study and resource.get("status") not in NOT_STUDIED:
        yield Grant("study", str(study), *period_of(resource.get("period")))


def _patient(resource: Mapping[str, Any]) -> Iterator[Grant]:
    # First what closes: a guard stands, whatever else of the record cannot be read.
    for word in sorted({GUARDS[code] for code in security_of(resource) if code in GUARDS}):
        yield Grant("guard", word)
    for doctor in resource.get("generalPractitioner", []):
        if doctor.get("reference"):
            yield Grant("care-team", str(doctor["reference"]))


FINDERS = {
    "Consent": _consent,
    "CareTeam": _care_team,
    "Encounter": _encounter,
    "ResearchSubject": _subject_of_research,
    "Patient": _patient,
}
