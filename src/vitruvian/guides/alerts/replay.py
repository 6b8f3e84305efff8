"""One patient's record at any instant of the past, from one read of everything ever told.

Each stored row holds from when it was known until its retirement was. An episode that ends later
than an instant was still open then, exactly as the door shows it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Protocol, TypeAlias

import numpy as np

from vitruvian.criteria.engines.alone.hits import Record, Row
from vitruvian.guides.alerts.reach import reach_of
from vitruvian.guides.engine.bedside import (
    BIRTH,
    EPOCH,
    WITHOUT_TIME,
    micros,
    own_rows,
    row_of,
)
from vitruvian.guides.engine.decide import Decision, decided
from vitruvian.guides.engine.facts import gathered
from vitruvian.guides.engine.guide import Guide
from vitruvian.guides.engine.presence import ENCOUNTER, PERIOD, presence_of

# Any: one stored row as the lake gives it
Told: TypeAlias = dict[str, Any]

NEVER = 2**62
ENDLESS = datetime.max.replace(tzinfo=UTC)
SCOPES = {"event": "event_id", "version": "version_id", "derivation": "derivation_id"}
_EVENT = ("known_at", "version_id", "derivation_id", "end_time", "state")


class HistoryReader(Protocol):
    """What a reader of the lake can do for us."""

    # Any: pyarrow ships no types
    def history(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Any:
        """Every version of the rows of some subjects."""

    def retirements(self, subjects: Sequence[int]) -> Any:
        """What no longer holds, and since when that was known."""

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects that are this person."""


@dataclass(frozen=True)
class Life:
    """A row, and from when until when it was what the care team could see."""

    row: Row
    known: int
    gone: int


# its time, its place in the record, and the life
Placed: TypeAlias = tuple[int, int, Life]


def _time(one: Placed) -> int:
    return one[0]


def _place(one: Placed) -> int:
    return one[1]


@dataclass(frozen=True)
class History:
    """Everything ever told of one person that a guideline looks at.

    Parameters
    ----------
    lives
        Events that it names by code, births among them.
    spans
        (n, 3) int64, microseconds since 1970: of every event of the record, whatever its code,
        from when it was known, until when it held, and when it happened.
    visits, periods
        Encounters and observation periods, with `known_at` and `gone_at`.
    reach
        Microseconds within which a code can matter; without an entry however old it is.
    """

    lives: Sequence[Life]
    # Any: a numpy array of whole numbers
    spans: Any
    visits: Sequence[Told]
    periods: Sequence[Told]
    reach: Mapping[str, int] = field(default_factory=dict)

    def moments(self, begin: datetime, end: datetime) -> list[datetime]:
        """Every instant in a stretch, both ends in it, at which something became known.

        What happened after it was known counts from when it happened.
        """
        first, last = micros(begin), micros(end)
        found = {max(life.known, life.row.t) for life in self.lives}
        found |= {life.gone for life in self.lives}
        found |= {micros(each["known_at"]) for each in self.visits}
        return [EPOCH + timedelta(microseconds=t) for t in sorted(found) if first <= t <= last]

    def decision(self, guide: Guide, at: datetime) -> Decision:
        """The guideline's answer by what was known at an instant."""
        presence = presence_of(_then(self.visits, at), _then(self.periods, at), instant=at)
        return decided(guide, gathered(guide, self._record(at), presence))

    def _record(self, at: datetime) -> Record:
        now = micros(at)
        rows = [life.row for life in self._near(now) if life.known <= now < life.gone]
        births = [row.told for row in rows if row.code == BIRTH]
        return Record(rows=[*rows, *own_rows(births, at)], first=self._first(now), last=now)

    def _near(self, now: int) -> list[Life]:
        """What had happened and is not too old to matter, in the order of the record."""
        found = [
            one
            for back, lives in self._by_reach.items()
            for one in lives[
                bisect_left(lives, now - back, key=_time) : bisect_right(lives, now, key=_time)
            ]
        ]
        return [life for _, _, life in sorted(found, key=_place)]

    @cached_property
    def _by_reach(self) -> Mapping[int, Sequence[Placed]]:
        """The lives by how far back they matter, each list in the order of time."""
        found: dict[int, list[Placed]] = defaultdict(list)
        for place, life in enumerate(self.lives):
            # of a partial date nobody knows how old it is
            back = self.reach.get(life.row.code, NEVER) if life.row.exact else NEVER
            found[back].append((life.row.t, place, life))
        return {back: sorted(lives, key=_time) for back, lives in found.items()}

    def _first(self, now: int) -> int:
        """The first moment of the record as it was then."""
        known, gone, time = self.spans.T
        there = time[(known <= now) & (now < gone) & (time <= now)]
        return int(there.min()) if there.size else now

    def known_later(self, facts: Iterable[int], at: datetime) -> int:
        """How many of some events were not known yet, or no longer held, at an instant."""
        now = micros(at)
        held = {life.row.told["event_id"] for life in self.lives if life.known <= now < life.gone}
        return len(set(facts) - held)


def read_history(reader: HistoryReader, person_id: int, *, guide: Guide) -> History:
    """Everything ever told of a person that a guideline looks at.

    Parameters
    ----------
    reader
        A reader of the lake; what it does not see was never told.
    person_id
        Whom.
    guide
        What is asked of the history.
    """
    wanted = guide.wanted
    members = reader.subjects_of(person_id)
    ends = _ends(reader.retirements(members).to_pylist())
    columns = tuple(dict.fromkeys((*wanted.columns, *_EVENT)))
    told = reader.history("event", subjects=members, columns=columns).to_pylist()
    codes = wanted.codes | {BIRTH}
    lives = [life for row in told if row["code"] in codes for life in _lives(row, ends)]
    return History(
        lives=lives,
        spans=_spans(told, ends),
        visits=_told(reader, "encounter", (*ENCOUNTER, "version_id"), members, ends),
        periods=_told(reader, "observation_period", (*PERIOD, "version_id"), members, ends),
        reach=reach_of(guide.plan),
    )


Ends: TypeAlias = Mapping[tuple[str, int], datetime]


def _ends(retirements: Iterable[Told]) -> dict[tuple[str, int], datetime]:
    """Since when it was known that something no longer holds, by scope and id."""
    found: dict[tuple[str, int], datetime] = {}
    for each in retirements:
        key = (each["scope"], each["target_id"])
        found[key] = min(each["known_at"], found.get(key, each["known_at"]))
    return found


def _gone(row: Told, ends: Ends) -> datetime:
    keys = ((scope, row.get(column)) for scope, column in SCOPES.items())
    return min((ends.get((scope, key), ENDLESS) for scope, key in keys if key), default=ENDLESS)


def _lives(row: Told, ends: Ends) -> Iterator[Life]:
    """One row, or two: before an end that was told beforehand, and from it on."""
    known, gone = micros(row["known_at"]), _at(_gone(row, ends))
    until = row.get("end_time")
    if until is None or until <= row["known_at"]:
        yield Life(row_of(row), known, gone)
        return
    turn = micros(until)
    yield Life(row_of(row | {"end_time": None, "state": "active"}), known, min(gone, turn))
    yield Life(row_of(row), turn, gone)


def _at(instant: datetime) -> int:
    return NEVER if instant == ENDLESS else micros(instant)


# Any: a numpy array
def _spans(told: Sequence[Told], ends: Ends) -> Any:
    rows = [
        (micros(row["known_at"]), _at(_gone(row, ends)), micros(row["time"] or WITHOUT_TIME))
        for row in told
    ]
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _told(
    reader: HistoryReader,
    table: str,
    columns: Sequence[str],
    members: Sequence[int],
    ends: Ends,
) -> list[Told]:
    rows = reader.history(table, subjects=members, columns=columns).to_pylist()
    return [row | {"gone_at": _gone(row, ends)} for row in rows]


def _then(rows: Iterable[Told], at: datetime) -> list[Told]:
    """The rows that held at an instant; what ended later was going on."""
    held = (row for row in rows if row["known_at"] <= at < row["gone_at"])
    return [_open(row) if row["end_time"] and row["end_time"] > at else row for row in held]


def _open(row: Told) -> Told:
    word = {"status": "in-progress"} if "status" in row else {}
    return row | {"end_time": None} | word
