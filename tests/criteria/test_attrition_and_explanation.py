"""How many are left after each line, and why one is in or out."""

from __future__ import annotations

from dataclasses import asdict

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.criteria.strategies import records_of, tasks
from tests.criteria.timeline import hour, over
from vitruvian.criteria import (
    Engine,
    Source,
    attrition,
    compile_task,
    explain,
    parse_task,
    run_task,
)

TASK = """
predicates:
  admission: {code: ADM}
  lactate: {code: LACTATE, value_min: 2}
  death: {code: MEDS_DEATH}
trigger: admission
windows:
  day: {start: trigger, end: start + 24h, start_inclusive: true, end_inclusive: true, has: {lactate: "(2, None)", death: "(None, 0)"}}
  after: {start: day.end, end: start -> death, start_inclusive: false, end_inclusive: true}
"""
RECORD = """
1 0h ADM
1 1h LACTATE 4
1 2h LACTATE 5
1 3h LACTATE 1
1 50h MEDS_DEATH
2 0h ADM
2 1h LACTATE 4
3 0h ADM
3 1h LACTATE 4
3 2h LACTATE 4
3 3h MEDS_DEATH
4 0h OTHER
"""


def test_attrition__tells_triggers_and_subjects_after_each_line() -> None:
    assert [asdict(left) for left in attrition(parse_task(TASK), over(RECORD))] == [
        {"at": "record", "says": "has a record", "triggers": None, "subjects": 4},
        {"at": "trigger", "says": "has admission", "triggers": 3, "subjects": 3},
        {
            "at": "windows.day.has.lactate",
            "says": "day holds at least 2 lactate",
            "triggers": 2,
            "subjects": 2,
        },
        {
            "at": "windows.day.has.death",
            "says": "day holds no death",
            "triggers": 1,
            "subjects": 1,
        },
        {
            "at": "windows.after.end",
            "says": "after ends at death",
            "triggers": 1,
            "subjects": 1,
        },
    ]


def test_explanation__of_who_is_in_names_the_events_counted() -> None:
    (admission,) = explain(parse_task(TASK), over(RECORD), 1)
    assert (admission.trigger, admission.answer, admission.decided_at) == (hour("0h"), "in", None)
    assert [line.events for line in admission.lines] == [(2, 3), (), (5,)]


def test_explanation__of_who_is_out_names_the_first_line_that_split_them() -> None:
    (admission,) = explain(parse_task(TASK), over(RECORD), 3)
    assert (admission.answer, admission.decided_at) == ("out", "windows.day.has.death")
    assert [(line.answer, line.count) for line in admission.lines[:2]] == [("in", 2), ("out", 1)]


def test_explanation__of_who_has_no_trigger_is_empty() -> None:
    assert explain(parse_task(TASK), over(RECORD), 4) == ()


def engine_of(seed: int, *, setting: str = "") -> Engine:
    engine = over("")
    engine.over.register("random_events", records_of(seed))  # type: ignore[union-attr]
    if setting:
        engine.over.execute(setting)  # type: ignore[union-attr]
    return Engine(engine.over, Source("random_events"))


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), seed=st.integers(0, 99))
def test_attrition__ends_with_who_is_in_and_never_grows(task: str, seed: int) -> None:
    engine, parsed = engine_of(seed), parse_task(task)
    left = attrition(parsed, engine)
    triggers = [one.triggers for one in left if one.triggers is not None]
    assert triggers == sorted(triggers, reverse=True)
    assert triggers[-1] == run_task(parsed, engine).num_rows


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), seed=st.integers(0, 99))
def test_explanation__agrees_with_the_cohort(task: str, seed: int) -> None:
    engine, parsed = engine_of(seed), parse_task(task)
    subjects = [1, 2, 3, 4, 5]
    explained = [
        (subject, one.trigger)
        for subject in subjects
        for one in explain(parsed, engine, subject)
        if one.answer == "in"
    ]
    rows = run_task(parsed, engine).to_pylist()
    assert explained == [
        (row["subject_id"], row["trigger"]) for row in rows if row["subject_id"] in subjects
    ]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), seed=st.integers(0, 99))
def test_answer__is_the_same_whatever_the_order_of_rows_and_the_threads(
    task: str, seed: int
) -> None:
    parsed = parse_task(task)
    once = run_task(parsed, engine_of(seed))
    shuffled = records_of(seed).sort_by([("code", "descending"), ("time", "ascending")])
    again = engine_of(seed, setting="SET threads = 1")
    again.over.register("random_events", shuffled)  # type: ignore[union-attr]
    assert run_task(parsed, again).equals(once)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(task=tasks(), seed=st.integers(0, 99))
def test_three_valued__finds_who_strict_finds_when_absence_is_negative(
    task: str, seed: int
) -> None:
    engine, parsed = engine_of(seed), parse_task(task)
    strict, three = run_task(parsed, engine), run_task(parsed, engine, logic="three-valued")
    kept = ["subject_id", "trigger", *(["label"] if "label" in strict.column_names else [])]
    assert three.select(kept).equals(strict.select(kept))
    assert {len(unknown) for unknown in three["unknown"].to_pylist()} <= {0}


def test_columns__of_an_answer_are_those_foretold() -> None:
    compiled = compile_task(parse_task(TASK), source="events")
    assert run_task(parse_task(TASK), over(RECORD)).column_names == list(compiled.columns)
