"""A fact on its way to a table, and what all facts of one message share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.library.hl7v2.mapping import derivation
from vitruvian.ingest.library.hl7v2.reading.message import Message, Segment
from vitruvian.ingest.library.hl7v2.reading.moments import Moment, Zones, read_moment

Slot = tuple[str, ...]


@dataclass(frozen=True)
class Told:
    """One message, whom it is about, and where it came from.

    ``sent_at`` is its own time, ``known_at`` when it was known of this person: later for a message
    that came over from another patient.
    """

    message: Message
    site: str
    subject_id: int
    version_id: int
    source_id: str
    record: int
    zones: Zones
    known_at: datetime
    known_at_basis: str
    sent_at: datetime

    @property
    def lineage(self) -> dict[str, Any]:
        """Columns that every row has."""
        return {
            "site": self.site,
            "source_id": self.source_id,
            "known_at": self.known_at,
            "known_at_basis": self.known_at_basis,
        }

    def locator(self, segment: Segment, number: int = 0) -> str:
        """Record, segment and field as a place."""
        return f"record {self.record} {pointer(segment, number)}"

    def moment(self, *said: str) -> Moment | None:
        """The first of several texts that is a date or time."""
        return next((found for each in said if (found := read_moment(each, self.zones))), None)


@dataclass(frozen=True)
class Fact:
    """What one message says about one thing.

    ``slot`` names the thing: a later message about the same slot takes its place.
    ``values`` None: the thing no longer holds. ``replaces`` names slots that go with it.
    """

    slot: Slot
    event: Mapping[str, Any] | None = None
    note: Mapping[str, Any] | None = None
    replaces: tuple[Slot, ...] = ()
    withdrawn: bool = False

    @property
    def content(self) -> int:
        """Equal for a repetition that says nothing new."""
        rows = [
            {key: value for key, value in row.items() if key not in _OF_THE_MESSAGE}
            for row in (self.event, self.note)
            if row is not None
        ]
        return stable_id(repr(rows))


_OF_THE_MESSAGE = frozenset(
    "event_id note_id version_id source_id locator known_at known_at_basis flags".split()
)


@dataclass
class Counted:
    """Tells apart several things of one message that would share a slot."""

    seen: dict[Slot, int] = field(default_factory=dict)

    def slot(self, *parts: str) -> Slot:
        """The slot, with its turn when it was named before in this message."""
        turn = self.seen[parts] = self.seen.get(parts, 0) + 1
        return parts if turn == 1 else (*parts, str(turn))


def pointer(segment: Segment, number: int = 0) -> str:
    """Where in a message: ``/OBX/2/5`` is OBX-5 of the second OBX."""
    place = f"/{segment.name}/{segment.number}"
    return f"{place}/{number}" if number else place


def event_row(told: Told, place: tuple[Segment, int], what: Mapping[str, Any]) -> dict[str, Any]:
    """A row of the timeline: what all have in common, and what this one says."""
    segment, number = place
    moment: Moment | None = what.get("moment")
    end: Moment | None = what.get("end")
    flags = [flag for flag in what.get("flags", ()) if flag]
    if any(each is not None and each.zone_assumed for each in (moment, end)):
        flags.append("assumed-zone")
    own = {key: value for key, value in what.items() if key not in {"moment", "end", "flags"}}
    identity = (str(told.version_id), pointer(segment, number), str(derivation()[0]), "0")
    return {
        "event_id": stable_id(*identity),
        "subject_id": told.subject_id,
        "version_id": told.version_id,
        "derivation_id": derivation()[0],
        **told.lineage,
        "locator": told.locator(segment, number),
        "modality": "record",
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        **_when(moment, end),
        "fact_key": fact_key(own, moment),
        "flags": flags,
        **own,
    }


def _when(moment: Moment | None, end: Moment | None) -> dict[str, Any]:
    first = moment or end
    return {
        "time": moment.start if moment else None,
        "time_min": moment.start if moment and moment.until else None,
        "time_max": moment.until if moment else None,
        "end_time": (end.until or end.start) if end else None,
        "utc_offset": first.offset if first else None,
        "time_as_sent": "/".join(each.as_sent for each in (moment, end) if each) or None,
    }


def fact_key(what: Mapping[str, Any], moment: Moment | None) -> int | None:
    """Code, time and value: the same fact told by another road has the same key."""
    value = what.get("numeric_value")
    if value is not None:
        told = f"{float(round(value, 6))}{what.get('unit') or ''}"
    else:
        coded = what.get("value_code")
        told = coded.split("//", 1)[1] if coded else what.get("text_value") or ""
    if moment is None:
        return None
    # whole microseconds, as an integer, exactly
    micros = int(moment.start.replace(microsecond=0).timestamp()) * 1_000_000 + (
        moment.start.microsecond
    )
    act, polarity = what.get("act", "observed"), what.get("polarity", "affirmed")
    return stable_id("fact", str(what["code"]), str(act), str(polarity), str(micros), told)


def first(words: Iterable[str]) -> str | None:
    """The first that is not empty."""
    return next((word for word in words if word), None)
