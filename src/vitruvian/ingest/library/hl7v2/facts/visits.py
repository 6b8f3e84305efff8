"""Visits (PV1): what a trigger event does to a visit, and the visit's own events.

References
----------
HL7 Version 2.8.2, chapter 3.3 (A01 to A62), 3.4.3 (PV1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Fact, Told, event_row, first
from vitruvian.ingest.library.hl7v2.facts.people import authority
from vitruvian.ingest.library.hl7v2.mapping import listed, visit_merge, visit_rule, words
from vitruvian.ingest.library.hl7v2.reading.message import Segment
from vitruvian.ingest.library.hl7v2.reading.moments import Moment

_TEMPORARY, _PENDING = 11, 42


@dataclass(frozen=True)
class Step:
    """What one message says of a visit."""

    encounter_id: int
    segment: int
    status: str | None
    place: str
    told: dict[str, Any]
    location: tuple[str, str, str] | None
    start: datetime | None
    end: datetime | None
    moment: datetime


def visit_segments(told: Told) -> list[Segment]:
    """The PV1 of each visit that a message tells of.

    In an order it stops at the first request: what follows are visits of earlier results.
    """
    found = list(told.message.all("PV1"))
    return found[:1] if told.message.kind in listed("messages", "prior_results") else found


def visit_number(told: Told, pv1: Segment) -> int | None:
    """The stable id of the visit; None when the message names none."""
    pid = told.message.of("PID")
    numbers = (numbered(told, segment, field) for segment, field in ((pv1, 19), (pid, 18)))
    return next((number for number in numbers if number is not None), None)


def numbered(told: Told, segment: Segment, field: int) -> int | None:
    """The stable id of the visit that a field names."""
    number = segment.text(field).strip()
    if not number:
        return None
    giver = authority(segment, segment.repetitions(field)[0]) or ""
    return stable_id(told.site, "HL7v2/Visit", giver, number)


def visits_merged(told: Told) -> Iterator[tuple[int, int]]:
    """Visits of one patient whose numbers become one: the one that gives way, the one that holds.

    A41 and A42 merge two, A49 and A50 change a number (chapters 3.3.41, 3.3.42, 3.3.49, 3.3.50).
    """
    rule = visit_merge(told.message.trigger) if told.message.kind == "ADT" else None
    if rule is None:
        return
    field, name, holding = rule
    for mrg, segment in zip(told.message.all("MRG"), told.message.all(name), strict=False):
        old, new = numbered(told, mrg, field), numbered(told, segment, holding)
        if old is not None and new is not None and old != new:
            yield old, new


def visit_steps(told: Told) -> Iterator[Step]:
    """What this message does to each visit in it."""
    for pv1 in visit_segments(told):
        step = visit_step(told, pv1)
        if step is not None:
            yield step


def visit_step(told: Told, pv1: Segment) -> Step | None:
    """What this message does to its visit; None when there is no visit in it."""
    encounter = visit_number(told, pv1)
    if encounter is None or pv1.text(2).upper() == "N":
        return None
    rule = visit_rule(told.message.trigger) if told.message.kind == "ADT" else {}
    when = _when(told)
    start, end = told.moment(pv1.text(44)), told.moment(pv1.text(45))
    status = rule.get("status") or ("finished" if end else None)
    return Step(
        encounter_id=encounter,
        segment=pv1.number,
        status=status,
        place=_place(rule.get("place", ""), pv1),
        told=_words(told, pv1),
        location=location_of(pv1),
        start=_instant(start) or (when if rule.get("start") else None),
        end=_instant(end) or (when if rule.get("end") else None),
        moment=when,
    )


def _place(rule: str, pv1: Segment) -> str:
    """What becomes of the place; tracking (A09, A10) leaves the bed to whoever is away for a time.

    Chapters 3.3.9 and 3.3.10: PV1-11 is a temporary location, PV1-42 the one the patient is on the
    way to and not in yet; else PV1-3 is where the patient is now.
    """
    if rule != "tracked":
        return rule
    if pv1.raw(_TEMPORARY):
        return ""
    return "departed" if pv1.raw(_PENDING) else "moved"


def _instant(moment: Moment | None) -> datetime | None:
    return moment.start if moment else None


def _when(told: Told) -> datetime:
    """When the event happened: EVN-6, else EVN-2, else the message's time."""
    evn = told.message.of("EVN")
    return _instant(told.moment(evn.text(6), evn.text(2))) or told.sent_at


def _words(told: Told, pv1: Segment) -> dict[str, Any]:
    kind, pv2 = pv1.text(2).upper(), _beside(told, pv1)
    found = {
        "class_code": words("visit_class").get(kind) or (f"LOCAL//{kind}" if kind else None),
        "class_text": words("visit_class_text").get(kind) or kind or None,
        "type_text": first((pv1.text(18, 2), pv1.text(10, 2))),
        "reason_text": first((pv2.text(3, 2), pv2.text(3), pv2.text(12))),
        "provider_text": first((pv1.text(3, 4), pv1.text(39))),
    }
    return {name: value for name, value in found.items() if value}


def _beside(told: Told, pv1: Segment) -> Segment:
    """The PV2 that goes with a PV1: the one before the next PV1."""
    segments = told.message.segments
    at = next((n for n, each in enumerate(segments) if each is pv1), len(segments))
    for each in segments[at + 1 :]:
        if each.name in {"PV1", "PV2"}:
            return each if each.name == "PV2" else Segment("PV2", 0, (), pv1.marks)
    return Segment("PV2", 0, (), pv1.marks)


def location_of(pv1: Segment) -> tuple[str, str, str] | None:
    """Words, reference as sent and level of the place the patient is in."""
    unit, room, bed = (pv1.text(3, place) for place in (1, 2, 3))
    parts = [part for part in (unit, room, bed) if part]
    if not parts:
        return None
    level = "bd" if bed else "ro" if room else "wa"
    return ", ".join(parts), pv1.repetitions(3)[0], level


def visit_facts(told: Told, pv1: Segment) -> Iterator[Fact]:
    """The visit on the timeline, and its end where only the end was sent."""
    step = visit_step(told, pv1)
    if step is None:
        return
    rule, evn = visit_rule(told.message.trigger), told.message.of("EVN")
    adt = told.message.kind == "ADT"
    by_event = (evn.text(6), evn.text(2)) if adt else ()
    start = told.moment(pv1.text(44), *(by_event if rule.get("start") else ()))
    end = told.moment(pv1.text(45), *(by_event if rule.get("end") else ()))
    key = str(step.encounter_id)
    row = {
        "category": "encounter",
        "code": step.told.get("class_code") or "HL7V2//visit",
        "code_text": step.told.get("class_text") or "Visit",
        "text_value": step.told.get("reason_text"),
        "status": _event_status(step.status),
        "act": "planned" if step.status == "planned" else "observed",
        "state": step.status,
    }
    if start:
        yield Fact(("visit", key), event_row(told, (pv1, 44), {**row, "moment": start, "end": end}))
    elif step.status in {"cancelled", "entered-in-error"}:
        yield Fact(("visit", key), withdrawn=True)
    elif end:
        ended = {**row, "code": "HL7V2//discharge", "code_text": "Discharge", "moment": end}
        yield Fact(("discharge", key), event_row(told, (pv1, 45), ended))
    if told.message.trigger == "A13" and adt:
        yield Fact(("discharge", key), withdrawn=True)


def _event_status(status: str | None) -> str:
    return status if status in {"cancelled", "entered-in-error"} else "final"
