"""What a new edition of a concept set changes, patient by patient; refusals first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.guides.test_changes import HIGH, LOW, OTHER, Ward
from tests.guides.vignettes import INSTANT, vignettes_of
from vitruvian.guides.concepts import concept_changes, guides_with, read_concepts, sets_of
from vitruvian.guides.errors import BadConcepts

BASE = vignettes_of("hcm_risk_scd").patient
GUIDE = "hcm_risk_scd"


@pytest.fixture
def ward() -> Ward:
    """One with a ventricular tachycardia on record, one without, and one of another disease."""
    return Ward(
        {
            HIGH: {**BASE, "tachycardia": True, "gradient": 34},
            LOW: BASE,
            OTHER: {name: value for name, value in BASE.items() if name != "cardiomyopathy"},
        }
    )


@pytest.mark.parametrize(
    "text", ["", "a: [", "concept_sets: []", "concept_sets: {a: X}", "concept_sets: {a: [1]}"]
)
def test_file_that_holds_no_sets__is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "sets.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(BadConcepts, match="concept_sets"):
        read_concepts(path)


def test_file_that_is_not_there__is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadConcepts, match="no YAML"):
        read_concepts(tmp_path / "nowhere.yaml")


def test_same_sets__change_nobody_and_ask_nobody(ward: Ward) -> None:
    found = concept_changes(GUIDE, sets_of(GUIDE), ward, instant=INSTANT)
    assert (found.sets, found.asked, found.found) == ((), 0, ())


def test_sets_of_other_names__are_left_alone(ward: Ward) -> None:
    assert concept_changes(GUIDE, {"nothing": ["X//1"]}, ward, instant=INSTANT).sets == ()


def test_code_that_goes__changes_exactly_who_holds_it_and_says_so(ward: Ward) -> None:
    old = sets_of(GUIDE)["tachycardia"]
    gone = vignettes_of(GUIDE).facts["tachycardia"]["code"]
    new = {"tachycardia": [code for code in old if code != gone]}
    found = concept_changes(GUIDE, new, ward, instant=INSTANT)
    (told,) = found.sets
    assert (told.added, told.removed) == ((), (gone,))
    # the one who has it, and the one of whom somebody said that he has not; the third holds neither
    assert BASE["tachycardia"] is False
    assert {each.person_id: each.codes for each in found.found} == {HIGH: (gone,), LOW: (gone,)}
    assert all(each.old != each.new and each.why for each in found.found)


def test_guidelines_with_a_set__are_named_and_the_retired_are_not() -> None:
    assert "covid_who" in guides_with(["covid"])
    assert "hcm_risk_scd_2014" not in guides_with(sets_of("hcm_risk_scd_2014"))
