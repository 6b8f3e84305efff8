"""Releases in a lake: one edition at a time, and what they say of codes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.ingest.support import SYSTEM
from tests.lakes import empty_lake
from tests.terms.releases.made import athena, loinc, national, snomed
from vitruvian.cli import main
from vitruvian.ingest.terminology import load_release
from vitruvian.lake import Lake
from vitruvian.terms.releases import Terms


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="test") as opened:
        yield opened


def held(lake: Lake, **as_of: datetime) -> list[tuple[str, str]]:
    with lake.read(SYSTEM, **as_of) as reader:
        return [(each.name, each.edition) for each in Terms(reader).releases]


def below(lake: Lake, code: str, **as_of: datetime) -> tuple[tuple[str, ...], tuple[str, ...]]:
    with lake.read(SYSTEM, **as_of) as reader:
        found = Terms(reader).expand(code)
        assert found is not None
        return found.codes, found.releases


def test_lake_without_releases__knows_no_code(lake: Lake) -> None:
    with lake.read(SYSTEM) as reader:
        assert Terms(reader).releases == ()
        assert Terms(reader).expand("SNOMED//111") is None
        assert Terms(reader).displays(["SNOMED//111"]) == {}


def test_code_of_no_release__is_not_expanded(lake: Lake, tmp_path: Path) -> None:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    with lake.read(SYSTEM) as reader:
        assert Terms(reader).expand("SNOMED//999") is None
        assert Terms(reader).expand("LOINC//1-8") is None


def test_descendants__reach_every_depth_and_name_their_release(lake: Lake, tmp_path: Path) -> None:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    load_release(lake, loinc(tmp_path / "l"), access=SYSTEM)
    kinds = ("SNOMED//111", "SNOMED//112", "SNOMED//113")
    assert below(lake, "SNOMED//111") == (kinds, ("snomed 20250101",))
    assert below(lake, "LOINC//LP1-1") == (("LOINC//1-8", "LOINC//LP1-1"), ("loinc 2.81",))
    with lake.read(SYSTEM) as reader:
        names = Terms(reader).displays(["LOINC//1-8", "SNOMED//999"])
    assert names == {"LOINC//1-8": 'Salt, in "blood"'}


def test_code_that_two_releases_know__is_expanded_by_both_and_named_by_its_publisher(
    lake: Lake, tmp_path: Path
) -> None:
    load_release(lake, athena(tmp_path / "a"), access=SYSTEM)
    load_release(lake, national(snomed(tmp_path / "s")), access=SYSTEM)
    codes, releases = below(lake, "SNOMED//111")
    assert codes == ("SNOMED//111", "SNOMED//112", "SNOMED//113", "SNOMED//115")
    assert releases == ("athena v5.0 27-FEB-25", "snomed 20250301")
    with lake.read(SYSTEM) as reader:
        assert Terms(reader).displays(["SNOMED//111"]) == {
            "SNOMED//111": "Sugar sickness (disorder)"
        }


def test_same_release_again__changes_nothing(lake: Lake, tmp_path: Path) -> None:
    first = load_release(lake, athena(tmp_path / "a"), access=SYSTEM)
    assert load_release(lake, tmp_path / "a", access=SYSTEM) == first
    assert (first.concepts, first.links) == (7, 3)
    with lake.read(SYSTEM) as reader:
        assert reader.history("terminology", columns=["release_id"]).num_rows == 1
        assert reader.history("concept", columns=["code_id"]).num_rows == 7


def test_newer_edition__is_in_force_and_the_older_one_still_answers_as_of_then(
    lake: Lake, tmp_path: Path
) -> None:
    older = load_release(lake, athena(tmp_path / "old"), access=SYSTEM)
    newer = athena(tmp_path / "new", ancestors=False, edition="v5.0 28-AUG-25")
    (newer / "CONCEPT_RELATIONSHIP.csv").unlink()
    load_release(lake, newer, access=SYSTEM)
    assert held(lake) == [("athena", "v5.0 28-AUG-25")]
    assert below(lake, "SNOMED//111")[0] == ("SNOMED//111",)
    assert len(below(lake, "SNOMED//111", recorded_at=older.since)[0]) == 3
    load_release(lake, tmp_path / "old", access=SYSTEM)
    assert held(lake) == [("athena", "v5.0 27-FEB-25")]
    assert len(below(lake, "SNOMED//111")[0]) == 3
    with lake.read(SYSTEM) as reader:
        assert reader.history("concept", columns=["code_id"]).num_rows == 14


def test_release__is_in_force_whatever_the_care_team_knew(lake: Lake, tmp_path: Path) -> None:
    load_release(lake, snomed(tmp_path / "s"), access=SYSTEM)
    assert held(lake, known_at=datetime(2001, 1, 1, tzinfo=UTC)) == [("snomed", "20250101")]


def test_commands__load_list_and_expand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = str(tmp_path / "lake")
    empty_lake(tmp_path / "lake", site="test").close()
    assert main(["terms", "list", "--lake", place]) == 0
    assert "no terminology release is loaded" in capsys.readouterr().out
    assert main(["terms", "load", str(snomed(tmp_path / "s")), "--lake", place]) == 0
    assert main(["terms", "list", "--lake", place]) == 0
    assert main(["terms", "expand", "SNOMED//112", "--lake", place]) == 0
    said = capsys.readouterr().out
    assert said.count("snomed 20250101: 4 concepts, 2 links") == 2
    assert "# 2 codes, by snomed 20250101" in said
    assert '- SNOMED//112  # Kind "two (disorder)' in said
    assert main(["terms", "expand", "SNOMED//999", "--lake", place]) == 2
    assert main(["terms", "load", str(tmp_path / "nowhere"), "--lake", place]) == 2
