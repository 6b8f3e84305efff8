"""Smoking: never, former, current, does not smoke; and of whom."""

from __future__ import annotations

import pytest

from tests.derive.reading import quoted, read

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
        ("No diabetes, ex-smoker.", FORMER),
        ("Smoking: never smoker.", NEVER),
        ("Tobacco: none.", NON),
        ("Smoking: 1 ppd.", CURRENT),
        ("Tobacco - never.", NEVER),
        ("Cigarettes: none.", NON),
        ("Smoking status: Former smoker.", FORMER),
        ("A current smoker who wants to quit.", CURRENT),
        ("She has smoked all her life and still has five a day.", CURRENT),
        ("Abstinent from smoking for two years.", FORMER),
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
        "The smoking shelter was moved.",
        "Stopping smoking would be best.",
        "Lives with a smoker.",
        "Cigarettes were found.",
        "Smokes marijuana.",
        "Risks of smoking discussed.",
        "He has not quit smoking.",
    ],
)
def test_smoke_of_others__is_no_status(text: str) -> None:
    assert read("smoking", text) == []


@pytest.mark.parametrize(
    "text, words",
    [
        ("He still smokes, about five a day.", "still smokes, about five a day"),
        ("Tobacco: quit 1995.", "Tobacco: quit"),
        ("Smokes 20 cigarettes a day for years.", "Smokes 20 cigarettes a day"),
    ],
)
def test_words__hold_the_answer_and_the_amount(text: str, words: str) -> None:
    assert quoted("smoking", text)[0][0] == words


def test_pack_years__are_counted() -> None:
    found = {f.code: f for f in read("smoking", "Former smoker with a 30-pack-year history.")}
    assert found["LOINC//8664-5"].numeric_value == 30.0


@pytest.mark.parametrize(
    "text, years",
    [
        ("1 ppd x 20 yrs", 20.0),
        ("Smoked half a pack daily for 30 years", 15.0),
        ("40 pack-year smoking history, quit", 40.0),
        ("Ex-smoker, 25 py", 25.0),
    ],
)
def test_pack_years__are_told_or_packs_times_years(text: str, years: float) -> None:
    told = [found for found in read("smoking", text) if found.code == "LOINC//8664-5"]
    assert [found.numeric_value for found in told] == [years]
