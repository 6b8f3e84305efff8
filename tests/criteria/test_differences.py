"""Which triggers two definitions, or two dates, judge differently, and at which line."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.criteria.strategies import records_of, tasks
from tests.criteria.timeline import hour, over
from vitruvian.criteria import (
    Difference,
    Engine,
    Side,
    Source,
    differences,
    parse_task,
    run_task,
)

EDITION = """
predicates: {visit: {code: VISIT}, wall: {code: WALL, value_min: LIMIT, value_min_inclusive: true}}
trigger: visit
windows:
  past: {start: null, end: trigger, start_inclusive: true, end_inclusive: true, has: {wall: "(1, None)"}}
"""
RECORD = """
1 0h WALL 16
1 1h VISIT
2 0h WALL 14
2 1h VISIT
3 0h WALL 11
3 1h VISIT
"""
LINE = "windows.past.has.wall"


def edition(limit: int) -> str:
    return EDITION.replace("LIMIT", str(limit))


def test_new_edition__lists_exactly_who_changes_and_why() -> None:
    engine = over(RECORD)
    old, new = (Side(parse_task(edition(limit)), engine) for limit in (15, 13))
    assert differences(old, new) == (Difference(2, hour("1h"), "out", "in", LINE, None),)
    assert differences(new, old) == (Difference(2, hour("1h"), "in", "out", None, LINE),)


def test_later_data__shows_triggers_that_were_not_there() -> None:
    task = parse_task(edition(15))
    then, now = Side(task, over(RECORD)), Side(task, over(RECORD + "1 9h VISIT\n3 9h VISIT\n"))
    assert differences(then, now) == (Difference(1, hour("9h"), "no trigger", "in", None, None),)


def test_same_side_twice__differs_nowhere() -> None:
    side = Side(parse_task(edition(15)), over(RECORD))
    assert differences(side, side) == ()


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(one=tasks(), other=tasks(), seed=st.integers(0, 99))
def test_differences__are_the_two_cohorts_apart(one: str, other: str, seed: int) -> None:
    connection = over("").over
    connection.register("random_events", records_of(seed))  # type: ignore[union-attr]
    engine = Engine(connection, Source("random_events"))
    sides = [Side(parse_task(text), engine) for text in (one, other)]
    cohorts = [
        {(row["subject_id"], row["trigger"]) for row in run_task(side.task, engine).to_pylist()}
        for side in sides
    ]
    found = differences(*sides)
    assert {(each.subject_id, each.trigger) for each in found} == cohorts[0] ^ cohorts[1]
    assert all("in" in (each.first, each.second) for each in found)
    assert all((each.first == "out") == (each.first_at is not None) for each in found)
