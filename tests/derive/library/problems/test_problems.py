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
    ],
)
def test_problem__is_coded(text: str, code: str) -> None:
    assert [found.code for found in read("problems", text)] == [code]


@pytest.mark.parametrize("text", ["cadaver", "mild", "dmv office", "the tibia", "N/V intact"])
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
