"""One person's events as columns: duplicates joined, disagreement found, errors set aside."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

import pyarrow as pa

from vitruvian.record.event import MACHINE_READ

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = -(2**63)
# Turning all of so few rows into lists once costs less than picking some of them many times.
FEW = 1500


def names(text: str) -> tuple[str, ...]:
    """Column names written as one line of words."""
    return tuple(text.split())


COLUMNS = names(
    "event_id subject_id time time_max time_as_sent end_time category code code_text "
    "numeric_value value_as_sent unit_as_sent unit comparator range_low range_high range_text "
    "interpretation text_value value_code act status polarity certainty temporality experiencer "
    "relation state body_site specimen method device dose_text flags version_id fact_key "
    "site source_id known_at known_at_basis encounter_id"
)
SET_ASIDE = frozenset({"entered-in-error", "wrong-patient", "cancelled"})
MEASURED = frozenset({"laboratory", "vital"})
SAID = frozenset({"observed", "reported", "administered"})
STATUS_RANK = {"corrected": 0, "final": 1, "preliminary": 2}
# Two rows are one fact only if they agree in these too: a shared business identifier may cover
# several components, and a fact without time or value may differ in relative, site or dose.
SAME_FACT = names("fact_key category code act polarity experiencer relation body_site dose_text")


def instant(microseconds: int | None) -> datetime | None:
    """The instant of a stored timestamp; None stays None."""
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)


def stamp(moment: datetime) -> int:
    """A moment as stored: microseconds since 1970 in UTC."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def as_list(column: pa.ChunkedArray) -> list[Any]:
    """A column as a list; timestamps stay numbers, because most are only compared."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return list(column.to_pylist())


@dataclass(frozen=True)
class Events:
    """Current events of one person."""

    table: pa.Table
    _columns: dict[str, list[Any]] = field(default_factory=dict, compare=False, repr=False)

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def column(self, name: str) -> list[Any]:
        """One column as a list, kept for the next asker."""
        if name not in self._columns:
            self._columns[name] = as_list(self.table.column(name))
        return self._columns[name]

    def rows(
        self, indices: Sequence[int], *, columns: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """Some whole rows in the order asked for, with all columns or only those named."""
        if not indices:
            return []
        wanted = tuple(columns or self.table.column_names)
        if len(self) <= FEW or len(indices) > len(self) // 8:
            lists = [self.column(name) for name in wanted]
            return [{n: v[i] for n, v in zip(wanted, lists, strict=True)} for i in indices]
        taken = self.table.select(wanted).take(pa.array(indices, pa.int64()))
        lists = [as_list(column) for column in taken.columns]
        return [dict(zip(wanted, values, strict=True)) for values in zip(*lists, strict=True)]

    @cached_property
    def machine_read(self) -> frozenset[int]:
        """Which were read in a text by a machine, and are stated by no record."""
        flags = self.table.column("flags")
        if flags.null_count == len(flags):
            return frozenset()
        return frozenset(
            n for n, said in enumerate(self.column("flags")) if MACHINE_READ in (said or ())
        )

    @cached_property
    def when(self) -> list[int]:
        """When each happened; where that was not said, when it became known."""
        times, known = self.column("time"), self.column("known_at")
        return [k if t is None else t for t, k in zip(times, known, strict=True)]


@dataclass(frozen=True)
class Aligned:
    """Each fact once.

    Parameters
    ----------
    events
        The rows underneath.
    shown
        One row a fact, newest first.
    members
        Rows that tell the same fact, by the row shown; only where there are several.
    rivals
        Rows shown once together because their sources disagree, by the row shown.
    hidden
        How many rows are set aside: entered in error, of another patient, cancelled.
    """

    events: Events
    shown: list[int]
    members: dict[int, list[int]]
    rivals: dict[int, list[int]]
    hidden: int

    @cached_property
    def lanes(self) -> dict[str, list[int]]:
        """The rows shown of each lane, newest first."""
        return grouped(self.shown, self.events.column("category"))

    @cached_property
    def coded(self) -> dict[str, list[int]]:
        """The rows shown of each code, newest first."""
        return grouped(self.shown, self.events.column("code"))

    def where(self, category: str) -> list[int]:
        """The rows shown of one lane, newest first."""
        return self.lanes.get(category, [])

    def told_by(self, row: int) -> list[int]:
        """Every row behind a row shown, its rivals' rows included."""
        rows = [*self.members.get(row, [row])]
        for rival in self.rivals.get(row, []):
            rows.extend(self.members.get(rival, [rival]))
        return rows


def grouped(rows: Iterable[int], keys: Sequence[str]) -> dict[str, list[int]]:
    """Rows by a key, in the order given."""
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(keys[row], []).append(row)
    return found


def align(table: pa.Table) -> Aligned:
    """One person's current rows as facts, each shown once with all its sources."""
    events = Events(with_words(table))
    statuses = events.column("status")
    kept = [row for row, status in enumerate(statuses) if status not in SET_ASIDE]
    members = joined(events, kept)
    leads = [rows[0] if len(rows) == 1 else first_of(events, rows) for rows in members]
    told = {lead: rows for lead, rows in zip(leads, members, strict=True) if len(rows) > 1}
    rivals = disagreements(events, leads)
    outdone = {rival for rows in rivals.values() for rival in rows}
    shown = [lead for lead in leads if lead not in outdone] if outdone else leads
    shown.sort(key=events.column("event_id").__getitem__)
    shown.sort(key=events.when.__getitem__, reverse=True)
    return Aligned(events, shown, told, rivals, hidden=len(statuses) - len(kept))


def with_words(table: pa.Table) -> pa.Table:
    """The rows in which a code sent without words borrows those another row of it carries."""
    texts = table.column("code_text")
    if texts.null_count in (0, len(texts)):
        return table
    codes, said = table.column("code").to_pylist(), texts.to_pylist()
    words = {code: text for code, text in zip(codes, said, strict=True) if text is not None}
    filled = [text or words.get(code) for code, text in zip(codes, said, strict=True)]
    place = table.column_names.index("code_text")
    return table.set_column(place, "code_text", pa.array(filled, pa.string()))


def joined(events: Events, kept: Iterable[int]) -> list[list[int]]:
    """Rows grouped into facts by their fact key and what must agree beside it."""
    keys = events.column("fact_key")
    alone: list[list[int]] = []
    groups: dict[int, list[int]] = {}
    for row in kept:
        if keys[row] is None:
            alone.append([row])
        else:
            groups.setdefault(keys[row], []).append(row)
    if all(len(rows) == 1 for rows in groups.values()):
        return alone + list(groups.values())
    return alone + [same for rows in groups.values() for same in told_apart(events, rows)]


def told_apart(events: Events, rows: list[int]) -> list[list[int]]:
    """Rows of one fact key, apart where they do not say the same."""
    if len(rows) == 1:
        return [rows]
    marks = [events.column(name) for name in SAME_FACT]
    same: dict[tuple[object, ...], list[int]] = {}
    for row in rows:
        same.setdefault(tuple(mark[row] for mark in marks), []).append(row)
    return list(same.values())


def first_of(events: Events, rows: list[int]) -> int:
    """The row that speaks for a fact: corrected before final before preliminary, then newest."""
    statuses, known, ids = (events.column(n) for n in ("status", "known_at", "event_id"))
    return min(rows, key=lambda r: (STATUS_RANK.get(statuses[r], 1), -known[r], ids[r]))


def disagreements(events: Events, leads: Iterable[int]) -> dict[int, list[int]]:
    """Facts of one analyte at one time whose sources give different values, by the newest."""
    if len(set(events.column("source_id"))) <= 1:
        return {}
    return {
        first: [row for row in rows if row != first]
        for rows in comparable(events, leads)
        if len(rows) > 1 and disagree(events, rows)
        for first in (first_of(events, rows),)
    }


def comparable(events: Events, leads: Iterable[int]) -> Iterable[list[int]]:
    """Results of one analyte in one unit at one time; statements about one allergen."""
    lanes, acts, times = (events.column(n) for n in ("category", "act", "time"))
    codes, units, polarity = (events.column(n) for n in ("code", "unit", "polarity"))
    places: dict[tuple[object, ...], list[int]] = {}
    for row in leads:
        if lanes[row] in MEASURED and acts[row] in SAID and times[row] is not None:
            places.setdefault((codes[row], units[row], times[row], polarity[row]), []).append(row)
        elif lanes[row] == "allergy":
            places.setdefault(("allergy", codes[row]), []).append(row)
    return places.values()


def disagree(events: Events, rows: Sequence[int]) -> bool:
    """Whether different sources give different answers; one source may well repeat a test."""
    sources = events.column("source_id")
    answers = {answer(events, row) for row in rows}
    return len(answers) > 1 and len({sources[row] for row in rows}) > 1


def answer(events: Events, row: int) -> tuple[object, ...]:
    """What a row says, for comparing."""
    names = ("numeric_value", "comparator", "text_value", "value_code", "polarity")
    return tuple(events.column(name)[row] for name in names)
