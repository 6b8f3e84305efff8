"""Biomarkers with their answers, in the ways in which reports write them."""

from __future__ import annotations

import pytest

from tests.derive.reading import read


@pytest.mark.parametrize(
    "text, answers",
    [
        ("ER+/PR+/HER2-", "ER positive PR positive HER2 negative"),
        ("ER/PR/HER2: +/+/-", "ER positive PR positive HER2 negative"),
        ("The tumour lacks EGFR mutations.", "EGFR wild-type"),
        ("Neither EGFR nor ALK was altered.", "EGFR wild-type ALK negative"),
        ("MET exon 14 skip", "MET mutated"),
        ("EGFR mutation was looked for and not found.", "EGFR wild-type"),
        ("BRCA2 c.9976A>T is benign.", ""),
        ("BRAF \u2013 V600E detected", "BRAF mutated"),
        ("ER+ PR- HER2+ breast cancer", "ER positive PR negative HER2 positive"),
        ("TNBC", "TNBC negative"),
        ("ER: 100%, PR: 0%, HER2 IHC 3+", "ER positive PR negative HER2 positive"),
        ("HER2 equivocal by IHC, reflex FISH negative", "HER2 negative"),
        ("Ki-67 labelling index approximately 30%.", "Ki-67 high"),
        ("PD-L1 tumour proportion score of 30%", "PD-L1 positive"),
        (
            "EGFR: exon 19 del detected, ALK/ROS1 negative.",
            "EGFR mutated ALK negative ROS1 negative",
        ),
        ("ALK translocation present", "ALK positive"),
        ("No ALK or ROS1 rearrangement.", "ALK negative ROS1 negative"),
        ("ROS1 rearrangement was not identified", "ROS1 negative"),
        ("negative for BRAF V600E", "BRAF wild-type"),
        ("microsatellite instability not detected", "MSI stable"),
        ("No microsatellite instability", "MSI stable"),
        ("IHC shows absent staining for MSH2 and MSH6", "MSH2 lost MSH6 lost"),
        (
            "intact nuclear expression of MLH1, PMS2, MSH2 and MSH6",
            "MLH1 intact PMS2 intact MSH2 intact MSH6 intact",
        ),
        ("Preserved expression of all four MMR proteins", "MMR intact"),
        ("BRCA1/2 negative", "BRCA1 wild-type BRCA2 wild-type"),
        ("BRCA1 and BRCA2: no pathogenic variants", "BRCA1 wild-type BRCA2 wild-type"),
        ("BRCA2 c.5946delT", "BRCA2 mutated"),
        ("positive for ER and PR, negative for HER2", "ER positive PR positive HER2 negative"),
        ("ER, PR and HER2 negative", "ER negative PR negative HER2 negative"),
        ("ER 8/8, PR 7/8", "ER positive PR positive"),
        ("ER Allred 8/8, PR Allred 0/8", "ER positive PR negative"),
        ("HER2/neu 2+ by IHC, FISH not amplified.", "HER2 negative"),
        ("Hormone receptors negative; HER2 score 0", "HER2 negative"),
        ("strongly ER positive", "ER positive"),
        ("HER2-positive breast cancer", "HER2 positive"),
        ("MET exon 14 skipping mutation", "MET mutated"),
        ("PD-L1 CPS 15", "PD-L1 positive"),
        ("ER+ PR+ HER2- breast cancer", "ER positive PR positive HER2 negative"),
        ("ER/PR+", "ER positive PR positive"),
        ("ER +ve, PR -ve, HER2 -ve", "ER positive PR negative HER2 negative"),
        ("EGFR+ lung cancer", "EGFR mutated"),
        ("No alterations in EGFR, ALK or ROS1", "EGFR wild-type ALK negative ROS1 negative"),
        ("No rearrangements of ALK, ROS1 or RET.", "ALK negative ROS1 negative RET negative"),
        ("The tumour did not express PD-L1.", "PD-L1 negative"),
        ("Oestrogen receptor Allred 8", "ER positive"),
        ("ER low positive (3%)", "ER positive"),
        ("HER2 2+ (moderate)", "HER2 equivocal"),
        ("PD-L1 TPS: less than 1%", "PD-L1 negative"),
        ("Combined positive score 20", "PD-L1 positive"),
        ("MMR: proficient", "MMR proficient"),
        ("MMR status: deficient", "MMR deficient"),
        ("MSH6 deficient", "MSH6 lost"),
        ("BRCA testing negative", "BRCA1 wild-type BRCA2 wild-type"),
        ("BRCA mutated", ""),
        ("EGFR mutation analysis failed.", ""),
        ("KRAS not tested, BRAF status unknown.", ""),
        ("KRAS was requested but the block had too little tumour.", ""),
        ("MLH1 lost; MLH1 promoter methylation present.", "MLH1 lost"),
        ("p53 strong, CK7 positive, TTF-1 negative, ALK-.", "ALK negative"),
        ("No EGFR mutation or ALK rearrangement.", "EGFR wild-type ALK negative"),
        ("Negative for KRAS mutation and ROS1 fusion.", "KRAS wild-type ROS1 negative"),
        ("No EGFR mutation, ALK positive.", "EGFR wild-type ALK positive"),
        ("EGFR mutation: negative.", "EGFR wild-type"),
        ("HER2 equivocal (2+) on IHC; FISH amplified.", "HER2 positive"),
        ("HER2 IHC 2+/ISH-", "HER2 negative"),
        ("Her 2 neu 0 and all nodes negative.", "HER2 negative"),
        ("gBRCA1/2 negative", "BRCA1 wild-type BRCA2 wild-type"),
        ("EGFR del19", "EGFR mutated"),
        ("MMR by IHC: loss of MSH6.", "MSH6 lost"),
        ("Ki-67 over 10 %.", "Ki-67 "),
        ("Negative for mutations in KRAS and NRAS.", "KRAS wild-type NRAS wild-type"),
        ("No mutations were identified in KRAS or BRAF.", "KRAS wild-type BRAF wild-type"),
        ("No variants in BRCA1 or BRCA2 were detected.", "BRCA1 wild-type BRCA2 wild-type"),
        (
            "No targetable alterations in EGFR, ALK or RET",
            "EGFR wild-type ALK negative RET negative",
        ),
        ("Sequencing did not reveal KRAS or BRAF mutations.", "KRAS wild-type BRAF wild-type"),
        ("Neither KRAS nor BRAF was mutated.", "KRAS wild-type BRAF wild-type"),
        ("BRAF V600E is absent.", "BRAF wild-type"),
        ("The tumour cells express ER but lack HER2.", "ER positive HER2 negative"),
        ("Estrogen and progesterone receptor positive.", "ER positive PR positive"),
        ("ER (+), PR (+), HER2 (-).", "ER positive PR positive HER2 negative"),
        ("HER2 (++)", "HER2 equivocal"),
        ("HER2 negative by FISH. Nodes positive.", "HER2 negative"),
        ("ALK rearrangement by FISH was not detected.", "ALK negative"),
        ("No ALK rearrangement by FISH.", "ALK negative"),
        ("HER2 2+ by IHC, FISH not done.", "HER2 equivocal"),
        ("BRCA1 carrier status unknown.", ""),
        ("PR interval 160 ms, HR 80", ""),
        ("ALK 98 U/L", ""),
        ("She went to the ER with pain.", ""),
        ("He met with the surgeon.", ""),
    ],
)
def test_answer(text: str, answers: str) -> None:
    found = [f for f in read("oncology", text) if f.category == "genomics"]
    said = answers.split(" ") if answers else []
    assert {f.code_text: f.text_value for f in found} == dict(
        zip(said[::2], said[1::2], strict=True)
    )


def test_a_name_for_two_genes__is_one_fact_each() -> None:
    found = [f for f in read("oncology", "BRCA1/2 wild type.") if f.category == "genomics"]
    assert [f.code for f in found] == ["HGNC//HGNC:1100", "HGNC//HGNC:1101"]


@pytest.mark.parametrize(
    "text, variant",
    [
        ("BRCA2 c.5946delT", "c.5946delT"),
        ("KRAS p.G12D", "G12D"),
        ("TP53 R1751fs", "R1751fs"),
        ("BRCA1 pathogenic variant c.68_69delAG", "c.68_69delAG"),
        ("KRAS mutated (p.Gly12Asp)", "Gly12Asp"),
    ],
)
def test_variant__is_kept_as_written(text: str, variant: str) -> None:
    (found,) = (f for f in read("oncology", text) if f.category == "genomics")
    assert (found.text_value, found.method) == ("mutated", variant)


@pytest.mark.parametrize(
    "text, number, comparator",
    [
        ("PD-L1 TPS 60%", 60.0, None),
        ("PD-L1 < 1%", 1.0, "<"),
        ("PD-L1 over 50%", 50.0, ">"),
        ("PD-L1 1-49%", None, None),
        ("ER/PR 90/80%", None, None),
    ],
)
def test_percentage__is_one_number_or_a_bound(
    text: str, number: float | None, comparator: str | None
) -> None:
    told = next(f for f in read("oncology", text) if f.category == "genomics")
    assert (told.numeric_value, told.comparator) == (number, comparator)


@pytest.mark.parametrize("text", ["RET fusion (KIF5B-RET) positive.", "ALK fusion (EML4-ALK)."])
def test_fusion__with_its_partner_is_one_fact(text: str) -> None:
    assert [f.text_value for f in read("oncology", text)] == ["positive"]


def test_an_answer__repeated_in_short_is_one_fact() -> None:
    found = read("oncology", "Microsatellite instability high (MSI-H).")
    assert [f.text_value for f in found] == ["high"]


@pytest.mark.parametrize(
    "text, told",
    [
        ("HER2 2+ on IHC, FISH to follow.", ["equivocal", "pending"]),
        ("HER2 equivocal by IHC, negative by FISH.", ["equivocal", "negative"]),
        ("HER2 score 2, reflex FISH was negative.", ["equivocal", "negative"]),
        ("ALK positive by IHC, FISH pending.", ["positive", "pending"]),
        ("HER2 positive (IHC 3+, FISH amplified).", ["positive"]),
        ("HER2 FISH was not amplified.", ["negative"]),
    ],
)
def test_second_assay__is_a_fact_of_its_own(text: str, told: list[str]) -> None:
    assert [f.text_value for f in read("oncology", text)] == told


@pytest.mark.parametrize(
    "text, shares",
    [
        ("ER and PR were strongly positive (90% and 70%).", [90.0, 70.0]),
        ("ER/PR 95%/40%", [95.0, 40.0]),
        ("ER and PR positive in 80 %.", [80.0, 80.0]),
    ],
)
def test_percentages_of_a_list__each_have_their_name(text: str, shares: list[float]) -> None:
    assert [f.numeric_value for f in read("oncology", text)] == shares


def test_variant__is_the_one_that_is_there() -> None:
    (found,) = read("oncology", "EGFR exon 19 deletion present, T790M absent.")
    assert found.method == "exon 19 deletion"
