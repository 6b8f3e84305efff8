"""Numbers with a name, in stored units; no number without one."""

from __future__ import annotations

import pytest

from tests.derive.reading import read


@pytest.mark.parametrize(
    "text, code, value, unit",
    [
        ("hemoglobin 10.2 g/dL", "718-7", 102.0, "g/L"),
        ("Temperature: 101.3 degrees Fahrenheit", "8310-5", 38.5, "Cel"),
        ("temp 38.4 C", "8310-5", 38.4, "Cel"),
        ("creatinine of 88 umol/L", "14682-9", 88.0, "umol/L"),
        ("creatinine of 88 µmol/L", "14682-9", 88.0, "umol/L"),
        ("creatinine of 1.0 mg/dL", "2160-0", 88.4, "umol/L"),
        ("glucose 90 mg/dL", "2345-7", 4.996, "mmol/L"),
        ("glucose 5.1 mmol/L", "14749-6", 5.1, "mmol/L"),
        ("total cholesterol 5.2 mmol/L", "14647-2", 5.2, "mmol/L"),
        ("potassium was 4.1", "2823-3", 4.1, "mmol/L"),
        ("O2 sat is 98%", "59408-5", 98.0, "%"),
        ("weight 70 kg", "29463-7", 70.0, "kg"),
        ("HbA1c 8.1 %", "4548-4", 8.1, "%"),
        ("HbA1c 61 mmol/mol", "59261-8", 61.0, "mmol/mol"),
        ("HbA1c 37", "59261-8", 37.0, "mmol/mol"),
        ("creat 164", "14682-9", 164.0, "umol/L"),
        ("creat 1.3", "2160-0", 114.9, "umol/L"),
        ("Hb 97", "718-7", 97.0, "g/L"),
        ("Mg 0.68", "2601-3", 0.68, "mmol/L"),
        ("T 37.4, stable", "8310-5", 37.4, "Cel"),
        ("eGFR 52", "33914-3", 52.0, "mL/min/{1.73_m2}"),
        ("CRP fell to 4 mg/L", "1988-5", 4.0, "mg/L"),
        ("Pain 8/10.", "72514-3", 8.0, "{score}"),
        ("GCS 14", "9269-2", 14.0, "{score}"),
        ("ejection fraction of 55 percent", "10230-1", 55.0, "%"),
    ],
)
def test_value__is_in_its_stored_unit(text: str, code: str, value: float, unit: str) -> None:
    (found,) = read("measurements", text)
    assert (found.code, found.unit) == (f"LOINC//{code}", unit)
    assert found.numeric_value == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    "text",
    [
        "potassium 20 mEq daily",
        "pain 3 days",
        "pain 8/12",
        "t 37.4",
        "T was felt at 40",
        "glucose checked 3 times",
        "pulse 12/14",
        "weight loss of 3 months",
        "heart rate 900",
        "sodium 140-145",
        "BP 12 weeks ago",
        "blood pressure 80/120",
        "hemoglobin stable",
    ],
)
def test_number_of_something_else__is_no_value(text: str) -> None:
    assert read("measurements", text) == []


def test_blood_pressure__is_two_values() -> None:
    found = read("measurements", "BP 128/76 mmHg")
    assert [(f.code, f.numeric_value, f.unit) for f in found] == [
        ("LOINC//8480-6", 128.0, "mm[Hg]"), ("LOINC//8462-4", 76.0, "mm[Hg]"),
    ]  # fmt: skip


def test_unit_left_out__is_flagged() -> None:
    assert read("measurements", "creatinine 1.1")[0].flags == ("unit-assumed",)
    assert read("measurements", "creatinine 97 umol/L")[0].flags == ()


def test_comparator__is_kept() -> None:
    (found,) = read("measurements", "CRP < 5 mg/L")
    assert (found.comparator, found.numeric_value) == ("<", 5.0)


@pytest.mark.parametrize(
    "text",
    [
        "Target INR 2.5.", "Keep potassium above 4.0.", "Apixaban once the INR is below 2.0.",
        "Call if potassium 5.6.", "Aim for INR 2.5.", "INR target 2.5.",
    ],
)  # fmt: skip
def test_value_that_is_asked_for__is_none(text: str) -> None:
    assert read("measurements", text) == []


def test_value_beside_its_target__is_told() -> None:
    (found,) = read("measurements", "INR 2.1 (target 2.5), keep warfarin as it is.")
    assert found.numeric_value == 2.1
