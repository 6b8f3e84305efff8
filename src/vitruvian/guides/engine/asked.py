"""A reader in which one person is one subject, and the question itself is an event.

The timeline then ends at the instant of the question. Three events are added at that instant:
that somebody asks, and the least and the greatest age that the date of birth allows. A fourth
marks where the record begins.
What has no time stands at the beginning of the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from vitruvian.criteria.over_lake.observed import OBSERVED, TABLES, observed_sql
from vitruvian.criteria.over_lake.persons import with_given

# Any: pyarrow ships no types.
Arrow: TypeAlias = Any

ASKED = "VITRUVIAN//ASKED"
AGE_AT_LEAST = "VITRUVIAN//AGE_AT_LEAST"
AGE_AT_MOST = "VITRUVIAN//AGE_AT_MOST"
BEGIN = "VITRUVIAN//RECORD_BEGINS"


class PersonReader(Protocol):
    """What a reader of the lake can do for us."""

    def query(
        self, sql: str, *, tables: Sequence[str], subjects: Sequence[int] | None = None
    ) -> Arrow:
        """The answer of our own SQL over tables as the door shows them."""

    def rows(self, table: str, *, subjects: Sequence[int], columns: Sequence[str]) -> Arrow:
        """The rows of some subjects."""

    def subjects_of(self, person_id: int) -> list[int]:
        """The subjects that are this person."""


# what criteria see by default; the row numbers keep the three apart
_ROW = """SELECT CAST({person} AS BIGINT) AS subject_id, {now} AS time, {now} AS known_at,
    '{code}' AS code, {value} AS numeric_value, 'a' AS unit, {key} AS event_id, {key} AS fact_key,
    'observed' AS act, 'final' AS status, 'affirmed' AS polarity, 'certain' AS certainty,
    'current' AS temporality, 'patient' AS experiencer"""

# Age in completed years. The calendar is that of UTC; a date known to the year only allows two.
_AGE = """(SELECT CAST({which}(date_sub('year',
    make_timestamp(epoch_us({born})), make_timestamp(epoch_us({now})))) AS DOUBLE)
    FROM event WHERE code = 'MEDS_BIRTH' AND known_at <= {now})"""
# a record begins with what was denied too, which criteria do not see by default
_FIRST_KNOWN = """(SELECT least({now}, coalesce(min(coalesce(time,
    TIMESTAMPTZ '1800-01-01T00:00:00+00:00')), {now}))
    FROM event WHERE known_at <= {now} AND (time IS NULL OR time <= {now}))"""
_LAST_BIRTH = "coalesce(time_max - INTERVAL 1 MICROSECOND, time)"
_FIRST_BIRTH = "coalesce(time_min, time)"


@dataclass(frozen=True)
class AskedAt:
    """One person's timeline as it was known at an instant, over a reader of that instant."""

    reader: PersonReader
    person_id: int
    instant: datetime

    def query(
        self,
        sql: str,
        *,
        tables: Sequence[str],
        subjects: Sequence[int] | None = None,  # noqa: ARG002 - there is one person here
    ) -> Arrow:
        """The answer of SQL over `event`."""
        parts = [f"event AS MATERIALIZED ({self._events()})"]
        stored = [each for each in tables if each != OBSERVED]
        if OBSERVED in tables:
            whose = f"SELECT CAST({self.person_id} AS BIGINT) AS subject_id, start_time, end_time"
            periods = observed_sql(self.instant, whose=f"{whose} FROM ({{periods}})")
            parts.append(f"{OBSERVED} AS MATERIALIZED ({periods})")
            stored += TABLES
        members = self.reader.subjects_of(self.person_id)
        return self.reader.query(with_given(sql, parts), tables=stored, subjects=members)

    def has_doubts(self) -> bool:
        """Whether any row has a partial date or a comparator; the birth is asked about apart."""
        doubtful = (
            "SELECT count(*) AS rows FROM event WHERE code <> 'MEDS_BIRTH' AND (comparator "
            "IS NOT NULL OR (time_min IS NOT NULL AND time_max IS NOT NULL))"
        )
        members = self.reader.subjects_of(self.person_id)
        found = self.reader.query(doubtful, tables=["event"], subjects=members)
        return bool(found["rows"][0].as_py())

    def _events(self) -> str:
        now = f"TIMESTAMPTZ '{self.instant.isoformat()}'"
        youngest = _AGE.format(which="min", born=_LAST_BIRTH, now=now)
        oldest = _AGE.format(which="max", born=_FIRST_BIRTH, now=now)
        added = [(ASKED, "NULL"), (AGE_AT_LEAST, youngest), (AGE_AT_MOST, oldest)]
        rows = [
            _ROW.format(person=self.person_id, now=now, code=code, value=value, key=-number)
            for number, (code, value) in enumerate(added, start=1)
        ]
        first = _FIRST_KNOWN.format(now=now)
        rows.append(_ROW.format(person=self.person_id, now=first, code=BEGIN, value="NULL", key=-4))
        known = (
            f"SELECT * REPLACE (CAST({self.person_id} AS BIGINT) AS subject_id, "  # noqa: S608 - numbers and instants only
            "coalesce(time, TIMESTAMPTZ '1800-01-01T00:00:00+00:00') AS time) "
            f"FROM event WHERE known_at <= {now} AND (time IS NULL OR time <= {now})"
        )
        return " UNION ALL BY NAME ".join([known, *rows])
