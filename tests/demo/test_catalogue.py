"""The lists that a doctor may edit: every entry loads, and its codes are well formed."""

from __future__ import annotations

import re

import pytest
from ucumvert import get_ucum_parser

from vitruvian.demo.catalogue import (
    SYSTEMS,
    analyte,
    bedside_set,
    concept,
    drug,
    hospital,
    panel,
    read_list,
)
from vitruvian.demo.life import Coding, Concept

ANALYTES = sorted({**read_list("laboratory"), **read_list("bedside")})
CONCEPTS = sorted(f"{shelf}.{key}" for shelf, rows in read_list("concepts").items() for key in rows)
DRUGS = sorted(read_list("drugs"))
PANELS = sorted(read_list("panels")["panels"])
SHAPES = {
    "http://loinc.org": r"(LA)?\d{1,6}-\d",
    "http://snomed.info/sct": r"\d{6,18}",
    "http://hl7.org/fhir/sid/icd-10": r"[A-Z]\d\d(\.\d)?",
    "http://human-phenotype-ontology.org": r"HP:\d{7}",
    "http://hl7.org/fhir/sid/cvx": r"\d{2,3}",
    "http://www.nlm.nih.gov/research/umls/rxnorm": r"\d{3,7}",
    "http://www.whocc.no/atc": r"[A-Z]\d\d[A-Z]{2}\d\d",
}
# Dihedral group D5 and its permutation: Verhoeff 1969, as SNOMED CT uses them (TIG 5.6).
TIMES = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    [1, 2, 3, 4, 0, 6, 7, 8, 9, 5],
    [2, 3, 4, 0, 1, 7, 8, 9, 5, 6],
    [3, 4, 0, 1, 2, 8, 9, 5, 6, 7],
    [4, 0, 1, 2, 3, 9, 5, 6, 7, 8],
    [5, 9, 8, 7, 6, 0, 4, 3, 2, 1],
    [6, 5, 9, 8, 7, 1, 0, 4, 3, 2],
    [7, 6, 5, 9, 8, 2, 1, 0, 4, 3],
    [8, 7, 6, 5, 9, 3, 2, 1, 0, 4],
    [9, 8, 7, 6, 5, 4, 3, 2, 1, 0],
]
SHUFFLE = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4]


def verhoeff_holds(number: str) -> bool:
    check = 0
    for place, digit in enumerate(reversed(number)):
        moved = int(digit)
        for _ in range(place % 8):
            moved = SHUFFLE[moved]
        check = TIMES[check][moved]
    return check == 0


def luhn_holds(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        doubled = int(digit) * (2 if place % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def everything_coded() -> list[Concept]:
    held = [concept(path) for path in CONCEPTS]
    held += [analyte(key).concept for key in ANALYTES]
    held += [drug(key).concept for key in DRUGS]
    return held + [panel(key).concept for key in PANELS] + [panel(key).specimen for key in PANELS]


CODINGS = sorted({(one.system, one.code) for each in everything_coded() for one in each.codings})

SNOMED = [code for system, code in CODINGS if system == SYSTEMS["snomed"]]
LOINC = [code for system, code in CODINGS if system == SYSTEMS["loinc"] and code[0].isdigit()]


@pytest.mark.parametrize("system,code", CODINGS)
def test_code__has_the_form_of_its_system(system: str, code: str) -> None:
    shape = SHAPES.get(system, r"[a-z0-9-]+")
    assert re.fullmatch(shape, code)


@pytest.mark.parametrize("code", SNOMED)
def test_snomed_code__passes_its_check_digit(code: str) -> None:
    assert verhoeff_holds(code)


@pytest.mark.parametrize("code", LOINC)
def test_loinc_code__passes_its_check_digit(code: str) -> None:
    assert luhn_holds(code.replace("-", ""))


def test_check_digits__refuse_a_wrong_number() -> None:
    assert not verhoeff_holds("44054007")
    assert not luhn_holds("28234")


@pytest.mark.parametrize("key", ANALYTES)
def test_analyte__is_typically_within_what_a_body_can_show(key: str) -> None:
    one = analyte(key)
    for sex in ("female", "male"):
        limits = one.limits_for(sex) or (one.floor, one.ceiling)
        assert one.floor <= one.typical_for(sex) <= one.ceiling
        assert limits[0] <= one.typical_for(sex) <= limits[1]


@pytest.mark.parametrize("key", ANALYTES)
def test_analyte__prints_a_number_that_reads_back(key: str) -> None:
    one = analyte(key)
    printed = one.printed(one.typical)
    assert float(printed) == pytest.approx(one.typical, abs=10**-one.decimals)
    assert len(printed.partition(".")[2]) == one.decimals


@pytest.mark.parametrize("key", PANELS)
def test_panel__is_never_known_before_it_is_taken(key: str) -> None:
    assert 0 < panel(key).shortest_hours <= panel(key).longest_hours


def test_bedside_sets__name_analytes_that_exist() -> None:
    named = {key for name in read_list("panels")["bedside"] for key in bedside_set(name)}
    assert named - {"blood_pressure"} <= set(ANALYTES)


def test_units__are_ucum() -> None:
    parser = get_ucum_parser()
    units = {analyte(key).ucum for key in ANALYTES} | {drug(key).unit for key in DRUGS}
    assert all(parser.parse(unit) for unit in units)


def test_hospital__says_in_its_addresses_that_it_is_an_example() -> None:
    assert hospital().base_url.startswith("https://vitruvian.example/")
    assert hospital().mrn_system.startswith("https://vitruvian.example/")


def test_concept_without_a_code__gets_one_of_the_hospitals_own() -> None:
    own = hospital().local_system
    assert concept("flags.anticoagulated").codings == (
        Coding(own, "anticoagulated", "Takes an anticoagulant"),
    )
    assert set(SYSTEMS.values()) <= set(SHAPES)
