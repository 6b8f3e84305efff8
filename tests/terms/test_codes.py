"""Codes: one prefix a system, whatever way its address is written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian import terms


@pytest.mark.parametrize(
    "system, prefix",
    [
        ("http://loinc.org", "LOINC"),
        ("http://loinc.org/", "LOINC"),
        ("urn:oid:2.16.840.1.113883.6.1", "LOINC"),
        ("http://snomed.info/sct", "SNOMED"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "RXNORM"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "ICD10CM"),
        ("http://hl7.org/fhir/sid/icd-10", "ICD10"),
        ("http://www.whocc.no/atc", "ATC"),
        ("http://hl7.org/fhir/sid/cvx", "CVX"),
        ("https://ward.example/codes/bed-type", "BED-TYPE"),
        ("urn:oid:1.2.3", "URN:OID:1.2.3"),
        (None, "LOCAL"),
        ("", "LOCAL"),
    ],
)
def test_system__has_one_prefix(system: str | None, prefix: str) -> None:
    assert terms.prefix_of(system) == prefix


def test_prefixes__of_the_table_are_ranked_without_ties() -> None:
    ranks: dict[int, set[str]] = {}
    for system in terms.code_systems():
        ranks.setdefault(system.rank, set()).add(system.prefix)
    assert [prefixes for prefixes in ranks.values() if len(prefixes) > 1] == []


def test_choice__prefers_an_open_standard_to_a_local_code() -> None:
    ranked = sorted(
        [None, "https://ward.example/x", "http://snomed.info/sct", "http://loinc.org"],
        key=terms.rank_of,
    )
    assert ranked == ["http://loinc.org", "http://snomed.info/sct", "https://ward.example/x", None]


@given(st.text())
def test_folding__twice_is_folding_once(text: str) -> None:
    assert terms.fold(terms.fold(text)) == terms.fold(text)


def test_text_code__is_equal_for_equal_words() -> None:
    assert terms.text_code("Ménière's  disease") == terms.text_code("MENIERE'S DISEASE ")
