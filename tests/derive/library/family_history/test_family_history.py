"""Family history: relative, disease, age at onset, side; and what is none."""

from __future__ import annotations

import pytest

from tests.derive.reading import quoted, read

Told = list[tuple[str, str]]


def told(text: str) -> Told:
    """Each relative's role with the disease."""
    found = read("family_history", text)
    return [((f.context.relation or "").removeprefix("ROLECODE//"), f.code_text) for f in found]


@pytest.mark.parametrize(
    "text",
    [
        "The patient has diabetes. Mother is alive and well at 80.",
        "Her mother-in-law has diabetes and her husband had a stroke.",
        "Mother states that the child has asthma.",
        "He lives with his mother and is followed at the diabetes clinic.",
        "FAMILY HISTORY: Noncontributory.",
        "FAMILY HISTORY: She was recently found to have hemochromatosis.",
        "History of colon cancer and hypertension.",
        "If there is a family history of melanoma, return for screening.",
    ],
)
def test_what_is_no_disease_of_a_relative__gives_nothing(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Her mother had breast cancer.", [("MTH", "Breast cancer")]),
        ("Mother: diabetes, hypertension.", [("MTH", "Diabetes"), ("MTH", "Hypertension")]),
        ("FH: Colon ca (father), ovarian ca (aunt).",
         [("FTH", "Colon cancer"), ("AUNT", "Ovarian cancer")]),
        ("Diabetes in mother and father.", [("MTH", "Diabetes"), ("FTH", "Diabetes")]),
        ("Mother and two maternal aunts had ovarian cancer.",
         [("MAUNT", "Ovarian cancer"), ("MTH", "Ovarian cancer")]),
        ("Asthma and stroke in maternal and paternal grandparents.",
         [("PGRPRN", "Asthma"), ("MGRPRN", "Asthma"), ("PGRPRN", "Stroke"), ("MGRPRN", "Stroke")]),
        ("Strong family history of melanoma.", [("FAMMEMB", "Melanoma")]),
        ("FAMILY HISTORY: Gout. Heart disease in both grandfathers, grandmother with stroke.",
         [("FAMMEMB", "Gout"), ("GRFTH", "Heart disease"), ("GRMTH", "Stroke")]),
        ("Positive for epilepsy in his half-brother.", [("HBRO", "Epilepsy")]),
        ("FAMILY HISTORY: Both parents hypertensive.", [("PRN", "Hypertension")]),
    ],
)  # fmt: skip
def test_relative(text: str, expected: Told) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text, age, words",
    [
        ("Mother diagnosed with breast cancer at 38.", 38, "38"),
        ("Sister was diagnosed at the age of 45 with melanoma.", 45, "45"),
        ("Breast cancer (mother, diagnosed at 45).", 45, "45"),
        ("Her mother had breast cancer at age 42 and died at 60.", 42, "42"),
        ("FH: mother (breast ca 55).", 55, "55"),
        ("A sister with breast carcinoma who was diagnosed in her 50s.", None, "in her 50s"),
        ("Father died of a stroke at 72.", None, None),
        ("Mother, aged 65, has diabetes.", None, None),
        ("Mother has diabetes, now aged 65.", None, None),
        ("Brother had lung cancer at 450.", None, None),
    ],
)
def test_age_at_onset__is_told_and_no_other_age(
    text: str, age: float | None, words: str | None
) -> None:
    (found,) = read("family_history", text)
    assert (found.numeric_value, found.value_as_sent) == (age, words)
    assert found.unit == (None if age is None else "a")


@pytest.mark.parametrize(
    "text, side",
    [
        ("Maternal aunt with ovarian cancer.", "maternal side"),
        ("Her father's sister had breast cancer.", "paternal side"),
        ("Mother has diabetes.", "maternal side"),
        ("Sister has diabetes.", None),
        ("FAMILY HISTORY: Colon cancer on the paternal side.", "paternal side"),
    ],
)
def test_side_of_the_family(text: str, side: str | None) -> None:
    (found,) = read("family_history", text)
    assert found.text_value == side


def test_a_denied_disease__is_negated() -> None:
    found = read("family_history", "No family history of colon cancer. Mother had no stroke.")
    assert [f.context.polarity for f in found] == ["negated", "negated"]


def test_a_disease_that_a_relative_died_of__says_so() -> None:
    (found,) = read("family_history", "Her father died from leukemia.")
    assert (found.state, found.code) == ("deceased", "ICD10//C95")


def test_every_fact__is_the_relatives_and_quoted_with_its_disease() -> None:
    text = "HPI: Hypertension.\nFAMILY HISTORY: Mother, stroke; maternal uncle had sudden death."
    found = quoted("family_history", text)
    assert [words for words, _ in found] == ["Mother, stroke", "maternal uncle had sudden death"]
    assert {f.context.experiencer for _, f in found} == {"family"}
    assert {(f.category, f.act) for _, f in found} == {("family", "reported")}


def test_a_long_list__takes_no_square_of_time() -> None:
    assert len(read("family_history", "Mother had cancer and stroke. " * 3_000)) == 6_000
