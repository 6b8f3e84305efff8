"""What holds about one subject after each message, and what each message ends."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Fact, Slot, Told

Row = dict[str, Any]
_OF_THE_MESSAGE = {"locator", "stay_id"}


@dataclass(frozen=True)
class Held:
    """A thing that holds: its content, what retires it, the visit that it belongs to."""

    content: int
    scope: str
    target: int
    visit: int | None = None


@dataclass
class Ledger:
    """Rows to be stored for one subject, in the order in which they became known."""

    rows: dict[str, list[Row]] = field(default_factory=dict)
    held: dict[Slot, Held] = field(default_factory=dict)

    def add(self, table: str, row: Row) -> None:
        """One more row."""
        self.rows.setdefault(table, []).append(row)

    def take(self, told: Told, fact: Fact, record: Row) -> None:
        """Store a fact unless it says nothing new; end what it takes the place of."""
        for slot in fact.replaces:
            self.end(told, slot, "superseded")
        if fact.withdrawn or fact.event is None:
            self.end(told, fact.slot, "deleted")
            return
        before = self.held.get(fact.slot)
        if before is not None and before.content == fact.content:
            return
        self.end(told, fact.slot, "superseded")
        self.add("event", dict(fact.event))
        visit = fact.event.get("encounter_id")
        held = Held(fact.content, "event", fact.event["event_id"], visit)
        if fact.note is not None:
            held = Held(fact.content, "version", fact.note["version_id"], visit)
            self.add("note", dict(fact.note))
            # a document can be ended alone, so it carries the record under a version of its own
            kind = f"{record['resource_type']}#document"
            own = {"version_id": held.target, "resource_type": kind}
            self.add("resource", {**record, **own})
        self.held[fact.slot] = held

    def put(self, told: Told, slot: Slot, table: str, values: Mapping[str, Any]) -> None:
        """Store a row that later messages may change: a person, a visit, a stay."""
        said = sorted((key, value) for key, value in values.items() if key not in _OF_THE_MESSAGE)
        content = stable_id(repr(said))
        before = self.held.get(slot)
        if before is not None and before.content == content:
            return
        self.end(told, slot, "superseded")
        target = stable_id(str(told.version_id), *slot, str(content))
        row = {**values, "subject_id": told.subject_id, "version_id": target, **told.lineage}
        self.add(table, row)
        self.held[slot] = Held(content, "version", target, values.get("encounter_id"))

    def leave(self, told: Told, visits: Container[int]) -> None:
        """Whatever belongs to these visits goes to another patient."""
        for slot in [slot for slot, held in self.held.items() if held.visit in visits]:
            self.end(told, slot, "moved")

    def end(self, told: Told, slot: Slot, reason: str) -> None:
        """What stood in a slot no longer holds from this message on."""
        before = self.held.pop(slot, None)
        if before is None:
            return
        self.add(
            "retirement",
            {
                "retirement_id": stable_id(before.scope, str(before.target), str(told.version_id)),
                "subject_id": told.subject_id,
                **told.lineage,
                "locator": f"record {told.record}",
                "scope": before.scope,
                "target_id": before.target,
                "reason": reason,
            },
        )
