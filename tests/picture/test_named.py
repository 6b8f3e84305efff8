"""A code that its source sent without words, named by the release that the site loaded."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.api.conftest import patient
from tests.ingest.support import SYSTEM
from tests.lake.rows import DOCTOR
from tests.picture.rows import event, table
from tests.terms.releases.made import snomed
from vitruvian.ingest.terminology import load_release
from vitruvian.lake import Lake
from vitruvian.picture import Moment, Page, worklist
from vitruvian.picture.facts.events import COLUMNS, align
from vitruvian.picture.facts.words import label
from vitruvian.picture.record import read_events
from vitruvian.picture.source import trace_event

BARE = event("SNOMED//111", category="problem")
SAID = event("SNOMED//112", category="problem", code_text="Sugar, as the ward says")
AGAIN = event("SNOMED//112", category="problem")
UNKNOWN = event("SNOMED//999", category="problem")
ANSWER = event("LOINC//9-9", code_text="Which kind", value_code="SNOMED//112")


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="st-elsewhere") as made:
        with made.bulk(SYSTEM) as load:
            load.write("event", table("event", BARE, SAID, AGAIN, UNKNOWN, ANSWER))
        yield made


def words(lake: Lake) -> dict[int, tuple[str | None, str | None]]:
    columns = ["event_id", "code", "code_text", "value_code", "text_value"]
    with lake.read(DOCTOR) as reader:
        rows = read_events(reader, 1, columns=columns).to_pylist()
    return {row["event_id"]: (row["code_text"], row["text_value"]) for row in rows}


def test_without_a_release__a_bare_code_stays_bare(lake: Lake) -> None:
    told = words(lake)
    assert told[BARE["event_id"]] == (None, None)
    assert told[ANSWER["event_id"]] == ("Which kind", None)


def test_release__names_what_was_sent_without_words_and_nothing_else(
    lake: Lake, tmp_path: Path
) -> None:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    told = words(lake)
    assert told[BARE["event_id"]] == ("Sugar sickness (disorder)", None)
    assert told[SAID["event_id"]] == ("Sugar, as the ward says", None)
    # another row of the same person says it in a source's own words, which come first
    assert told[AGAIN["event_id"]] == (None, None)
    assert told[UNKNOWN["event_id"]] == (None, None)
    assert told[ANSWER["event_id"]] == ("Which kind", 'Kind "two (disorder)')
    with lake.read(DOCTOR) as reader:
        shown = align(read_events(reader, 1, columns=COLUMNS))
    labels = {label(row) for row in shown.events.rows(shown.shown)}
    assert {"Sugar sickness (disorder)", "Sugar, as the ward says", "SNOMED 999"} <= labels


def test_birth_of_a_fact__says_where_its_name_comes_from(lake: Lake, tmp_path: Path) -> None:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    with lake.read(DOCTOR) as reader:
        bare = trace_event(reader, BARE["event_id"])
        said = trace_event(reader, SAID["event_id"])
    assert bare.fact.label == "Sugar sickness (disorder)"
    (step,) = [each for each in bare.steps if each.step == "named"]
    expected = "sent without words; snomed 20250101 calls it 'Sugar sickness (disorder)'"
    assert step.detail == expected
    assert not [each for each in said.steps if each.step == "named"]


def test_row_that_borrowed_words_of_a_source__owes_its_name_to_no_release(
    lake: Lake, tmp_path: Path
) -> None:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    with lake.read(DOCTOR) as reader:
        again = trace_event(reader, AGAIN["event_id"])
    assert again.fact.label == "Sugar, as the ward says"
    assert not [each for each in again.steps if each.step == "named"]


def problems_listed(lake: Lake) -> list[list[str]]:
    now = datetime.now(UTC)
    with lake.read(DOCTOR) as reader:
        found = worklist(reader, moment=Moment(now), page=Page(limit=9))
    return [line.problems for line in found.patients]


def test_list_of_patients__has_the_names_of_a_release_as_soon_as_it_is_loaded(
    tmp_path: Path,
) -> None:
    own = {"category": "problem", "state": "active"}
    rows = [
        event("SNOMED//111", **own),
        event("SNOMED//111", subject_id=2, code_text="Mine", **own),
    ]
    with Lake.create(tmp_path / "lake", site="st-elsewhere") as lake:
        with lake.bulk(SYSTEM) as load:
            load.write("patient", table("patient", patient(1), patient(2)))
            load.write("event", table("event", *rows))
        assert sorted(problems_listed(lake)) == [["Mine"], ["SNOMED 111"]]
        load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
        # what the one source says of its patient takes no name from the other one
        assert sorted(problems_listed(lake)) == [["Mine"], ["Sugar sickness (disorder)"]]
