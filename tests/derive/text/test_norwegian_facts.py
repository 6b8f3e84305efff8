"""Oncology, smoking and medicines in Norwegian sentences of our own."""

from __future__ import annotations

import pytest

from tests.derive.reading import read_in
from vitruvian.derive.engine.extractor import Finding


def read(extractor: str, text: str) -> list[Finding]:
    return read_in("nb", extractor, text)


@pytest.mark.parametrize(
    "text, code, place",
    [
        ("Adenokarsinom i colon sigmoideum.", "ICDO3//8140/3", "Sigmoid colon"),
        ("Infiltrerende duktalt karsinom i venstre bryst.", "ICDO3//8500/3", "Breast, left"),
        ("Lungekreft, påvist i mai.", "ICDO3//8000/3", "Lung"),
        ("Plateepitelkarsinom i høgre lunge.", "ICDO3//8070/3", "Lung, right"),
        ("Ikke-småcellet lungekreft.", "ICDO3//8046/3", "Lung"),
    ],
)
def test_tumour__has_kind_and_place(text: str, code: str, place: str) -> None:
    found = [(f.code, f.body_site) for f in read("oncology", text)]
    assert (code, place) in found


@pytest.mark.parametrize(
    "text, places",
    [
        ("Levermetastaser og lungemetastaser.", {"Liver", "Lung"}),
        ("Lunge- og levermetastaser.", {"Liver", "Lung"}),
        ("Spredning til skjelett og hjerne.", {"Bone", "Brain"}),
        ("Ho har metastasar i levra.", {"Liver"}),
    ],
)
def test_metastases__have_their_places(text: str, places: set[str]) -> None:
    found = [f for f in read("oncology", text) if f.code_text == "Metastasis"]
    assert {f.body_site for f in found} == places


def test_metastases__may_be_denied() -> None:
    (found,) = read("oncology", "Ikkje teikn til levermetastasar.")
    assert found.context.polarity == "negated"


@pytest.mark.parametrize(
    "text, stage",
    [
        ("Brystkreft stadium IIB.", ["IIB"]),
        ("Tykktarmskreft, stadium 3.", ["III"]),
        ("Kronisk nyresvikt stadium 3.", []),
        ("Trykksår stadium II.", []),
    ],
)
def test_stage__is_that_of_a_cancer(text: str, stage: list[str]) -> None:
    found = read("oncology", text)
    assert [f.text_value for f in found if f.code_text == "Cancer stage group"] == stage


@pytest.mark.parametrize(
    "text, name, status",
    [
        ("KRAS-mutasjon påvist.", "KRAS", "mutated"),
        ("KRAS: mutasjon ikke påvist.", "KRAS", "wild-type"),
        ("BRAF villtype.", "BRAF", "wild-type"),
        ("HER2 negativ.", "HER2", "negative"),
        ("Østrogenreseptor positiv 90 %.", "ER", "positive"),
        ("Tap av MLH1 og PMS2.", "PMS2", "lost"),
        ("ALK ikkje påvist.", "ALK", "negative"),
        ("EGFR-svar avventes.", "EGFR", "pending"),
    ],
)
def test_biomarker__has_its_answer(text: str, name: str, status: str) -> None:
    assert (name, status) in [(f.code_text, f.text_value) for f in read("oncology", text)]


def test_performance_status__is_read() -> None:
    (found,) = read("oncology", "ECOG-status 1.")
    assert found.numeric_value == 1


@pytest.mark.parametrize(
    "text, status",
    [
        ("Har aldri røykt.", "Never smoker"),
        ("Røyker ikke.", "Non-smoker"),
        ("Røykjer ikkje.", "Non-smoker"),
        ("Sluttet å røyke i 2010.", "Former smoker"),
        ("Tidlegare røykar.", "Former smoker"),
        ("Røyker 10 sigaretter daglig.", "Smoker"),
        ("Røyk: nei.", "Non-smoker"),
        ("Røyk: tidligere.", "Former smoker"),
    ],
)
def test_smoking__is_told(text: str, status: str) -> None:
    assert [f.text_value for f in read("smoking", text)] == [status]


@pytest.mark.parametrize("text", ["Passiv røyking i barndommen.", "Far røyker.", "Røykvarsler."])
def test_smoke_of_others__is_nothing(text: str) -> None:
    assert read("smoking", text) == []


@pytest.mark.parametrize(
    "text, name, number, unit, dose",
    [
        ("Metoprolol 50 mg x 2.", "metoprolol", 50, "mg", "50 mg x 2"),
        ("Furosemid 40 mg 1+0+0 p.o.", "furosemide", 40, "mg", "40 mg p.o 1+0+0"),
        ("Warfarin 2,5 mg daglig.", "warfarin", 2.5, "mg", "2,5 mg daglig"),
        ("Levaxin 100 mikrogram dagleg.", "levothyroxine", 100, "ug", "100 mikrogram dagleg"),
        ("Paracet 1 g x 4 ved behov.", "paracetamol", 1, "g", "1 g x 4 ved behov"),
    ],
)
def test_medicine__has_its_dose(text: str, name: str, number: float, unit: str, dose: str) -> None:
    (found,) = read("medicines", text)
    assert (found.code_text, found.numeric_value, found.unit) == (name, number, unit)
    assert (found.dose_text or "").replace("p.o.", "p.o") == dose


def test_medicine__that_ended_is_stopped() -> None:
    assert [f.state for f in read("medicines", "Marevan er seponert.")] == ["stopped"]
    assert [f.act for f in read("medicines", "Starter med apiksaban.")] == ["ordered"]
