"""A code and everything that is a kind of it, by the terminology release that the lake holds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from tests.criteria.test_over_a_lake import DOCTOR, START, event, load
from tests.ingest.support import SYSTEM
from tests.lakes import empty_lake
from tests.terms.releases.made import loinc, snomed
from vitruvian.criteria import attrition, explain, parse_task, run_task
from vitruvian.criteria.cohorts import Asked, ask, read_definition
from vitruvian.criteria.cohorts.shown.terminal import answer_json
from vitruvian.criteria.errors import BrokenDefinition, InvalidTask, NoRelease
from vitruvian.criteria.plan.build import build_plan
from vitruvian.criteria.plan.nodes import Logic
from vitruvian.ingest.terminology import load_release
from vitruvian.lake import Lake

SUGAR = "predicates: {sugar: {code: {with_descendants: SNOMED//111}}}\ntrigger: sugar\n"
HOUR = """
windows:
  hour:
    start: trigger
    end: start + 1h
    start_inclusive: true
    end_inclusive: true
    has: {sugar: "(1, None)"}
"""
SETS = """
predicates: {sugar: {concept_set: wide}}
trigger: sugar
concept_sets:
  wide:
    - ICD10CM//E11.9
    - with_descendants: [SNOMED//112, LOINC//LP1-1]
"""


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    """1 has the disease, 2 the second kind with eyes, 3 another coding, 4 none, 5 the wide one."""
    with empty_lake(tmp_path / "lake", site="st-elsewhere") as made:
        codes = ("SNOMED//112", "SNOMED//113", "ICD10CM//E11.9", "SNOMED//999", "SNOMED//111")
        load(made, *(event(subject, 0, code) for subject, code in enumerate(codes, start=1)))
        yield made


@pytest.fixture
def loaded(lake: Lake, tmp_path: Path) -> Lake:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    load_release(lake, loinc(tmp_path / "l"), access=SYSTEM)
    return lake


def who(lake: Lake, text: str, logic: Logic = "three-valued") -> list[int]:
    with lake.read(DOCTOR) as reader:
        rows = run_task(parse_task(text), reader, logic=logic)
    return sorted(rows["subject_id"].to_pylist())


def test_no_release__is_an_error_at_the_predicate_and_never_an_empty_answer(lake: Lake) -> None:
    with pytest.raises(NoRelease, match=r"predicates\.sugar.*no terminology release.*SNOMED//111"):
        who(lake, SUGAR)
    with lake.read(DOCTOR) as reader, pytest.raises(NoRelease):
        attrition(parse_task(SUGAR), reader)
    with lake.read(DOCTOR) as reader, pytest.raises(NoRelease):
        explain(parse_task(SUGAR), reader, 1)


def test_code_that_no_release_knows__is_an_error_too(loaded: Lake) -> None:
    with pytest.raises(NoRelease, match="SNOMED//404"):
        who(loaded, SUGAR.replace("111", "404"))


def test_events_without_a_lake__have_no_release() -> None:
    with duckdb.connect() as connection:
        connection.execute("CREATE TABLE events(subject_id BIGINT, time TIMESTAMP, code VARCHAR)")
        with pytest.raises(NoRelease):
            run_task(parse_task(SUGAR), connection, source="events")


def test_plan_of_a_task_that_nobody_opened__is_refused() -> None:
    with pytest.raises(NoRelease):
        build_plan(parse_task(SUGAR))


@pytest.mark.parametrize(
    "code", ["{with_descendants: []}", "{with_descendants: 7}", "{any: [A], with_descendants: B}"]
)
def test_slip_of_the_pen__is_refused(code: str) -> None:
    with pytest.raises(InvalidTask):
        parse_task(SUGAR.replace("{with_descendants: SNOMED//111}", code))
    with pytest.raises(InvalidTask):
        parse_task(SETS.replace("with_descendants:", "descendants:"))


@pytest.mark.parametrize("logic", ["strict", "three-valued"])
def test_every_kind_of_a_code__is_a_hit(loaded: Lake, logic: Logic) -> None:
    assert who(loaded, SUGAR, logic) == [1, 2, 5]
    assert who(loaded, SUGAR.replace("111", "112"), logic) == [1, 2]


def test_concept_set__holds_codes_alone_and_codes_with_their_kinds(loaded: Lake) -> None:
    assert who(loaded, SETS) == [1, 2, 3]


def test_explanation__names_the_event_of_a_kind(loaded: Lake) -> None:
    with loaded.read(DOCTOR) as reader:
        (found,) = explain(parse_task(SUGAR + HOUR), reader, 2)
    assert [line.events for line in found.lines] == [(2,)]


def test_cohort__says_which_release_opened_its_codes(loaded: Lake) -> None:
    with loaded.read(DOCTOR) as reader:
        answer = ask(read_definition(SETS), Asked(reader, {}))
        told = answer_json(answer, snapshot="s", logic="three-valued")
    assert [(one.code, one.codes, one.releases) for one in answer.descendants] == [
        ("SNOMED//112", 2, ("snomed 20250101",)),
        ("LOINC//LP1-1", 2, ("loinc 2.81",)),
    ]
    assert told["descendants"] == answer.descendants


def test_cohort_without_its_release__names_the_line(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader, pytest.raises(BrokenDefinition, match=r"^Line 2\."):
        ask(read_definition(SETS), Asked(reader, {}))


def test_answer_as_of_then__stands_on_the_release_of_then(loaded: Lake, tmp_path: Path) -> None:
    with loaded.read(DOCTOR) as reader:
        then = reader.snapshot.published_at
    newer = snomed(tmp_path / "newer", edition="20260101")
    path = newer / "Snapshot" / "Terminology" / "sct2_Relationship_Snapshot_INT_20260101.txt"
    path.write_text(
        path.read_text("utf-8").replace("2\t20200101\t1\t", "2\t20260101\t0\t"), "utf-8"
    )
    load_release(loaded, newer, access=SYSTEM)
    assert who(loaded, SUGAR) == [1, 5]
    with loaded.read(DOCTOR, recorded_at=then) as reader:
        assert run_task(parse_task(SUGAR), reader).num_rows == 3
    with loaded.read(DOCTOR, known_at=START + timedelta(days=1)) as reader:
        assert run_task(parse_task(SUGAR), reader).num_rows == 2
