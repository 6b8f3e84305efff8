"""What happened last, and what is new: the same as the plain reading of the rows says."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from vitruvian.picture.facts.events import SET_ASIDE, stamp
from vitruvian.picture.find.recent import last_of, news_of, that_count

NOW = datetime(2026, 1, 1, tzinfo=UTC)
INSTANT = pa.timestamp("us", "UTC")
SCHEMA = pa.schema(
    [
        *(("subject_id", pa.int64()), ("event_id", pa.int64()), ("fact_key", pa.int64())),
        *(("time", INSTANT), ("known_at", INSTANT), ("recorded_at", INSTANT)),
        *(("category", pa.string()), ("code", pa.string()), ("code_text", pa.string())),
        ("status", pa.string()),
    ]
)
Row = dict[str, Any]


def rows_of(seed: int, *, count: int = 400) -> list[Row]:
    chance = random.Random(seed)
    return [
        {
            "subject_id": chance.randrange(6),
            "event_id": number,
            "fact_key": chance.choice([None, chance.randrange(40)]),
            "time": chance.choice([None, NOW + timedelta(seconds=number - count // 2)]),
            "known_at": NOW + timedelta(hours=chance.randrange(-50, 50)),
            "recorded_at": chance.choice([None, NOW + timedelta(hours=chance.randrange(-50, 9))]),
            "category": chance.choice(["laboratory", "other"]),
            "code": f"LOINC//{number}",
            "code_text": chance.choice([None, f"words {number}"]),
            "status": chance.choice(["final", *sorted(SET_ASIDE)]),
        }
        for number in range(count)
    ]


def test_the_last_event__is_the_newest_that_has_happened_and_is_not_set_aside() -> None:
    for seed in range(5):
        rows = rows_of(seed)
        expected: dict[int, Row] = {}
        for row in rows:
            counts = row["status"] == "final" and row["category"] != "other"
            if counts and row["time"] is not None and row["time"] <= NOW:
                best = expected.get(row["subject_id"])
                if best is None or row["time"] > best["time"]:
                    expected[row["subject_id"]] = row
        found = last_of(that_count(pa.Table.from_pylist(rows, SCHEMA)), at=NOW)
        assert {s: row["code"] for s, row in found.items()} == {
            s: row["code"] for s, row in expected.items()
        }


def test_news__holds_each_fact_once_as_of_when_it_became_known_or_was_recorded_last() -> None:
    for seed in range(5):
        rows = rows_of(seed)
        marks = {subject: NOW - timedelta(hours=10 * subject) for subject in range(1, 8)}
        facts: dict[int, set[int]] = {subject: set() for subject in marks}
        for row in rows:
            mark = marks.get(row["subject_id"])
            told = [row["known_at"], *([row["recorded_at"]] if row["recorded_at"] else [])]
            if mark is not None and row["status"] == "final" and max(told) > mark:
                key = row["event_id"] if row["fact_key"] is None else row["fact_key"]
                facts[row["subject_id"]].add(key)
        news = news_of(that_count(pa.Table.from_pylist(rows, SCHEMA)))
        found = {
            subject: sum(time > stamp(mark) for time in news.get(subject, np.empty(0)))
            for subject, mark in marks.items()
        }
        assert found == {subject: len(some) for subject, some in facts.items()}


def test_nothing_stored__nothing_happened_last() -> None:
    empty = SCHEMA.empty_table()
    assert last_of(empty, at=NOW) == {}
    assert news_of(empty) == {}
