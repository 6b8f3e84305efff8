"""As known in the middle of something, its end is not known yet."""

from __future__ import annotations

import pytest

from tests.lake.rows import DAY, DOCTOR, START, Row, event, lineage, source
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

STAY_IN_HOSPITAL = {
    "encounter_id": 5,
    "subject_id": 1,
    "version_id": 11,
    "status": "finished",
    "start_time": START,
    "end_time": START + 4 * DAY,
    **lineage(),
}
ONGOING = event(1, state="resolved", end_time=START + 4 * DAY)
POINT = event(2, state="resolved", end_time=None)
WAYS = [None, [1]]
SOURCE = "0123456789abcdef"


def filled(lake: Lake, *, drained: bool) -> None:
    lake.append(SYSTEM, {"event": [ONGOING, POINT], "encounter": [STAY_IN_HOSPITAL]})
    if drained:
        lake.drain(SYSTEM)


def seen(lake: Lake, *, day: int | None, subjects: list[int] | None) -> list[list[Row]]:
    """Events and encounters by each way through the door, which must never differ."""
    known_at = None if day is None else START + day * DAY
    with lake.read(DOCTOR, known_at=known_at) as reader:
        events = "SELECT event_id, end_time, state FROM event ORDER BY event_id"
        return [
            sorted(
                reader.rows(
                    "event", subjects=subjects, columns=["event_id", "end_time", "state"]
                ).to_pylist(),
                key=lambda row: row["event_id"],
            ),
            reader.query(events, tables=["event"], subjects=subjects).to_pylist(),
            reader.rows("encounter", subjects=subjects, columns=["status"]).to_pylist(),
        ]


@pytest.mark.parametrize("subjects", WAYS)
@pytest.mark.parametrize("drained", [False, True])
def test_end_after_the_instant__is_open_and_so_is_its_word(
    lake: Lake, *, drained: bool, subjects: list[int] | None
) -> None:
    filled(lake, drained=drained)
    open_event = {"event_id": 1, "end_time": None, "state": "active"}
    untouched = {"event_id": 2, "end_time": None, "state": "resolved"}
    by_rows, by_query, encounters = seen(lake, day=2, subjects=subjects)
    assert by_rows == by_query == [open_event, untouched]
    assert encounters == [{"status": "in-progress"}]


@pytest.mark.parametrize("subjects", WAYS)
@pytest.mark.parametrize("day", [4, 9, None])
def test_end_at_or_before_the_instant__stands_as_sent(
    lake: Lake, *, day: int | None, subjects: list[int] | None
) -> None:
    filled(lake, drained=True)
    by_rows, by_query, encounters = seen(lake, day=day, subjects=subjects)
    assert by_rows == by_query
    assert by_rows[0] == {"event_id": 1, "end_time": START + 4 * DAY, "state": "resolved"}
    assert encounters == [{"status": "finished"}]


def test_open_end__may_be_asked_for_by_a_condition(lake: Lake) -> None:
    filled(lake, drained=True)
    with lake.read(DOCTOR, known_at=START + DAY) as reader:
        found = reader.rows("encounter", subjects=[1], where="end_time IS NULL")
    assert found.num_rows == 1


@pytest.mark.parametrize("drained", [False, True])
def test_as_known__the_source_of_a_fact_is_told_though_its_file_came_later(
    lake: Lake, *, drained: bool
) -> None:
    late = source(SOURCE) | lineage(known_day=9)
    lake.append(SYSTEM, {"event": [event(1)], "source": [late]})
    if drained:
        lake.drain(SYSTEM)
    with lake.read(DOCTOR, known_at=START + DAY) as reader:
        found = reader.rows("source", columns=["source_id"], where="source_id = ?", params=[SOURCE])
    assert found.to_pylist() == [{"source_id": SOURCE}]
