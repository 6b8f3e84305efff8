"""Releases read: each format by its publisher's description, on tiny files of our own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.terms.releases.made import athena, loinc, national, rxnorm, snomed
from vitruvian.terms.releases import BadRelease, Release, find_release


def concepts(release: Release) -> dict[str, tuple[str | None, bool]]:
    rows = release.concepts.to_pylist()
    return {row["code"]: (row["display"], row["active"]) for row in rows}


def edges(release: Release) -> set[tuple[str, str]]:
    codes = release.concepts["code"].to_pylist()
    rows = [row for batch in release.links for row in batch.to_pylist()]
    return {(codes[row["parent"]], codes[row["child"]]) for row in rows}


def test_empty_folder__is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadRelease, match="no file of one"):
        find_release(tmp_path)


def test_two_releases_in_one_folder__are_refused(tmp_path: Path) -> None:
    athena(tmp_path)
    loinc(tmp_path)
    with pytest.raises(BadRelease, match="several"):
        find_release(tmp_path)


def test_missing_column__is_refused(tmp_path: Path) -> None:
    (tmp_path / "CONCEPT.csv").write_text("concept_id\tconcept_name\n1\tx\n", "utf-8")
    with pytest.raises(BadRelease, match="no column vocabulary_id"):
        find_release(tmp_path)


@pytest.mark.parametrize("made, cut", [(athena, "CONCEPT.csv"), (rxnorm, "rrf/RXNCONSO.RRF"),
    (snomed, "Snapshot/Terminology/sct2_Concept_Snapshot_INT_20250101.txt")])  # fmt: skip
def test_file_cut_short__is_refused(tmp_path: Path, made: Callable[[Path], Path], cut: str) -> None:
    path = made(tmp_path) / cut
    text = path.read_text("utf-8")
    path.write_text(text[: text.rindex("\n", 0, -1) + 3], "utf-8")
    with pytest.raises(BadRelease, match="cut short"):
        find_release(tmp_path)


def test_athena__has_concepts_of_every_vocabulary_and_ancestors(tmp_path: Path) -> None:
    release = find_release(athena(tmp_path))
    told = concepts(release)
    assert (release.name, release.edition) == ("athena", "v5.0 27-FEB-25")
    assert told["SNOMED//111"] == ('Sugar "sickness"', True)
    assert told["ICD10CM//E99.9"] == ("E-something", True)
    assert told["SNOMED//114"] == ("Gone", False)
    # as the OMOP adapter writes them on the timeline
    assert told["RXNORM//11"] == ("red pill", True)
    assert told["RxNorm Extension//OMOP1"] == ("blue pill", True)
    assert edges(release) == {("SNOMED//111", "SNOMED//112"), ("SNOMED//111", "SNOMED//113"),
                              ("SNOMED//112", "SNOMED//113")}  # fmt: skip


def test_athena_without_ancestors__takes_the_relationships_that_hold(tmp_path: Path) -> None:
    release = find_release(athena(tmp_path, ancestors=False))
    assert edges(release) == {("SNOMED//111", "SNOMED//112"), ("SNOMED//112", "SNOMED//113")}


def test_snomed__has_active_names_and_active_is_a(tmp_path: Path) -> None:
    release = find_release(snomed(tmp_path))
    told = concepts(release)
    assert (release.name, release.edition) == ("snomed", "20250101")
    assert told["SNOMED//111"] == ("Sugar sickness (disorder)", True)
    assert told["SNOMED//112"] == ('Kind "two (disorder)', True)
    assert told["SNOMED//113"] == (None, True)
    assert not told["SNOMED//114"][1]
    assert edges(release) == {("SNOMED//111", "SNOMED//112"), ("SNOMED//112", "SNOMED//113")}


def test_snomed_in_packages__is_read_whole_and_the_last_word_counts(tmp_path: Path) -> None:
    release = find_release(national(snomed(tmp_path)))
    told = concepts(release)
    assert release.edition == "20250301"
    assert told["SNOMED//111"] == ("Sugar sickness (disorder)", True)
    assert told["SNOMED//115"] == ("Sukkersyke III (tilstand)", True)
    assert told["SNOMED//113"] == (None, False)
    assert edges(release) == {("SNOMED//111", "SNOMED//112"), ("SNOMED//112", "SNOMED//115")}


@pytest.mark.parametrize("tree", ["ComponentHierarchyBySystem", "MultiAxialHierarchy"])
def test_loinc__has_names_and_the_hierarchy_with_parts(tmp_path: Path, tree: str) -> None:
    release = find_release(loinc(tmp_path, tree=tree))
    assert (release.name, release.edition) == ("loinc", "2.81")
    assert concepts(release)["LOINC//1-8"] == ('Salt, in "blood"', True)
    assert concepts(release)["LOINC//LP1-1"] == ("Salts", True)
    assert not concepts(release)["LOINC//2-6"][1]
    assert edges(release) == {("LOINC//LP1-1", "LOINC//1-8")}


def test_rxnorm__has_its_own_names_and_kinds(tmp_path: Path) -> None:
    release = find_release(rxnorm(tmp_path))
    assert (release.name, release.edition) == ("rxnorm", "03032025")
    assert concepts(release) == {"RXNORM//10": ("pill", True), "RXNORM//11": ("red pill", True),
                                 "RXNORM//12": ("old pill", False)}  # fmt: skip
    assert edges(release) == {("RXNORM//10", "RXNORM//11"), ("RXNORM//12", "RXNORM//10")}


def test_athena_without_a_single_concept__is_refused(tmp_path: Path) -> None:
    path = athena(tmp_path) / "CONCEPT.csv"
    path.write_text(path.read_text("utf-8").splitlines()[0] + "\n", "utf-8")
    with pytest.raises(BadRelease, match="no concept"):
        find_release(tmp_path)


def test_a_number_that_is_none__is_refused_without_its_line(tmp_path: Path) -> None:
    path = athena(tmp_path) / "CONCEPT.csv"
    path.write_text(path.read_text("utf-8").replace("\n2\t", "\nsecret\t"), "utf-8")
    with pytest.raises(BadRelease, match=r"CONCEPT\.csv") as told:
        find_release(tmp_path)
    assert "secret" not in str(told.value)
