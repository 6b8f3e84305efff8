"""One event a statement of a packet: features, diseases, measurements, treatments.

References
----------
GA4GH Phenopacket Schema 2.0: PhenotypicFeature, Disease, Measurement, MedicalAction, Diagnosis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.phenopackets.mapping import code_of, coding, derivation, said
from vitruvian.ingest.library.phenopackets.reading.moments import When, instant, when_of

Row = dict[str, Any]
Told = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """Where a packet is stored, and whom it is about."""

    subject_id: int
    version_id: int
    record: int
    lineage: Mapping[str, Any]
    born: datetime | None


def events_of(packet: Told, place: Place) -> Iterator[Row]:
    """Everything a packet states, but for its genomic interpretations."""
    yield from _life(packet, place)
    for pointer, each in items(packet, "phenotypicFeatures"):
        yield _feature(each, place, pointer)
    for pointer, each in items(packet, "diseases"):
        yield _disease(each, place, pointer)
    for pointer, each in items(packet, "interpretations"):
        yield from _diagnosis(each, place, pointer)
    for pointer, each in items(packet, "measurements"):
        yield from _measured(each, place, pointer)
    for pointer, each in items(packet, "medicalActions"):
        yield from _treated(each, place, pointer)


def items(said_: Told, key: str) -> Iterator[tuple[str, Told]]:
    """Elements of a list that are objects, with their JSON pointers."""
    found = said_.get(key)
    for number, each in enumerate(found if isinstance(found, list) else ()):
        if isinstance(each, dict):
            yield f"/{key}/{number}", each


def part(said_: Told, key: str) -> Told:
    """An object within an object; empty when there is none."""
    found = said_.get(key)
    return found if isinstance(found, dict) else {}


# ------------------------------------------------------------------ statements


def _life(packet: Told, place: Place) -> Iterator[Row]:
    subject = part(packet, "subject")
    vital = part(subject, "vitalStatus")
    if place.born is not None:
        yield event(place, "/subject/dateOfBirth", {
            "category": "other", "code": "MEDS_BIRTH", "code_text": "Birth",
            "time": place.born, "time_as_sent": subject["dateOfBirth"]})  # fmt: skip
    if vital.get("status") == "DECEASED":
        when = when_of(part(vital, "timeOfDeath"), place.born)
        yield event(place, "/subject/vitalStatus", {
            "category": "other", "code": "MEDS_DEATH", "code_text": "Death"}, when)  # fmt: skip


def _feature(each: Told, place: Place, pointer: str) -> Row:
    term = part(each, "type")
    labels = [part(each, "severity"), *(e for _, e in items(each, "modifiers"))]
    return event(place, pointer, {
        "category": "problem", **_named(term),
        "text_value": ", ".join(str(one["label"]) for one in labels if one.get("label")) or None,
        "polarity": _polarity(each),
    }, when_of(part(each, "onset"), place.born))  # fmt: skip


def _disease(each: Told, place: Place, pointer: str) -> Row:
    stages = [e for key in ("diseaseStage", "clinicalTnmFinding") for _, e in items(each, key)]
    return event(place, pointer, {
        "category": "problem", **_named(part(each, "term")),
        "text_value": ", ".join(str(one["label"]) for one in stages if one.get("label")) or None,
        "body_site": part(each, "primarySite").get("label"),
        "polarity": _polarity(each),
    }, when_of(part(each, "onset"), place.born))  # fmt: skip


def _diagnosis(each: Told, place: Place, pointer: str) -> Iterator[Row]:
    disease, progress = part(part(each, "diagnosis"), "disease"), each.get("progressStatus")
    if disease.get("id"):
        yield event(place, f"{pointer}/diagnosis/disease", {
            "category": "problem", **_named(disease), "method": "genomic interpretation",
            "certainty": said()["progress"].get(str(progress), "unknown"),
            "state": str(progress or "UNKNOWN_PROGRESS").lower().replace("_", "-")})  # fmt: skip


def _measured(each: Told, place: Place, pointer: str) -> Iterator[Row]:
    when = when_of(part(each, "timeObserved"), place.born)
    shared: Row = {"category": "laboratory", "method": part(each, "procedure").get("label")}
    value, complex_value = part(each, "value"), part(each, "complexValue")
    if value:
        told = shared | _named(part(each, "assay")) | _value(value, code_of(part(each, "assay")))
        yield event(place, pointer, told, when)
    for inner, typed in items(complex_value, "typedQuantities"):
        code = code_of(part(typed, "type"))
        told = shared | _named(part(typed, "type")) | _value(typed, code)
        yield event(place, f"{pointer}/complexValue{inner}", told, when)


def _value(value: Told, code: str) -> Row:
    """A quantity in the house's unit, or a word."""
    quantity, word = part(value, "quantity"), part(value, "ontologyClass")
    number = _number(quantity.get("value"))
    if number is None:
        return {"text_value": word.get("label"), "value_code": code_of(word) if word else None}
    sent = part(quantity, "unit")
    unit = str(coding(sent)["code"]) if sent else None
    how = terms.conversion(code, unit)
    limits = part(quantity, "referenceRange")
    low, high = (_number(limits.get(each)) for each in ("low", "high"))
    return {
        "numeric_value": number * how.factor + how.offset, "value_as_sent": str(number),
        "unit_as_sent": unit, "unit": how.unit, "flags": [how.flag] if how.flag else [],
        "range_low": None if low is None else low * how.factor + how.offset,
        "range_high": None if high is None else high * how.factor + how.offset,
    }  # fmt: skip


def _number(value: object) -> int | float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _treated(each: Told, place: Place, pointer: str) -> Iterator[Row]:
    treatment, procedure = part(each, "treatment"), part(each, "procedure")
    if treatment:
        spans = [part(one, "interval") for _, one in items(treatment, "doseIntervals")]
        starts = [instant(one.get("start")) for one in spans]
        yield event(place, f"{pointer}/treatment", {
            "category": "medication", "act": "reported", **_named(part(treatment, "agent")),
            "dose_text": part(treatment, "routeOfAdministration").get("label"),
            "time": min(filter(None, starts), default=None)})  # fmt: skip
    if procedure:
        yield event(place, f"{pointer}/procedure", {
            "category": "procedure", **_named(part(procedure, "code")),
            "body_site": part(procedure, "bodySite").get("label"),
        }, when_of(part(procedure, "performed"), place.born))  # fmt: skip


# ------------------------------------------------------------------ small things


def _polarity(each: Told) -> str:
    return "negated" if each.get("excluded") is True else "affirmed"


def _named(term: Told) -> Row:
    return {"code": code_of(term), "code_text": term.get("label"), "codings": [coding(term)]}


_SURE: Row = {
    "modality": "record", "act": "observed", "status": "final", "polarity": "affirmed",
    "certainty": "certain", "temporality": "current", "experiencer": "patient", "flags": [],
}  # fmt: skip


def event(place: Place, pointer: str, told: Row, when: When | None = None) -> Row:
    """One row of ``event``."""
    moment = dict(when or {})
    since = f"from {moment.pop('when')}" if "when" in moment else None
    words = [str(each) for each in (told.get("text_value"), since) if each]
    row = {
        **_SURE, **{key: _plain(key, each) for key, each in told.items()}, **moment,
        **place.lineage,
        "text_value": ", ".join(words) or None,
        "event_id": stable_id(str(place.version_id), pointer, str(derivation().number), "0"),
        "subject_id": place.subject_id, "version_id": place.version_id,
        "derivation_id": derivation().number, "locator": f"record {place.record} {pointer}",
    }  # fmt: skip
    return row | {"fact_key": _fact(row)}


_TEXTS = frozenset({"code_text", "body_site", "method", "dose_text", "value_code"})


def _plain(key: str, value: Any) -> Any:
    """Text where the packet brought something else in its place."""
    return str(value) if key in _TEXTS and value is not None else value


def _fact(row: Row) -> int:
    """Equal for the same fact told twice: what, whether, when, how much."""
    time = row.get("time")
    value = row.get("numeric_value", row.get("value_code")) or ""
    words = ("fact", str(row["subject_id"]), row["code"], row["act"], row["polarity"])
    return stable_id(*words, time.isoformat() if time else "", str(value))
