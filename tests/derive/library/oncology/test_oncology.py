"""TNM, stage, biomarkers and performance status, in sentences of our own."""

from __future__ import annotations

import pytest

from tests.derive.library.oncology.sentences import told
from tests.derive.reading import read


def stages(text: str) -> list[str | None]:
    return told(text, "Cancer stage group")


def values(text: str) -> dict[str, str | float | None]:
    return {f.code_text: f.text_value or f.numeric_value for f in read("oncology", text)}


@pytest.mark.parametrize(
    "text, categories",
    [
        ("pT3 pN1b (2/19) L1 V0 Pn0 R0, clinically cM1 (liver)", ["pT3", "pN1b", "cM1"]),
        ("T2, N0 and M0", ["T2", "N0", "cM0"]),
        ("ypT2N0", ["ypT2", "ypN0"]),
        ("cT4bN2aM1c", ["cT4b", "cN2a", "cM1c"]),
        ("ypT3 ypN1a M0", ["ypT3", "ypN1a", "cM0"]),
        ("pT1c pN0(sn)", ["pT1c", "pN0"]),
        ("Two of 14 nodes, pN1.", ["pN1"]),
        ("pTa, G1", ["pTa"]),
        ("mrT3c, cN2", ["mrT3c", "cN2"]),
        ("M0 at the gate, N95 mask", []),
        ("free T4 1.2 ng/dL", []),
        ("fracture of T4 and T5", []),
        ("T2 weighted images", []),
    ],
)
def test_tnm(text: str, categories: list[str]) -> None:
    found = [f for f in read("oncology", text) if f.code_text != "Metastasis"]
    assert [f.text_value for f in found] == categories


def test_tnm__prefix_decides_the_code() -> None:
    codes = [f.code for f in read("oncology", "cT2 pN1 M0")]
    assert codes == ["LOINC//21905-5", "LOINC//21900-6", "LOINC//21907-1"]


@pytest.mark.parametrize(
    "text, stage",
    [
        ("Stage IIIB non-small cell lung cancer", "IIIB"),
        ("breast carcinoma, stage 2", "II"),
        ("colon cancer stage iv", "IV"),
        ("cT2b cN1 cM1c, stage IVB", "IVB"),
        ("Leiomyosarcoma, stage 1", "I"),
        ("FIGO IB2", "IB2"),
        ("R-ISS II myeloma", "II"),
        ("stage IE MALT lymphoma", "I"),
        ("Lung adenocarcinoma, staged at IIIA", "IIIA"),
        ("Stage-IV melanoma", "IV"),
        ("Renal cell carcinoma, stage III", "III"),
        ("Stage III kidney cancer", "III"),
        ("CKD stage 3b, prostate cancer stage II", "II"),
        ("Prostate cancer, stage IVB, CKD stage 3b", "IVB"),
        ("Squamous cell carcinoma of the tongue, stage IV-A", "IVA"),
        ("Breast ca stg IIA", "IIA"),
        ("T3 N1 M0, IIIB", "IIIB"),
        ("Ann Arbor IIA Hodgkin lymphoma", "II"),
        ("UICC IIIC colon cancer", "IIIC"),
        ("Upstaged to IIIB after surgery for colon cancer", "IIIB"),
        ("Her breast cancer is now stage four", "IV"),
        ("Breast cancer stage II a year ago", "II"),
        ("Hodgkin lymphoma, stage IIBX", "II"),
        ("Mycosis fungoides, stage IB", "IB"),
        ("pStage IIB colon cancer", "IIB"),
        ("Stage iii-b melanoma", "IIIB"),
        ("Advanced stage (IV) pancreatic adenocarcinoma", "IV"),
        ("Ovarian cancer, stage at diagnosis: IIIC", "IIIC"),
        ("CLL, Rai III", "III"),
        ("Neuroblastoma of the adrenal. It was felt to be stage 2.", "II"),
    ],
)
def test_stage_of_cancer(text: str, stage: str) -> None:
    assert stages(text) == [stage]


@pytest.mark.parametrize(
    "text, temporality",
    [
        ("She was diagnosed with stage IIB breast cancer in 2019.", "current"),
        ("She was previously diagnosed with stage IIB breast cancer.", "historical"),
        ("PMH: diagnosed with stage I melanoma in 2003.", "historical"),
    ],
)
def test_diagnosis__begins_the_course_unless_it_lies_behind(text: str, temporality: str) -> None:
    assert {f.context.temporality for f in read("oncology", text)} == {temporality}


@pytest.mark.parametrize(
    "text",
    [
        "AKI stage 3 after cisplatin for lung cancer",
        "stage 2 cancer-related lymphoedema",
        "Lung cancer in 2009. Now chronic kidney disease. It is stage 3.",
        "Stage III sacral decubitus ulcer.",
        "Chronic kidney disease, stage 3.",
        "Stage 2 sleep was reduced.",
        "Colon cancer. Stage 4 pressure ulcer.",
        "A two stage operation.",
        "Heart failure stage C.",
        "Breast cancer, restaged 3 months later.",
        "T3 N1 root compression.",
        "Chronic kidney disease stage IV and prostate cancer.",
        "Stage IV endometriosis, no malignancy.",
        "Stage III/IV lung adenocarcinoma.",
    ],
)
def test_stage_of_something_else__is_no_cancer_stage(text: str) -> None:
    assert stages(text) == []


@pytest.mark.parametrize(
    "text, answers",
    [
        ("KRAS: p.Gly12Asp. BRAF V600E: wild type.", {"KRAS": "mutated", "BRAF": "wild-type"}),
        ("KRAS G12D mutated, NRAS and BRAF wild-type, MSS.",
         {"KRAS": "mutated", "NRAS": "wild-type", "BRAF": "wild-type", "MSI": "stable"}),
        ("KRAS: no mutation found in exons 2 to 4", {"KRAS": "wild-type"}),
        ("ER 90% positive, PR negative, HER2 3+.",
         {"ER": "positive", "PR": "negative", "HER2": "positive"}),
        ("HER2 2+", {"HER2": "equivocal"}),
        ("HER-2/neu negative", {"HER2": "negative"}),
        ("Loss of MLH1 and PMS2, MSH2 and MSH6 retained.",
         {"MLH1": "lost", "PMS2": "lost", "MSH2": "intact", "MSH6": "intact"}),
        ("microsatellite instability is still pending", {"MSI": "pending"}),
        ("MSI-H, dMMR", {"MSI": "high", "MMR": "deficient"}),
        ("PD-L1 TPS 60%", {"PD-L1": "positive"}),
        ("PD-L1 <1%, Ki-67 12%", {"PD-L1": "negative", "Ki-67": "low"}),
        ("ER 95%, PR 0%, Ki-67 35%", {"ER": "positive", "PR": "negative", "Ki-67": "high"}),
        ("PD-L1 CPS 10", {"PD-L1": "positive"}),
        ("EGFR, KRAS, MET and RET negative",
         {"EGFR": "wild-type", "KRAS": "wild-type", "MET": "wild-type", "RET": "negative"}),
        ("Intact MLH1, MSH2, MSH6 and PMS2.",
         {"MLH1": "intact", "MSH2": "intact", "MSH6": "intact", "PMS2": "intact"}),
        ("HER2 2+ on IHC.", {"HER2": "equivocal"}),
        ("BRAF V600E mutation was not found.", {"BRAF": "wild-type"}),
        ("BRAF V600E positive", {"BRAF": "mutated"}),
        ("The patient met criteria, RET fusion pending.", {"RET": "pending"}),
        ("EGFR exon 19 deletion; ALK negative; ROS1 not rearranged",
         {"EGFR": "mutated", "ALK": "negative", "ROS1": "negative"}),
        ("Seen in the ER with positive troponin", {}),
        ("KRAS testing was discussed.", {}),
    ],
)  # fmt: skip
def test_biomarkers(text: str, answers: dict[str, str]) -> None:
    assert values(text) == answers


def test_mutation__is_named() -> None:
    assert [f.method for f in read("oncology", "KRAS p.Gly12Asp")] == ["Gly12Asp"]


@pytest.mark.parametrize(
    "text, score",
    [
        ("ECOG 1", 1.0),
        ("ECOG performance status is 0", 0.0),
        ("Karnofsky score 80%", 80.0),
        ("a boy who is 4 years old", None),
        ("ECOG 7", None),
    ],
)
def test_performance_status(text: str, score: float | None) -> None:
    assert [f.numeric_value for f in read("oncology", text)] == ([] if score is None else [score])


@pytest.mark.parametrize(
    "text, courses",
    [
        ("s/p carboplatin/pemetrexed", [("carboplatin/pemetrexed", "reported", None)]),
        ("Docetaxel was stopped after two doses.", [("docetaxel", "reported", "stopped")]),
        ("Started carboplatin/etoposide plus atezolizumab.",
         [("carboplatin/etoposide", "ordered", None), ("atezolizumab", "ordered", None)]),
        ("Switch from FOLFOX to FOLFIRI.",
         [("FOLFOX", "reported", "stopped"), ("FOLFIRI", "ordered", None)]),
        ("If it grows again we would consider FOLFIRI.", [("FOLFIRI", "planned", None)]),
        ("FOLFOX cycle 4 today", [("FOLFOX", "administered", None)]),
        ("He likes to fec about.", []),
    ],
)  # fmt: skip
def test_treatment(text: str, courses: list[tuple[str, str, str | None]]) -> None:
    found = [f for f in read("oncology", text) if f.category == "medication"]
    assert [(f.code_text, f.act, f.state) for f in found] == courses


@pytest.mark.parametrize(
    "text, grade",
    [
        ("Nottingham grade 2.", ["G2"]),
        ("Moderately to poorly differentiated throughout.", ["G3"]),
        ("Grade 3 endometrioid carcinoma", ["G3"]),
        ("Grade 2 mucositis.", []),
        ("Histologic grade: 2", ["G2"]),
        ("Tumour grade: III", ["G3"]),
        ("Breast carcinoma. Grade: 1.", ["G1"]),
        ("Grade: 2. Murmur.", []),
        ("Prostate cancer, ISUP grade 2.", []),
        ("Poorly diff adenocarcinoma.", ["G3"]),
    ],
)
def test_grade(text: str, grade: list[str]) -> None:
    assert [f.text_value for f in read("oncology", text) if f.code == "LOINC//33732-9"] == grade


def test_metastasis__without_a_place_is_a_fact() -> None:
    (found,) = read("oncology", "No evidence of metastatic disease.")
    assert (found.code, found.value_code, found.context.polarity) == (
        "ICDO3//8000/6", None, "negated",
    )  # fmt: skip


@pytest.mark.parametrize("text", ["PS 2 today", "WHO PS 2.", "Performance status 2 (WHO)."])
def test_performance(text: str) -> None:
    assert [f.numeric_value for f in read("oncology", text)] == [2.0]


def test_performance__of_before_is_one_too() -> None:
    found = read("oncology", "PS 2 today, was 1 at last visit.")
    assert [f.numeric_value for f in found] == [2.0, 1.0]


@pytest.mark.parametrize(
    "text",
    ["ECOG performance status (PS) of 3", "Performance status (ECOG): 3", "PS remains 3."],
)
def test_performance__as_letters_write_it(text: str) -> None:
    assert [f.numeric_value for f in read("oncology", text)] == [3.0]


def test_pressure_support__is_no_performance_status() -> None:
    assert read("oncology", "PS 14 cmH2O, PEEP 5") == []


@pytest.mark.parametrize(
    "text, acts",
    [
        ("Changed from gemcitabine to FOLFIRINOX.", ["stopped", "ordered"]),
        ("He will start on nivolumab next week.", ["planned"]),
        ("Capecitabine restarted at a lower dose.", ["ordered"]),
        ("Radiotherapy with temozolomide, then adjuvant temozolomide.", ["reported", "planned"]),
        ("Oxaliplatin omitted.", ["stopped"]),
        ("Progressed on crizotinib, switched to alectinib.", ["stopped", "ordered"]),
        ("Received adjuvant FOLFOX in 2019.", ["reported"]),
        ("Cisplatin/etoposide cycle 2 delayed.", ["planned"]),
        ("FOLFIRI cycle 2 today.", ["administered"]),
        ("Eligible for alpelisib.", ["planned"]),
    ],
)
def test_course__is_planned_begun_given_or_ended(text: str, acts: list[str]) -> None:
    told = [f for f in read("oncology", text) if f.category == "medication"]
    assert [f.state or f.act for f in told] == acts


@pytest.mark.parametrize(
    "text, kind, site",
    [
        ("Thymoma, type B2.", "8584/3", "C37.9"),
        ("Lymphoma, mantle cell type.", "9673/3", None),
        ("Renal cell carcinoma, clear cell type.", "8310/3", "C64.9"),
        ("Hodgkin lymphoma, nodular sclerosis.", "9663/3", None),
        ("Clear cell carcinoma of the ovary.", "8310/3", "C56.9"),
        ("Melanoma of the right calf.", "8720/3", "C44.7"),
        ("Superficial spreading melanoma of the back.", "8743/3", "C44.5"),
        ("Basal cell carcinoma on the nose.", "8090/3", "C44.3"),
        ("Squamous cell carcinoma of the tongue base.", "8070/3", "C01.9"),
        ("Liposarcoma of the thigh.", "8850/3", "C49.2"),
        ("Lung adenocarcinoma, right lower lobe.", "8140/3", "C34.3"),
        ("Left breast, upper outer quadrant: invasive ductal carcinoma.", "8500/3", "C50.4"),
        ("Neuroendocrine tumour of the ileum.", "8240/3", "C17.2"),
        ("Absence of the left nipple with a history of breast cancer.", "8000/3", "C50.9"),
        ("Nonseminomatous germ cell tumor of the testis.", "9065/3", "C62.9"),
        ("High grade serous ovarian cancer.", "8461/3", "C56.9"),
        ("Malignant pleural mesothelioma, epithelioid.", "9052/3", "C38.4"),
        ("Carcinoma in situ of the bladder.", "8120/2", "C67.9"),
        ("Head of pancreas adenocarcinoma.", "8140/3", "C25.0"),
        ("Squamous cell carcinoma of the left lateral tongue.", "8070/3", "C02.9"),
        ("Colon, sigmoid, resection: moderately differentiated adenocarcinoma.", "8140/3", "C18.7"),
        ("mCRPC on darolutamide.", "8000/3", "C61.9"),
        ("Ductal carcinoma of the left breast at 2 o'clock.", "8500/3", "C50.4"),
        ("Right breast 10 o'clock: lobular carcinoma.", "8520/3", "C50.4"),
        ("Right breast 2 o'clock: lobular carcinoma.", "8520/3", "C50.2"),
        ("Ductal carcinoma of the left breast, 6 o'clock.", "8500/3", "C50.8"),
        ("Mass in the right upper lobe, consistent with adenocarcinoma.", "8140/3", "C34.1"),
        ("Effusion consistent with a lung primary.", "8000/3", "C34.9"),
        ("Mucinous adenocarcinoma, site ascending colon.", "8480/3", "C18.2"),
    ],
)
def test_kind_and_site__are_as_narrow_as_the_words(text: str, kind: str, site: str | None) -> None:
    codes = [f.code.removeprefix("ICDO3//") for f in read("oncology", text) if "ICDO3" in f.code]
    assert codes == [kind, *([site] if site else [])]


@pytest.mark.parametrize(
    "text",
    [
        "Diabetes, type B2.",
        "Back pain and a sore calf.",
        "That was the gist of it.",
        "The FCR tendon.",
        "Vide supra.",
    ],
)
def test_words_of_a_kind__name_no_tumour_alone(text: str) -> None:
    assert read("oncology", text) == []
