"""Problems: names, plurals, spellings, and what the sentence says."""

from __future__ import annotations

import pytest

from tests.derive.reading import quoted, read


@pytest.mark.parametrize(
    "text, code",
    [
        ("Type II diabetes mellitus", "ICD10//E11.9"),
        ("HTN, well controlled", "ICD10//I10"),
        ("chronic obstructive\npulmonary disease", "ICD10//J44.9"),
        ("Seizures since childhood", "ICD10//R56.8"),
        ("adenocarcinoma of the ascending colon", "ICD10//C18.2"),
        ("anaemia", "ICD10//D64.9"),
        ("Croup.", "ICD10//J05.0"),
        ("incontinent of urine overnight", "ICD10//R32"),
        ("Denies n/v.", "ICD10//R11"),
        ("Mood low, eating well.", "ICD10//F32.9"),
        ("Known epileptic.", "ICD10//G40.9"),
        ("Deliberate self-harm last year.", "ICD10//X84"),
        ("She has thoughts of self-harm.", "ICD10//R45.8"),
        ("Denies suicidal thoughts.", "ICD10//R45.8"),
        ("Apnoeas overnight, stimulated.", "ICD10//R06.8"),
        ("Reduced fetal movements since Monday.", "ICD10//O36.8"),
        ("Chest pain.", "ICD10//R07.4"),
        ("Chest wall pain.", "ICD10//R07.3"),
        ("Painful knee.", "ICD10//M25.5"),
        ("RIF tenderness", "ICD10//R10.3"),
        ("Cannabis misuse", "ICD10//F12.1"),
        ("She fell over at the shops.", "ICD10//W19"),
        ("Aortic root aneurysm of 47 mm.", "ICD10//I71.2"),
    ],
)
def test_problem__is_coded(text: str, code: str) -> None:
    assert [found.code for found in read("problems", text)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "cadaver",
        "mild",
        "dmv office",
        "the tibia",
        "N/V intact",
        "Seen by the stroke nurse.",
        "What does she take?",
        "Her CRP fell to 40.",
        "Hepatitis B vaccine given.",
    ],
)
def test_word_that_only_begins_like_a_problem__is_none(text: str) -> None:
    assert read("problems", text) == []


def test_mentions__each_have_their_own_context() -> None:
    found = read("problems", "No fever. Mother had asthma. History of gout. Cough.")
    told = [(f.code_text, *f.context[:1], *f.context[2:4]) for f in found]
    assert told == [
        ("Fever", "negated", "current", "patient"),
        ("Asthma", "affirmed", "current", "family"),
        ("Gout", "affirmed", "historical", "patient"),
        ("Cough", "affirmed", "current", "patient"),
    ]


def test_span__is_the_words_of_the_note() -> None:
    ((words, _),) = quoted("problems", "She has shortness\r\n of   BREATH now.")
    assert words == "shortness\r\n of   BREATH"


@pytest.mark.parametrize(
    "text, codes",
    [
        ("HTN, RA, gout", ["ICD10//I10", "ICD10//M10.9", "ICD10//M06.9"]),
        ("?PE", ["ICD10//I26.9"]),
        ("Seropositive RA dx 2009.", ["ICD10//M05.9"]),
        ("Severe AS on echo.", ["ICD10//I35.0"]),
        ("Nil LOC.", ["ICD10//R40.2"]),
        ("CP on exertion.", ["ICD10//R07.4"]),
        ("5yo with CP (GMFCS IV).", ["ICD10//G80.9"]),
        ("# NOF right", ["ICD10//S72.0"]),
        ("Orthopnoea and PND.", ["ICD10//R06.0", "ICD10//R06.0"]),
    ],
)
def test_short_word_beside_words_of_illness__is_a_problem(text: str, codes: list[str]) -> None:
    assert [found.code for found in read("problems", text)] == codes


@pytest.mark.parametrize(
    "text",
    [
        "Sats 96% on RA.", "PE: soft abdomen.", "PE tubes in place.", "MS Contin 15 mg.",
        "Take it as needed.", "OD daily.", "SENT HOME AS PLANNED BY THE WARD TEAM TODAY WITH LETTER",
        "RA pressure 8 mmHg.", "SBP 120.",
    ],
)  # fmt: skip
def test_short_word_of_another_meaning__is_none(text: str) -> None:
    assert read("problems", text) == []


@pytest.mark.parametrize(
    "text, temporality",
    [
        ("PE 2022, on apixaban.", "historical"),
        ("Stroke in March 2018.", "historical"),
        ("Asthma 2012.", "current"),
        ("Hx: three days of cough.", "current"),
        ("PE since 2022.", "current"),
        ("Eczema in infancy.", "historical"),
    ],
)
def test_event_with_a_bare_year__lies_behind(text: str, temporality: str) -> None:
    assert read("problems", text)[0].context.temporality == temporality
