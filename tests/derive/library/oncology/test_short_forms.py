"""Oncology in the short forms of letters, boards and reports, in sentences of our own."""

from __future__ import annotations

import pytest

from tests.derive.library.oncology.sentences import acts, kind_and_place, named, told
from tests.derive.reading import read


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Ipi/nivo x 3, colitis.", ["ipilimumab/nivolumab reported"]),
        ("Carboplatin-etoposide was started.", ["carboplatin/etoposide ordered"]),
        ("Gem/cis completed in May.", ["gemcitabine/cisplatin reported"]),
        ("TMZ was stopped.", ["temozolomide stopped"]),
        ("DVd since March.", ["DVd reported"]),
        ("Watched a DVD.", []),
        ("Diabetic nephropathy, DKD stage 3.", []),
        ("Tisa-cel infused on Monday.", ["tisagenlecleucel administered"]),
        ("Ribociclib held for neutropenia, letrozole continues.",
         ["ribociclib stopped", "letrozole reported"]),
        ("Anastrozole since 2020, changed to exemestane.",
         ["anastrozole stopped", "exemestane ordered"]),
        ("Capecitabine was not resumed.", ["capecitabine stopped"]),
        ("Had one cycle of docetaxel.", ["docetaxel reported"]),
        ("Options: lenvatinib or sorafenib.", ["lenvatinib planned", "sorafenib planned"]),
        ("Gemcitabine day 8 given.", ["gemcitabine administered"]),
        ("Selpercatinib access requested.", ["selpercatinib planned"]),
    ],
)  # fmt: skip
def test_course(text: str, expected: list[str]) -> None:
    assert acts(text) == expected


def test_cycle__belongs_to_the_course_before_it() -> None:
    text = "Oxaliplatin dropped from cycle 7, continued on capecitabine."
    found = [f for f in read("oncology", text) if f.category == "medication"]
    assert [f.dose_text for f in found] == ["cycle 7", None]


@pytest.mark.parametrize(
    "text, kind, place",
    [
        ("R breast cancer", "8000/3", "Breast, right"),
        ("Ca breast (L)", "8000/3", "Breast, left"),
        ("GBM L temporal", "9440/3", "Temporal lobe, left"),
        ("LUL adenocarcinoma", "8140/3", "Upper lobe of lung, left"),
        ("Left tonsil p16+ squamous cell carcinoma", "8070/3", "Tonsil, left"),
        ("Right breast excision: 12 mm invasive lobular carcinoma", "8520/3", "Breast, right"),
        ("Adrenocortical carcinoma right", "8370/3", "Adrenal cortex, right"),
        ("Acral melanoma, left great toe", "8744/3", "Skin of lower limb and hip, left"),
        ("Tumour site: rectum. Type: mucinous adenocarcinoma.", "8480/3", "Rectum"),
        ("Metastatic ccRCC", "8310/3", "Kidney"),
        ("Rectal NET, 8 mm", "8240/3", "Rectum"),
        ("Squamous cell carcinoma was found in the larynx.", "8070/3", "Larynx"),
        ("TURBT: pT1 TCC with flat CIS.", "8120/3", "Bladder"),
    ],
)
def test_tumour__has_its_place(text: str, kind: str, place: str | None) -> None:
    assert kind_and_place(text) == (kind, place)


@pytest.mark.parametrize(
    "text",
    [
        "Discussed at the sarcoma MDT.",
        "A lymphoma-like rash.",
        "Gem/CIS for the bladder.",
        "Vitamin R breast milk.",
        "Seen by the melanoma nurse.",
        "A fibrinous deposit in the upper lobe.",
    ],
)
def test_name_of_a_meeting__is_no_tumour(text: str) -> None:
    assert not [f for f in read("oncology", text) if f.code.startswith("ICDO3//")]


def test_cis__is_a_carcinoma_in_a_bladder_only() -> None:
    kinds = [f.code for f in read("oncology", "Bladder: CIS in random biopsies.")]
    assert "ICDO3//8120/2" in kinds
    assert not read("oncology", "CIS given.")


@pytest.mark.parametrize(
    "text, expected",
    [
        ("ypT0 ypN0, a pCR.", ["complete response"]),
        ("Lymphoma, overall SD.", ["stable disease"]),
        ("Myeloma: at least PR.", ["partial response"]),
        ("Measured by mRECIST (SD).", ["stable disease"]),
        ("PCR for influenza negative; normal PR interval, SD 3.", []),
        ("Melanoma, PD-L1 low, clinical PR interval normal.", []),
    ],
)
def test_response(text: str, expected: list[str]) -> None:
    assert told(text, "Tumour response") == expected


@pytest.mark.parametrize(
    "text, grade",
    [
        ("Clear cell renal cell carcinoma, ISUP grade 2.", ["G2"]),
        ("Prostate adenocarcinoma, ISUP grade 2.", []),
        ("Well differentiated neuroendocrine tumour, G2.", ["G2"]),
    ],
)
def test_grade(text: str, grade: list[str]) -> None:
    assert told(text, "Histological grade") == grade


def test_stage_and_tnm() -> None:
    assert told("A T3N0 tumour of the rectum.", "Primary tumour (T)") == ["T3"]
    assert told("This was a T2 squamous cell carcinoma.", "Primary tumour (T)") == ["T2"]
    assert told("There is a T3-4 vertebral lesion.", "Primary tumour (T)") == []
    assert told("Carcinoma, aT3 aN0.", "Primary tumour (T)") == ["aT3"]
    assert told("Nottingham grade 3 (T3 P3 M2), pT1 pN0.", "Distant metastases (M)") == []
    assert told("Adrenal carcinoma, ENSAT II.", "Cancer stage group") == ["II"]
    (stage,) = named("DLBCL, non-GCB, stage IV.", "Cancer stage group")
    assert stage.context.polarity == "affirmed"


@pytest.mark.parametrize(
    "text, status, variant",
    [
        ("EGFR ex19del", "mutated", "exon 19 deletion"),
        ("MET exon 14 skipping variant found.", "mutated", "exon 14 skipping"),
        ("Exon 20 insertion in EGFR.", "mutated", "exon 20 insertion"),
        ("A V600E mutation in BRAF.", "mutated", "V600E"),
        ("KRAS G12C - adagrasib requested.", "mutated", "G12C"),
        ("BRAF V600E pending.", "pending", None),
    ],
)
def test_variant(text: str, status: str, variant: str | None) -> None:
    found = next(f for f in read("oncology", text) if f.category == "genomics")
    assert (found.text_value, found.method) == (status, variant)


@pytest.mark.parametrize("text", ["ECOG PS was assessed as 2.", "PS is now 2"])
def test_performance(text: str) -> None:
    assert [f.numeric_value for f in read("oncology", text)] == [2.0]
