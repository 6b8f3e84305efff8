"""A backup made before an erasure brings nobody back when it is restored after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.lake.erase.ward import AUDIT, GONE, STAYS, TWIN, answers, build, erase, hits
from tests.lake.rows import event
from vitruvian.lake import Lake, Wants, backup, check_folder, restore
from vitruvian.lake.erasing.eraser import Eraser
from vitruvian.lake.erasing.errors import LedgerDamaged, OtherLedger
from vitruvian.lake.erasing.ledger import ledger_path, read_ledger
from vitruvian.trust import SYSTEM

WANTS = Wants(SYSTEM)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake that was backed up, and from which one person was erased afterwards."""
    folder = tmp_path_factory.mktemp("ward")
    build(folder / "lake")
    backup(folder / "lake", folder / "copies", WANTS)
    erase(folder / "lake")
    return folder


def test_ledger__is_beside_the_lake_for_its_owner_alone_and_names_nobody(house: Path) -> None:
    path = ledger_path(house / "lake")
    assert path.parent == house
    assert path.stat().st_mode & 0o077 == 0
    text = path.read_text()
    assert [one for one in (GONE, TWIN, STAYS) if str(one) in text] == []
    (one,) = read_ledger(path).erased
    assert (one.ground, one.asked_by, one.approved_by, len(one.digests)) == (
        *("objection", "ana", "bo"),
        2,
    )


def test_restore__without_the_ledger_brings_the_person_back_and_says_so(
    house: Path, tmp_path: Path
) -> None:
    report = restore(house / "copies", tmp_path / "other", WANTS)
    assert report.erased_again is None
    assert hits(tmp_path / "other")


def test_restore__with_the_ledger_holds_no_byte_of_the_person(house: Path, tmp_path: Path) -> None:
    ledger = ledger_path(house / "lake")
    restore(house / "copies", tmp_path / "before", WANTS)
    report = restore(house / "copies", tmp_path / "new", Wants(SYSTEM, erasures=ledger))
    assert report.erased_again == 1
    left = hits(tmp_path / "new")
    assert set(left) <= {str(GONE), str(TWIN)}  # numbers only, and only in the audit
    assert set().union(*left.values()) <= AUDIT
    assert list(check_folder(tmp_path / "new")) == []
    with Lake.open(tmp_path / "before") as before, Lake.open(tmp_path / "new") as after:
        kept = answers(before)
        # pairs with the person who went are about both, and go with either
        for name in ("look_alike", "pair_verdict"):
            kept[name] = [
                one for one in kept[name] if str(GONE) not in one and str(TWIN) not in one
            ]
        assert answers(after) == kept
        (again,) = Eraser(after).done()
        assert again.digests == read_ledger(ledger).erased[0].digests


def test_restore__finds_the_ledger_beside_the_place_by_itself(house: Path, tmp_path: Path) -> None:
    text = ledger_path(house / "lake").read_bytes()
    ledger_path(tmp_path / "lake").write_bytes(text)
    assert restore(house / "copies", tmp_path / "lake", WANTS).erased_again == 1


def test_data_that_came_back_after_an_erasure__are_not_erased_again(
    house: Path, tmp_path: Path
) -> None:
    path = tmp_path / "lake"
    restore(house / "copies", path, Wants(SYSTEM, erasures=ledger_path(house / "lake")))
    with Lake.open(path) as lake:
        lake.append(SYSTEM, {"event": [event(99, subject=GONE)]})
    backup(path, tmp_path / "copies", WANTS)
    report = restore(
        tmp_path / "copies", tmp_path / "again", Wants(SYSTEM, erasures=ledger_path(house / "lake"))
    )
    assert report.erased_again == 0
    with Lake.open(tmp_path / "again") as lake, lake.read(SYSTEM) as reader:
        assert reader.rows("event", subjects=[GONE]).num_rows == 1


def test_ledger__that_was_changed_or_is_of_another_lake_restores_nothing(
    house: Path, tmp_path: Path
) -> None:
    said = json.loads(ledger_path(house / "lake").read_text())
    broken = tmp_path / "broken.json"
    bodies: list[object] = [{**said, "erased": []}, {}, []]
    for body in bodies:
        broken.write_text(json.dumps(body))
        with pytest.raises(LedgerDamaged):
            restore(house / "copies", tmp_path / "new", Wants(SYSTEM, erasures=broken))
    (tmp_path / "other").mkdir()
    build(tmp_path / "other" / "lake")
    erase(tmp_path / "other" / "lake")
    with pytest.raises(OtherLedger):
        restore(
            house / "copies", tmp_path / "new",
            Wants(SYSTEM, erasures=ledger_path(tmp_path / "other" / "lake")),
        )  # fmt: skip
    assert not (tmp_path / "new").exists()
