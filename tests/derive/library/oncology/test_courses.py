"""What was done with a course of treatment, in the words in which letters tell it."""

from __future__ import annotations

import pytest

from tests.derive.library.oncology.sentences import acts


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Initiated on alectinib 2 weeks ago.", ["alectinib ordered"]),
        ("Began treatment with lenvatinib yesterday.", ["lenvatinib ordered"]),
        ("Progression on sunitinib; now starting cabozantinib.",
         ["sunitinib stopped", "cabozantinib ordered"]),
        ("Added bevacizumab to FOLFIRI.", ["bevacizumab ordered", "FOLFIRI reported"]),
        ("He was placed on carboplatin.", ["carboplatin ordered"]),
    ],
)  # fmt: skip
def test_begun(text: str, expected: list[str]) -> None:
    assert acts(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Cetuximab on hold for rash.", ["cetuximab stopped"]),
        ("Hold pembrolizumab pending steroid taper.", ["pembrolizumab stopped"]),
        ("He came off sunitinib because of fatigue.", ["sunitinib stopped"]),
        ("Patient has been off olaparib since June.", ["olaparib stopped"]),
        ("After stopping tamoxifen she felt better.", ["tamoxifen stopped"]),
        ("She did not tolerate exemestane.", ["exemestane stopped"]),
        ("Anastrozole was replaced by letrozole.", ["anastrozole stopped", "letrozole ordered"]),
        ("After progression on erlotinib, osimertinib was started.",
         ["erlotinib stopped", "osimertinib ordered"]),
    ],
)  # fmt: skip
def test_ended(text: str, expected: list[str]) -> None:
    assert acts(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("He will be treated with durvalumab.", ["durvalumab planned"]),
        ("Consented for ipilimumab.", ["ipilimumab planned"]),
        ("Gemcitabine starts Monday.", ["gemcitabine planned"]),
        ("She is to commence letrozole.", ["letrozole planned"]),
    ],
)
def test_planned(text: str, expected: list[str]) -> None:
    assert acts(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("Zoladex given today.", ["goserelin administered"]),
        ("He started FOLFOX in May and completed 12 cycles.", ["FOLFOX reported"]),
        ("Trastuzumab was completed in 2020.", ["trastuzumab reported"]),
        ("Tolerated first dose of rituximab.", ["rituximab reported"]),
        ("Vaccinated with BCG before starting school.", ["BCG reported"]),
    ],
)
def test_given_or_completed(text: str, expected: list[str]) -> None:
    assert acts(text) == expected


@pytest.mark.parametrize(
    "text, expected",
    [
        ("If the rash returns we shall stop cetuximab.", ["cetuximab reported"]),
        ("Should neuropathy worsen, oxaliplatin will be dropped.", ["oxaliplatin reported"]),
        ("Cetuximab was stopped because of rash.", ["cetuximab stopped"]),
        ("Capecitabine reduced after cycle 2.", ["capecitabine reported"]),
        ("FOLFIRI cycle 2 running via the port.", ["FOLFIRI administered"]),
        ("Docetaxel, six cycles until March.", ["docetaxel reported"]),
        ("Lenalidomide until March.", ["lenalidomide stopped"]),
    ],
)
def test_ending__that_hangs_on_a_condition_is_none(text: str, expected: list[str]) -> None:
    assert acts(text) == expected


def test_list_of_medicines__is_one_course() -> None:
    assert acts("Oxaliplatin, irinotecan and fluorouracil were given.") == [
        "oxaliplatin/irinotecan/fluorouracil reported"
    ]
