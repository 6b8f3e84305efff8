"""Over a lake: a person known by two sources is one row; absence counts where a site looked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.criteria.test_over_a_lake import DOCTOR, START, event
from tests.lakes import empty_lake
from vitruvian.criteria import LAKE, Engine, explain, parse_task, run_task
from vitruvian.lake import Lake

LINEAGE = {
    "site": "st-elsewhere",
    "source_id": "0123456789abcdef",
    "known_at": START,
    "known_at_basis": "stated",
}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    now = START + timedelta(days=400)
    with empty_lake(tmp_path / "lake", site="st-elsewhere", clock=lambda: now) as made:
        yield made


def days(number: float) -> datetime:
    return START + timedelta(days=number)


def store(lake: Lake, **rows: list[dict[str, Any]]) -> None:
    numbered = [{"event_id": n, **row} for n, row in enumerate(rows.pop("event", []), start=1)]
    lake.append(DOCTOR, {"event": numbered, **rows})


def link(subject: int, person: int, *, number: int, linked: bool = True) -> dict[str, Any]:
    return {
        **LINEAGE,
        "link_id": number,
        "subject_id": subject,
        "person_id": person,
        "linked": linked,
    }


def encounter(subject: int, start: float, end: float | None, **more: Any) -> dict[str, Any]:
    said = {
        "encounter_id": hash((subject, start)) % 1_000_000,
        "version_id": hash((subject, start)) % 1_000_000,
        "subject_id": subject,
        "status": "finished" if end is not None else "in-progress",
        "start_time": days(start),
        "end_time": None if end is None else days(end),
    }
    return {**LINEAGE, **said, **more}


BOTH = """
predicates: {visit: {code: VISIT}, potassium: {code: LOINC//2823-3}}
trigger: visit
windows:
  day: {start: trigger, end: start + 24h, start_inclusive: true, end_inclusive: true, has: {potassium: "(1, None)"}}
"""


def who(lake: Lake, task: str, **at: datetime) -> list[int]:
    with lake.read(DOCTOR, **at) as reader:
        return list(run_task(parse_task(task), reader)["subject_id"].to_pylist())


def test_person_with_two_subjects__is_one_row_with_the_facts_of_both(lake: Lake) -> None:
    store(lake, event=[event(1, 0, "VISIT"), event(2, 1, "LOINC//2823-3"), event(3, 0, "VISIT")])
    assert who(lake, BOTH) == []
    lake.append(DOCTOR, {"person_link": [link(2, 1, number=1)]})
    assert who(lake, BOTH) == [1]


def test_unmerged_person__answers_as_before(lake: Lake) -> None:
    store(lake, event=[event(1, 0, "VISIT"), event(2, 1, "LOINC//2823-3")])
    lake.append(DOCTOR, {"person_link": [link(2, 1, number=1)]})
    lake.append(DOCTOR, {"person_link": [link(2, 1, number=2, linked=False)]})
    assert who(lake, BOTH) == []


def test_explanation__of_a_person_names_events_of_every_source(lake: Lake) -> None:
    store(lake, event=[event(1, 0, "VISIT"), event(2, 1, "LOINC//2823-3")])
    lake.append(DOCTOR, {"person_link": [link(2, 1, number=1)]})
    with lake.read(DOCTOR) as reader:
        (visit,) = explain(parse_task(BOTH), Engine(reader), 1)
        nobody = explain(parse_task(BOTH), Engine(reader), 2)
    assert (visit.answer, visit.lines[0].events) == ("in", (2,))
    assert nobody == ()


ABSENT = """
predicates: {visit: {code: VISIT}, diabetes: {code: DIABETES, absence: observed}}
trigger: visit
windows:
  before: {start: end - 30d, end: trigger, start_inclusive: true, end_inclusive: true, has: {diabetes: "(None, 0)"}}
"""


def verdicts(lake: Lake, **at: datetime) -> dict[int, str]:
    with lake.read(DOCTOR, **at) as reader:
        rows = run_task(parse_task(ABSENT), Engine(reader, LAKE), logic="three-valued").to_pylist()
    return {row["subject_id"]: "unknown" if row["unknown"] else "in" for row in rows}


def at_day(subject: int, day: float, code: str) -> dict[str, Any]:
    return event(subject, day * 24, code)


def test_absence__counts_inside_encounters_only(lake: Lake) -> None:
    store(
        lake,
        event=[at_day(subject, 40, "VISIT") for subject in (1, 2)],
        encounter=[encounter(1, 0, 50)],
    )
    assert verdicts(lake) == {1: "in", 2: "unknown"}


@pytest.mark.parametrize("second, expected", [(70, "in"), (71, "unknown")])
def test_encounters__sixty_days_apart_are_one_period(
    second: float, expected: str, lake: Lake
) -> None:
    stays = [encounter(1, 0, 10), encounter(1, second, 120)]
    store(lake, event=[at_day(1, 75, "VISIT")], encounter=stays)
    assert verdicts(lake) == {1: expected}


def test_period__ends_with_the_last_encounter(lake: Lake) -> None:
    store(lake, event=[at_day(1, 40, "VISIT")], encounter=[encounter(1, 0, 39)])
    assert verdicts(lake) == {1: "unknown"}


@pytest.mark.parametrize("status", ["planned", "cancelled", "entered-in-error", "unknown"])
def test_encounter__that_did_not_take_place_observes_nothing(status: str, lake: Lake) -> None:
    stay = encounter(1, 0, 50, status=status)
    store(lake, event=[at_day(1, 40, "VISIT")], encounter=[stay])
    assert verdicts(lake) == {1: "unknown"}


def test_encounter__that_goes_on_is_observed_until_the_instant_asked(lake: Lake) -> None:
    told = {"known_at": days(0)}
    store(
        lake,
        event=[{**at_day(1, 40, "VISIT"), **told}],
        encounter=[encounter(1, 0, None)],
    )
    assert verdicts(lake) == {1: "in"}
    assert verdicts(lake, known_at=days(41)) == {1: "in"}
    # asked before the visit, nothing of that time has been observed yet
    assert verdicts(lake, known_at=days(39)) == {1: "unknown"}


def test_encounter__finished_without_an_end_is_observed_at_its_start_only(lake: Lake) -> None:
    stay = encounter(1, 0, None, status="finished")
    store(lake, event=[at_day(1, 40, "VISIT")], encounter=[stay])
    assert verdicts(lake) == {1: "unknown"}


def test_stated_period__observes_too_and_joins_encounters_of_the_same_person(lake: Lake) -> None:
    period = {
        **LINEAGE,
        "period_id": 1,
        "version_id": 9,
        "subject_id": 2,
        "basis": "registration",
        "start_time": days(0),
        "end_time": days(20),
    }
    store(
        lake,
        event=[at_day(1, 40, "VISIT")],
        observation_period=[period],
        encounter=[encounter(1, 30, 50)],
    )
    assert verdicts(lake) == {1: "unknown"}
    lake.append(DOCTOR, {"person_link": [link(2, 1, number=1)]})
    assert verdicts(lake) == {1: "in"}


def test_retired_encounter__observes_nothing(lake: Lake) -> None:
    store(
        lake,
        event=[at_day(1, 40, "VISIT")],
        encounter=[encounter(1, 0, 50, version_id=77)],
    )
    gone = {"retirement_id": 1, "subject_id": 1, "scope": "version", "target_id": 77}
    lake.append(DOCTOR, {"retirement": [{**LINEAGE, **gone, "reason": "superseded"}]})
    assert verdicts(lake) == {1: "unknown"}
