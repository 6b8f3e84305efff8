"""Encounters with their stays, and the ward a patient is in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from vitruvian.picture.facts.events import NEVER, instant, stamp
from vitruvian.picture.facts.mention import NOTHING_TOLD, Mentions, event_id_of
from vitruvian.picture.types import EncounterCard, Stay

Row = Mapping[str, Any]
IN_HOSPITAL = frozenset({"in-progress", "onleave", "arrived", "triaged"})
NOT_TAKEN = frozenset({"planned", "reserved", "completed"})
NOT_TAKEN_PLACE = frozenset({"entered-in-error", "cancelled"})


def started(row: Row) -> int:
    """The start of an encounter or stay, for sorting; an unknown start is the oldest."""
    return NEVER if row["start_time"] is None else int(row["start_time"])


def encounters(
    rows: Sequence[Row], stays: Sequence[Row], *, told: Mentions = NOTHING_TOLD
) -> list[EncounterCard]:
    """Episodes newest first; the stays of a part show under the episode it is part of."""
    known = {row["encounter_id"] for row in rows}
    whole = {
        row["encounter_id"]: row["part_of_id"] if row["part_of_id"] in known else None
        for row in rows
    }
    beds: dict[int, list[Row]] = {}
    for stay in stays:
        episode = whole.get(stay["encounter_id"]) or stay["encounter_id"]
        beds.setdefault(episode, []).append(stay)
    shown = [
        row
        for row in rows
        if whole[row["encounter_id"]] is None and row["status"] not in NOT_TAKEN_PLACE
    ]
    shown.sort(key=started, reverse=True)
    return [card(row, beds.get(row["encounter_id"], []), told=told) for row in shown]


def card(row: Row, stays: Sequence[Row], *, told: Mentions) -> EncounterCard:
    """One episode."""
    ordered = sorted(stays, key=started)
    return EncounterCard(
        encounter_id=str(row["encounter_id"]),
        label=row["type_text"] or row["class_text"] or "Encounter",
        class_text=row["class_text"],
        status=row["status"],
        reason=row["reason_text"],
        provider=row["provider_text"],
        start=instant(row["start_time"]),
        end=instant(row["end_time"]),
        stays=[Stay(place(s), instant(s["start_time"]), instant(s["end_time"])) for s in ordered],
        event_id=event_id_of(told.of_encounter(row)),
    )


def place(stay: Row) -> str:
    """What a ward, room or bed is called."""
    return str(stay["location_text"] or "place not named")


def open_at(row: Row, moment: int) -> bool:
    """Whether an encounter or stay is going on at an instant."""
    return started(row) <= moment and (row["end_time"] is None or row["end_time"] > moment)


def current_stay(rows: Sequence[Row], stays: Sequence[Row], *, at: datetime) -> Row | None:
    """The stay a patient is in: the latest one open within an encounter in progress."""
    moment = stamp(at)
    going = {
        row["encounter_id"] for row in rows if row["status"] in IN_HOSPITAL and open_at(row, moment)
    }
    here = [
        stay
        for stay in stays
        if stay["encounter_id"] in going
        and stay["status"] not in NOT_TAKEN
        and open_at(stay, moment)
    ]
    return max(here, key=started, default=None)
