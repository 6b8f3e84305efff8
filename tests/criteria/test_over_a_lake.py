"""Criteria over the timeline of a lake: what counts by default, intervals, as known then."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.lakes import empty_lake
from vitruvian.criteria import attrition, explain, parse_task, run_task
from vitruvian.criteria.errors import InvalidTask, MissingColumn
from vitruvian.lake import Lake
from vitruvian.record import table_named
from vitruvian.trust import Access

START = datetime(2020, 1, 1, tzinfo=UTC)
DOCTOR = Access(who="dr.vega", role="clinician", purpose="treatment", request="r-1")


def event(subject: int, hour: float, code: str, **more: Any) -> dict[str, Any]:
    """A final, affirmed, certain observation about the patient, unless said otherwise."""
    said = {
        "subject_id": subject,
        "time": START + timedelta(hours=hour),
        "category": "laboratory",
        "code": code,
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
        "experiencer": "patient",
        "site": "st-elsewhere",
        "source_id": "0123456789abcdef",
        "known_at": START + timedelta(hours=hour),
        "known_at_basis": "stated",
    }
    return {**said, **more}


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="st-elsewhere") as made:
        yield made


def load(lake: Lake, *events: dict[str, Any]) -> None:
    rows = [{"event_id": number, **one} for number, one in enumerate(events, start=1)]
    schema = table_named("event").schema
    names = {name for row in rows for name in row}
    kept = pa.schema([field for field in schema if field.name in names])
    with lake.bulk(DOCTOR) as bulk:
        bulk.write("event", pa.Table.from_pylist(rows, schema=kept))


def who(lake: Lake, task: str, *, known_at: datetime | None = None) -> list[tuple[int, int]]:
    """Subject and hour of each trigger."""
    with lake.read(DOCTOR, known_at=known_at) as reader:
        rows = run_task(parse_task(task), reader).to_pylist()
    hours = timedelta(hours=1)
    return [(row["subject_id"], round((row["trigger"] - START) / hours)) for row in rows]


COLON = "predicates: {cancer: {code: ICD10//C18 MORE}}\ntrigger: cancer\n"
ODD = {
    "family": {"experiencer": "family"},
    "negated": {"polarity": "negated"},
    "possible": {"certainty": "possible"},
    "entered in error": {"status": "entered-in-error"},
    "wrong patient": {"status": "wrong-patient"},
    "ordered": {"act": "ordered"},
    "not done": {"act": "not-done"},
    "hypothetical": {"temporality": "hypothetical"},
}


@pytest.fixture(scope="module")
def odd_lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lake]:
    """A subject for each odd way of saying a diagnosis, and subject 99 who has it."""
    with empty_lake(tmp_path_factory.mktemp("odd") / "lake", site="st-elsewhere") as made:
        odd = (event(at, 0, "ICD10//C18", **more) for at, more in enumerate(ODD.values(), start=1))
        load(made, *odd, event(99, 0, "ICD10//C18"))
        yield made


def test_default__sees_what_is_affirmed_certain_and_observed_of_the_patient(odd_lake: Lake) -> None:
    assert who(odd_lake, COLON.replace(" MORE", "")) == [(99, 0)]


@pytest.mark.parametrize("odd", ODD)
def test_predicate__that_names_an_axis_sees_it(odd: str, odd_lake: Lake) -> None:
    ((axis, word),) = ODD[odd].items()
    expected = [(list(ODD).index(odd) + 1, 0)]
    assert who(odd_lake, COLON.replace(" MORE", f", {axis}: {word}")) == expected


def test_predicate__may_name_several_words_of_an_axis(odd_lake: Lake) -> None:
    task = COLON.replace(" MORE", ", certainty: [certain, possible]")
    assert who(odd_lake, task) == [(list(ODD).index("possible") + 1, 0), (99, 0)]


def test_word__that_is_none_of_the_house_is_refused(odd_lake: Lake) -> None:
    with pytest.raises(InvalidTask, match="administered"):
        who(odd_lake, COLON.replace(" MORE", ", act: administred"))


def test_column__that_events_do_not_have_is_named(odd_lake: Lake) -> None:
    with pytest.raises(MissingColumn, match="'colour'"):
        who(odd_lake, COLON.replace(" MORE", ", colour: red"))


def test_pattern__that_cannot_be_read_is_refused(odd_lake: Lake) -> None:
    with pytest.raises(InvalidTask, match="RE2"):
        who(odd_lake, "predicates: {x: {code: {regex: '(?<=a)b'}}}\ntrigger: x\n")


TWICE = """
predicates: {visit: {code: VISIT}, potassium: {code: LOINC//2823-3}}
trigger: visit
windows:
  day: {start: trigger, end: start + 24h, start_inclusive: true, end_inclusive: true, has: {potassium: "(2, None)"}}
"""


def test_fact__told_by_two_sources_counts_once(lake: Lake) -> None:
    load(
        lake,
        *(event(subject, 0, "VISIT") for subject in (1, 2)),
        *(event(1, 1, "LOINC//2823-3", fact_key=7) for _ in range(2)),
        *(event(2, 1, "LOINC//2823-3", fact_key=key) for key in (8, 9)),
    )
    assert who(lake, TWICE) == [(2, 0)]


STAY = """
predicates: {into_ward: {code: WARD//ICU//start}, out_of_ward: {code: WARD//ICU//end}, fever: {code: FEVER}}
trigger: out_of_ward
windows:
  stay: {start: end <- into_ward, end: trigger, start_inclusive: true, end_inclusive: true, has: {fever: "(1, None)", _ANY_EVENT: "(2, 2)"}}
"""


def test_interval__has_a_start_and_an_end_of_its_own(lake: Lake) -> None:
    load(
        lake,
        event(1, 0, "WARD//ICU", end_time=START + timedelta(hours=20)),
        event(1, 5, "FEVER"),
        event(2, 0, "WARD//ICU"),
        event(2, 5, "FEVER"),
    )
    assert who(lake, STAY) == [(1, 20)]


def test_answer__as_known_then_is_not_changed_by_what_came_later(lake: Lake) -> None:
    load(lake, event(1, 0, "VISIT"), *(event(1, h, "LOINC//2823-3", fact_key=h) for h in (1, 2)))
    then = START + timedelta(hours=3)
    before = who(lake, TWICE, known_at=then)
    late = {"known_at": START + timedelta(days=9)}
    load(lake, event(2, 0, "VISIT", **late), event(1, 0, "VISIT", **late))
    assert before == [(1, 0)]
    assert who(lake, TWICE, known_at=then) == before
    assert who(lake, TWICE, known_at=START + timedelta(hours=1)) == []


def test_explanation_and_attrition__go_through_the_door(lake: Lake) -> None:
    load(lake, event(1, 0, "VISIT"), *(event(1, h, "LOINC//2823-3", fact_key=h) for h in (1, 2)))
    with lake.read(DOCTOR) as reader:
        (visit,) = explain(parse_task(TWICE), reader, 1)
        left = attrition(parse_task(TWICE), reader)
    assert (visit.answer, visit.lines[0].events) == ("in", (2, 3))
    assert [one.subjects for one in left] == [1, 1, 1]


def test_partial_date__in_a_lake_leaves_the_answer_unknown(lake: Lake) -> None:
    day = {"time_min": START, "time_max": START + timedelta(days=1)}
    load(
        lake,
        event(1, 8, "VISIT"),
        *(event(1, h, "LOINC//2823-3", fact_key=h) for h in (9, 10)),
        event(2, 8, "VISIT"),
        *(event(2, 0, "LOINC//2823-3", fact_key=h, **day) for h in (9, 10)),
    )
    with lake.read(DOCTOR) as reader:
        rows = run_task(parse_task(TWICE), reader, logic="three-valued").to_pylist()
        visits = explain(parse_task(TWICE), reader, 2, logic="three-valued")
    line = "windows.day.has.potassium"
    assert [(row["subject_id"], row["unknown"]) for row in rows] == [(1, []), (2, [line])]
    assert [(visit.answer, visit.decided_at) for visit in visits] == [("unknown", line)]
