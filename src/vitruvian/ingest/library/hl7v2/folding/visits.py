"""Visits and stays as they stand after each message."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.facts.fact import Slot, Told
from vitruvian.ingest.library.hl7v2.facts.visits import Step
from vitruvian.ingest.library.hl7v2.folding.ledger import Ledger


@dataclass(frozen=True)
class Stay:
    """One place, from when to when."""

    location: tuple[str, str, str]
    start: datetime
    end: datetime | None = None


@dataclass
class Visit:
    """What is known of one visit."""

    words: dict[str, Any] = field(default_factory=dict)
    status: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    segment: int = 1
    stays: list[Stay] = field(default_factory=list)
    written: set[Slot] = field(default_factory=set)

    def follow(self, step: Step) -> None:
        """Take one message in."""
        self.words |= step.told
        self.segment = step.segment
        self.status = step.status or self.status
        self.start = self._started(step)
        self.end = None if step.place in {"reopened", "moved"} and not step.end else (
            step.end or self.end
        )  # fmt: skip
        self._move(step)

    def _usual(self) -> str:
        """The status of a visit that no trigger event told of (v2-to-FHIR guide, PV1)."""
        return "planned" if self.words.get("class_code") == "ACTCODE//PRENC" else "in-progress"

    def _started(self, step: Step) -> datetime | None:
        return step.start or self.start

    def _move(self, step: Step) -> None:
        last = self.stays[-1] if self.stays else None
        if step.place == "none":
            self.stays = []
        elif step.place in {"closed", "departed"} and last:
            self.stays[-1] = replace(last, end=step.end or step.moment)
        elif last and (step.place == "reopened" or (step.place == "returned" and last.end)):
            self.stays[-1] = replace(last, end=None)
        elif step.place in {"undone", "returned"} and len(self.stays) > 1:
            self.stays = [*self.stays[:-2], replace(self.stays[-2], end=None)]
        elif step.place == "moved" and step.location:
            self._enter(step, last)

    def _enter(self, step: Step, last: Stay | None) -> None:
        if last and last.location == step.location and last.end is None:
            return
        since = step.moment if last else (step.start or step.moment)
        if last and last.end is None:
            self.stays[-1] = replace(last, end=since)
        if step.location:
            self.stays.append(Stay(step.location, since))

    def write(self, ledger: Ledger, told: Told, encounter_id: int) -> None:
        """Store what changed."""
        key = str(encounter_id)
        ledger.put(told, ("encounter", key), "encounter", {
            "encounter_id": encounter_id, "status": self.status or self._usual(), **self.words,
            "start_time": self.start, "end_time": self.end,
            "locator": f"record {told.record} /PV1/{self.segment}",
        })  # fmt: skip
        now = {("stay", key, stay.start.isoformat(), stay.location[1]): stay for stay in self.stays}
        for slot in self.written - set(now):
            ledger.end(told, slot, "superseded")
        for slot, stay in now.items():
            ledger.put(told, slot, "location_stay", _stay_row(told, self, (encounter_id, stay)))
        self.written = set(now)


def _stay_row(told: Told, visit: Visit, which: tuple[int, Stay]) -> dict[str, Any]:
    encounter_id, stay = which
    words, reference, level = stay.location
    parts = (str(told.version_id), str(encounter_id), stay.start.isoformat(), reference)
    return {
        "stay_id": stable_id(*parts, str(stay.end)),
        "encounter_id": encounter_id,
        "location_text": words,
        "location_ref": reference,
        "level": level,
        "status": "completed" if stay.end else "active",
        "start_time": stay.start,
        "end_time": stay.end,
        "locator": f"record {told.record} /PV1/{visit.segment}/3",
    }
