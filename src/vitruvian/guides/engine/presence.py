"""When a hospital would have seen a person: stays, visits and stated periods."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeAlias

from vitruvian.criteria import Range

# Any: one row as the engine gave it
Row: TypeAlias = dict[str, Any]

STAYS = frozenset({"IMP", "ACUTE", "NONAC", "EMER", "OBSENC", "SS"})
"""Classes of an encounter that keep somebody in hospital (HL7 v3 ActEncounterCode)."""
AWAY = frozenset({"AMB", "VR", "HH", "FLD", "PRENC"})
GOING_ON = frozenset({"arrived", "triaged", "in-progress", "onleave"})
ENCOUNTER = ("start_time", "end_time", "status", "class_code", "known_at")
PERIOD = ("start_time", "end_time", "known_at")


class RowReader(Protocol):
    """What a reader of the lake can do for us."""

    # Any: pyarrow ships no types
    def rows(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Any:
        """The rows of some subjects."""

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects that are this person."""


@dataclass(frozen=True)
class Stretch:
    """A time in which a hospital saw somebody; of a visit, whether it is a stay, None unknown."""

    start: datetime
    end: datetime
    stay: bool | None = None
    going_on: bool = False


@dataclass(frozen=True)
class Presence:
    """Every such time of one person, as known at an instant."""

    instant: datetime
    visits: tuple[Stretch, ...] = ()
    periods: tuple[Stretch, ...] = ()

    def observed_within(self, back: timedelta) -> bool:
        """Whether a hospital saw this person at any time in so long before the instant."""
        # the difference, as an instant near the beginning of all dates has no earlier one
        return any(self.instant - each.end <= back for each in (*self.visits, *self.periods))

    @property
    def in_hospital(self) -> Range | None:
        """1 during a stay, 0 between known visits, None where no visit is known at all."""
        now = [each.stay for each in self.visits if each.going_on]
        if True in now:
            return Range(1, 1)
        return None if None in now or not self.visits else Range(0, 0)


def read_presence(reader: RowReader, person_id: int, *, instant: datetime) -> Presence:
    """When a hospital saw a person, by what was known at an instant."""
    members = reader.subjects_of(person_id)
    visits = reader.rows("encounter", subjects=members, columns=ENCOUNTER).to_pylist()
    periods = reader.rows("observation_period", subjects=members, columns=PERIOD).to_pylist()
    return presence_of(visits, periods, instant=instant)


def presence_of(visits: Iterable[Row], periods: Iterable[Row], *, instant: datetime) -> Presence:
    """The same out of rows of encounters and periods, as they stood at the instant."""
    took_place = GOING_ON | {"finished"}
    return Presence(
        instant,
        visits=tuple(
            _visit(x, instant) for x in _known(visits, instant) if x["status"] in took_place
        ),
        periods=tuple(_period(x, instant) for x in _known(periods, instant)),
    )


def _known(rows: Iterable[Row], instant: datetime) -> list[Row]:
    return [
        row
        for row in rows
        if row["start_time"] is not None
        and row["known_at"] <= instant
        and row["start_time"] <= instant
    ]


def _visit(row: Row, instant: datetime) -> Stretch:
    start, end = row["start_time"], row["end_time"]
    # an end that is told later than the instant had not come then
    open_ended = end is None and row["status"] in GOING_ON
    going_on = open_ended or (end is not None and end > instant)
    until = instant if going_on else end or start
    name = (row["class_code"] or "").rpartition("//")[2]
    stay = True if name in STAYS else False if name in AWAY else None
    return Stretch(start, until, stay, going_on)


def _period(row: Row, instant: datetime) -> Stretch:
    return Stretch(row["start_time"], min(row["end_time"] or instant, instant))
