"""Everything one subject's messages say, in their own order whatever order they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vitruvian.ingest.library.hl7v2.facts.documents import PutBlob
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.facts.message_facts import facts_of
from vitruvian.ingest.library.hl7v2.facts.people import person_update, search_text
from vitruvian.ingest.library.hl7v2.facts.visits import visit_step, visits_merged
from vitruvian.ingest.library.hl7v2.folding.ledger import Ledger, Row
from vitruvian.ingest.library.hl7v2.folding.visits import Visit
from vitruvian.ingest.library.hl7v2.mapping import listed


@dataclass(frozen=True)
class Entry:
    """One message with the row of ``resource`` that keeps its bytes."""

    told: Told
    record: Row
    arrived: tuple[int, int, int]


def fold(entries: Sequence[Entry], put: PutBlob) -> Ledger:
    """All rows of one subject, with what each message ends.

    The order is that of the messages' own times (MSH-7), then of arrival.
    """
    ledger, person, visits = Ledger(), dict[str, Any](), dict[int, Visit]()
    for entry in sorted(entries, key=lambda each: (each.told.known_at, each.arrived)):
        told = entry.told
        ledger.add("resource", entry.record)
        _tell_person(ledger, told, person)
        if told.message.kind in listed("messages", "mapped"):
            _tell_visit(ledger, told, visits)
        for fact in facts_of(told, put):
            ledger.take(told, fact, entry.record)
    return ledger


def _tell_person(ledger: Ledger, told: Told, person: dict[str, Any]) -> None:
    pid = told.message.of("PID")
    person |= person_update(told, pid)
    state = {**person, "identifiers": person.get("identifiers") or []}
    state |= {"search_text": search_text(state), "locator": told.locator(pid)}
    ledger.put(told, ("patient",), "patient", state)


def _tell_visit(ledger: Ledger, told: Told, visits: dict[int, Visit]) -> None:
    step = visit_step(told, told.message.of("PV1"))
    if step is not None:
        visit = visits.setdefault(step.encounter_id, Visit())
        visit.follow(step)
        visit.write(ledger, told, step.encounter_id)
    for old, new in visits_merged(told):
        # its results and stays keep their visit, which from now on is a part of the other
        if old in visits:
            visits[old].words["part_of_id"] = new
            visits[old].write(ledger, told, old)
