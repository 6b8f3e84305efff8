"""Panels from hand-made rows: what a doctor must be able to rely on, line by line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.picture.rows import NOON, Row, aligned, at, event, potassium
from vitruvian.picture.facts.judgement import Reading, abnormal, trend
from vitruvian.picture.facts.mention import Mention, Mentions
from vitruvian.picture.panels import statements
from vitruvian.picture.panels.choices import places
from vitruvian.picture.panels.documents import documents, imaging
from vitruvian.picture.panels.episodes import current_stay, encounters
from vitruvian.picture.panels.laboratory import cumulative
from vitruvian.picture.terminal import fact_cells

DIABETES = "SNOMED//44054006"
NO_KNOWN_ALLERGY = "SNOMED//716186003"


def problem(code: str = DIABETES, **said: object) -> Row:
    return event(code, **({"category": "problem", "state": "active", "fact_key": None} | said))


# ---------------------------------------------------------------- allergies: three answers


def test_allergies__nobody_asked() -> None:
    assert statements.allergies(aligned()).answer == "not-asked"


def test_allergies__asked_and_none_known() -> None:
    row = event(NO_KNOWN_ALLERGY, category="allergy", polarity="negated")
    assert statements.allergies(aligned(row)).answer == "none-known"


def test_allergies__one_refuted_allergy_does_not_mean_none_known() -> None:
    row = event("RXNORM//7980", category="allergy", polarity="negated")
    panel = statements.allergies(aligned(row))
    assert panel.answer == "not-asked"
    assert [fact.negated for fact in panel.facts] == [True]


def test_allergies__recorded_outweigh_an_older_none_known() -> None:
    panel = statements.allergies(
        aligned(
            event(NO_KNOWN_ALLERGY, category="allergy", polarity="negated"),
            event("RXNORM//7980", category="allergy", code_text="Penicillin"),
        )
    )
    assert (panel.answer, [fact.label for fact in panel.facts]) == ("recorded", ["Penicillin"])


@pytest.mark.parametrize(
    "named, at_the_terminal",
    [("No known allergy", "No known allergy"), ("Penicillin", "not: Penicillin")],
)
def test_allergies__denied_are_said_once(named: str, at_the_terminal: str) -> None:
    row = event(NO_KNOWN_ALLERGY, category="allergy", polarity="negated", code_text=named)
    (fact,) = statements.allergies(aligned(row)).facts
    assert fact_cells(fact)[1] == at_the_terminal


# ---------------------------------------------------------------- problems


@pytest.mark.parametrize(
    "said",
    [
        {"polarity": "negated"},
        {"experiencer": "family"},
        {"temporality": "hypothetical"},
        {"status": "entered-in-error"},
    ],
)
def test_problems__refuted_of_the_family_hypothetical_or_in_error_are_not_listed(
    said: dict[str, str],
) -> None:
    assert statements.problems(aligned(problem(**said)), at=NOON) == []


def test_problems__going_on_come_first_and_repeats_are_counted() -> None:
    found = statements.problems(
        aligned(
            problem("SNOMED//195662009", state="resolved", time=at("2024-04-30")),
            problem(time=at("2020-01-01")),
            problem("SNOMED//195662009", state="resolved", time=at("2023-02-01")),
        ),
        at=NOON,
    )
    assert [fact.code for fact in found] == [DIABETES, "SNOMED//195662009"]
    assert found[1].detail == "recorded 2 times since 2023-02-01"


def test_problems__ended_later_was_still_going_on_then() -> None:
    ended = aligned(problem(time=at("2020-01-01"), end_time=at("2024-06-01"), state=None))
    assert statements.is_current(ended, ended.shown[0], at=at("2024-05-01"))
    assert not statements.is_current(ended, ended.shown[0], at=at("2024-07-01"))


# ---------------------------------------------------------------- results


@pytest.mark.parametrize(
    "reading, expected",
    [
        (Reading(4.0, low=3.5, high=5.1), False),
        (Reading(5.2, low=3.5, high=5.1), True),
        (Reading(5.2), None),
        (Reading(5.2, interpretation="N", low=3.5, high=5.1), False),
        (Reading(4.0, interpretation="H", low=3.5, high=5.1), True),
        (Reading(None, interpretation="A"), True),
        (Reading(None, interpretation="POS"), None),
        (Reading(0.2, comparator="<", low=0.2, high=0.5), True),
        (Reading(0.2, comparator="<", high=0.5), False),
        (Reading(0.6, comparator="<", high=0.5), None),
        (Reading(90.0, comparator=">", low=60.0), False),
        (Reading(90.0, comparator=">", high=90.0), True),
        (Reading(90.0, comparator=">", high=120.0), None),
    ],
)
def test_abnormal__by_flag_then_by_own_range_else_unknown(
    reading: Reading, expected: bool | None
) -> None:
    assert abnormal(reading) is expected


@pytest.mark.parametrize(
    "values, direction",
    [
        ([], "unknown"),
        ([4.0, 5.0], "unknown"),
        ([4.0, 4.5, 5.0], "rising"),
        ([9.0, 5.0, 4.5, 4.0], "falling"),
        ([4.0, 5.0, 4.5], "steady"),
        ([4.0, 4.0, 4.0], "steady"),
    ],
)
def test_trend__is_a_stated_rule_over_the_last_three(values: list[float], direction: str) -> None:
    found, reason = trend(values)
    assert found == direction
    assert reason


def test_laboratory__one_row_an_analyte_one_column_a_time_newest_first() -> None:
    table = cumulative(
        aligned(
            potassium(4.1, time=at("2024-05-01")),
            potassium(4.6, time=at("2024-05-02")),
            event("LOINC//2160-0", numeric_value=88.0, unit="umol/L", time=at("2024-05-02")),
        ),
        "laboratory",
    )
    assert table.columns == [at("2024-05-02"), at("2024-05-01")]
    assert [row.code for row in table.rows] == ["LOINC//2823-3", "LOINC//2160-0"]
    assert [(c.column, c.value) for c in table.rows[0].cells] == [(0, "4.6"), (1, "4.1")]


def test_laboratory__two_units_are_two_rows() -> None:
    table = cumulative(aligned(potassium(4.1), potassium(160.0, unit="mg/L")), "laboratory")
    assert {row.unit for row in table.rows} == {"mmol/L", "mg/L"}


def test_laboratory__invents_no_range() -> None:
    bare = potassium(9.9, range_low=None, range_high=None)
    (row,) = cumulative(aligned(bare), "laboratory").rows
    assert (row.range_text, row.cells[0].abnormal) == (None, None)


def test_laboratory__disagreeing_sources_share_a_cell_and_no_number_is_chosen() -> None:
    rows = [potassium(4.1, source_id="source-a"), potassium(6.3, source_id="source-b")]
    (row,) = cumulative(aligned(*rows), "laboratory").rows
    (cell,) = row.cells
    assert cell.conflict
    assert sorted(cell.value.split(" ≠ ")) == ["4.1", "6.3"]
    assert (cell.numeric_value, cell.abnormal, cell.sources) == (None, True, 2)


def test_laboratory__a_comparator_takes_no_part_in_the_trend() -> None:
    days = ["2024-05-01", "2024-05-02", "2024-05-03"]
    rows = [potassium(4.0 + n, time=at(day), comparator="<") for n, day in enumerate(days)]
    (row,) = cumulative(aligned(*rows), "laboratory").rows
    assert (row.trend, row.trend_reason) == ("unknown", "fewer than three exact results")


def test_laboratory__an_old_analyte_stays_beside_fifty_newer_results() -> None:
    old = event("LOINC//4548-4", numeric_value=48.0, time=at("2019-01-01"))
    many = [potassium(4.0, time=at(f"2024-05-01T{n // 3:02}:{n % 3 * 20:02}")) for n in range(50)]
    table = cumulative(aligned(old, *many), "laboratory")
    assert table.truncated
    assert {row.code: len(row.cells) for row in table.rows} == {
        "LOINC//2823-3": 30,
        "LOINC//4548-4": 1,
    }


def test_laboratory__two_codes_under_one_name_are_told_apart() -> None:
    rows = [
        potassium(4.1),
        event("LOINC//6298-4", code_text="Potassium", numeric_value=4.0, unit="mmol/L"),
    ]
    labels = [row.label for row in cumulative(aligned(*rows), "laboratory").rows]
    assert labels == ["Potassium (2823-3)", "Potassium (6298-4)"]


@pytest.mark.parametrize("act", ["ordered", "planned", "not-done"])
def test_laboratory__what_was_not_measured_is_no_result(act: str) -> None:
    assert cumulative(aligned(potassium(4.1, act=act)), "laboratory").rows == []


def test_choices__place_no_code_twice() -> None:
    for kind in ("laboratory", "vital"):
        order = [place for place, _ in places(kind).values()]
        assert order == sorted(order) == list(range(len(order)))


# ---------------------------------------------------------------- freshness


def source(**said: object) -> dict[str, Any]:
    kind = {"adapter": "fhir", "media_type": "application/fhir+json"}
    return kind | {"received_at": 1_714_521_600_000_000} | said


def test_freshness__names_a_source_by_kind_and_day_and_counts_its_files_together() -> None:
    rows = [problem(source_id=each) for each in ("a" * 16, "b" * 16, "c" * 16)]
    late = source(received_at=1_714_694_400_000_000)
    sources = {"a" * 16: source(), "b" * 16: source(), "c" * 16: late}
    found = statements.freshness(aligned(*rows), sources=sources)
    assert sorted((each.source, each.events) for each in found) == [
        ("fhir, application/fhir+json, received 2024-05-01", 2),
        ("fhir, application/fhir+json, received 2024-05-03", 1),
    ]


def test_freshness__of_a_source_that_is_not_kept_falls_back_to_its_id() -> None:
    (found,) = statements.freshness(aligned(problem(source_id="0123456789abcdef")), sources={})
    assert found.source == "01234567"


# ---------------------------------------------------------------- words


def test_label__of_a_code_without_words_is_borrowed_from_a_row_that_has_them() -> None:
    named = problem(code_text="Type 2 diabetes", state="resolved")
    found = statements.problems(aligned(named, problem()), at=NOON)
    assert {each.label for each in found} == {"Type 2 diabetes"}


def test_label__of_a_code_nobody_put_in_words_names_its_system() -> None:
    (found,) = statements.problems(aligned(problem()), at=NOON)
    assert found.label == "SNOMED 44054006"


# ---------------------------------------------------------------- encounters, documents, imaging


def visit(number: int, **said: object) -> Row:
    basic = {"encounter_id": number, "version_id": number, "part_of_id": None}
    words = dict.fromkeys(["class_text", "type_text", "reason_text", "provider_text"])
    times = {"start_time": 0, "end_time": None}
    return basic | words | times | {"status": "in-progress"} | said


def bed(encounter: int, name: str, **said: object) -> Row:
    basic = {"encounter_id": encounter, "location_text": name, "status": "active"}
    return basic | {"start_time": 0, "end_time": None} | said


def test_encounters__the_stays_of_a_part_show_under_its_episode() -> None:
    (card,) = encounters(
        [visit(1), visit(2, part_of_id=1)],
        [bed(1, "Ward 7"), bed(2, "ICU", start_time=5)],
        told=Mentions({1: Mention("11", "Admission")}, {}),
    )
    assert [each.location for each in card.stays] == ["Ward 7", "ICU"]
    assert card.event_id == "11"


def test_encounter__told_in_many_messages_leads_to_the_newest_event_about_it() -> None:
    told = Mentions({}, {1: Mention("12", "Transfer")})
    (card,) = encounters([visit(1, version_id=99)], [], told=told)
    assert card.event_id == "12"


def test_ward__is_the_latest_open_stay_of_an_encounter_in_progress() -> None:
    beds = [bed(1, "Ward 7", end_time=5), bed(1, "ICU", start_time=5), bed(2, "Clinic")]
    found = current_stay([visit(1), visit(2, status="finished")], beds, at=NOON)
    assert found is not None
    assert found["location_text"] == "ICU"


def test_ward__nobody_who_left_has_one() -> None:
    assert current_stay([visit(1, end_time=7)], [bed(1, "Ward 7")], at=NOON) is None


def test_documents__in_error_are_not_listed() -> None:
    row = {"note_id": 1, "version_id": 1, "known_at": 0, "time": 0, "title": None, "text": " a\n b"}
    found = documents([row | {"status": "current"}, row | {"status": "entered-in-error"}])
    assert [(each.title, each.preview) for each in found] == [("Document", "a b")]


def test_imaging__series_of_one_study_count_together() -> None:
    basic = dict.fromkeys(["version_id", "body_site", "description"]) | {"time": 0}
    rows = [
        basic | {"image_id": n, "study_uid": "1.2", "series_uid": series, "modality": kind} | count
        for n, (series, kind, count) in enumerate(
            [
                (None, None, {"instance_count": 90}),
                ("1.2.1", "CT", {"instance_count": 60}),
                ("1.2.2", "SR", {"instance_count": 30}),
            ]
        )
    ]
    (found,) = imaging(rows)
    assert (found.image_id, found.modality, found.instance_count) == ("0", "CT, SR", 90)


def test_imaging__a_study_known_by_its_series_only_is_called_as_on_the_timeline() -> None:
    series = dict.fromkeys(["body_site", "modality", "instance_count"]) | {"time": 0}
    row = series | {"image_id": 1, "version_id": 5, "study_uid": "1.2", "series_uid": "1.2.1"}
    told = Mentions({5: Mention("55", "Obstetric ultrasound")}, {})
    (found,) = imaging([row | {"description": "Biometry"}], told=told)
    assert (found.description, found.event_id) == ("Obstetric ultrasound", "55")
