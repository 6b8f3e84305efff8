"""What a machine read in a note looks different, and never stands in for what a record states."""

from __future__ import annotations

import pytest

from tests.picture.rows import NOON, Row, aligned, at, event, potassium
from vitruvian.picture.panels import statements
from vitruvian.picture.panels.banner import allergy_item, newest
from vitruvian.picture.panels.laboratory import cumulative
from vitruvian.picture.panels.medicines import medicines
from vitruvian.picture.timeline import Window, timeline_of
from vitruvian.picture.types import AsOf

NOW = AsOf(known_at=None, recorded_at=None, snapshot="1.1", data_until=None)
READ = {"flags": ["machine-read"]}
WEIGHT = "LOINC//29463-7"
DIABETES = "SNOMED//44054006"
NO_KNOWN_ALLERGY = "SNOMED//716186003"


def problem(**said: object) -> Row:
    code = str(said.pop("code", DIABETES))
    return event(code, category="problem", state="active", fact_key=None, **said)


def weight(kilograms: float, **said: object) -> Row:
    return event(WEIGHT, category="vital", numeric_value=kilograms, unit="kg", **said)


def test_banner__takes_an_older_measurement_over_a_newer_one_read_in_a_note() -> None:
    measured = weight(70.0, time=at("2024-01-01"))
    read = weight(90.0, time=at("2024-04-01"), **READ)
    rows = aligned(measured, read)
    found = newest(rows, [WEIGHT], before=2**62)
    assert found is not None
    assert rows.events.column("numeric_value")[found] == 70.0
    assert newest(aligned(read), [WEIGHT], before=2**62) is None


def test_none_known__read_in_a_note_alone_answers_nothing() -> None:
    read = event(NO_KNOWN_ALLERGY, category="allergy", polarity="negated", **READ)
    assert statements.allergies(aligned(read)).answer == "not-asked"


def test_allergy_banner__is_led_by_the_record_when_a_later_note_says_the_same() -> None:
    said = {"category": "allergy", "polarity": "negated"}
    stated = event(NO_KNOWN_ALLERGY, time=at("2024-01-01"), **said)
    read = event(NO_KNOWN_ALLERGY, time=at("2024-04-01"), fact_key=None, **said, **READ)
    found = allergy_item(statements.allergies(aligned(stated, read)))
    assert (found.value, found.time) == ("none known", at("2024-01-01"))


def test_allergy__read_in_a_note_is_shown_in_the_banner_and_says_so() -> None:
    stated = event(NO_KNOWN_ALLERGY, category="allergy", polarity="negated")
    read = event("RXNORM//7980", category="allergy", code_text="Penicillin", **READ)
    panel = statements.allergies(aligned(stated, read))
    assert panel.answer == "recorded"
    assert allergy_item(panel).value == "Penicillin (read in a note)"


def test_cumulative_table__marks_the_cell_and_leaves_it_out_of_the_trend() -> None:
    stated = [potassium(4.0 + n / 10, time=at(f"2024-04-0{n + 1}")) for n in range(3)]
    read = potassium(2.0, time=at("2024-04-09"), **READ)
    (row,) = cumulative(aligned(*stated, read), "laboratory").rows
    assert [cell.machine_read for cell in row.cells] == [True, False, False, False]
    (without,) = cumulative(aligned(*stated), "laboratory").rows
    assert row.trend == without.trend


@pytest.mark.parametrize("code", [DIABETES, "ICD10//E11"])
def test_problem__that_a_record_states_is_not_repeated_from_a_note(code: str) -> None:
    said = {"code_text": "Type 2 diabetes"}
    stated = problem(time=at("2024-01-01"), **said)
    read = problem(time=at("2024-04-01"), **READ, **said, code=code)
    (found,) = statements.problems(aligned(stated, read), at=NOON)
    assert (found.code, found.flags) == (DIABETES, [])


def test_problem__only_a_note_tells_is_listed_as_such() -> None:
    fever = problem(time=at("2024-04-01"), **READ, code="HPO//HP:0001945")
    found = statements.problems(aligned(problem(time=at("2024-01-01")), fever), at=NOON)
    assert [each.flags for each in found] == [[], ["machine-read"]]


def test_medicine__only_read_in_a_note_is_not_said_to_be_current() -> None:
    drug = {"category": "medication", "act": "reported", "state": "active", "fact_key": None}
    (found,) = medicines(aligned(event("RXNORM//6809", **drug, **READ)), at=NOON)
    assert found.current == "unknown"


def test_timeline__says_which_points_were_read_in_a_note() -> None:
    rows = aligned(
        potassium(4.0, time=at("2024-04-01")), potassium(2.0, time=at("2024-04-02"), **READ)
    )
    (lane,) = timeline_of(rows, Window(), as_of=NOW).lanes
    assert [point.machine_read for point in lane.points] == [True, False]


def test_medicine__told_by_a_note_in_the_words_of_a_record_is_the_same_line() -> None:
    said = {"category": "medication", "fact_key": None}
    stated = event("ATC//L01FG01", act="ordered", state="active", code_text="Bevacizumab", **said)
    read = event("TEXT//bevacizumab", act="reported", code_text="bevacizumab", **said, **READ)
    (found,) = medicines(aligned(stated, read), at=NOON)
    assert (found.label, found.current) == ("Bevacizumab", "current")
    assert found.reported is not None


def test_medicine__a_dose_that_a_note_repeats_is_counted_once() -> None:
    said = {"category": "medication", "fact_key": None, "code_text": "Bevacizumab"}
    order = event("ATC//L01FG01", act="ordered", state="completed", **said)
    dose = event("ATC//L01FG01", act="administered", time=at("2024-04-01"), **said)
    again = event("TEXT//b", act="administered", time=at("2024-04-02"), **said, **READ)
    ordered = event("TEXT//b", act="ordered", time=at("2024-04-02"), **said, **READ)
    (found,) = medicines(aligned(order, dose, again, ordered), at=NOON)
    assert (found.administrations, found.current) == (1, "completed")


def test_lists__begin_with_what_records_state() -> None:
    drug = {"category": "medication", "act": "reported", "fact_key": None}
    stated = event("ATC//B01AB05", code_text="Enoxaparin", state="completed", **drug)
    read = event("TEXT//folfox", code_text="FOLFOX", **drug, **READ)
    assert [each.label for each in medicines(aligned(stated, read), at=NOON)] == [
        "Enoxaparin",
        "FOLFOX",
    ]
    fever = problem(time=at("2024-04-01"), **READ, code="HPO//HP:0001945")
    rows = aligned(problem(time=at("2024-01-01")), fever)
    assert [each.code for each in statements.problems(rows, at=NOON)] == [
        DIABETES,
        "HPO//HP:0001945",
    ]
