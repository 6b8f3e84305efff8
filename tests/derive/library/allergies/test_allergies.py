"""Allergies: what is called one, its reaction, and that none are known."""

from __future__ import annotations

import pytest

from tests.derive.reading import read


@pytest.mark.parametrize(
    "text",
    [
        "Given morphine and penicillin.",
        "MEDICATIONS: Aspirin 81 mg, lisinopril.",
        "He eats eggs and milk.",
        "CT with contrast.",
        "Rash on the trunk, given penicillin.",
        "Morphine gave good relief.",
        "To wash and to dress with bacitracin.",
        "Tolerated morphine well.",
        "ALLERGIES: hay fever.",
        "OxyContin and Vicodin., ALLERGIES: see chart.",
    ],
)
def test_substance__that_nobody_calls_an_allergy_is_none(text: str) -> None:
    assert read("allergies", text) == []


@pytest.mark.parametrize(
    "text, substances",
    [
        ("ALLERGIES: Penicillin, sulfa and codeine.", ["penicillin", "sulfonamides", "codeine"]),
        ("She is allergic to penicillin, latex and shellfish.", ["penicillin", "latex", "shellfish"]),
        ("Known aspirin allergy.", ["aspirin"]),
        ("Penicillin-allergic patient.", ["penicillin"]),
        ("Allergic penicillin.", ["penicillin"]),
        ("Cephalexin: hives.", ["cefalexin"]),
        ("Nut allergy.", ["nuts"]),
        ("Allergies: pethidine, venofer.", ["meperidine", "iron"]),
        ("All: amoxicillin hives.", ["amoxicillin"]),
        ("Food allergies: shrimp, peanuts.", ["shellfish", "peanuts"]),
        ("ALLERGIES: Latex. MEDICATIONS: Morphine.", ["latex"]),
    ],
)  # fmt: skip
def test_list__gives_one_fact_a_substance(text: str, substances: list[str]) -> None:
    assert [each.code_text for each in read("allergies", text)] == substances


@pytest.mark.parametrize(
    "text, reaction",
    [
        ("ALLERGIES: Penicillin causes hives.", "hives"),
        ("ALLERGIES: Sulfa (rash).", "rash"),
        ("Allergic to codeine, which causes nausea.", "nausea"),
        ("Aspirin allergy with angioedema.", "angioedema"),
        ("PCN allergy (childhood rash).", "rash"),
        ("Allergic to iodine, which brings her out in a rash.", "rash"),
        ("Ibuprofen makes him wheeze.", "wheeze"),
        ("Allergic to latex. Rash on the arm today.", None),
        ("Rash with amoxicillin in childhood.", "rash"),
        ("Developed Stevens-Johnson syndrome on lamotrigine.", "stevens johnson syndrome"),
        ("Aspirin caused bronchospasm.", "bronchospasm"),
        ("ALLERGIES: ibuprofen -> angioedema", "angioedema"),
        ("Reaction to contrast: itching.", "itching"),
    ],
)
def test_reaction__is_the_one_that_follows(text: str, reaction: str | None) -> None:
    (found,) = read("allergies", text)
    assert found.text_value == reaction


@pytest.mark.parametrize(
    "text, code",
    [
        ("NKDA.", "SNOMED//409137002"),
        ("No known drug allergies.", "SNOMED//409137002"),
        ("No known allergies.", "SNOMED//716186003"),
        ("ALLERGIES: None.", "SNOMED//716186003"),
        ("ALLERGIES:, None.,MEDICATIONS: None.", "SNOMED//716186003"),
        ("ALLERGIES: NO KNOWN DRUG ALLERGIES.", "SNOMED//409137002"),
    ],
)
def test_none_known__is_a_negated_fact(text: str, code: str) -> None:
    (found,) = read("allergies", text)
    assert (found.code, found.context.polarity) == (code, "negated")


def test_context__says_of_whom_and_whether() -> None:
    mine, mothers = read("allergies", "Not allergic to penicillin. Mother is allergic to eggs.")
    assert (mine.context.polarity, mothers.context.experiencer) == ("negated", "family")
    (entry,) = read("allergies", "ALLERGIES: Penicillin.")
    assert entry.context.temporality == "current"


@pytest.mark.parametrize(
    "text",
    [
        "Allergies: Penicillin. She takes aspirin 81 mg daily and lisinopril.",
        "Allergies: Penicillin. Current medications include aspirin and lisinopril.",
        "He is allergic to penicillin, takes aspirin.",
        "Allergic to penicillin and on aspirin 81 mg.",
        "ALLERGIES: Penicillin.\nAspirin 81 mg, lisinopril 10 mg.",
    ],
)
def test_medicine__behind_the_list_is_taken(text: str) -> None:
    assert [f.code_text for f in read("allergies", text)] == ["penicillin"]


@pytest.mark.parametrize(
    "text",
    ["Allergies: egg (urticaria); tolerates peanut.", "Allergies: egg. Peanut tolerated."],
)
def test_substance__that_is_borne_beside_an_allergy_is_denied(text: str) -> None:
    told = {each.code_text: each.context.polarity for each in read("allergies", text)}
    assert told == {"eggs": "affirmed", "peanuts": "negated"}


@pytest.mark.parametrize(
    "text, polarity",
    [
        ("Latex allergy: none.", "negated"),
        ("Penicillin allergy was ruled out by testing.", "negated"),
        ("Penicillin allergy - no cephalosporins.", "affirmed"),
        ("Penicillin allergy (childhood rash) is no obstacle.", "affirmed"),
    ],
)
def test_allergy__that_is_denied_behind_its_substance(text: str, polarity: str) -> None:
    assert read("allergies", text)[0].context.polarity == polarity


def test_denial__is_one_fact() -> None:
    assert len(read("allergies", "Allergies: NKDA.")) == 1
    (contrast,) = read("allergies", "No allergy to contrast.")
    assert (contrast.code_text, contrast.context.polarity) == ("contrast media", "negated")
