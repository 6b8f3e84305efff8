"""What is new in a note and when it was: copies, unsigned notes, dates in the text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.derive.lakes import SEEN, add, facts, note
from tests.lakes import empty_lake
from vitruvian.derive import derive, read_again
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

LATER = SEEN + timedelta(days=2)
PASSAGE = (
    "She was brought in by her neighbour with fever and a productive cough, and was given oxygen. "
    "On the second day she developed atrial fibrillation, which went away by itself after a night. "
)


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="test") as opened:
        yield opened


def document(row: dict[str, Any], status: str) -> dict[str, Any]:
    """The event of a document, as ingest writes it beside its note."""
    kept = "subject_id version_id site source_id known_at known_at_basis time".split()
    return {name: row[name] for name in kept} | {
        "event_id": row["note_id"], "category": "document", "code": "LOINC//11506-3",
        "act": "observed", "polarity": "affirmed", "certainty": "certain", "status": status,
        "temporality": "current", "experiencer": "patient", "fact_key": row["note_id"],
        "locator": row["locator"],
    }  # fmt: skip


def read(lake: Lake, *, name: str = "problems") -> list[dict[str, Any]]:
    derive(lake, access=SYSTEM, only=[name])
    return [fact for fact in facts(lake) if fact["category"] != "document"]


def when(found: list[dict[str, Any]], code: str) -> list[tuple[Any, tuple[str, ...]]]:
    return sorted((f["time"], tuple(f["flags"][1:])) for f in found if f["code"] == code)


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error"])
def test_cancelled_document__is_not_read(lake: Lake, status: str) -> None:
    row = note("Fever.")
    add(lake, "note", [row])
    add(lake, "event", [document(row, status)])
    assert read(lake) == []


def test_unsigned_document__gives_preliminary_facts(lake: Lake) -> None:
    row = note("Fever.")
    add(lake, "note", [row, note("Cough.", subject=2)])
    add(lake, "event", [document(row, "preliminary")])
    assert {(fact["code_text"], fact["status"]) for fact in read(lake)} == {
        ("Fever", "preliminary"),
        ("Cough", "final"),
    }


def test_passage_of_an_earlier_note__is_told_once_with_its_first_time(lake: Lake) -> None:
    add(lake, "note", [note(PASSAGE + "Today no pain."), note(
        PASSAGE + "Today chest pain.", version=2, time=LATER)])  # fmt: skip
    found = read(lake)
    assert when(found, "ICD10//R50.9") == [(SEEN, ()), (SEEN, ("copied-forward",))]
    assert len({fact["fact_key"] for fact in found if fact["code"] == "ICD10//R50.9"}) == 1
    assert when(found, "ICD10//R07.4") == [(LATER, ())]
    with lake.read(SYSTEM) as reader:
        assert {read_again(reader, fact["event_id"]) for fact in found} == {"same"}


def test_copy_that_arrives_later__is_known_as_a_copy(lake: Lake) -> None:
    add(lake, "note", [note(PASSAGE)])
    read(lake)
    add(lake, "note", [note(PASSAGE, version=2, time=LATER)])
    assert when(read(lake), "ICD10//R50.9") == [(SEEN, ()), (SEEN, ("copied-forward",))]


def test_one_sentence_in_every_note__is_said_anew(lake: Lake) -> None:
    text = "No chest pain. Cough with fever."
    add(lake, "note", [note(text), note(text, version=2, time=LATER)])
    assert when(read(lake), "ICD10//R50.9") == [(SEEN, ()), (LATER, ())]


def test_passage_repeated_after_a_year__is_said_anew(lake: Lake) -> None:
    next_year = SEEN + timedelta(days=365)
    add(lake, "note", [note(PASSAGE), note(PASSAGE, version=2, time=next_year)])
    assert when(read(lake), "ICD10//R50.9") == [(SEEN, ()), (next_year, ())]


def test_same_words_about_another_person__are_no_copy(lake: Lake) -> None:
    add(lake, "note", [note(PASSAGE), note(PASSAGE, subject=2, time=LATER)])
    assert when(read(lake), "ICD10//R50.9") == [(SEEN, ()), (LATER, ())]


def test_date_in_the_text__is_when_it_was(lake: Lake) -> None:
    add(lake, "note", [note("Stroke in 2012. Fever for three days. No cough since 2020.")])
    found = {fact["code"]: fact for fact in read(lake)}
    stroke, fever, cough = found["ICD10//I63.9"], found["ICD10//R50.9"], found["ICD10//R05"]
    assert (stroke["time"], stroke["time_max"]) == (
        datetime(2012, 1, 1, tzinfo=UTC),
        datetime(2013, 1, 1, tzinfo=UTC),
    )
    assert (stroke["time_as_sent"], stroke["flags"]) == (
        "in 2012",
        ["machine-read", "dated-in-text"],
    )
    assert fever["time"] == datetime(2024, 2, 27, tzinfo=UTC)
    assert (cough["time"], cough["time_as_sent"]) == (SEEN, None)


def test_a_fact_of_the_day_itself__keeps_the_note_s_time(lake: Lake) -> None:
    add(lake, "note", [note("Fever on 2024-03-01.")])
    assert when(read(lake), "ICD10//R50.9") == [(SEEN, ())]


def test_how_long_a_medicine_is_to_be_taken__does_not_date_it(lake: Lake) -> None:
    add(lake, "note", [note("Amoxicillin 500 mg for 7 days.")])
    (fact,) = read(lake, name="medicines")
    assert fact["time"] == SEEN
