"""Smoking: never, former, current, does not smoke; and of whom."""

from __future__ import annotations

import pytest

from tests.derive.reading import read

NEVER, NON, FORMER, CURRENT = (
    f"SNOMED//{code}" for code in ("266919005", "8392000", "8517006", "77176002")
)


@pytest.mark.parametrize(
    "text, answer",
    [
        ("She never smoked.", NEVER),
        ("He does not smoke.", NON),
        ("Denies alcohol, drugs and tobacco.", NON),
        ("Nonsmoker.", NON),
        ("Former smoker.", FORMER),
        ("He quit smoking in 1999.", FORMER),
        ("Smoked a pack a day until last year.", FORMER),
        ("Smokes two packs a day.", CURRENT),
        ("Active smoker.", CURRENT),
        ("Tob: 1 ppd x 20 yrs.", CURRENT),
        ("30 pack-years, quit 2010.", FORMER),
        ("Smokes 10 cigarettes a day.", CURRENT),
        ("She has not smoked since 2004.", FORMER),
        ("Smoking: never smoker.", NEVER),
        ("Tobacco: none.", NON),
        ("SOCIAL HISTORY: Smoking: former, until 1999.", FORMER),
    ],
)
def test_status(text: str, answer: str) -> None:
    told = [found for found in read("smoking", text) if found.code == "LOINC//72166-2"]
    assert {found.value_code for found in told} == {answer}


@pytest.mark.parametrize(
    "text",
    [
        "His father smokes.",
        "Smoke detectors at home.",
        "PPD negative.",
        "Smokes marijuana.",
        "Risks of smoking discussed.",
    ],
)
def test_smoke_of_others__is_no_status(text: str) -> None:
    assert read("smoking", text) == []


def test_pack_years__are_counted() -> None:
    found = {f.code: f for f in read("smoking", "Former smoker with a 30-pack-year history.")}
    assert found["LOINC//8664-5"].numeric_value == 30.0
