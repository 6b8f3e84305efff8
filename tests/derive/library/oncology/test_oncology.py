"""TNM, stage, biomarkers and performance status, in sentences of our own."""

from __future__ import annotations

import pytest

from tests.derive.reading import read


def stages(text: str) -> list[str | None]:
    return [f.text_value for f in read("oncology", text) if f.code_text == "Cancer stage group"]


def values(text: str) -> dict[str, str | float | None]:
    return {f.code_text: f.text_value or f.numeric_value for f in read("oncology", text)}


@pytest.mark.parametrize(
    "text, categories",
    [
        ("pT3 pN1b (2/19) L1 V0 Pn0 R0, clinically cM1 (liver)", ["pT3", "pN1b", "cM1"]),
        ("T2, N0 and M0", ["T2", "N0", "cM0"]),
        ("ypT2N0", ["ypT2", "ypN0"]),
        ("cT4bN2aM1c", ["cT4b", "cN2a", "cM1c"]),
        ("free T4 1.2 ng/dL", []),
        ("fracture of T4 and T5", []),
        ("T2 weighted images", []),
    ],
)
def test_tnm(text: str, categories: list[str]) -> None:
    assert [f.text_value for f in read("oncology", text)] == categories


def test_tnm__prefix_decides_the_code() -> None:
    codes = [f.code for f in read("oncology", "cT2 pN1 M0")]
    assert codes == ["LOINC//21905-5", "LOINC//21900-6", "LOINC//21907-1"]


@pytest.mark.parametrize(
    "text, stage",
    [
        ("Stage IIIB non-small cell lung cancer", "IIIB"),
        ("breast carcinoma, stage 2", "II"),
        ("colon cancer stage iv", "IV"),
    ],
)
def test_stage_of_cancer(text: str, stage: str) -> None:
    assert stages(text) == [stage]


@pytest.mark.parametrize(
    "text",
    [
        "Stage III sacral decubitus ulcer.",
        "Chronic kidney disease, stage 3.",
        "Stage 2 sleep was reduced.",
        "Colon cancer. Stage 4 pressure ulcer.",
        "A two stage operation.",
        "Heart failure stage C.",
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
        ("PD-L1 TPS 60%", {"PD-L1": 60.0}),
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
