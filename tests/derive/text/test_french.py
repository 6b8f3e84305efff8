"""French: context, oncology, smoking and medicines in sentences of our own."""

from __future__ import annotations

from datetime import date

import pytest

from tests.derive.reading import read_in
from vitruvian.derive.engine.extractor import Finding
from vitruvian.derive.text import Context, Note, language_told, pack_for


def read(extractor: str, text: str) -> list[Finding]:
    return read_in("fr", extractor, text)


def said(text: str) -> dict[str, Context]:
    return {each.code_text: each.context for each in read("problems", text)}


@pytest.mark.parametrize(
    "text, problem, polarity",
    [
        ("Le patient présente une fièvre.", "Fever", "affirmed"),
        ("Pas de fièvre ni de toux.", "Cough", "negated"),
        ("Absence d'embolie pulmonaire.", "Pulmonary embolism", "negated"),
        ("Aucun signe de pneumopathie.", "Pneumonia", "negated"),
        ("Nie toute douleur thoracique mais signale une dyspnée.", "Dyspnoea", "affirmed"),
        ("L'embolie pulmonaire a été éliminée.", "Pulmonary embolism", "negated"),
        ("Sans fièvre. Toux depuis deux jours.", "Cough", "affirmed"),
        ("Toux : non.", "Cough", "negated"),
        ("Pas de modification de la dyspnée.", "Dyspnoea", "affirmed"),
        ("N'a pas d\u2019asthme.", "Asthma", "negated"),
    ],
)
def test_polarity(text: str, problem: str, polarity: str) -> None:
    assert said(text)[problem].polarity == polarity


@pytest.mark.parametrize(
    "text, problem, temporality",
    [
        ("Antécédent d'AVC.", "Stroke", "historical"),
        ("Antécédents : asthme, migraine.", "Migraine", "historical"),
        ("Asthme dans l'enfance.", "Asthma", "historical"),
        ("Reconsulter en cas de fièvre.", "Fever", "hypothetical"),
        ("Asthme connu.", "Asthma", "current"),
    ],
)
def test_temporality(text: str, problem: str, temporality: str) -> None:
    assert said(text)[problem].temporality == temporality


@pytest.mark.parametrize(
    "text, problem, relation",
    [
        ("Sa mère a eu un cancer du sein.", "Breast cancer", "ROLECODE//MTH"),
        ("Infarctus chez le père.", "Myocardial infarction", "ROLECODE//FTH"),
        ("Sa mère rapporte une fièvre.", "Fever", None),
    ],
)
def test_relative(text: str, problem: str, relation: str | None) -> None:
    assert said(text)[problem].relation == relation


def test_certainty__is_possible_or_probable() -> None:
    assert said("Suspicion d'embolie pulmonaire.")["Pulmonary embolism"].certainty == "possible"
    assert said("Aspect compatible avec une pneumopathie.")["Pneumonia"].certainty == "probable"


@pytest.mark.parametrize(
    "text, code, place",
    [
        ("Adénocarcinome du côlon sigmoïde.", "ICDO3//8140/3", "Sigmoid colon"),
        ("Carcinome canalaire infiltrant du sein gauche.", "ICDO3//8500/3", "Breast, left"),
        ("Carcinome canalaire infiltrant du sein G.", "ICDO3//8500/3", "Breast, left"),
        ("Carcinome canalaire infiltrant du sein (D), opéré.", "ICDO3//8500/3", "Breast, right"),
        ("Carcinome canalaire infiltrant du sein dt.", "ICDO3//8500/3", "Breast, right"),
        ("Carcinome canalaire infiltrant du sein D3.", "ICDO3//8500/3", "Breast"),
        ("Cancer bronchique non à petites cellules.", "ICDO3//8046/3", "Lung"),
        ("Cancer de l'ovaire.", "ICDO3//8000/3", "Ovary"),
        ("Adénocarcinome pulmonaire.", "ICDO3//8140/3", "Lung"),
    ],
)
def test_tumour__has_kind_and_place(text: str, code: str, place: str) -> None:
    assert (code, place) in [(f.code, f.body_site) for f in read("oncology", text)]


@pytest.mark.parametrize(
    "text, places",
    [
        ("Métastases hépatiques et pulmonaires.", {"Liver", "Lung"}),
        ("Lésions métastatiques au foie.", {"Liver"}),
        ("Localisations secondaires osseuses.", {"Bone"}),
        ("Carcinose péritonéale.", {"Peritoneum"}),
    ],
)
def test_metastases__have_their_places(text: str, places: set[str]) -> None:
    found = {f.body_site for f in read("oncology", text) if f.code_text == "Metastasis"}
    assert places == found


@pytest.mark.parametrize(
    "text, stage",
    [
        ("Cancer du sein stade IIB.", ["IIB"]),
        ("Adénocarcinome colique de stade 3.", ["III"]),
        ("Insuffisance rénale chronique stade 3.", []),
        ("Escarre de stade II.", []),
    ],
)
def test_stage__is_that_of_a_cancer(text: str, stage: list[str]) -> None:
    found = read("oncology", text)
    assert [f.text_value for f in found if f.code_text == "Cancer stage group"] == stage


@pytest.mark.parametrize(
    "text, name, status",
    [
        ("KRAS muté.", "KRAS", "mutated"),
        ("Absence de mutation de BRAF.", "BRAF", "wild-type"),
        ("NRAS sauvage.", "NRAS", "wild-type"),
        ("HER2 négatif.", "HER2", "negative"),
        ("Récepteurs aux œstrogènes positifs à 90 %.", "ER", "positive"),
        ("Perte d'expression de MLH1 et PMS2.", "PMS2", "lost"),
        ("Recherche de mutation EGFR en cours.", "EGFR", "pending"),
        ("Tumeur MSS.", "MSI", "stable"),
    ],
)
def test_biomarker__has_its_answer(text: str, name: str, status: str) -> None:
    assert (name, status) in [(f.code_text, f.text_value) for f in read("oncology", text)]


def test_performance_status__is_read() -> None:
    (found,) = read("oncology", "Patient OMS 1.")
    assert found.numeric_value == 1


@pytest.mark.parametrize(
    "text, status",
    [
        ("N'a jamais fumé.", "Never smoker"),
        ("Non fumeur.", "Non-smoker"),
        ("Pas de tabac.", "Non-smoker"),
        ("Tabagisme sevré en 2010.", "Former smoker"),
        ("Ancienne fumeuse.", "Former smoker"),
        ("Fume 10 cigarettes par jour.", "Smoker"),
        ("Tabac : non.", "Non-smoker"),
    ],
)
def test_smoking__is_told(text: str, status: str) -> None:
    assert [f.text_value for f in read("smoking", text)] == [status]


def test_pack_years__are_counted() -> None:
    found = read("smoking", "Tabagisme actif à 30 paquets-années.")
    assert [f.numeric_value for f in found] == [None, 30]


@pytest.mark.parametrize("text", ["Tabagisme passif.", "Son père fume.", "Fumée d'incendie."])
def test_smoke_of_others__is_nothing(text: str) -> None:
    assert read("smoking", text) == []


@pytest.mark.parametrize(
    "text, name, number, unit, dose",
    [
        ("Métoprolol 50 mg matin et soir.", "metoprolol", 50, "mg", "50 mg matin et soir"),
        ("Warfarine 2,5 mg par jour.", "warfarin", 2.5, "mg", "2,5 mg par jour"),
        ("Doliprane 1 g x 3/j si besoin.", "paracetamol", 1, "g", "1 g x 3/j si besoin"),
        ("Kardégic 75 mg per os.", "acetylsalicylic acid", 75, "mg", "75 mg per os"),
    ],
)
def test_medicine__has_its_dose(text: str, name: str, number: float, unit: str, dose: str) -> None:
    (found,) = read("medicines", text)
    assert (found.code_text, found.numeric_value, found.unit) == (name, number, unit)
    assert found.dose_text == dose


def test_medicine__that_ended_is_stopped() -> None:
    assert [f.state for f in read("medicines", "Arrêt de la metformine.")] == ["stopped"]
    assert [f.act for f in read("medicines", "Introduction de bisoprolol.")] == ["ordered"]


@pytest.mark.parametrize(
    "text, first, last",
    [
        ("Toux depuis trois jours.", date(2024, 3, 12), date(2024, 3, 12)),
        ("Embolie pulmonaire en mars 2019.", date(2019, 3, 1), date(2019, 3, 31)),
        ("AVC le 2 août 2020.", date(2020, 8, 2), date(2020, 8, 2)),
        ("AVC il y a deux ans.", date(2022, 1, 1), date(2022, 12, 31)),
    ],
)
def test_date__is_resolved(text: str, first: date, last: date) -> None:
    note = Note(text, pack_for("fr"))
    (found,) = read("problems", text)
    when = note.date_of(found.start, found.end, seen=date(2024, 3, 15), lasting=True)
    assert when is not None
    assert (when.first, when.last) == (first, last)


def test_french__is_known_by_its_small_words() -> None:
    assert language_told("La patiente est hospitalisée pour une toux avec de la fièvre.") == "fr"
