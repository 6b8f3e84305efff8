"""Everything one subject's messages say, in their own order whatever order they came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vitruvian.ingest.library.hl7v2.facts.documents import PutBlob
from vitruvian.ingest.library.hl7v2.facts.fact import Told
from vitruvian.ingest.library.hl7v2.facts.message_facts import facts_of
from vitruvian.ingest.library.hl7v2.facts.people import person_update, search_text
from vitruvian.ingest.library.hl7v2.facts.visits import visit_steps, visits_merged
from vitruvian.ingest.library.hl7v2.folding.ledger import Ledger, Row
from vitruvian.ingest.library.hl7v2.folding.visits import Visit
from vitruvian.ingest.library.hl7v2.mapping import listed

MOVED, LEFT = "#moved", "#left"


@dataclass(frozen=True)
class Entry:
    """One message with the row of ``resource`` that keeps its bytes.

    ``leaves``: the visits that this message takes to another patient.
    """

    told: Told
    record: Row
    arrived: tuple[int, int, int]
    leaves: frozenset[int] = frozenset()

    @property
    def moved(self) -> bool:
        """Whether it came over from another patient, of whom it told nothing but the visit."""
        return bool(self.record["resource_type"].endswith(MOVED))

    @property
    def left(self) -> bool:
        """Whether it only says that visits have left."""
        return bool(self.record["resource_type"].endswith(LEFT))

    @property
    def order(self) -> tuple[Any, ...]:
        """When it became known of this patient, when it was sent, when it arrived."""
        return (self.told.known_at, self.told.sent_at, self.arrived)


def fold(entries: Sequence[Entry], put: PutBlob) -> Ledger:
    """All rows of one subject, with what each message ends.

    The order is that of the messages' own times (MSH-7), then of arrival.
    """
    ledger, person, visits = Ledger(), dict[str, Any](), dict[int, Visit]()
    for entry in sorted(entries, key=lambda each: each.order):
        told = entry.told
        ledger.add("resource", entry.record)
        if entry.left:
            ledger.leave(told, entry.leaves)
            visits = {key: visit for key, visit in visits.items() if key not in entry.leaves}
            continue
        if not entry.moved:
            _tell_person(ledger, told, person)
        if told.message.kind in listed("messages", "mapped"):
            _tell_visits(ledger, told, visits)
        for fact in facts_of(told, put):
            if not (entry.moved and fact.slot[0] == "person"):
                ledger.take(told, fact, entry.record)
    return ledger


def _tell_person(ledger: Ledger, told: Told, person: dict[str, Any]) -> None:
    pid = told.message.of("PID")
    person |= person_update(told, pid)
    state = {**person, "identifiers": person.get("identifiers") or []}
    state |= {"search_text": search_text(state), "locator": told.locator(pid)}
    ledger.put(told, ("patient",), "patient", state)


def _tell_visits(ledger: Ledger, told: Told, visits: dict[int, Visit]) -> None:
    for step in visit_steps(told):
        visit = visits.setdefault(step.encounter_id, Visit())
        visit.follow(step)
        visit.write(ledger, told, step.encounter_id)
    for old, new in visits_merged(told):
        # its results and stays keep their visit, which from now on is a part of the other
        if old in visits:
            visits[old].words["part_of_id"] = new
            visits[old].write(ledger, told, old)
