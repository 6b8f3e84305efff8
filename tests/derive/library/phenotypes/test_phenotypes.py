"""Phenotypes: names of the ontology, their orders and spellings."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.derive.reading import read
from vitruvian.derive.text import Note, pack_for


@pytest.mark.parametrize(
    "text, code",
    [
        ("arachnodactyly", "HPO//HP:0001166"),
        ("Bilateral hearing loss", "HPO//HP:0000365"),
        ("seizures", "HPO//HP:0001250"),
        ("intracranial haemorrhage", "HPO//HP:0002170"),
    ],
)
def test_phenotype__is_coded(text: str, code: str) -> None:
    assert code in {found.code for found in read("phenotypes", text)}


@pytest.mark.parametrize(
    "text", ["Mild, progressive and recurrent.", "Autosomal dominant inheritance."]
)
def test_words_that_are_no_phenotype__are_none(text: str) -> None:
    assert read("phenotypes", text) == []


def test_negated_phenotype__says_so() -> None:
    (found,) = read("phenotypes", "No arachnodactyly.")
    assert found.context.polarity == "negated"


@pytest.mark.real_data
def test_names_of_the_ontology__are_right_where_they_are_found(real_data: Path) -> None:
    """ID-68 (Anazi et al. 2017), document level: names alone find about half, and are right."""
    folder = real_data / "clinical/nlp-hpo-gold/ID-68"
    right = ours = 0
    for labelled in sorted((folder / "ann").iterdir()):
        gold = {
            word.strip()
            for line in labelled.read_text("utf-8").splitlines()
            for word in line.split("\t")
            if word.startswith("HP:")
        }
        text = (folder / "corpus" / labelled.name).read_text("utf-8")
        assert Note(text, pack_for("en")).folded.shown
        found = {f.code.removeprefix("HPO//") for f in read("phenotypes", text)}
        right, ours = right + len(gold & found), ours + len(found)
    assert ours > 200
    assert right / ours >= 0.85
