"""Norwegian: bokmål and nynorsk sentences of our own."""

from __future__ import annotations

import pytest

from vitruvian.derive.engine.library import extractor_named
from vitruvian.derive.text import Context, Note, pack_for


def said(text: str, language: str = "nb") -> dict[str, Context]:
    found = extractor_named("problems").extract(Note(text, pack_for(language)))
    return {each.code_text: each.context for each in found}


@pytest.mark.parametrize("tag", ["nb", "nn", "no", "nb-NO", "nn_NO"])
def test_tags__of_norwegian_share_a_file(tag: str) -> None:
    assert pack_for(tag).language == "nb"


@pytest.mark.parametrize(
    "text, problem, polarity",
    [
        ("Pasienten har feber.", "Fever", "affirmed"),
        ("Ingen feber, hoste eller brystsmerter.", "Chest pain", "negated"),
        ("Ikkje teikn til lungebetennelse.", "Pneumonia", "negated"),
        ("Benekter brystsmerter, men har tung pust.", "Dyspnoea", "affirmed"),  # codespell:ignore
        ("Lungeemboli ble ikke påvist.", "Pulmonary embolism", "negated"),
        ("Uten feber. Hoste i to dager.", "Cough", "affirmed"),
        ("Ikke bare hodepine.", "Headache", "affirmed"),
        ("Feber: nei.", "Fever", "negated"),
    ],
)
def test_polarity(text: str, problem: str, polarity: str) -> None:
    assert said(text)[problem].polarity == polarity


@pytest.mark.parametrize(
    "text, problem, temporality",
    [
        ("Tidligere hjerneslag.", "Stroke", "historical"),
        ("Tidlegare sjukdommar: Astma, migrene.", "Migraine", "historical"),
        ("Hadde lungebetennelse for tre år siden.", "Pneumonia", "historical"),  # codespell:ignore
        ("Kontakt lege ved feber.", "Fever", "hypothetical"),
        ("Kjent astma.", "Asthma", "current"),
    ],
)
def test_temporality(text: str, problem: str, temporality: str) -> None:
    assert said(text)[problem].temporality == temporality


@pytest.mark.parametrize(
    "text, problem, relation",
    [
        ("Mor hadde brystkreft.", "Breast cancer", "ROLECODE//MTH"),  # codespell:ignore
        ("Hjerteinfarkt hos far.", "Myocardial infarction", "ROLECODE//FTH"),
        ("Mor forteller om feber.", "Fever", None),  # codespell:ignore
    ],
)
def test_relative(text: str, problem: str, relation: str | None) -> None:
    assert said(text)[problem].relation == relation


def test_possible__is_not_certain() -> None:
    assert said("Mistanke om lungeemboli.")["Pulmonary embolism"].certainty == "possible"


def test_english_words__are_not_read_in_norwegian() -> None:
    assert said("No fever.") == {}
