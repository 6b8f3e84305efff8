"""Cohorts over a lake, on both engines: the shipped definitions on made-up patients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.lake.rows import DOCTOR, event
from tests.lakes import empty_lake
from vitruvian.cli.main import main
from vitruvian.criteria import LAKE, Engine, attrition, parse_task, run_task
from vitruvian.criteria.cohorts import Asked, ask, compare, examples, read_definition
from vitruvian.criteria.cohorts.why import why
from vitruvian.criteria.over_lake.on_spark import LakeOnSpark
from vitruvian.demo import write_demo
from vitruvian.lake import Lake, Reader
from vitruvian.lake.engines.spark import Spark
from vitruvian.lake.errors import NotDrained
from vitruvian.risks import scores
from vitruvian.trust import SYSTEM

OVERLAPPING = """
predicates:
  visit: {code: {regex: "^SNOMED//(3.*|18[0-9]+)$"}}
  potassium: {code: LOINC//2823-3, absence: observed}
  low_filtration: {code: LOINC//98979-8, value_max: 60, absence: {looked: potassium}}
  pressure: {code: {any: [LOINC//8480-6, LOINC//8462-4]}, value_min: 90}
  drug: {code: {regex: "^(ATC|RXNORM)//.*[0-9]$"}, act: [ordered, administered, dispensed]}
  treated: {expr: "or(drug, visit)"}
trigger: potassium
windows:
  before: {start: null, end: trigger, start_inclusive: true, end_inclusive: false, has: {low_filtration: "(None, 3)"}}
  year: {start: trigger, end: start + 365d, start_inclusive: true, end_inclusive: true, has: {low_filtration: "(None, 4)", potassium: "(0, 5)", treated: "(None, 400)"}}
  next: {start: trigger, end: start -> pressure, start_inclusive: false, end_inclusive: true, has: {_ANY_EVENT: "(1, None)"}}
measure:
  last: {of: potassium, take: last, window: year, unit: mmol/L}
  slope: {of: pressure, take: slope, window: year}
  delta: {of: potassium, take: delta, window: before}
  many: {of: pressure, take: count, window: next}
expr:
  rises: "slope > -100 and last > 0"
"""


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up hospital, ingested, its hot log drained."""
    folder = tmp_path_factory.mktemp("cohorts")
    write_demo(folder / "demo", patients=12)
    assert main(["ingest", str(folder / "demo" / "fhir"), "--lake", str(folder / "lake")]) == 0
    with Lake.open(folder / "lake") as made:
        made.drain(SYSTEM)
    return folder / "lake"


def both(reader: Reader, spark: Spark) -> tuple[Asked, Asked]:
    return Asked(reader, scores()), Asked(LakeOnSpark(reader, spark), scores())


def test_rows_in_the_hot_log__are_refused_rather_than_missed(spark: Spark, tmp_path: Path) -> None:
    with empty_lake(tmp_path / "lake") as made:
        made.append(SYSTEM, {"event": [event(1)]})
        with made.read(DOCTOR) as reader, pytest.raises(NotDrained, match="vitruvian compact"):
            ask(read_definition(examples()[0].text), both(reader, spark)[1])


def test_shipped_definitions__have_the_same_answer_and_attrition(spark: Spark, lake: Path) -> None:
    with Lake.open(lake) as opened, opened.read(DOCTOR) as reader:
        here, there = both(reader, spark)
        for example in examples():
            definition = read_definition(example.text)
            assert ask(definition, there) == ask(definition, here)


def test_three_valued_task_with_measures__has_the_same_rows(spark: Spark, lake: Path) -> None:
    task = parse_task(OVERLAPPING)
    with Lake.open(lake) as opened, opened.read(DOCTOR) as reader:
        here, there = Engine(reader, LAKE), Engine(LakeOnSpark(reader, spark), LAKE)
        expected = run_task(task, here, logic="three-valued").to_pylist()
        found = run_task(task, there, logic="three-valued").to_pylist()
        assert near(found) == near(expected)
        assert len(expected) > 5
        assert attrition(task, there, logic="three-valued") == attrition(
            task, here, logic="three-valued"
        )


def near(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbers to twelve figures: engines add in orders of their own."""
    return [
        {k: float(f"{v:.12g}") if isinstance(v, float) else v for k, v in row.items()}
        for row in rows
    ]


def test_why_and_diff__are_the_same(spark: Spark, lake: Path) -> None:
    with Lake.open(lake) as opened, opened.read(DOCTOR) as reader:
        here, there = both(reader, spark)
        definitions = [read_definition(each.text) for each in examples()]
        asked = 0
        for definition in definitions:
            for member in ask(definition, here).members[:3]:
                person = int(member.person_id)
                assert why(definition, there, person) == why(definition, here, person)
                asked += 1
        assert asked
        first, second = definitions[:2]
        assert compare(first, second, there) == compare(first, second, here)


@pytest.mark.parametrize("command", ["run", "why", "diff"])
def test_command__says_the_same_on_both_engines(
    lake: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    names = []
    for example in examples()[1:]:
        names.append(str(tmp_path / f"{example.name}.yaml"))
        Path(names[-1]).write_text(example.text, "utf-8")
    with Lake.open(lake) as opened, opened.read(DOCTOR) as reader:
        person = str(reader.rows("patient").column("subject_id")[0].as_py())
    words = {"run": names[:1], "why": [names[0], person], "diff": names}[command]
    told = []
    for engine in ("duckdb", "spark"):
        asked = ["cohort", command, *words, "--lake", str(lake), "--engine", engine, "--json"]
        assert main(asked) == 0
        told.append(orjson.loads(capsys.readouterr().out))
    assert told[0] == told[1]


def test_reading_on_spark__is_in_the_audit(spark: Spark, lake: Path) -> None:
    with Lake.open(lake) as opened, opened.read(DOCTOR) as reader:
        ask(read_definition(examples()[0].text), both(reader, spark)[1])
        assert {"event", "encounter"} <= reader.tables_read
        why(read_definition(examples()[0].text), both(reader, spark)[1], 7)
        assert 7 in reader.noted
