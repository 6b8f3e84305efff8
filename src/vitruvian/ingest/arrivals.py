"""What came in, when, and what was wrong with it: for whoever keeps the feeds running.

Everything here is counts, codes, places and sentences; nothing of a record's content.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.ingest.quarantine import Quarantined, quarantined
from vitruvian.ingest.zones import ASSUMED_ZONE

if TYPE_CHECKING:
    from vitruvian.lake import Reader

EXAMPLES = 8
LATEST = 50
WAITING_SHOWN = 200
MOST_SOURCES_WITH_PROBLEMS = 5_000
_HOURS = 14 * 24
_FEEDS = """
    SELECT site, adapter, count(*) AS sources, max(coalesce(received_at, known_at)) AS last_arrival,
        sum(offered) AS offered, sum(loaded) AS loaded, sum(skipped) AS skipped,
        sum(rejected) AS rejected, count(*) FILTER (outcome = 'refused') AS refused,
        sum(byte_count) AS byte_count
    FROM source GROUP BY ALL ORDER BY last_arrival DESC, site, adapter
"""
_THROUGHPUT = """
    SELECT date_trunc('hour', received_at) AS start, adapter, sum(loaded) AS loaded,
        sum(byte_count) AS byte_count
    FROM source
    WHERE loaded IS NOT NULL AND date_trunc('hour', received_at) IN (
        SELECT DISTINCT date_trunc('hour', received_at) AS hour FROM source
        WHERE received_at IS NOT NULL ORDER BY hour DESC LIMIT ?
    )
    GROUP BY ALL ORDER BY start, adapter
"""
_LATEST = """
    SELECT source_id, site, adapter, outcome, received_at, offered, loaded, skipped, rejected,
        byte_count, problems
    FROM source WHERE received_at IS NOT NULL ORDER BY received_at DESC, source_id LIMIT ?
"""
_PROBLEMS = """
    SELECT source_id, site, adapter, received_at, problems
    FROM source WHERE problems IS NOT NULL ORDER BY received_at DESC, source_id LIMIT ?
"""
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Feed:
    """All that one hospital sent in one format.

    Counts are None for a live feed, which does not count itself.
    ``refused`` are sources refused whole.
    """

    site: str
    adapter: str | None
    sources: int
    last_arrival: datetime
    offered: int | None
    loaded: int | None
    skipped: int | None
    rejected: int | None
    refused: int
    byte_count: int | None


@dataclass(frozen=True)
class Example:
    """One place where a fault stood: the source, its record from 0, and where in that."""

    source_id: str
    record: int | None
    pointer: str | None
    received_at: datetime | None


@dataclass
class ProblemKind:
    """One kind of fault of one format: how often, in how many sources, and where for example."""

    code: str
    adapter: str | None
    message: str
    count: int
    sources: int
    examples: list[Example]


@dataclass(frozen=True)
class Throughput:
    """What one format loaded in one hour."""

    start: datetime
    adapter: str | None
    loaded: int
    byte_count: int


@dataclass(frozen=True)
class Arrival:
    """One source, with how many faults it had; a zone that was assumed is none."""

    source_id: str
    site: str
    adapter: str | None
    outcome: str | None
    received_at: datetime
    offered: int | None
    loaded: int | None
    skipped: int | None
    rejected: int | None
    byte_count: int | None
    problem_count: int


@dataclass
class WaitingKind:
    """Records that are kept and cannot be mapped, of one kind and reason."""

    adapter: str
    kind: str
    reason: str
    sentence: str
    oldest: datetime
    newest: datetime
    count: int
    examples: list[WaitingRecord]


@dataclass(frozen=True)
class WaitingRecord:
    """One of them, by the number of its row of ``resource`` as text (64 bits)."""

    number: str
    source_id: str
    record: int | None
    known_at: datetime


@dataclass(frozen=True)
class Arrivals:
    """Everything the page of the feeds shows."""

    feeds: list[Feed]
    problems: list[ProblemKind]
    throughput: list[Throughput]
    latest: list[Arrival]
    waiting: list[WaitingKind]


def arrivals(reader: Reader) -> Arrivals:
    """What came into a lake, what was wrong with it, and what waits to be mapped."""

    def asked(sql: str, *params: object) -> list[Row]:
        rows: list[Row] = reader.query(sql, tables=["source"], params=params).to_pylist()
        return rows

    return Arrivals(
        feeds=[_feed(row) for row in asked(_FEEDS)],
        problems=_problem_kinds(asked(_PROBLEMS, MOST_SOURCES_WITH_PROBLEMS)),
        throughput=[
            Throughput(
                row["start"], row["adapter"], int(row["loaded"]), int(row["byte_count"] or 0)
            )
            for row in asked(_THROUGHPUT, _HOURS)
        ],
        latest=[_arrival(row) for row in asked(_LATEST, LATEST)],
        waiting=_waiting(quarantined(reader)),
    )


def _feed(row: Row) -> Feed:
    return Feed(
        site=row["site"],
        adapter=row["adapter"],
        sources=row["sources"],
        last_arrival=row["last_arrival"],
        refused=row["refused"],
        **{name: _whole(row[name]) for name in _COUNTED},
    )


_COUNTED = ("offered", "loaded", "skipped", "rejected", "byte_count")


def _whole(value: Any) -> int | None:
    """A sum as the engine gives it, which is wider than any count."""
    return None if value is None else int(value)


def _arrival(row: Row) -> Arrival:
    told = {name: value for name, value in row.items() if name != "problems"}
    faults = [kind["count"] for kind in _kinds(row) if kind["code"] != ASSUMED_ZONE]
    return Arrival(**told, problem_count=sum(faults))


def _kinds(row: Row) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(row["problems"] or "[]")
    return found


def _problem_kinds(rows: Iterable[Row]) -> list[ProblemKind]:
    found: dict[tuple[str | None, str], ProblemKind] = {}
    for row in rows:
        for kind in _kinds(row):
            known = found.setdefault(
                (row["adapter"], kind["code"]),
                ProblemKind(kind["code"], row["adapter"], kind["message"], 0, 0, []),
            )
            known.count += kind["count"]
            known.sources += 1
            for record, pointer in kind["examples"][: EXAMPLES - len(known.examples)]:
                place = Example(row["source_id"], record, pointer, row["received_at"])
                known.examples.append(place)
    return sorted(found.values(), key=lambda each: (-each.count, each.code))


def _waiting(records: Iterable[Quarantined]) -> list[WaitingKind]:
    found: dict[tuple[str, str, str], WaitingKind] = {}
    for each in records:
        known = found.setdefault(
            (each.adapter, each.kind, each.reason),
            WaitingKind(
                adapter=each.adapter,
                kind=each.kind,
                reason=each.reason,
                sentence=each.sentence,
                oldest=each.known_at,
                newest=each.known_at,
                count=0,
                examples=[],
            ),
        )
        known.count += 1
        known.newest = max(known.newest, each.known_at)
        if len(known.examples) < WAITING_SHOWN:
            seen = (each.source_id, each.record, each.known_at)
            known.examples.append(WaitingRecord(str(each.number), *seen))
    return sorted(found.values(), key=lambda each: (-each.count, each.kind))
