"""Forms of reports and letters: synoptic lines, names with their short form, counted cycles."""

from __future__ import annotations

import pytest

from tests.derive.library.oncology.sentences import acts, named, told
from tests.derive.reading import read


def answers(text: str) -> str:
    found = [one for one in read("oncology", text) if one.category == "genomics"]
    return " ".join(f"{one.code_text} {one.text_value}" for one in found)


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Estrogen Receptor (ER) Status: Positive", "ER positive"),
        ("HER2 (ERBB2): positive", "HER2 positive"),
        ("PgR 80%", "PR positive"),
        ("PDL-1 is 40%", "PD-L1 positive"),
        ("HER2 (4B5) 2+.", "HER2 equivocal"),
        ("HER2 not over-expressed", "HER2 negative"),
        ("RET fusion neg.", "RET negative"),
        ("EGFR exon 21 L858R identified.", "EGFR mutated"),
        ("Tested negative for the familial BRCA2 variant.", "BRCA2 wild-type"),
        ("gBRCA2 mutation carrier", "BRCA2 mutated"),
        ("Should EGFR be positive we would treat.", ""),
        ("Is he PIK3CA mutated?", ""),
        ("BRAF not requested.", ""),
        ("p53 abnormal, ER patchy positive", "TP53 mutated ER positive"),
    ],
)
def test_answers(text: str, expected: str) -> None:
    assert answers(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Hold cycle 4 of FOLFOX.", ["FOLFOX stopped"]),
        ("She is due her third cycle of FOLFOX.", ["FOLFOX planned"]),
        ("FOLFOX + panitumumab proposed.", ["FOLFOX planned", "panitumumab planned"]),
        ("FOLFOX and bevacizumab was added.", ["FOLFOX reported", "bevacizumab ordered"]),
        ("Stage I. For cisplatin-RT.", ["cisplatin planned"]),
        ("Herceptin given SC.", ["trastuzumab administered"]),
        ("She was switched to exemestane in 2021.", ["exemestane reported"]),
        ("In 2021 she commenced letrozole.", ["letrozole reported"]),
        ("Carbo/pem/pembro x4.", ["carboplatin/pemetrexed/pembrolizumab reported"]),
        ("FOLFOX/bev x6.", ["FOLFOX reported", "bevacizumab reported"]),
        ("A cis arrangement, bev of the gem.", []),
        ("Lines: gefitinib, carboplatin/pemetrexed.",
         ["gefitinib reported", "carboplatin/pemetrexed reported"]),
        ("DVd stopped; now KRd.", ["DVd stopped", "KRd reported"]),
        ("Progressed on FOLFOX and she will move to FOLFIRI.",
         ["FOLFOX stopped", "FOLFIRI planned"]),
        ("Ipilimumab today.", ["ipilimumab administered"]),
    ],
)  # fmt: skip
def test_what_was_done(text: str, expected: list[str]) -> None:
    assert acts(text) == expected


@pytest.mark.parametrize(
    "text, cycle",
    [
        ("Her third cycle of FOLFOX.", "cycle 3"),
        ("4th cycle of gemcitabine.", "cycle 4"),
        ("Diarrhoea since C3 capecitabine.", "cycle 3"),
        ("Pembrolizumab C5 today.", "cycle 5"),
        ("Her fifth cycle of EC chemotherapy.", "cycle 5"),
        ("Six cycles of FOLFOX.", None),
    ],
)
def test_cycle(text: str, cycle: str | None) -> None:
    found = [one.dose_text for one in read("oncology", text) if one.category == "medication"]
    assert found == [cycle]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("T category: T3", ["T3"]),
        ("Colon cancer, T4b on CT.", ["T4b"]),
        ("T2 tumour of the bladder", ["T2"]),
        ("pT3(m)", ["pT3"]),
        ("T2 hyperintense lesion", []),
        ("Fracture of T12, tenderness over T4.", []),
    ],
)
def test_t(text: str, expected: list[str]) -> None:
    assert told(text, "Primary tumour (T)") == expected


@pytest.mark.parametrize(
    "text, number", [("ECOG zero", 0), ("ECOG-PS 1", 1), ("Performance status: two.", 2)]
)
def test_performance(text: str, number: int) -> None:
    found = named(text, "ECOG performance status")
    assert [one.numeric_value for one in found] == [number]


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Upstaged from stage II to stage III breast cancer.", ["historical", "current"]),
        ("Stage I lung cancer, upstaged here.", ["historical"]),
    ],
)
def test_stage_that_was_given_up(text: str, expected: list[str]) -> None:
    found = named(text, "Cancer stage group")
    assert [one.context.temporality for one in found] == expected
