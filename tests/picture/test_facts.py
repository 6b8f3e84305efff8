"""Each fact once, with all its sources; disagreement is shown, never resolved."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.picture.rows import Row, aligned, at, event, potassium
from vitruvian.picture.facts.words import facts
from vitruvian.picture.types import Fact


def shown(*rows: Row) -> list[Fact]:
    found = aligned(*rows)
    return facts(found, found.shown)


def test_fact__told_by_two_sources_shows_once_with_both() -> None:
    (fact,) = shown(
        potassium(4.1, fact_key=7, source_id="source-a"),
        potassium(4.1, fact_key=7, source_id="source-b"),
    )
    assert {origin.source_id for origin in fact.origins} == {"source-a", "source-b"}
    assert fact.conflict is None


def test_fact__corrected_speaks_before_final_before_preliminary() -> None:
    (fact,) = shown(
        potassium(4.0, fact_key=7, status="preliminary", known_at=at("2024-05-03")),
        potassium(4.2, fact_key=7, status="corrected", known_at=at("2024-05-01")),
        potassium(4.1, fact_key=7, status="final", known_at=at("2024-05-02")),
    )
    assert (fact.value, fact.status) == ("4.2", "corrected")


def test_conflict__different_values_of_one_time_from_two_sources_stand_side_by_side() -> None:
    (fact,) = shown(
        potassium(4.1, source_id="source-a"),
        potassium(6.3, source_id="source-b"),
    )
    assert fact.conflict is not None
    assert sorted(fact.conflict.answers) == ["4.1 mmol/L", "6.3 mmol/L"]
    assert len(fact.conflict.origins) == 2


def test_conflict__one_source_may_repeat_a_test_within_the_same_minute() -> None:
    found = shown(potassium(4.1), potassium(4.3))
    assert [fact.conflict for fact in found] == [None, None]


def test_conflict__other_time_or_unit_is_no_disagreement() -> None:
    found = shown(
        potassium(4.1, source_id="source-a"),
        potassium(6.3, source_id="source-b", time=at("2024-05-02")),
        potassium(160.0, source_id="source-c", unit="mg/L"),
    )
    assert [fact.conflict for fact in found] == [None, None, None]


def test_conflict__an_allergy_affirmed_here_and_refuted_there() -> None:
    penicillin = {"category": "allergy", "time": None}
    (fact,) = shown(
        event("RXNORM//7980", **penicillin, source_id="source-a"),
        event("RXNORM//7980", **penicillin, source_id="source-b", polarity="negated"),
    )
    assert fact.conflict is not None
    assert sorted(fact.conflict.answers) == ["refuted", "stated"]


def test_components__under_one_business_identifier_stay_apart() -> None:
    found = shown(
        event("LOINC//8480-6", category="vital", numeric_value=120.0, fact_key=9),
        event("LOINC//8462-4", category="vital", numeric_value=80.0, fact_key=9),
    )
    assert len(found) == 2


def test_relatives__with_the_same_disease_stay_apart() -> None:
    cancer = {"category": "family", "experiencer": "family", "time": None, "fact_key": 9}
    found = shown(
        event("SNOMED//363406005", **cancer, relation="V3//MTH"),
        event("SNOMED//363406005", **cancer, relation="V3//FTH"),
    )
    assert sorted(fact.detail or "" for fact in found) == ["FTH", "MTH"]


def test_hidden__errors_of_another_patient_and_cancelled_are_counted_not_shown() -> None:
    found = aligned(
        potassium(4.1),
        potassium(9.9, status="entered-in-error"),
        potassium(9.8, status="wrong-patient"),
        potassium(9.7, status="cancelled"),
    )
    assert (len(found.shown), found.hidden) == (1, 3)


def test_value__keeps_the_digits_and_the_comparator_as_sent() -> None:
    (fact,) = shown(potassium(0.2, value_as_sent="0.20", comparator="<"))
    assert fact.value == "<0.20"


def test_value__converted_shows_the_number_in_the_unit_shown() -> None:
    (fact,) = shown(potassium(9.99, value_as_sent="180", unit_as_sent="mg/dL"))
    assert (fact.value, fact.unit) == ("9.99", "mmol/L")


def test_value__in_words_when_there_is_no_number() -> None:
    (fact,) = shown(
        event("LOINC//600-7", text_value="Escherichia coli", value_code="SNOMED//112283007")
    )
    assert fact.value == "Escherichia coli"


def test_range__is_the_laboratorys_own_or_none() -> None:
    ranged, bare = shown(
        potassium(4.1), potassium(4.1, range_low=None, range_high=None, time=at("2024-04-01"))
    )
    assert (ranged.range_text, bare.range_text) == ("3.5\N{EN DASH}5.1", None)


@given(st.permutations([(4.1, "final", 1), (4.2, "corrected", 2), (6.3, "final", 3)]))
def test_order_of_arrival__changes_no_fact(order: list[tuple[float, str, int]]) -> None:
    rows = [
        potassium(
            value, status=status, event_id=number, fact_key=min(number, 2), source_id=f"s{number}"
        )
        for value, status, number in order
    ]
    (fact,) = shown(*rows)
    assert fact.event_id == "2"
    assert fact.conflict is not None
    assert set(fact.conflict.answers) == {"4.1 mmol/L", "4.2 mmol/L", "6.3 mmol/L"}
