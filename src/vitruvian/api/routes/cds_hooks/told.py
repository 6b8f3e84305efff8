"""Facts out of FHIR resources that a caller sends: its prefetch, and orders not yet signed.

A full load maps far more and keeps every byte; this reads only what guidelines look at, in
microseconds, and nothing of it is stored. Each coding becomes an event, so that a guideline finds
the fact by whichever code it knows; they share one `fact_key` and count once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from vitruvian.terms.codes import code_of
from vitruvian.terms.units import conversion

# Any: resources as a caller sent them, looked at element by element
Resource: TypeAlias = Mapping[str, Any]
Event: TypeAlias = dict[str, Any]

PLAIN = {
    "status": "final",
    "polarity": "affirmed",
    "certainty": "certain",
    "temporality": "current",
    "experiencer": "patient",
    "known_at_basis": "stated",
}
ORDERS = frozenset({"MedicationRequest", "ServiceRequest", "NutritionOrder", "DeviceRequest"})
_TIMES = (
    *("effectiveDateTime", "performedDateTime", "authoredOn", "onsetDateTime", "recordedDate"),
    *("issued", "effectiveInstant", "dateAsserted", "occurrenceDateTime"),
)
_DEAD = frozenset({"entered-in-error", "cancelled", "not-done", "stopped", "unknown"})


@dataclass
class Told:
    """What a request brought."""

    events: list[Event] = field(default_factory=list)
    drafts: dict[int, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


def told_by(
    prefetch: Mapping[str, Any], drafts: Iterable[Resource], *, subject: int, now: datetime
) -> Told:
    """The facts of a request.

    Parameters
    ----------
    prefetch
        By key; a key whose data holds an OperationOutcome is named under `unreadable`.
    drafts
        Orders not yet signed: facts that would hold if they were.
    subject
        Whose facts they are.
    now
        When they are known.
    """
    told = Told()
    for key, value in prefetch.items():
        resources = list(_flat(value))
        if any(each.get("resourceType") == "OperationOutcome" for each in resources):
            told.unreadable.append(key)
        for resource in resources:
            told.events += _events(resource, subject=subject, now=now)
    for draft in drafts:
        for event in _events(draft, subject=subject, now=now, draft=True):
            told.events.append(event)
            told.drafts[event["event_id"]] = f"{draft.get('resourceType')}/{draft.get('id')}"
    return told


def _flat(value: object) -> Iterator[Resource]:
    """A resource, or those inside a Bundle; nothing where there is none."""
    if not isinstance(value, Mapping):
        return
    if value.get("resourceType") != "Bundle":
        yield value
        return
    for entry in value.get("entry") or []:
        if isinstance(entry, Mapping):
            yield from _flat(entry.get("resource"))


def _events(resource: Resource, *, subject: int, now: datetime, draft: bool = False) -> list[Event]:
    kind = resource.get("resourceType")
    if not draft and resource.get("status") in _DEAD:
        return []
    base = PLAIN | {"subject_id": subject, "known_at": now, "act": _act(resource, draft=draft)}
    base["time"] = now if draft else _time(resource) or now
    if kind == "Patient":
        found = list(_person(resource, base))
    else:
        found = [base | fact for fact in _facts(resource)]
    return [_numbered(event) for event in found if event["time"] <= now]


def _act(resource: Resource, *, draft: bool) -> str:
    kind = resource.get("resourceType")
    if draft or kind in ORDERS:
        return "ordered"
    by_kind = {"MedicationAdministration": "administered", "MedicationStatement": "reported"}
    return by_kind.get(str(kind), "observed")


def _person(resource: Resource, base: Event) -> Iterator[Event]:
    born = _instant(resource.get("birthDate"))
    if born is not None:
        # a date of birth stands for its whole day
        upto = {"time_min": born, "time_max": born + timedelta(days=1)}
        yield base | {"code": "MEDS_BIRTH", "time": born} | upto
    if isinstance(resource.get("gender"), str):
        yield base | {"code": f"GENDER//{resource['gender']}"}


def _facts(resource: Resource) -> Iterator[Event]:
    """One event a coding of the resource, and of each of its components."""
    concept = resource.get("code") or resource.get("medicationCodeableConcept")
    negated = _refuted(resource)
    for part in (resource, *(resource.get("component") or [])):
        named = concept if part is resource else part.get("code")
        for code, text in _codes(named):
            yield _value(part, code) | negated | {"code": code, "code_text": text}


def _refuted(resource: Resource) -> Event:
    status = {code for code, _ in _codes(resource.get("verificationStatus"))}
    return {"polarity": "negated"} if any(code.endswith("//refuted") for code in status) else {}


def _codes(concept: object) -> list[tuple[str, str | None]]:
    if not isinstance(concept, Mapping):
        return []
    text = concept.get("text")
    return [
        (code_of(each.get("system"), str(each["code"])), each.get("display") or text)
        for each in concept.get("coding") or []
        if isinstance(each, Mapping) and each.get("code")
    ]


def _value(part: Resource, code: str) -> Event:
    quantity, concept = part.get("valueQuantity"), part.get("valueCodeableConcept")
    if isinstance(quantity, Mapping) and isinstance(quantity.get("value"), int | float):
        sent = quantity.get("code") or quantity.get("unit")
        found = conversion(code, None if sent is None else str(sent))
        number = float(quantity["value"]) * found.factor + found.offset
        told = {"numeric_value": number, "unit": found.unit, "unit_as_sent": sent}
        return told | {"comparator": quantity.get("comparator")}
    codes = _codes(concept)
    if codes:
        return {"value_code": codes[0][0], "text_value": codes[0][1]}
    text = part.get("valueString")
    return {"text_value": text} if isinstance(text, str) else {}


def _time(resource: Resource) -> datetime | None:
    period = resource.get("effectivePeriod") or resource.get("performedPeriod") or {}
    sent = [resource.get(name) for name in _TIMES] + [period.get("start")]
    return next((at for at in map(_instant, sent) if at is not None), None)


def _instant(sent: object) -> datetime | None:
    if not isinstance(sent, str):
        return None
    try:
        at = datetime.fromisoformat(sent)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def same_fact(event: Mapping[str, Any]) -> tuple[object, ...]:
    """What makes two tellings one fact: its code, its moment and its value."""
    value = event.get("numeric_value")
    return (event["code"], event.get("time"), value, event.get("value_code"), event.get("act"))


def _numbered(event: Event) -> Event:
    """Ids of a fact that is stored nowhere: negative, so that they are nobody else's."""
    words = repr((event["time"], event.get("numeric_value"), event.get("code_text"), event["act"]))
    fact = hashlib.blake2b(words.encode(), digest_size=7).digest()
    named = hashlib.blake2b((words + event["code"]).encode(), digest_size=7).digest()
    ids = {"fact_key": -int.from_bytes(fact) - 10, "event_id": -int.from_bytes(named) - 10}
    return event | ids


def unlike(told: Sequence[Event], held: Iterable[Mapping[str, Any]]) -> list[Event]:
    """The facts told that are not held already."""
    known = {same_fact(each) for each in held}
    return [each for each in told if same_fact(each) not in known]
