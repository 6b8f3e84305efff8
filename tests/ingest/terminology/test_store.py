"""Releases in a lake: one edition at a time, and what they say of codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.support import SYSTEM
from tests.terms.releases.made import athena, loinc, snomed
from vitruvian.cli import main
from vitruvian.ingest.terminology import Terms, load_release, releases
from vitruvian.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="test") as opened:
        yield opened


def held(lake: Lake) -> list[tuple[str, str]]:
    with lake.read(SYSTEM) as reader:
        return [(each.name, each.edition) for each in releases(reader)]


def test_lake_without_releases__knows_no_kinds(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader:
        assert Terms(reader).descendants(["SNOMED//111"]) == ("SNOMED//111",)
        assert Terms(reader).displays(["SNOMED//111"]) == {}


def test_descendants__reach_every_depth_and_every_release(lake: Lake, tmp_path: Path) -> None:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    load_release(lake, loinc(tmp_path / "l"), access=SYSTEM)
    with lake.read(SYSTEM) as reader:
        terms = Terms(reader)
        assert terms.descendants(["SNOMED//111"]) == ("SNOMED//111", "SNOMED//112", "SNOMED//113")
        assert terms.descendants(["LOINC//LP1-1"]) == ("LOINC//1-8", "LOINC//LP1-1")
        assert terms.displays(["LOINC//1-8", "SNOMED//999"]) == {"LOINC//1-8": 'Salt, in "blood"'}


def test_same_release_again__changes_nothing(lake: Lake, tmp_path: Path) -> None:
    load_release(lake, athena(tmp_path / "a"), access=SYSTEM)
    load_release(lake, tmp_path / "a", access=SYSTEM)
    assert held(lake) == [("athena", "v5.0 27-FEB-25")]
    with lake.read(SYSTEM) as reader:
        assert reader.history("resource", columns=["version_id"]).num_rows == 3


def test_newer_edition__takes_the_place_of_the_older(lake: Lake, tmp_path: Path) -> None:
    load_release(lake, athena(tmp_path / "old"), access=SYSTEM)
    newer = athena(tmp_path / "new", ancestors=False, edition="v5.0 28-AUG-25")
    (newer / "CONCEPT_RELATIONSHIP.csv").unlink()
    load_release(lake, newer, access=SYSTEM)
    assert held(lake) == [("athena", "v5.0 28-AUG-25")]
    with lake.read(SYSTEM) as reader:
        assert Terms(reader).descendants(["SNOMED//111"]) == ("SNOMED//111",)


def test_commands__load_list_and_expand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "lake")
    Lake.create(tmp_path / "lake", site="test").close()
    assert main(["terms", "list", "--lake", place]) == 0
    assert "no terminology release is loaded" in capsys.readouterr().out
    assert main(["terms", "load", str(snomed(tmp_path / "s")), "--lake", place]) == 0
    assert main(["terms", "expand", "SNOMED//112", "--lake", place]) == 0
    said = capsys.readouterr().out
    assert "snomed 20250101: 4 concepts" in said
    assert '- SNOMED//112  # Kind "two (disorder)' in said
    assert main(["terms", "expand", "SNOMED//999", "--lake", place]) == 2
    assert main(["terms", "load", str(tmp_path / "nowhere"), "--lake", place]) == 2
