"""Every record of some patients as their consents look at it: its kind, its codes, its times."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from vitruvian.lake.engines.doorway import Doorway, Wish
from vitruvian.lake.engines.veil import LANES
from vitruvian.lake.permit.known import Known
from vitruvian.record import TABLES, table_named
from vitruvian.terms import code_of
from vitruvian.trust.consent.reading import instant_text
from vitruvian.trust.reach import Matter, Times

EVENT = ("version_id", "event_id", "subject_id", "code", "codings", "category")
# When something was, and up to when it may have been or lasted; the ends are exclusive.
BEGINS = ("time", "start_time")
ENDS = ("time_max", "end_time")
Ident = tuple[int, bool]  # a record version, or an event without one (true)


@dataclass(frozen=True)
class Told:
    """One record: whose it is, what it is, and the spans of time that it tells of."""

    subject: int
    matter: Matter
    spans: frozenset[Times] = frozenset()


def matters_of(door: Doorway, subjects: Collection[int], known: Known) -> Mapping[Ident, Told]:
    """Every record of some subjects."""
    found: dict[Ident, Told] = {}
    whose = tuple(sorted(subjects))
    names = ("version_id", "subject_id", "resource_type", "resource_id")
    for row in _rows(door, "resource", names, whose):
        record = f"{row['resource_type']}/{row['resource_id']}"
        labels = known.labels(row["version_id"])
        matter = Matter(row["resource_type"], labels, record=record)
        found[row["version_id"], False] = Told(row["subject_id"], matter)
    for row in _rows(door, "event", (*EVENT, *_when("event")), whose):
        alone = row["version_id"] is None
        ident = (row["event_id"] if alone else row["version_id"], alone)
        kind = Matter(LANES.get(row["category"]), known.labels(ident[0]))
        told = found.get(ident, Told(row["subject_id"], kind))
        codes = told.matter.codes | {row["code"]} | {_code(one) for one in row["codings"] or ()}
        matter = replace(told.matter, codes=codes)
        # Who somebody is belongs to no stretch of time, though a birth and a death have theirs.
        spans = told.spans if matter.type == "Patient" else told.spans | {*_spans(row)}
        found[ident] = replace(told, matter=matter, spans=spans)
    return found


def with_times(
    told: Mapping[Ident, Told],
    door: Doorway,
    subjects: Collection[int],
    kinds: Mapping[str, Matter],
) -> Mapping[Ident, Told]:
    """The same with the times that stand in other tables: of stays, notes, images, signals."""
    found = dict(told)
    for name, matter in kinds.items():
        when = _when(name)
        if not when or "version_id" not in TABLES[name].column_names:
            continue
        for row in _rows(door, name, ("version_id", "subject_id", *when), tuple(sorted(subjects))):
            one = found.get((row["version_id"], False), Told(row["subject_id"], matter))
            found[row["version_id"], False] = replace(one, spans=one.spans | {*_spans(row)})
    return found


def _rows(
    door: Doorway, table: str, columns: tuple[str, ...], subjects: tuple[int, ...]
) -> Iterable[dict[str, Any]]:
    wish = Wish(columns, retire=False)
    rows: list[dict[str, Any]] = door.select(
        table_named(table), subjects=subjects, wish=wish
    ).to_pylist()
    return rows


def _when(table: str) -> tuple[str, ...]:
    """The columns of a table that hold instants; grants hold theirs as consents write them."""
    columns = {one.name: one for one in TABLES[table].schema}
    wanted = (name for name in (*BEGINS, *ENDS) if name in columns)
    return tuple(name for name in wanted if pa.types.is_timestamp(columns[name].type))


def _spans(row: Mapping[str, Any]) -> Iterator[Times]:
    """From the first to the last instant that a row tells of; none where it says no time."""
    begins: list[datetime] = [row[name] for name in BEGINS if row.get(name) is not None]
    if begins:
        ends = [row[name] for name in ENDS if row.get(name) is not None]
        last = max([begins[0], *(one - timedelta(microseconds=1) for one in ends)])
        yield instant_text(begins[0]), instant_text(last)


def _code(coding: Mapping[str, str | None]) -> str:
    return code_of(coding["system"], coding["code"] or "")
