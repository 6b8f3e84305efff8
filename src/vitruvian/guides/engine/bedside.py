"""One person's record as it was known at an instant, in memory: for many guidelines at once.

As in `asked`, the question itself is an event, beside the least and the greatest age that the
date of birth allows; what has no time stands at the beginning of the record.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.criteria.engines.alone.hits import Record, Row
from vitruvian.criteria.plan.nodes import Plan
from vitruvian.criteria.source import AXES
from vitruvian.guides.engine.asked import AGE_AT_LEAST, AGE_AT_MOST, ASKED

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
WITHOUT_TIME = datetime(1800, 1, 1, tzinfo=UTC)
BIRTH = "MEDS_BIRTH"
COLUMNS = (
    *("event_id", "time", "time_min", "time_max", "known_at", "code", "numeric_value", "unit"),
    *("comparator", "fact_key", *AXES),
)
_PLAIN = {
    "act": "observed",
    "status": "final",
    "polarity": "affirmed",
    "certainty": "certain",
    "temporality": "current",
    "experiencer": "patient",
}


class RowReader(Protocol):
    """What a reader of the lake can do for us."""

    def rows(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Arrow:
        """The rows of some subjects."""

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects that are this person."""


@dataclass(frozen=True)
class Wanted:
    """What some plans look at: codes, and columns beside those that everybody needs."""

    codes: frozenset[str]
    columns: tuple[str, ...]

    @staticmethod
    def by(plans: Iterable[Plan]) -> Wanted:
        """What these plans look at."""
        atoms = [plain for plan in plans for plain in plan.atoms.values()]
        codes = frozenset(code for plain in atoms for code in plain.codes.values)
        named = (column for plain in atoms for column, _ in plain.columns)
        return Wanted(codes, tuple(dict.fromkeys((*COLUMNS, *named))))

    @staticmethod
    def of_all(parts: Sequence[Wanted]) -> Wanted:
        """What any of these looks at."""
        codes = frozenset().union(*(each.codes for each in parts))
        named = (column for each in parts for column in each.columns)
        return Wanted(codes, tuple(dict.fromkeys((*COLUMNS, *named))))


def read_record(reader: RowReader, person_id: int, *, instant: datetime, wanted: Wanted) -> Record:
    """Everything known of a person at an instant that some plans look at."""
    members = reader.subjects_of(person_id)
    found = reader.rows("event", subjects=members, columns=wanted.columns)
    found = _known_by(found, instant)
    births = found.filter(pc.equal(found["code"], BIRTH)).to_pylist()
    named = found.filter(pc.is_in(found["code"], value_set=pa.array(list(wanted.codes))))
    return Record(
        rows=[*map(row_of, named.to_pylist()), *own_rows(births, instant)],
        first=_first(found, instant),
        last=micros(instant),
    )


def _known_by(found: Arrow, instant: datetime) -> Arrow:
    """What was known, and had happened or has no time."""
    at = pa.scalar(instant, pa.timestamp("us", "UTC"))
    happened = pc.fill_null(pc.less_equal(found["time"], at), fill_value=True)
    return found.filter(pc.and_(pc.less_equal(found["known_at"], at), happened))


def _first(found: Arrow, instant: datetime) -> int:
    """The first moment of the record; what was denied belongs to it too."""
    times = found["time"]
    if times.null_count:
        return micros(WITHOUT_TIME)
    earliest = pc.min(times).as_py()
    return micros(instant if earliest is None else min(earliest, instant))


def own_rows(births: Iterable[Mapping[str, Any]], instant: datetime) -> list[Row]:
    """That somebody asks, and the ages in completed years that the births told allow.

    Parameters
    ----------
    births
        Every event of birth known at the instant.
    instant
        When the question is asked.
    """
    told = [each for each in births if each["time"] is not None]
    moment = timedelta.resolution
    last = [one["time_max"] - moment if one["time_max"] else one["time"] for one in told]
    first = [one["time_min"] or one["time"] for one in told]
    youngest = min((_years(born, instant) for born in last), default=None)
    oldest = max((_years(born, instant) for born in first), default=None)
    facts = ((ASKED, None), (AGE_AT_LEAST, youngest), (AGE_AT_MOST, oldest))
    return [_own(code, value, instant=instant) for code, value in facts]


def _years(born: datetime, now: datetime) -> float:
    """Age in completed years, by the calendar of UTC."""
    begin, end = born.astimezone(UTC), now.astimezone(UTC)
    before_birthday = (end.month, end.day, end.time()) < (begin.month, begin.day, begin.time())
    return float(end.year - begin.year - before_birthday)


def _own(code: str, value: float | None, *, instant: datetime) -> Row:
    t = micros(instant)
    number = -(1 + (ASKED, AGE_AT_LEAST, AGE_AT_MOST).index(code))
    told = {**_PLAIN, "event_id": number, "unit": "a"}
    return Row(t=t, code=code, value=value, told=told, first=t, last=t, exact=True)


def row_of(told: Mapping[str, Any]) -> Row:
    """One stored event; what has no time stands at the beginning of the record."""
    t = micros(told["time"] or WITHOUT_TIME)
    begin, end = told["time_min"], told["time_max"]
    exact = begin is None or end is None
    return Row(
        t=t,
        code=told["code"],
        value=told["numeric_value"],
        told=told,
        first=t if begin is None else micros(begin),
        last=t if exact else micros(end) - 1,
        exact=exact,
    )


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return (at - EPOCH) // timedelta.resolution
