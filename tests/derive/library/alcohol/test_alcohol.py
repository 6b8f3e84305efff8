"""Alcohol: never, former, current, drinks none; how much a day; and of whom."""

from __future__ import annotations

import pytest

from tests.derive.reading import quoted, read, read_in

NEVER, NON, FORMER, CURRENT = (
    f"SNOMED//{code}" for code in ("783261004", "105542008", "82581004", "219006")
)
STATUS, PER_DAY = "LOINC//11331-6", "LOINC//74013-4"


@pytest.mark.parametrize(
    "text",
    [
        "His father drinks heavily.",
        "Skin cleaned with an alcohol swab.",
        "Serum alcohol level sent.",
        "Alcohol withdrawal protocol started.",
        "Alcoholic hepatitis.",
        "Non-alcoholic fatty liver disease.",
        "Avoid alcohol with metronidazole.",
        "No alcohol for 24 hours after sedation.",
        "Eating and drinking well.",
        "Drinks plenty of water.",
        "Drinks 2 litres of water a day.",
        "Drinks one can of cola a day.",
        "Does not drink much coffee.",
        "Insulin glargine 20 units daily.",
        "Vitamin E 400 units daily.",
        "No history of alcohol abuse.",
        "Referred to the alcohol liaison nurse.",
    ],
)
def test_words_of_something_else__are_no_status(text: str) -> None:
    assert read("alcohol", text) == []


@pytest.mark.parametrize(
    "text, answer",
    [
        ("Lifelong teetotaller.", NEVER),
        ("She never drank alcohol.", NEVER),
        ("He does not drink.", NON),
        ("Denies tobacco, alcohol or drug use.", NON),
        ("No tobacco, no EtOH, no drugs.", NON),
        ("Teetotal.", NON),
        ("Alcohol: none.", NON),
        ("Does not smoke or drink alcohol.", NON),
        ("Alcohol intake: nil.", NON),
        ("Quit drinking 5 years ago.", FORMER),
        ("Sober since 2015.", FORMER),
        ("Recovering alcoholic.", FORMER),
        ("EtOH: former, quit 2010.", FORMER),
        ("Used to drink heavily.", FORMER),
        ("Drinks socially.", CURRENT),
        ("Does not smoke, occasionally drinks alcohol.", CURRENT),
        ("EtOH: social.", CURRENT),
        ("Alcohol - occasional.", CURRENT),
        ("A glass of wine with dinner.", CURRENT),
        ("Ongoing alcohol misuse.", CURRENT),
        ("Alcohol 14 units a week.", CURRENT),
        ("Relapsed to alcohol after a year sober.", CURRENT),
        ("Does not smoke and drinks alcohol only occasionally.", CURRENT),
        ("A heavy drinker until 1998.", FORMER),
    ],
)
def test_status(text: str, answer: str) -> None:
    told = [found for found in read("alcohol", text) if found.code == STATUS]
    assert {found.value_code for found in told} == {answer}


@pytest.mark.parametrize(
    "text, number, unit",
    [
        ("Alcohol 14 units a week.", 2.0, "{units}/d"),
        ("Drinks 20 units/week.", 2.86, "{units}/d"),
        ("EtOH: 2 beers/wk.", 0.29, "{drinks}/d"),
        ("He drinks 4-8 beers per night.", 8.0, "{drinks}/d"),
        ("Two glasses of red wine daily.", 2.0, "{drinks}/d"),
        ("Drinks 2 beers and a glass of wine a day.", 3.0, "{drinks}/d"),
    ],
)
def test_drinks_a_day__are_counted_of_a_range_the_higher(
    text: str, number: float, unit: str
) -> None:
    (found,) = [found for found in read("alcohol", text) if found.code == PER_DAY]
    assert (found.numeric_value, found.unit) == (number, unit)


def test_more_than_anybody_drinks__is_no_amount() -> None:
    found = read("alcohol", "Drinks 700 units a week.")
    assert [one.code for one in found] == [STATUS]


@pytest.mark.parametrize(
    "text, words",
    [
        ("She has 1-2 glasses of wine nightly.", "1-2 glasses of wine nightly"),
        ("Alcohol: 3 pints per week.", "Alcohol: 3 pints per week"),
        ("He still drinks.", "still drinks"),
    ],
)
def test_words__hold_the_answer_and_the_amount(text: str, words: str) -> None:
    assert quoted("alcohol", text)[0][0] == words


@pytest.mark.parametrize(
    "language, text, answers",
    [
        ("nb", "Drikker 5-6 enheter i uken.", [CURRENT, None]),
        ("nb", "Alkohol: aldri.", [NEVER]),
        ("nb", "Røyker ikke, drikker ikke.", [NON]),
        ("nn", "Drikk ikkje alkohol.", [NON]),
        ("nb", "Edru siden 2019.", [FORMER]),
        ("nb", "Spiser og drikker godt.", []),
        ("nb", "Far var alkoholiker.", []),
        ("fr", "Alcool : 2 verres/jour.", [CURRENT, None]),
        ("fr", "Éthylisme chronique sevré depuis 2018.", [FORMER]),
        ("fr", "Ne boit pas d'alcool.", [NON]),
        ("fr", "Cirrhose alcoolique.", []),
        ("fr", "Friction au gel hydroalcoolique.", []),
        ("zh", "否认饮酒史。", [NEVER]),
        ("zh", "偶尔饮酒。", [CURRENT]),
        ("zh", "已戒酒3年。", [FORMER]),
        ("zh", "嘱戒烟戒酒。", []),
    ],
)
def test_other_languages(language: str, text: str, answers: list[str | None]) -> None:
    assert [found.value_code for found in read_in(language, "alcohol", text)] == answers
