"""Our facts beside one vendor's FHIR of the same messages: field by field, per resource type.

A resource of theirs is held against the fact of ours that agrees with it in most fields.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.facts.message_facts import facts_of
from vitruvian.ingest.library.hl7v2.facts.people import person_update
from vitruvian.ingest.library.hl7v2.facts.visits import visit_steps
from vitruvian.ingest.library.hl7v2.reading.moments import zones_of
from vitruvian.ingest.library.hl7v2.staging import Origin, tell

Json = dict[str, Any]
Values = dict[str, frozenset[str]]
NOW = datetime(2024, 1, 1, tzinfo=UTC)


# field, theirs, ours: where the guide (1.0.0, table 0085 to observation status) says what we say
GUIDE = {("status", "unknown", "preliminary")}


# message, their resource: where the guide (1.0.0, message MDM_T02) makes no such resource: the
# segments OBX of a document are its content (segment map OBX to DocumentReference), as here
GUIDE_RESOURCES = {("MDM", "Observation")}


def guide_makes_none(told: Told, resource: Json) -> bool:
    """Where the guide (1.0.0) makes no such resource of the message, as we make no such fact.

    Charges (FT1) have no segment map, and only PR1 makes a Procedure; a result without ORC makes
    no ServiceRequest (message ORU_R01); of the group PRIOR_RESULT nothing is mapped (OML_O21).
    """
    message, kind = told.message, resource["resourceType"]
    if (message.kind, kind) in GUIDE_RESOURCES:
        return True
    if kind == "Procedure":
        charged = {each.text(25) for each in message.all("FT1")}
        done = {each.text(3) for each in message.all("PR1")}
        return bool(concept(resource.get("code")) & words(*(charged - done)))
    if kind == "ServiceRequest":
        return message.kind == "ORU" and not any(message.all("ORC"))
    if kind == "Encounter" and message.kind == "OML":
        numbers = {each.get("value") for each in resource.get("identifier", [])}
        return any(pv1.text(19) in numbers for pv1 in list(message.all("PV1"))[1:])
    return False


# field of theirs: the field of PV2 that the converter takes, and that of PV1 which the guide takes;
# PV2-8 and PV2-9 are plannedStartDate and plannedDischargeDate there (segment map PV2 to Encounter)
EXPECTED = {"period.start": (8, 44), "period.end": (9, 45)}


def guide_says_otherwise(told: Told, kind: str, name: str, value: frozenset[str]) -> bool:
    """Where the guide takes an expected time for no time of the visit, as we do."""
    if kind != "Encounter" or name not in EXPECTED:
        return False
    expected, actual = EXPECTED[name]
    said = told.moment(told.message.of("PV2").text(expected))
    return (
        said is not None and not told.message.of("PV1").raw(actual) and moment(said.start) == value
    )


@dataclass
class Agreement:
    """Fields of one resource type: how many were compared, how many agree, and the others.

    ``by_guide``: those where HL7's v2-to-FHIR guide says what we say; not among ``compared``.
    """

    compared: int = 0
    agreed: int = 0
    by_guide: int = 0
    differences: dict[str, list[tuple[str, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )


def pairs(folder: Path) -> Iterator[tuple[str, bytes, dict[str, list[Json]]]]:
    """Name and bytes of each message, and their resources by type."""
    for path in sorted((folder / "in").glob("*.hl7")):
        other = folder / "expected-fhir" / f"{path.stem}-expected.json.gz"
        if other.is_file():
            by_type = defaultdict[str, list[Json]](list)
            for entry in json.loads(gzip.decompress(other.read_bytes()))["entry"]:
                by_type[entry["resource"]["resourceType"]].append(entry["resource"])
            yield path.stem, path.read_bytes().rstrip(), by_type


def told_of(data: bytes) -> Told:
    """A message as it is taken in."""
    return tell(data, Origin("test", "source", 0, zones_of("UTC", declared=True), NOW))


# ------------------------------------------------------------------ values of both sides


def moment(said: Any) -> frozenset[str]:
    """A day as it is, a time as an instant."""
    if said is None:
        return frozenset()
    if isinstance(said, str):
        if len(said) <= len("2024-01-01"):
            return frozenset({said})
        said = datetime.fromisoformat(said)
    if isinstance(said, date) and not isinstance(said, datetime):
        return frozenset({said.isoformat()})
    return frozenset({said.astimezone(UTC).isoformat()})


def words(*said: Any) -> frozenset[str]:
    """Texts, without case and outer space."""
    return frozenset(" ".join(str(each).split()).lower() for each in said if each not in {None, ""})


def number(said: Any) -> frozenset[str]:
    """A number, however written."""
    return frozenset() if said is None else frozenset({repr(float(said))})


# Codes of a system that the converter made up, and the standard one that says the same
# (HL7 Vital Records Death Reporting guide, STU 3); certificate and certifying are one fact here.
OWN_CODES = {
    "death-certificate": "308646001",
    "death-certification": "308646001",
    "autopsy": "85699-7",
    "autopsy-performed": "29240004",
    "coroner": "74497-9",
    "injury-incident": "11374-6",
}


def concept(said: Json | None) -> frozenset[str]:
    """Codes of a concept; its text where it has no code."""
    codings = (said or {}).get("coding", [])
    codes = words(*(OWN_CODES.get(coding.get("code"), coding.get("code")) for coding in codings))
    return codes or words((said or {}).get("text"), *(c.get("display") for c in codings))


def when_of(event: Mapping[str, Any]) -> frozenset[str]:
    """The day or the instant of an event of ours, as it was sent."""
    start = event.get("time")
    if start is None:
        return frozenset()
    sent = (event.get("time_as_sent") or "").split("/")[0]
    digits = sent.split("+")[0].split("-")[0]
    shapes = {4: "%Y", 6: "%Y-%m", 8: "%Y-%m-%d"}
    if len(digits) in shapes:
        texts = (digits[:4], digits[4:6], digits[6:8])
        return frozenset({"-".join(text for text in texts if text)})
    return moment(start)


def codes_of(event: Mapping[str, Any]) -> frozenset[str]:
    """Codes of an event of ours, and its words."""
    codings = event.get("codings") or ()
    return words(*(coding["code"] for coding in codings)) | words(event.get("code_text"))


# ------------------------------------------------------------------ theirs, ours


def theirs(resource: Json, by_type: Mapping[str, list[Json]]) -> Values:
    """The fields of a resource of theirs that say something, in words that can be compared."""
    made = _THEIRS[resource["resourceType"]](resource, by_type)
    return {name: said for name, said in made.items() if said}


def _patient(it: Json, _: Any) -> Values:
    name = it.get("name", [{}])[0]
    return {
        "identifier": words(*(each.get("value") for each in it.get("identifier", []))),
        "name.family": words(name.get("family")),
        "name.given": words(*name.get("given", [])[:1]),
        "gender": words(it.get("gender")),
        "birthDate": moment(it.get("birthDate")),
        "deceased": moment(it.get("deceasedDateTime")) or words(it.get("deceasedBoolean")),
    }


def _encounter(it: Json, _: Any) -> Values:
    period = it.get("period", {})
    return {
        "class": words(it["class"].get("code")),
        "status": words(it.get("status")),
        "period.start": moment(period.get("start")),
        "period.end": moment(period.get("end")),
    }


def _observation(it: Json, _: Any) -> Values:
    quantity, first = it.get("valueQuantity", {}), it.get("referenceRange", [{}])[0]
    return {
        "code": concept(it.get("code")),
        "status": words(it.get("status")),
        "effective": moment(it.get("effectiveDateTime")),
        "value": number(quantity.get("value"))
        or concept(it.get("valueCodeableConcept"))
        or words(it.get("valueString")),
        "unit": words(quantity.get("unit"), quantity.get("code")),
        "interpretation": words(*(c.get("code") for i in it.get("interpretation", [])[:1]
                                  for c in i.get("coding", []))),
        "referenceRange": words(first.get("text")),
    }  # fmt: skip


def _medicine(it: Json, by_type: Mapping[str, list[Json]]) -> Values:
    reference = it.get("medicationReference", {}).get("reference", "")
    stock = {f"Medication/{each['id']}": each for each in by_type.get("Medication", [])}
    when = it.get("authoredOn")
    return {"code": concept(stock.get(reference, {}).get("code")), "time": moment(when)}


_THEIRS: Mapping[str, Callable[[Json, Any], Values]] = {
    "Patient": _patient,
    "Encounter": _encounter,
    "Observation": _observation,
    "AllergyIntolerance": lambda it, _: {
        "code": concept(it.get("code")),
        "reaction": words(*(m.get("text") for r in it.get("reaction", [])[:1]
                            for m in r.get("manifestation", [])[:1])),
        "onset": moment((it.get("reaction") or [{}])[0].get("onset")),
    },
    "Immunization": lambda it, _: {
        "vaccineCode": concept(it.get("vaccineCode")),
        "occurrence": moment(it.get("occurrenceDateTime")),
    },
    "Condition": lambda it, _: {
        "code": concept(it.get("code")), "onset": moment(it.get("onsetDateTime")),
    },
    "Procedure": lambda it, _: {
        "code": concept(it.get("code")),
        "performed": moment(it.get("performedDateTime") or it.get("performedPeriod", {}).get("start")),
    },
    "ServiceRequest": lambda it, _: {
        "code": concept(it.get("code")), "authoredOn": moment(it.get("authoredOn")),
    },
    "MedicationRequest": _medicine,
    "Appointment": lambda it, _: {
        "start": moment(it.get("start")), "end": moment(it.get("end")),
        "status": words(it.get("status")),
    },
}  # fmt: skip

# the lane and the act of ours that a resource type of theirs stands for
_LANES: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "Observation": lambda e: any(each in e["locator"] for each in ("/OBX/", "/PDA/", "/ACC/")),
    "AllergyIntolerance": lambda e: e["category"] == "allergy",
    "Immunization": lambda e: e["category"] == "immunisation",
    "Condition": lambda e: e["category"] == "problem",
    "Procedure": lambda e: any(each in e["locator"] for each in ("/PR1/", "/OBR/", "/PDA/")),
    "ServiceRequest": lambda e: (
        e["act"] == "ordered" or any(each in e["locator"] for each in ("/AIS/", "/SCH/"))
    ),
    "MedicationRequest": lambda e: e["category"] == "medication" and e["act"] == "ordered",
    "Appointment": lambda e: "/SCH/" in e["locator"] or e["act"] == "planned",
}


def ours(kind: str, told: Told) -> list[Values]:
    """What we read from the message for this type, one entry a fact."""
    if kind == "Patient":
        return [_our_patient(told)]
    if kind == "Encounter":
        return list(_our_visit(told))
    events = [fact.event for fact in facts_of(told, lambda _: "") if fact.event]
    return [_our_event(event) for event in events if _LANES[kind](event)]


def _our_patient(told: Told) -> Values:
    said = person_update(told, told.message.of("PID"))
    dead = told.moment(told.message.of("PID").text(29))
    return {
        "identifier": words(*(each["value"] for each in said.get("identifiers") or [])),
        "name.family": words(said.get("family")),
        "name.given": words(said.get("given"), *(said.get("given") or "").split(" ")[:1]),
        "gender": words(said.get("sex")),
        "birthDate": moment(said.get("birth_date")),
        "deceased": when_of({"time": dead.start, "time_as_sent": dead.as_sent})
        if dead
        else words(said.get("deceased")),
    }


def _our_visit(told: Told) -> Iterator[Values]:
    for step in visit_steps(told):
        usual = "planned" if step.told.get("class_code") == "ACTCODE//PRENC" else "in-progress"
        yield {
            "class": words((step.told.get("class_code") or "").split("//")[-1]),
            "status": words(step.status or usual),
            "period.start": moment(step.start),
            "period.end": moment(step.end),
        }


def _our_event(event: Mapping[str, Any]) -> Values:
    when, code = when_of(event), codes_of(event)
    text = event.get("text_value") or ""
    value = number(event["value_as_sent"]) if event.get("value_as_sent") else frozenset()
    coded = (event.get("value_code") or "").split("//")[-1]
    return {
        **dict.fromkeys(("effective", "onset", "occurrence", "performed", "authoredOn"), when),
        **dict.fromkeys(("time", "start"), when),
        **dict.fromkeys(("code", "vaccineCode"), code),
        "end": moment(event.get("end_time")),
        "status": words(event["status"], "booked" if event["act"] == "planned" else ""),
        "value": value | words(text, coded, *text.split("; ")),
        "unit": words(event.get("unit_as_sent"), event.get("unit")),
        "interpretation": words(event.get("interpretation")),
        "referenceRange": words(event.get("range_text"), _range(event)),
        "reaction": words(*text.split("; ")),
    }


def _range(event: Mapping[str, Any]) -> str | None:
    low, high = event.get("range_low"), event.get("range_high")
    return None if low is None or high is None else f"{low:g}-{high:g}"


# ------------------------------------------------------------------ side by side


def compare(folder: Path) -> dict[str, Agreement]:
    """The agreement on each resource type, over all messages."""
    found: dict[str, Agreement] = defaultdict(Agreement)
    for name, data, by_type in pairs(folder):
        told = told_of(data)
        for kind in _THEIRS:
            mine = ours(kind, told)
            for resource in by_type.get(kind, []):
                if guide_makes_none(told, resource):
                    found[kind].by_guide += len(theirs(resource, by_type))
                    continue
                said = theirs(resource, by_type)
                best = max(mine, key=lambda each: _agreed(each, said), default={})
                planned = [n for n in said if guide_says_otherwise(told, kind, n, said[n])]
                found[kind].by_guide += len(planned)
                _count(found[kind], name, _without(said, planned), best)
    return dict(found)


def _without(said: Values, names: Container[str]) -> Values:
    return {name: value for name, value in said.items() if name not in names}


def _agreed(mine: Values, said: Values) -> tuple[bool, int]:
    same = [name for name in said if mine.get(name, frozenset()) & said[name]]
    return any("ode" in name for name in same), len(same)


def _count(into: Agreement, message: str, said: Values, mine: Values) -> None:
    for name, value in said.items():
        if any(case == (name, *value, *mine.get(name, ())) for case in GUIDE):
            into.by_guide += 1
            continue
        into.compared += 1
        if mine.get(name, frozenset()) & value:
            into.agreed += 1
        else:
            have = " ".join(sorted(mine.get(name, ())))
            into.differences[name].append((message, " ".join(sorted(value)), have))


def lines(found: Mapping[str, Agreement]) -> list[str]:
    """The agreement in words, with the differences of each field."""
    said = []
    for kind, each in sorted(found.items()):
        if each.compared:
            share = each.agreed / each.compared
            said.append(f"{kind}: {each.agreed} of {each.compared} ({share:.3f})")
            said += [f"  {name}: {len(told)} differ" for name, told in each.differences.items()]
            said += [f"  {each.by_guide} left out: the guide says what we say"] * bool(
                each.by_guide
            )
    return said
