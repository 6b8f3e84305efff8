"""`vitruvian account` as typed: who there is, another role, locked and let in again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lake.rows import stay
from tests.lakes import empty_lake
from vitruvian.cli import main
from vitruvian.lake import Lake
from vitruvian.lake.errors import Damaged
from vitruvian.trust import SYSTEM


@pytest.fixture
def lake(tmp_path: Path) -> str:
    folder = tmp_path / "lake"
    with empty_lake(folder, site="st-elsewhere") as made:
        made.accounts.create("rossi", display_name="Dr Rossi", role="clinician")
    return str(folder)


def listed(lake: str, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    capsys.readouterr()
    assert main(["account", "list", "--lake", lake, "--json"]) == 0
    (found,) = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def written(lake: str) -> list[str]:
    with Lake.open(Path(lake)) as opened:
        return [row.deed.definition for row in opened.audit.rows() if row.deed.kind == "account"]


@pytest.mark.parametrize(
    "words, said",
    [
        (["role", "rossi", "wizard"], "no such role"),
        (["role", "nobody", "auditor"], "No account has that name"),
        (["lock", "nobody"], "No account has that name"),
        (["tie", "nobody", "ward", "7 North"], "No account has that name"),
        (["tie", "rossi", "self", "Quillfeather"], "A subject goes by its number"),
        (["add", "vega", "--proxy", "1", "--proxy", "²"], "A subject goes by its number"),
    ],
)
def test_what_is_not_there__is_refused_and_nothing_is_written_down(
    words: list[str], said: str, lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["account", *words, "--lake", lake]) == 2
    assert said in capsys.readouterr().err
    assert written(lake) == []


def test_lock__is_seen_in_the_list_gives_no_link_and_is_undone(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["account", "lock", "rossi", "--lake", lake]) == 0
    assert listed(lake, capsys)["locked"] is True
    assert main(["account", "link", "rossi", "--lake", lake]) == 2
    assert "locked" in capsys.readouterr().err
    assert main(["account", "lock", "rossi", "--undo", "--lake", lake]) == 0
    assert listed(lake, capsys)["locked"] is False
    assert written(lake) == ["lock rossi", "unlock rossi"]


def test_role__is_another_one_afterwards(lake: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["account", "role", "rossi", "data steward", "--lake", lake]) == 0
    assert listed(lake, capsys)["role"] == "data steward"
    assert written(lake) == ["role rossi data steward"]


def test_list__says_what_an_account_is_tied_to(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for value in ("7 North", "ICU"):
        assert main(["account", "tie", "rossi", "ward", value, "--lake", lake]) == 0
    assert main(["account", "tie", "rossi", "ward", "ICU", "--undo", "--lake", lake]) == 0
    assert listed(lake, capsys)["ties"] == {"ward": ["7 North"]}
    assert written(lake) == ["tie rossi ward", "tie rossi ward", "untie rossi ward"]


@pytest.mark.parametrize(
    "number", ["seven", "-7", "\u0667", "7.0", "9223372036854775808", "9" * 5000]
)
def test_patient__who_is_no_number_is_tied_to_nobody(
    number: str, lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["account", "tie", "rossi", "self", "--lake", lake, "--", number]
    assert main(said) != 0
    assert "Nothing was changed" in capsys.readouterr().err
    assert listed(lake, capsys)["ties"] == {}


def test_tie__to_no_number_that_is_stored_all_the_same_is_damage_and_can_be_undone(
    lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lake.open(Path(lake)) as opened:
        opened.desk.tie("rossi", kind="self", value="seven")
        with pytest.raises(Damaged, match="without a number"):
            opened.desk.ties("rossi")
    assert main(["account", "tie", "rossi", "self", "seven", "--undo", "--lake", lake]) == 0
    assert listed(lake, capsys)["ties"] == {}


@pytest.mark.parametrize("ward", ["7 North", "7 Nroth"])
def test_ward__that_no_stay_is_on_is_told_and_tied_all_the_same(
    ward: str, lake: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lake.open(Path(lake)) as opened:
        opened.append(SYSTEM, {"location_stay": [stay(1, subject=2, ward="7 North")]})
    assert main(["account", "tie", "rossi", "ward", ward, "--lake", lake]) == 0
    assert ("no stay stored here" in capsys.readouterr().err) is (ward == "7 Nroth")
    assert listed(lake, capsys)["ties"] == {"ward": [ward]}


def test_list__of_a_new_lake_says_how_to_make_the_first(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    empty_lake(tmp_path / "lake", site="st-elsewhere").close()
    assert main(["account", "list", "--lake", str(tmp_path / "lake")]) == 0
    assert "vitruvian account add" in capsys.readouterr().out
