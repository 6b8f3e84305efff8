"""Whom a message is about (PID), and the three events that tells.

References
----------
HL7 Version 2.8.2, chapter 3.4.2 (PID); MEDS for MEDS_BIRTH and MEDS_DEATH.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vitruvian import terms
from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Fact, Told, event_row
from vitruvian.ingest.library.hl7v2.mapping import listed, words
from vitruvian.ingest.library.hl7v2.reading.message import Message, Segment

Identifier = dict[str, str | None]


def identifiers_of(segment: Segment, *fields: int) -> list[Identifier]:
    """Every identifier (CX) in these fields: authority, value, type."""
    found = []
    for field in fields:
        for said in segment.repetitions(field):
            value = segment.part(said, 1).strip()
            if value:
                kind = segment.part(said, 5) or None
                found.append({"system": authority(segment, said), "value": value, "label": kind})
    return found


def authority(segment: Segment, said: str) -> str | None:
    """Who gave an identifier out: universal id of CX-4 first, its name, then the facility."""
    places = ((4, 2), (4, 1), (6, 2), (6, 1))
    return next((found for at, sub in places if (found := segment.part(said, at, sub=sub))), None)


def own_identifier(message: Message, segment: Segment) -> Identifier | None:
    """The identifier that names the source's own record of this person."""
    fields = (1, 4, 2) if segment.name == "MRG" else (3, 2, 4)
    every = [each for field in fields for each in identifiers_of(segment, field)]
    if not every:
        return None
    ranks = {kind: rank for rank, kind in enumerate(listed("identifiers", "preferred"))}
    chosen = min(every, key=lambda each: ranks.get(each["label"] or "", len(ranks)))
    facility = message.header.text(4, 2) or message.header.text(4)
    return {**chosen, "system": chosen["system"] or facility or None}


def subject_of(message: Message, segment: Segment, *, site: str) -> int | None:
    """The subject that a PID or MRG segment names; None when it names nobody."""
    found = own_identifier(message, segment)
    if found is None:
        return None
    return stable_id(site, "HL7v2/Patient", found["system"] or "", str(found["value"]))


def person_update(told: Told, pid: Segment) -> dict[str, Any]:
    """What a PID says anew: an empty field is absent here, a deleted one is None.

    "An empty field means no change; two double quotes mean delete" (chapter 2.5.3).
    """
    found: dict[str, Any] = {}
    for name, field, value in _person_fields(told, pid):
        if pid.deletes(field):
            found[name] = None
        elif value is not None:
            found[name] = value
    return found


def _person_fields(told: Told, pid: Segment) -> Iterator[tuple[str, int, Any]]:
    names = pid.repetitions(5)
    family = pid.part(names[0], 1) if names else ""
    given = " ".join(part for at in (2, 3) if names and (part := pid.part(names[0], at)))
    birth, death = told.moment(pid.text(7)), told.moment(pid.text(29))
    dead = {"Y": True, "N": False}.get(pid.text(30).upper(), True if death else None)
    yield "family", 5, family or None
    yield "given", 5, given or None
    yield "birth_date", 7, _iso_date(birth.as_sent) if birth else None
    yield "birth_time_min", 7, birth.start if birth else None
    yield "sex", 8, words("sex").get(pid.text(8).upper())
    yield "death_time", 29, death.as_sent if death else None
    yield "deceased", 30, dead
    yield "identifiers", 3, identifiers_of(pid, 3, 2, 4, 19, 20) or None


def _iso_date(said: str) -> str:
    parts = (said[:4], said[4:6], said[6:8])
    return "-".join(part for part in parts if part.isdigit())


def search_text(state: dict[str, Any]) -> str:
    """Names and identifiers, folded."""
    known = (each["value"] or "" for each in state.get("identifiers") or ())
    return terms.fold(" ".join([state.get("family") or "", state.get("given") or "", *known]))


def person_facts(told: Told, pid: Segment) -> Iterator[Fact]:
    """Birth, death and administrative sex."""
    birth, death = told.moment(pid.text(7)), told.moment(pid.text(29))
    if birth:
        yield _fact(told, (pid, 7), "MEDS_BIRTH", {"code_text": "Birth", "moment": birth})
    if death or pid.text(30).upper() == "Y":
        yield _fact(told, (pid, 29), "MEDS_DEATH", {"code_text": "Death", "moment": death})
    elif pid.text(30).upper() == "N" or pid.deletes(29) or pid.deletes(30):
        yield Fact(("person", "MEDS_DEATH"), withdrawn=True)
    sex = words("sex").get(pid.text(8).upper())
    if sex:
        row = {"category": "other", "code": f"GENDER//{sex}", "code_text": sex}
        yield Fact(("person", "GENDER"), event_row(told, (pid, 8), row))


def _fact(told: Told, place: tuple[Segment, int], code: str, what: dict[str, Any]) -> Fact:
    row = {"category": "other", "code": code, **what}
    return Fact(("person", code), event_row(told, place, row))
