"""What was ordered, dispensed, administered or booked: ORC, OBR, RXO, RXE, RXD, RXA, SCH.

References
----------
HL7 Version 2.8.2, chapters 4 (orders), 4A (pharmacy, vaccines), 10 (scheduling).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from vitruvian.ingest.library.hl7v2.facts.coding import Coded, choose, read_coded
from vitruvian.ingest.library.hl7v2.facts.fact import Counted, Fact, Told, event_row, first
from vitruvian.ingest.library.hl7v2.mapping import listed, words
from vitruvian.ingest.library.hl7v2.reading.message import Segment
from vitruvian.ingest.library.hl7v2.reading.moments import Moment

_NO_VACCINE = "CVX//998"


@dataclass(frozen=True)
class Common:
    """The ORC above a request, the route below it."""

    control: Segment | None
    route: Segment | None

    @property
    def status(self) -> str:
        """Final, cancelled or entered in error, by ORC-1 and ORC-5."""
        if self.control is None:
            return "final"
        by_control = words("order_control").get(self.control.text(1).upper())
        return by_control or words("order_status").get(self.control.text(5).upper(), "final")

    def number(self, segment: Segment) -> str:
        """What names the order: placer's number, else filler's."""
        here = (segment.raw(2), segment.raw(3)) if segment.name == "OBR" else ()
        above = (self.control.raw(2), self.control.raw(3)) if self.control else ()
        return first((*above, *here)) or ""

    @property
    def time(self) -> str:
        """When it was ordered."""
        return self.control.text(9) if self.control else ""

    def times(self, *, reporting: bool) -> tuple[str, ...]:
        """When it was ordered; a result's ORC tells so in ORC-9 only of a new order (guide 1.0.0).

        Otherwise ORC-9 is when the result came in, and ORC-15 when the order took effect.
        """
        if self.control is None or not reporting or self.control.text(1).upper() == "NW":
            return (self.time,)
        return (self.control.text(15),)


def order_fact(told: Told, obr: Segment, common: Common, counted: Counted) -> Iterator[Fact]:
    """A request for a test, an image or a procedure."""
    coded = read_coded(obr, 4)
    if coded is None:
        return
    section = obr.text(24).upper()
    reporting = told.message.kind in listed("messages", "results")
    yield Fact(
        counted.slot("order", common.number(obr), coded.code),
        event_row(
            told,
            (obr, 4),
            {
                "category": words("lanes").get(section, "procedure"),
                **_coded(coded),
                "moment": told.moment(
                    *common.times(reporting=reporting),
                    obr.text(6),
                    obr.text(7),
                    told.message.header.text(7),
                ),
                "act": "ordered",
                "status": common.status,
                "state": common.control.text(5) or None if common.control else None,
                "text_value": first((obr.text(31, 2), obr.text(13))),
            },
        ),
    )


def _coded(coded: Coded) -> dict[str, Any]:
    return {"code": coded.code, "code_text": coded.text, "codings": coded.rows}


# segment -> field of the code, of the amount, of the unit, act, fields that say when
_MEDICINES: dict[str, tuple[int, int, int, str, tuple[int, ...]]] = {
    "RXO": (1, 2, 4, "ordered", ()),
    "RXE": (2, 3, 5, "ordered", (32,)),
    "RXD": (2, 4, 5, "dispensed", (3,)),
    "RXA": (5, 6, 7, "administered", (3,)),
}


def medicine_fact(told: Told, segment: Segment, common: Common, counted: Counted) -> Iterator[Fact]:
    """A medicine or vaccine ordered, dispensed or given."""
    code_field, amount, unit, act, times = _MEDICINES[segment.name]
    coded = read_coded(segment, code_field)
    if coded is None or coded.code == _NO_VACCINE:
        return
    said = [segment.text(field) for field in times]
    what: dict[str, Any] = {
        "category": "immunisation" if told.message.kind == "VXU" else "medication",
        **_coded(coded),
        "moment": told.moment(*said, common.time, told.message.header.text(7)),
        "act": act,
        "status": common.status,
        "dose_text": _dose(segment, (amount, unit), common.route),
    }
    if segment.name == "RXA":
        what |= _given(told, segment)
    number = common.number(segment) or (said[0] if said else "")
    yield Fact(
        counted.slot(segment.name, number, coded.code), event_row(told, (segment, code_field), what)
    )


def _given(told: Told, rxa: Segment) -> dict[str, Any]:
    """What only an administration says: its end, whether it was done, or was a mistake."""
    found: dict[str, Any] = {"end": told.moment(rxa.text(4)) if rxa.raw(4) != rxa.raw(3) else None}
    if rxa.text(20).upper() in listed("administration", "not_done"):
        found["act"] = "not-done"
        found["text_value"] = first((rxa.text(18, 2), rxa.text(18)))
    if rxa.text(21).upper() in listed("action", "deletes"):
        found["status"] = "entered-in-error"
    found["state"] = first((rxa.text(9, 2), rxa.text(20)))
    return found


def _dose(segment: Segment, fields: tuple[int, int], route: Segment | None) -> str | None:
    amount, unit = (
        segment.text(fields[0]),
        first((segment.text(fields[1]), segment.text(fields[1], 2))),
    )
    # 999 says "not known" in RXA-6
    known = "" if segment.name == "RXA" and amount == "999" else amount
    dose = f"{known} {unit or ''}".strip() if known else ""
    by = first((route.text(1, 2), route.text(1))) if route else None
    sig = segment.words(7) if segment.name == "RXE" else ""
    return ", ".join(part for part in (dose, by, sig) if part) or None


def appointment_fact(told: Told, sch: Segment, counted: Counted) -> Iterator[Fact]:
    """A booked visit or procedure (SIU): one of each service (AIS), or of the visit alone."""
    services = list(told.message.all("AIS"))
    for place, service in enumerate(services):
        coded = read_coded(service, 3)
        if coded is not None:
            yield _booking(told, (sch, 11) if place == 0 else (service, 3), coded, counted)
    if not any(read_coded(service, 3) for service in services):
        coded = read_coded(sch, 8) or read_coded(sch, 7)
        coded = coded or choose(((None, None, "Appointment"),))
        if coded is not None:
            yield _booking(told, (sch, 11), coded, counted)


def _booking(told: Told, place: tuple[Segment, int], coded: Coded, counted: Counted) -> Fact:
    sch = told.message.of("SCH") if place[0].name != "SCH" else place[0]
    start, end = _booked_for(told, sch)
    act, status = _booked(told, sch)
    return Fact(
        counted.slot("SCH", first((sch.raw(2), sch.raw(1))) or "", coded.code),
        event_row(
            told,
            place,
            {
                "category": "encounter",
                **_coded(coded),
                "moment": start,
                "end": end,
                "act": act,
                "status": status,
                "state": sch.text(25) or None,
                "text_value": first((sch.text(6, 2), sch.text(6))),
            },
        ),
    )


def referral_fact(told: Told, rf1: Segment, counted: Counted) -> Iterator[Fact]:
    """A referral (RF1): of what kind, why, since when (RF1-7) or when it was made (RF1-9)."""
    coded = choose((("http://snomed.info/sct", "3457005", "Patient referral"),))
    if coded is None:
        return
    moment = told.moment(rf1.text(7), rf1.text(9))
    what = {
        "category": "other",
        **_coded(coded),
        "moment": moment or told.moment(told.message.header.text(7)),
        "act": "ordered",
        "state": first((rf1.text(1, 2), rf1.text(1))),
        "text_value": first((rf1.text(10, 2), rf1.text(10), rf1.text(3, 2), rf1.text(3))),
        "flags": [] if moment else ["time-is-recorded"],
    }
    yield Fact(counted.slot("RF1", rf1.raw(6) or rf1.text(7)), event_row(told, (rf1, 7), what))


def _booked_for(told: Told, sch: Segment) -> tuple[Moment | None, Moment | None]:
    """From when to when: TQ1, which took the place of SCH-11 in version 2.5, comes first."""
    timing, service = told.message.of("TQ1"), told.message.of("AIS")
    said = (
        (timing.text(7), timing.text(8)),
        (sch.text(11, 4), sch.text(11, 5)),
        (service.text(4), ""),
        (told.message.of("AIG").text(8), ""),
    )
    found = ((told.moment(start), told.moment(end)) for start, end in said)
    return next(((start, end) for start, end in found if start), (None, None))


def _booked(told: Told, sch: Segment) -> tuple[str, str]:
    word, trigger = sch.text(25).lower(), told.message.trigger
    deleted = trigger in listed("appointment", "deleted_triggers")
    if deleted or word in listed("appointment", "deleted_words"):
        return "planned", "entered-in-error"
    undone = trigger in listed("appointment", "cancelled_triggers")
    if undone or word in listed("appointment", "cancelled_words"):
        return "planned", "cancelled"
    missed = trigger in listed("appointment", "not_done_triggers")
    if missed or word in listed("appointment", "not_done_words"):
        return "not-done", "final"
    return "planned", "final"
