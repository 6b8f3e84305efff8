"""An answer over whole tables is worked out once a state, and again when anything changed."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from tests.lake.rows import DOCTOR, START, event
from vitruvian.lake import Lake, Reader
from vitruvian.lake.kept.answers import MOST_ANSWERS, Answers


def count_of(reader: Reader, worked: list[str]) -> int:
    def make() -> int:
        worked.append("worked")
        return int(reader.rows("event", columns=["event_id"]).num_rows)

    return reader.once("how many", make, tables=["event"])


def test_one_state__is_worked_out_once_and_a_new_row_makes_it_new(lake: Lake) -> None:
    worked: list[str] = []
    lake.append(DOCTOR, {"event": [event(1)]})
    for _ in range(3):
        with lake.read(DOCTOR) as reader:
            assert count_of(reader, worked) == 1
    lake.append(DOCTOR, {"event": [event(2)]})
    with lake.read(DOCTOR) as reader:
        assert count_of(reader, worked) == 2
    assert len(worked) == 2


def test_another_instant__has_an_answer_of_its_own(lake: Lake) -> None:
    worked: list[str] = []
    lake.append(DOCTOR, {"event": [event(1), event(2, known_day=5)]})
    with lake.read(DOCTOR) as reader:
        assert count_of(reader, worked) == 2
    with lake.read(DOCTOR, known_at=START + timedelta(days=1)) as reader:
        assert count_of(reader, worked) == 1


def test_an_answer_that_was_kept__is_in_the_audit_like_one_that_was_read(lake: Lake) -> None:
    lake.append(DOCTOR, {"event": [event(1)]})
    for _ in range(2):
        with lake.read(DOCTOR) as reader:
            count_of(reader, [])
    said = [row.deed.definition for row in lake.audit.rows() if row.deed.kind == "read"]
    assert said == ["event", "event"]


def test_answers__do_not_grow_without_end_and_are_renewed_when_they_no_longer_fit() -> None:
    answers = Answers()
    for number in range(3 * MOST_ANSWERS):
        assert answers.once(number, partial(int, number)) == number
    assert len(answers._known) == MOST_ANSWERS
    assert answers.once("a", lambda: 1) == 1
    assert answers.once("a", lambda: 2) == 1
    assert answers.once("a", lambda: 2, fits=lambda kept: kept > 1) == 2
