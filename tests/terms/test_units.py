"""Units: spelled one way, converted only where the substance allows it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitruvian import terms
from vitruvian.terms.units import _said

LOINC = "LOINC//"


@pytest.mark.parametrize(
    "written, code",
    [
        ("mmHg", "mm[Hg]"),
        ("mm[Hg]", "mm[Hg]"),
        ("MG/DL", "mg/dL"),
        ("10^3/uL", "10*3/uL"),
        ("beats/min", "/min"),
        ("µmol/L", "umol/L"),
        ("°C", "Cel"),
        ("C", "Cel"),
        ("F", "[degF]"),
        ("mU/L", "m[iU]/L"),
        ("{nominal}", "{nominal}"),
        ("ug/g{creat}", "ug/g{creat}"),
        ("two handfuls", None),
        ("", None),
    ],
)
def test_unit__is_spelled_in_ucum(written: str, code: str | None) -> None:
    assert terms.spell_unit(written) == code


# Expected values: the conventional factors printed in the AMA Manual of Style, 11th edition,
# table 17.5-1 (doi:10.1093/jama/9780190246556.001.0001), to the digits given there.
@pytest.mark.parametrize(
    "code, value, unit, expected, stored",
    [
        ("2345-7", 100, "mg/dL", 5.55, "mmol/L"),
        ("2160-0", 1.0, "mg/dL", 88.4, "umol/L"),
        ("2093-3", 100, "mg/dL", 2.59, "mmol/L"),
        ("2571-8", 100, "mg/dL", 1.13, "mmol/L"),
        ("3094-0", 10, "mg/dL", 3.57, "mmol/L"),
        ("1975-2", 1.0, "mg/dL", 17.104, "umol/L"),
        ("17861-6", 10, "mg/dL", 2.495, "mmol/L"),
        ("3084-1", 1.0, "mg/dL", 59.48, "umol/L"),
        ("2951-2", 140, "mEq/L", 140, "mmol/L"),
        ("718-7", 14.5, "g/dL", 145, "g/L"),
        ("8310-5", 98.6, "[degF]", 37.0, "Cel"),
        ("29463-7", 154.3, "[lb_av]", 69.99, "kg"),
        ("8302-2", 70, "[in_i]", 177.8, "cm"),
        ("777-3", 250, "10*3/uL", 250, "10*9/L"),
        ("1988-5", 0.5, "mg/dL", 5.0, "mg/L"),
    ],
)
def test_result__is_stored_in_the_unit_of_its_analyte(
    code: str, value: float, unit: str, expected: float, stored: str
) -> None:
    found = terms.conversion(LOINC + code, unit)
    assert (found.unit, found.flag) == (stored, None)
    assert math.isclose(value * found.factor + found.offset, expected, rel_tol=2e-3)


def test_unit__that_is_unknown_is_kept_and_flagged() -> None:
    found = terms.conversion(LOINC + "2345-7", "spoonfuls of joy")
    assert found == terms.Conversion(unit="spoonfuls of joy", flag="unit-unknown")


def test_unit__that_cannot_become_the_analytes_own_is_kept_and_flagged() -> None:
    found = terms.conversion(LOINC + "2345-7", "mm[Hg]")
    assert found == terms.Conversion(unit="mm[Hg]", flag="unit-unexpected")


@pytest.mark.parametrize("unit", [None, "", "  "])
def test_unit__that_was_not_sent_is_not_assumed(unit: str | None) -> None:
    assert terms.conversion(LOINC + "2345-7", unit) == terms.Conversion(unit=None)


def test_mass__never_becomes_amount_without_a_substance() -> None:
    assert terms.conversion("LOINC//1988-5", "mmol/L").flag == "unit-unexpected"
    assert terms.conversion("LOCAL//x", "mg/dL") == terms.Conversion(unit="mg/dL")


def test_table__names_every_unit_in_ucum_and_every_spelling_once() -> None:
    said = _said()
    assert [unit for unit in (*said["sizes"], *said["spellings"]) if not terms.is_ucum(unit)] == []
    written = [word for words in said["spellings"].values() for word in set(words)]
    assert sorted(written) == sorted(set(written))


MASSES = sorted(
    unit for unit, (kind, _) in _said()["sizes"].items() if kind == "mass concentration"
)


@given(st.sampled_from(MASSES), st.sampled_from(MASSES))
def test_conversion__of_one_amount_agrees_whatever_unit_it_was_sent_in(
    one: str, other: str
) -> None:
    sizes = _said()["sizes"]
    left, right = terms.conversion("LOINC//2345-7", one), terms.conversion("LOINC//2345-7", other)
    assert math.isclose(left.factor / right.factor, sizes[one][1] / sizes[other][1])
