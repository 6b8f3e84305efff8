"""Reading and asking guidelines: refusals first."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest

from tests.guides.vignettes import (
    INSTANT,
    PERSON,
    asked,
    event_of,
    events_of,
    vignettes_of,
    visits_of,
)
from vitruvian.criteria.errors import InvalidTask
from vitruvian.guides import Guide, decide, guide_named
from vitruvian.guides.engine.read import read_guide
from vitruvian.guides.errors import NoSuchGuide, UnreadableGuide
from vitruvian.lake import Lake
from vitruvian.record import table_named
from vitruvian.risks.errors import NoSuchScore
from vitruvian.trust import Access

DOCTOR = Access(who="dr.vega", role="clinician", purpose="treatment", request="r-1")

MANIFEST = """
name = "fever"
version = "1"
title = "Fever"
standard = "made up"
reads = ["event"]
yields = ["hot", "not hot"]
status = "trial"
"""
CRITERIA = """
predicates:
  temperature: {code: LOINC//8310-5}
windows:
  day: {start: end - 24h, end: trigger, start_inclusive: true, end_inclusive: true}
measure:
  celsius: {of: temperature, window: day, take: last, unit: Cel}
criteria:
  hot: {says: Hot, when: celsius >= 38, cite: made up}
  old: {says: Old, when: age_years >= 65, cite: made up}
"""
COMBINE = """
population = ["old"]

[guide]
edition = "1"
doi = ""
intended_use = "tests"
population = "made up"
exclusions = "none"
owner = "nobody"
review_by = 2030-01-01
hazard = "none"

[[row]]
answer = "hot"
all = ["hot"]
says = "Hot."
cite = "made up"

[[row]]
answer = "not hot"
says = "Not hot."
cite = "made up"
"""
FACTS = {"temperature": {"code": "LOINC//8310-5", "unit": "Cel"}}


def fever(folder: Path, *, criteria: str = CRITERIA, combine: str = COMBINE) -> Guide:
    made = folder / "fever"
    made.mkdir()
    (made / "manifest.toml").write_text(MANIFEST, "utf-8")
    (made / "criteria.yaml").write_text(criteria, "utf-8")
    (made / "combine.toml").write_text(combine, "utf-8")
    return read_guide(made)


def test_guideline_nobody_wrote__is_refused_by_name() -> None:
    with pytest.raises(NoSuchGuide, match="'humours'"):
        guide_named("humours")


def test_table_without_a_last_row_for_all__is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableGuide, match="without an answer"):
        fever(
            tmp_path, combine=COMBINE.replace('answer = "not hot"', 'answer = "x"\nany = ["hot"]')
        )


def test_row_that_names_nobody__is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableGuide, match="'warm' is not defined"):
        fever(tmp_path, combine=COMBINE.replace('all = ["hot"]', 'all = ["warm"]'))


def test_formula_over_an_unknown_name__is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableGuide, match="'kelvin' is not defined"):
        fever(tmp_path, criteria=CRITERIA.replace("celsius >= 38", "kelvin >= 311"))


def test_window_of_months__is_refused_at_its_path(tmp_path: Path) -> None:
    with pytest.raises(InvalidTask, match=r"windows\.day"):
        fever(tmp_path, criteria=CRITERIA.replace("end - 24h", "end - 1 month"))


def test_score_that_is_not_in_the_library__is_refused(tmp_path: Path) -> None:
    with pytest.raises(NoSuchScore, match="'heat'"):
        fever(tmp_path, criteria=CRITERIA + "score: {x: {by: heat, from: {}}}\n")


@pytest.mark.parametrize(
    "born_between, status, possible",
    [
        ((-66, -65), "answered", ("hot",)),
        ((-66, -64), "unknown", ("hot", "not for this patient")),
        ((-64, -63), "excluded", ()),
    ],
)
def test_birth_known_to_the_year__leaves_open_only_what_it_may_decide(
    tmp_path: Path, born_between: tuple[int, int], status: str, possible: tuple[str, ...]
) -> None:
    first, last = (INSTANT.replace(year=INSTANT.year + years) for years in born_between)
    birth = {**event_of("age", 65, FACTS), "time": first, "known_at": first}
    birth |= {"time_min": first, "time_max": last}
    decision = asked(fever(tmp_path), [birth, event_of("temperature", 39, FACTS)])
    assert (decision.status, decision.possible) == (status, possible)


@pytest.mark.parametrize(
    "comparator, value, answer", [(">", 40, "unknown"), (None, 37.9, "answered")]
)
def test_value_told_with_a_comparator__is_not_a_number(
    tmp_path: Path, comparator: str | None, value: float, answer: str
) -> None:
    hot = {**event_of("temperature", value, FACTS), "comparator": comparator}
    decision = asked(fever(tmp_path), [event_of("age", 70, FACTS), hot])
    assert decision.status == answer


def test_another_unit__is_never_taken_for_the_one_meant(tmp_path: Path) -> None:
    odd = {**event_of("temperature", 100, FACTS), "unit": "[degF]"}
    decision = asked(fever(tmp_path), [event_of("age", 70, FACTS), odd])
    assert (decision.status, decision.missing) == ("unknown", ("celsius",))


def test_over_a_lake__the_answer_is_the_same_and_two_subjects_are_one_person(
    tmp_path: Path,
) -> None:
    paper = vignettes_of("news2")
    guide = guide_named("news2")
    events = [
        {
            **event,
            "subject_id": PERSON if number % 2 else PERSON + 1,
            "event_id": number,
            "category": "vital",
            "site": "st-elsewhere",
            "source_id": "0123456789abcdef",
            "known_at_basis": "stated",
        }
        for number, event in enumerate(events_of(paper, {**paper.patient, "pulse": 91}), start=1)
    ]
    with Lake.create(tmp_path / "lake", site="st-elsewhere") as lake:
        _load(lake, "event", events)
        _load(lake, "encounter", [_stay(PERSON + 1)])
        _load(lake, "person_link", [_link(PERSON), _link(PERSON + 1)])
        with lake.read(DOCTOR, known_at=INSTANT) as reader:
            decision = decide(guide, reader, PERSON, instant=INSTANT, today=guide.card.review_by)
        with lake.read(DOCTOR, known_at=INSTANT - timedelta(days=2)) as reader:
            early = decide(guide, reader, PERSON, instant=INSTANT, today=guide.card.review_by)
    assert (decision.status, decision.answer) == ("answered", "low")
    assert early.status == "unknown"


def _stay(subject: int) -> dict[str, object]:
    (visit,) = visits_of({"stay": True})
    return {
        **visit,
        "encounter_id": 1,
        "version_id": 1,
        "subject_id": subject,
        "site": "st-elsewhere",
        "known_at_basis": "stated",
        "source_id": "0123456789abcdef",
    }


def _link(subject: int) -> dict[str, object]:
    told = {
        "subject_id": subject,
        "person_id": PERSON,
        "linked": True,
        "known_at": INSTANT - timedelta(days=3),
    }
    return {
        **told,
        "link_id": subject,
        "site": "st-elsewhere",
        "known_at_basis": "stated",
        "source_id": "0123456789abcdef",
    }


def _load(lake: Lake, table: str, rows: list[dict[str, object]]) -> None:
    names = {name for row in rows for name in row}
    schema = pa.schema([field for field in table_named(table).schema if field.name in names])
    with lake.bulk(DOCTOR) as bulk:
        bulk.write(table, pa.Table.from_pylist(rows, schema=schema))
