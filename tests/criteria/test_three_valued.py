"""Missing is not negative: true, false and unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.criteria.timeline import over
from vitruvian.criteria import Engine, Range, explain, parse_task, run_task
from vitruvian.criteria.errors import UnknownName


def answers(task: str, engine: Engine, **more: Any) -> dict[int, str]:
    """`in`, or the lines nobody can answer, by subject; who is out is absent."""
    rows = run_task(parse_task(task), engine, logic="three-valued", **more).to_pylist()
    return {row["subject_id"]: ", ".join(row["unknown"]) or "in" for row in rows}


def sepsis(absence: str, range_: str) -> str:
    return f"""
predicates:
  admission: {{code: ADM}}
  lactate: {{code: LACTATE}}
  high_lactate: {{code: LACTATE, value_min: 2, absence: {absence}}}
trigger: admission
windows:
  first_day: {{start: trigger, end: start + 24h, start_inclusive: true, end_inclusive: true, has: {{high_lactate: "{range_}"}}}}
"""


LACTATES = """
1 0h ADM
1 5h LACTATE 4.0
2 0h ADM
2 5h LACTATE 1.0
3 0h ADM
3 30h LACTATE 4.0
"""
AT = "windows.first_day.has.high_lactate"


def test_sepsis__unknown_lactate_stays_unknown() -> None:
    task = sepsis("{looked: lactate}", "(1, None)")
    assert answers(task, over(LACTATES)) == {1: "in", 3: AT}


def test_sepsis__nobody_who_was_not_looked_at_is_free_of_it() -> None:
    task = sepsis("{looked: lactate}", "(None, 0)")
    assert answers(task, over(LACTATES)) == {2: "in", 3: AT}


def test_absence_unknown__never_gives_no() -> None:
    assert answers(sepsis("unknown", "(None, 0)"), over(LACTATES)) == {2: AT, 3: AT}


def test_absence_negative__is_aces() -> None:
    assert answers(sepsis("negative", "(None, 0)"), over(LACTATES)) == {2: "in", 3: "in"}


def test_absence_observed__is_no_only_inside_a_period_that_covers_the_window() -> None:
    task = sepsis("observed", "(None, 0)")
    engine = over(LACTATES, observed="2 0h 24h\n3 0h 23h")
    assert answers(task, engine) == {2: "in", 3: AT}


def test_range__that_any_count_meets_is_never_unknown() -> None:
    assert answers(sepsis("unknown", "(0, None)"), over(LACTATES)) == {1: "in", 2: "in", 3: "in"}


JOINED = """
predicates:
  admission: {code: ADM}
  fever: {code: FEVER, absence: unknown}
  cough: {code: COUGH}
  either: {expr: "or(fever, cough)"}
  both: {expr: "and(fever, cough)"}
trigger: admission
windows:
  day: {start: trigger, end: start + 24h, start_inclusive: true, end_inclusive: true, has: {PREDICATE: "(None, 0)"}}
"""


@pytest.mark.parametrize(
    "predicate, expected",
    [("either", {1: "windows.day.has.either"}), ("both", {1: "in", 2: "windows.day.has.both"})],
)
def test_joining__is_absent_when_enough_of_its_parts_are(
    predicate: str, expected: Mapping[int, str]
) -> None:
    engine = over("1 0h ADM\n2 0h ADM\n2 2h COUGH\n3 0h ADM\n3 1h FEVER\n3 1h COUGH")
    assert answers(JOINED.replace("PREDICATE", predicate), engine) == expected


def test_joining__of_parts_seen_at_different_moments_did_not_happen_at_one() -> None:
    engine = over("1 0h ADM\n1 1h FEVER\n1 2h COUGH")
    assert answers(JOINED.replace("PREDICATE", "both"), engine) == {1: "in"}


KIDNEY = """
predicates:
  admission: {code: ADM}
  creatinine: {code: CREA}
trigger: admission
windows:
  two_days: {start: trigger, end: start + 48h, start_inclusive: true, end_inclusive: true}
measure:
  rise: {of: creatinine, window: two_days, take: delta, unit: umol/L}
  lowest: {of: creatinine, window: two_days, take: min, unit: umol/L}
  highest: {of: creatinine, window: two_days, take: max, unit: umol/L}
expr:
  injury: rise >= 26.5 or highest / lowest >= 1.5
"""


def test_measure__a_rise_at_its_threshold_holds_and_under_it_does_not() -> None:
    engine = over("""
        1 0h ADM
        1 1h CREA 100 umol/L
        1 40h CREA 126.5 umol/L
        2 0h ADM
        2 1h CREA 100 umol/L
        2 40h CREA 126.4 umol/L
        """)
    assert answers(KIDNEY, engine) == {1: "in"}


def test_measure__one_value_leaves_a_rise_unknown_and_no_value_all_of_it() -> None:
    engine = over("1 0h ADM\n1 1h CREA 100 umol/L\n2 0h ADM")
    assert answers(KIDNEY, engine) == {1: "expr.injury", 2: "expr.injury"}


def test_measure__another_unit_is_unknown_and_never_mixed() -> None:
    engine = over("1 0h ADM\n1 1h CREA 1.1 mg/dL\n1 40h CREA 200 umol/L")
    assert answers(KIDNEY, engine) == {1: "expr.injury"}


@pytest.mark.parametrize(
    "take, value",
    [
        ("first", 3),
        ("last", 7),
        ("min", 1),
        ("max", 7),
        ("count", 3),
        ("sum", 11),
        ("delta", 4),
        ("slope", 1),
    ],
)
def test_measure__takes_one_number_out_of_a_window(take: str, value: float) -> None:
    task = KIDNEY.replace("take: delta, unit: umol/L", f"take: {take}").replace("rise >=", "rise >")
    rows = run_task(
        parse_task(task),
        over("1 0h ADM\n1 0h CREA 3\n1 2h CREA 1\n1 4h CREA 7\n1 49h CREA 99"),
        logic="three-valued",
    ).to_pylist()
    assert [row["measure.rise"] for row in rows] == [value]


class PointsForAge:
    """A made-up score: age over ten, plus two for a high pressure."""

    inputs = ("age", "pressure")

    def value(self, known: Mapping[str, float]) -> Range | None:
        if "age" not in known:
            return None
        base = known["age"] / 10
        if "pressure" in known:
            points = base + (2 if known["pressure"] > 140 else 0)
            return Range(points, points)
        return Range(base, base + 2, missing=("pressure",))


SCORED = """
predicates: {visit: {code: VISIT}, age: {code: AGE}, pressure: {code: BP}}
trigger: visit
windows:
  past: {start: null, end: trigger, start_inclusive: true, end_inclusive: true}
measure:
  age_years: {of: age, window: past, take: last}
  systolic: {of: pressure, window: past, take: last}
score:
  points: {by: age-points, from: {age: age_years, pressure: systolic}}
expr:
  treat: points >= 7
"""
VISITS = """
1 0h AGE 60
1 0h BP 150
1 1h VISIT
2 0h AGE 60
2 1h VISIT
3 0h AGE 80
3 1h VISIT
4 0h AGE 30
4 1h VISIT
5 1h VISIT
"""


def test_score__with_missing_parts_decides_where_its_whole_range_does() -> None:
    found = answers(SCORED, over(VISITS), scores={"age-points": PointsForAge()})
    assert found == {1: "in", 2: "expr.treat", 3: "in", 5: "expr.treat"}


def test_score__gives_its_range_and_names_the_part() -> None:
    scores = {"age-points": PointsForAge()}
    rows = run_task(parse_task(SCORED), over(VISITS), logic="three-valued", scores=scores)
    second = next(row for row in rows.to_pylist() if row["subject_id"] == 2)
    assert (second["score.points.low"], second["score.points.high"]) == (6, 8)
    assert second["score.points.missing"] == ["pressure"]


def test_score__that_was_not_handed_in_is_refused() -> None:
    with pytest.raises(UnknownName, match="age-points"):
        run_task(parse_task(SCORED), over(VISITS), logic="three-valued")


def test_explain__gives_each_measure_and_none_where_it_is_unknown() -> None:
    engine = over("1 0h ADM\n1 1h CREA 100 umol/L")
    (only,) = explain(parse_task(KIDNEY), engine, 1, logic="three-valued")
    assert dict(only.measures) == {"rise": None, "lowest": 100, "highest": 100}


def test_explain__names_the_fact_that_would_decide() -> None:
    task = parse_task(sepsis("{looked: lactate}", "(1, None)"))
    (third,) = explain(
        task, over(LACTATES).over, 3, source=over(LACTATES).source, logic="three-valued"
    )
    assert (third.answer, third.decided_at) == ("unknown", AT)
    assert third.lines[-1].missing == ("lactate",)
