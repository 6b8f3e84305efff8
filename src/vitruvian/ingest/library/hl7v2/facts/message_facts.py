"""Every fact of one message: depends on its bytes and the site's zone, on nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from vitruvian.ingest.library.hl7v2.facts import (
    documents,
    orders,
    people,
    results,
    statements,
    visits,
)
from vitruvian.ingest.library.hl7v2.facts.documents import PutBlob
from vitruvian.ingest.library.hl7v2.facts.fact import Counted, Fact, Told, first, pointer
from vitruvian.ingest.library.hl7v2.mapping import listed
from vitruvian.ingest.library.hl7v2.reading.message import Segment

_MEDICINES = ("RXO", "RXE", "RXD", "RXA")
_STATEMENTS = ("DG1", "PRB", "AL1", "IAM", "PR1")
_NEW_GROUP = ("ORC", "OBR", "PID", "PV1", "TXA", "AL1", "DG1", *_MEDICINES)


@dataclass
class Group:
    """A request with what stands under it, or loose observations."""

    head: Segment | None = None
    control: Segment | None = None
    route: Segment | None = None
    specimen: str | None = None
    observations: list[Segment] = field(default_factory=list)


def facts_of(told: Told, put: PutBlob) -> list[Fact]:
    """Events and documents of a message, each with the visit it belongs to."""
    kind, counted = told.message.kind, Counted()
    found = list(people.person_facts(told, told.message.of("PID")))
    if kind in listed("messages", "mapped"):
        for pv1 in visits.visit_segments(told):
            found += visits.visit_facts(told, pv1)
        found += _of_segments(told, counted)
        found += _of_groups(told, counted, put)
    visit_of = _visits(told)
    return [_in_visit(fact, visit_of) for fact in found]


def _visits(told: Told) -> dict[str, int | None]:
    """The visit that each segment stands under: that of the last PV1 before it, else the first."""
    first_pv1 = told.message.of("PV1")
    visit, found = visits.visit_number(told, first_pv1), {}
    for segment in told.message.segments:
        if segment.name == "PV1":
            visit = visits.visit_number(told, segment)
        found[pointer(segment)] = visit
    return found


def _in_visit(fact: Fact, visit_of: Mapping[str, int | None]) -> Fact:
    if fact.event is None or fact.slot[0] == "person":
        return fact
    place = fact.event["locator"].split(" ")[2]
    encounter = visit_of.get("/".join(place.split("/")[:3]))
    note = None if fact.note is None else {**fact.note, "encounter_id": encounter}
    return replace(fact, event={**fact.event, "encounter_id": encounter}, note=note)


def _of_segments(told: Told, counted: Counted) -> Iterator[Fact]:
    for segment in told.message.all(*_STATEMENTS):
        yield from statements.statement_facts(told, segment, counted)
    for rf1 in told.message.all("RF1"):
        yield from orders.referral_fact(told, rf1, counted)
    for acc in told.message.all("ACC"):
        yield from statements.accident_fact(told, acc, counted)
    for pda in told.message.all("PDA"):
        yield from statements.death_facts(told, pda, counted)
    if told.message.kind == "SIU":
        for sch in told.message.all("SCH"):
            yield from orders.appointment_fact(told, sch, counted)


def _of_groups(told: Told, counted: Counted, put: PutBlob) -> Iterator[Fact]:
    groups = list(_groups(told))
    txa = next(told.message.all("TXA"), None)
    if txa is not None and told.message.kind == "MDM":
        lines = [obx for group in groups for obx in group.observations]
        yield documents.document_fact(told, txa, lines, put)
        # The guide (1.0.0, MDM_T02): the order of a document is a request like any other.
        for group in groups:
            if group.head is not None and group.head.name == "OBR":
                common = orders.Common(group.control, group.route)
                yield from orders.order_fact(told, group.head, common, counted)
        return
    for group in groups:
        yield from _of_group(told, group, counted, put)


def _of_group(told: Told, group: Group, counted: Counted, put: PutBlob) -> Iterator[Fact]:
    head, common = group.head, orders.Common(group.control, group.route)
    request = head if head is not None and head.name == "OBR" else None
    if head is not None and head.name in _MEDICINES:
        yield from orders.medicine_fact(told, head, common, counted)
    reporting = told.message.kind in listed("messages", "results")
    # The guide (1.0.0, ORU_R01): a result with its ORC tells its receiver of the order too.
    if request is not None and (common.control is not None or not reporting):
        yield from orders.order_fact(told, request, common, counted)
    if request is not None and reporting and documents.is_report(group.observations):
        yield documents.report_fact(told, request, group.observations, put)
        return
    order = results.Order(request, group.specimen)
    yield from results.result_facts(told, order, group.observations, counted)


def _groups(told: Told) -> Iterator[Group]:
    """Requests in order; what comes before the first is a group without a head."""
    group, control = Group(), None
    specimen: str | None = None
    reporting = told.message.kind in listed("messages", "results")
    for segment in told.message.segments:
        if segment.name == "ORC" and told.message.kind in listed("messages", "control_follows"):
            group.control = segment
        elif segment.name in _NEW_GROUP:
            yield group
            control = segment if segment.name == "ORC" else control
            head = segment if segment.name in {"OBR", *_MEDICINES} else None
            group = Group(head, control, specimen=specimen)
            # in a result each OBR has an ORC of its own, or none
            control = None if reporting and head is not None else control
        elif segment.name == "OBX":
            group.observations.append(segment)
        elif segment.name == "RXR":
            group.route = group.route or segment
        elif segment.name == "SPM":
            specimen = _specimen(segment)
            group.specimen = group.specimen or specimen
    yield group


def _specimen(spm: Segment) -> str | None:
    return first((spm.text(4, 9), spm.text(4, 2), spm.text(4)))
