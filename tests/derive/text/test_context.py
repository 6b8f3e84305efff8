"""What a sentence says of a term: sentences of our own, written without looking at any corpus."""

from __future__ import annotations

import itertools

import pytest

from tests.derive.reading import context
from vitruvian.derive.text import Note, pack_for


@pytest.mark.parametrize(
    "marked, polarity",
    [
        ("The patient has [fever].", "affirmed"),
        ("No [fever] today.", "negated"),
        ("Denies chest pain, cough or [fever].", "negated"),
        ("No fever but severe [cough].", "affirmed"),
        ("No fever, has [cough].", "affirmed"),
        ("[Fever] was not seen.", "negated"),
        ("[Pneumonia] was ruled out.", "negated"),
        ("We ruled out [pneumonia].", "negated"),
        ("We have not ruled out [pneumonia].", "affirmed"),
        ("[Pneumonia] felt unlikely.", "negated"),
        ("Oedema: none. [Fever] yesterday.", "affirmed"),
        ("[Oedema]: none.", "negated"),
        ("No increase in [oedema].", "affirmed"),
        ("Not only [fever] but also cough.", "affirmed"),
        ("Gram negative [sepsis].", "affirmed"),
        ("I do not believe that she has [pneumonia].", "negated"),
        ("She denies [fever]; cough since Monday.", "negated"),
        ("She denies fever; [cough] since Monday.", "affirmed"),
        ("No [change in vision].", "negated"),
        ("COMPLICATIONS: None DIAGNOSIS: [Gastritis] of the antrum.", "affirmed"),
        ("Without fever. [Cough] for two days.", "affirmed"),
        ("[Nausea] has resolved.", "negated"),
        ("[Wernicke's] not suspected.", "negated"),
        ("Non-cardiac [chest pain].", "affirmed"),
        ("[Dengue] serology negative.", "negated"),
        ("No dizziness before [falls].", "affirmed"),
    ],
)
def test_polarity(marked: str, polarity: str) -> None:
    assert context(marked).polarity == polarity


@pytest.mark.parametrize(
    "marked, temporality",
    [
        ("She has [asthma].", "current"),
        ("A history of [asthma] and gout.", "historical"),
        ("PAST MEDICAL HISTORY: Asthma, [gout].", "historical"),
        ("HISTORY OF PRESENT ILLNESS: [Fever] since Monday.", "current"),
        ("A two-day history of [fever].", "current"),
        ("3/12 hx of [hoarseness].", "current"),
        ("Problem list: [gout], asthma.", "current"),
        ("Background of [dementia].", "historical"),
        ("Background: gout. No signs of [sepsis].", "current"),
        ("Background: gout. [Asthma].", "historical"),
        ("[DVT] ppx.", "hypothetical"),
        ("Warned re [cough].", "hypothetical"),
        ("History of asthma, presents with [cough].", "current"),
        ("Had [pneumonia] five years ago.", "historical"),
        ("Return to the emergency department if you have [fever].", "hypothetical"),
        ("Call the doctor for chills or [fever].", "hypothetical"),
        ("Status post [hip fracture], walking well.", "historical"),
        ("A man with [gout] who presents with fever.", "historical"),
        ("A man with gout who presents with [fever].", "current"),
        ("A history of gout, coming in with [fever].", "current"),
        ("Denies [alcohol].", "historical"),
        ("Colonoscopy for [polyps] and screening.", "current"),
        ("She came for [cervical cancer] screening.", "hypothetical"),
        ("Her past medical history: [gout].", "historical"),
        ("PATIENT HISTORY: [Left renal stone].", "current"),
    ],
)
def test_temporality(marked: str, temporality: str) -> None:
    assert context(marked).temporality == temporality


@pytest.mark.parametrize(
    "marked, experiencer, relation",
    [
        ("Mum reports [fever].", "patient", None),
        ("Parents to return if [cyanosis].", "patient", None),
        ("She has [breast cancer].", "patient", None),
        ("Her mother had [breast cancer].", "family", "ROLECODE//MTH"),
        ("[Breast cancer] in a maternal aunt.", "family", "ROLECODE//AUNT"),
        ("FAMILY HISTORY: [Diabetes] on both sides.", "family", None),
        ("His mother reports [fever] since Monday.", "patient", None),
        ("Father had a stroke; the patient has [hypertension].", "patient", None),
        ("His sister said he had [chest pain].", "patient", None),
        ("Rash noticed by her husband, no [fever].", "patient", None),
        ("Parents are worried about his [cough].", "patient", None),
        ("His sister had [chest pain].", "family", "ROLECODE//SIS"),
    ],
)
def test_experiencer(marked: str, experiencer: str, relation: str | None) -> None:
    found = context(marked)
    assert (found.experiencer, found.relation) == (experiencer, relation)


def test_family_and_negation__are_told_apart() -> None:
    found = context("No family history of [colon cancer].")
    assert (found.polarity, found.experiencer) == ("negated", "family")


@pytest.mark.parametrize(
    "marked",
    [
        "Denies any history of [stroke].",
        "Patient denied a prior history of [stroke].",
        "She does not have any history of [stroke].",
        "Without history of [stroke].",
        "Denies ever having had a [stroke].",
        "He denies that he has had a [stroke].",
        "She was not found to have [stroke].",
    ],
)
def test_denial__holds_beyond_the_words_of_history(marked: str) -> None:
    assert context(marked).polarity == "negated"


@pytest.mark.parametrize(
    "marked",
    [
        "Denies chest pain, history of [stroke].",
        "No fever. History of [stroke].",
        "He denies pain but has a history of [stroke].",
    ],
)
def test_history__behind_a_denial_is_affirmed(marked: str) -> None:
    assert context(marked).polarity == "affirmed"


@pytest.mark.parametrize(
    "marked, certainty",
    [
        ("Possible [pneumonia].", "possible"),
        ("[Pulmonary embolism] cannot be excluded.", "possible"),
        ("CT to rule out [stroke].", "possible"),
        ("[Pneumonia] likely.", "probable"),
        ("Nothing to suggest pneumonia, no features to suggest [gout].", "certain"),
        ("Treat as [cystitis].", "probable"),
        ("[Chest pain] likely muscular.", "certain"),
        ("Likely gout; [cellulitis] unlikely.", "certain"),
        ("[Vascular dementia] less likely.", "possible"),
        ("[Drug rash] vs measles.", "possible"),
        ("Query gout, [fever].", "certain"),
        ("[Rash] ?measles.", "certain"),
        ("Rash ?[measles].", "possible"),
        ("Findings are consistent with [pneumonia].", "probable"),
        ("[Pneumonia] of the left lower lobe.", "certain"),
    ],
)
def test_certainty(marked: str, certainty: str) -> None:
    assert context(marked).certainty == certainty


@pytest.mark.parametrize(
    "marked, certainty",
    [
        ("Diagnosed in May with [pneumonia].", "certain"),
        ("On May 3rd he had a [stroke].", "certain"),
        ("May 2019: [stroke].", "certain"),
        ("Since 12 May [fever].", "certain"),
        ("It may be [pneumonia].", "possible"),
        ("In 2021 may have had a [stroke].", "possible"),
    ],
)
def test_certainty__a_month_is_no_doubt(marked: str, certainty: str) -> None:
    assert context(marked).certainty == certainty


def test_sentence__does_not_end_at_a_title_or_a_decimal() -> None:
    note = Note("Seen by Dr. Miller at 38.5 degrees. Then home.", pack_for("en"))
    starts = note.sentence_starts
    assert [note.text[a:] for a in starts[1:]] == ["Then home."]


def test_section__lasts_until_the_next_heading() -> None:
    note = Note("Past Medical History:\nGout.\nPlan: rest.", pack_for("en"))
    assert note.section_of(note.text.index("Gout")) == "history"
    assert note.section_of(note.text.index("rest")) == "plan"


@pytest.mark.parametrize("language, expected", [(None, "en"), ("en-GB", "en"), ("EN_us", "en")])
def test_language__is_that_of_the_tag(language: str | None, expected: str) -> None:
    assert pack_for(language).language == expected


def test_language_without_a_file__has_no_words() -> None:
    note = Note("Kein Fieber.", pack_for("de"))
    assert (pack_for("de").language, note.context(5, 11).polarity) == ("de", "affirmed")


def test_text_without_an_end__is_cut_into_sentences_of_a_length_that_people_write() -> None:
    words = "no fever cough " * 500
    note = Note(words, pack_for("en"))
    starts = [*note.sentence_starts, len(words)]
    assert max(b - a for a, b in itertools.pairwise(starts)) <= 1_000
    assert all(words[start - 1] == " " for start in starts[1:-1])
    assert note.context(words.rindex("fever"), words.rindex("fever") + 5).polarity == "negated"


def test_word_without_a_space__is_cut_too() -> None:
    starts = Note("x" * 5_500, pack_for("en")).sentence_starts
    assert starts == [0, 1_000, 2_000, 3_000, 4_000, 5_000]


def test_negation__ends_where_something_else_begins() -> None:
    assert context("No fracture, small [calcification] in the tendon.").polarity == "affirmed"
    assert context("No fracture, small [calcification] or cyst.").polarity == "negated"
    assert context("No fracture, [dislocation].").polarity == "negated"


def test_question__leaves_open_what_it_begins_with() -> None:
    assert context("[Metastasis] or second primary?").certainty == "possible"
    assert context("[Metastasis] in the liver. Why?").certainty == "certain"


def test_what_was_refused_or_not_needed__was_not() -> None:
    assert context("She refused [enoxaparin] tonight.").polarity == "negated"
    assert context("We will not start [amiodarone].").polarity == "negated"
    assert context("Not a candidate for [cisplatin].").polarity == "negated"
    assert context("[Magnesium] was not needed.").polarity == "negated"
    assert context("Stable [hernia], an operation is not needed.").polarity == "affirmed"
