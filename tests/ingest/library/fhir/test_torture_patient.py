"""The torture patient becomes exactly what was declared by hand."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from tests.ingest.support import every_version, rows, take
from vitruvian.demo.torture import Expected, expected, write_torture
from vitruvian.lake import Lake

Row = dict[str, Any]
DECLARED = expected()


@dataclass(frozen=True)
class Outcome:
    events: dict[str, list[Row]]
    notes: dict[str, Row]
    resources: dict[str, list[Row]]


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Outcome]:
    folder = tmp_path_factory.mktemp("torture")
    with Lake.create(folder / "lake", site="torture") as lake:
        report = take(lake, *write_torture(folder / "inbox"))
        assert (report.rejected, report.refused) == (0, 0)
        assert [problem for source in report.sources for problem in source.problems] == []
        yield _sorted_by_record(lake)


def _sorted_by_record(lake: Lake) -> Outcome:
    by_version = {row["version_id"]: _name(row) for row in rows(lake, "resource")}
    events: dict[str, list[Row]] = {name: [] for name in by_version.values()}
    for event in rows(lake, "event"):
        events[by_version[event["version_id"]]].append(event)
    resources: dict[str, list[Row]] = {}
    for row in every_version(lake, "resource"):
        resources.setdefault(_name(row), []).append(row)
    notes = {by_version[row["version_id"]]: row for row in rows(lake, "note")}
    return Outcome(events, notes, resources)


def _name(row: Row) -> str:
    return f"{row['resource_type']}/{row['resource_id']}"


@pytest.mark.parametrize("record", DECLARED)
def test_record__becomes_what_was_declared(outcome: Outcome, record: str) -> None:
    declared: Expected = DECLARED[record]
    found = outcome.events.get(record, [])
    assert len(found) == len(declared.events), declared.say
    for wanted in declared.events:
        event = _matching(found, wanted)
        faults = [
            f"{column}: {event.get(column)!r}, expected {value!r}"
            for column, value in wanted.items()
            if not _agrees(event, outcome.notes.get(record), column, value)
        ]
        assert faults == [], declared.say


def _matching(found: list[Row], wanted: Row) -> Row:
    if len(found) == 1:
        return found[0]
    begins = wanted.get("code", wanted.get("code_prefix"))
    (event,) = [event for event in found if event["code"].startswith(begins)]
    return event


def _agrees(event: Row, note: Row | None, column: str, value: Any) -> bool:
    text = (note or {}).get("text") or ""
    special: dict[str, Callable[[], bool]] = {
        "empty": lambda: all(event[name] in (None, []) for name in value),
        "code_prefix": lambda: event["code"].startswith(value),
        "has_value": lambda: any(
            event[name] is not None for name in ("numeric_value", "text_value", "value_code")
        ),
        "codings_count": lambda: len(event["codings"]) == value,
        "note_text": lambda: text == value,
        "note_contains": lambda: value in text,
        "note_length": lambda: len(text) == value,
    }
    return special[column]() if column in special else _same(event[column], value)


def _same(found: Any, value: Any) -> bool:
    if isinstance(found, datetime):
        return found == datetime.fromisoformat(value)
    if isinstance(found, float):
        return math.isclose(found, value, rel_tol=1e-5)
    return bool(found == value)


def test_version__that_was_corrected_hides_the_earlier_one(outcome: Outcome) -> None:
    assert len(outcome.resources["Observation/torture-versioned"]) == 2
    (event,) = outcome.events["Observation/torture-versioned"]
    assert event["status"] == "corrected"
