"""Erasure: two people decide, no byte stays, nobody else's answer changes, a count is left."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lake.erase.ward import (
    ALIKE,
    APPROVES,
    ASKS,
    AUDIT,
    GONE,
    NAME,
    PLANTED,
    STAYS,
    TWIN,
    answers,
    erase,
    hits,
)
from tests.lake.rows import event
from vitruvian.lake import Lake, check_folder
from vitruvian.lake.erasing.eraser import Eraser
from vitruvian.lake.erasing.errors import (
    ErasureAsked,
    MayNotErase,
    NobodyToErase,
    NoSuchErasure,
    NoSuchGround,
    OwnErasure,
    PersonChanged,
    StillRead,
)
from vitruvian.lake.erasing.register import removed_since
from vitruvian.lake.errors import NoAccount
from vitruvian.trust import SYSTEM, Access

ROOT = Path(__file__).resolve().parents[3]
PLACES = [
    ("erase:after-file", 3),
    ("erase:before-done", 1),
    *(
        pytest.param(*place, marks=pytest.mark.torture)
        for place in (
            ("publish:after-delta", 2),
            ("publish:after-catalogue", 2),
            ("erase:after-rows", 1),
            ("vacuum:after-checkpoint", 2),
            ("erase:after-vacuum", 1),
        )
    ),
]


@pytest.fixture
def lake(path: Path) -> Lake:
    return Lake.open(path)


def test_dual_control__nobody_approves_their_own(lake: Lake) -> None:
    eraser = Eraser(lake)
    request = eraser.ask(ASKS, GONE, ground="objection")
    with pytest.raises(OwnErasure):
        eraser.approve(ASKS, request.id)
    lake.accounts.create("ANA", display_name="Ana", role="data steward")
    with pytest.raises(OwnErasure):
        eraser.approve(replace(ASKS, who="ANA"), request.id)
    assert lake.audit.rows()[-1].deed.outcome == "refused"
    assert len(eraser.register.waiting()) == 1


@pytest.mark.parametrize("role", ["clinician", "researcher", "auditor"])
def test_dual_control__a_role_that_may_not_write_for_operations_is_refused(
    lake: Lake, role: str
) -> None:
    eraser = Eraser(lake)
    request = eraser.ask(ASKS, GONE, ground="objection")
    access = Access(who="vega", role=role, purpose="operations")
    with pytest.raises(MayNotErase):
        eraser.ask(access, STAYS, ground="objection")
    with pytest.raises(MayNotErase):
        eraser.approve(access, request.id)


def test_asking__needs_an_account_a_ground_somebody_and_no_other_request(lake: Lake) -> None:
    eraser = Eraser(lake)
    for access in (SYSTEM, replace(ASKS, who="terminal:root")):
        with pytest.raises(NoAccount):
            eraser.ask(access, GONE, ground="objection")
    with pytest.raises(NoSuchGround):
        eraser.ask(ASKS, GONE, ground="because")
    with pytest.raises(NobodyToErase):
        eraser.ask(ASKS, 12345, ground="objection")
    eraser.ask(ASKS, GONE, ground="objection")
    with pytest.raises(ErasureAsked):
        eraser.ask(ASKS, TWIN, ground="unlawful")
    with pytest.raises(NoSuchErasure):
        eraser.approve(APPROVES, "nothing")


def test_withdrawn__cannot_be_approved_and_leaves_no_number(lake: Lake) -> None:
    eraser = Eraser(lake)
    request = eraser.ask(ASKS, GONE, ground="objection")
    eraser.withdraw(APPROVES, request.id)
    with pytest.raises(NoSuchErasure):
        eraser.approve(APPROVES, request.id)
    assert str(TWIN).encode() not in (lake.path / "erasure.sqlite").read_bytes()


def test_approving__refuses_when_the_person_has_changed(lake: Lake) -> None:
    eraser = Eraser(lake)
    request = eraser.ask(ASKS, GONE, ground="objection")
    row = {"link_id": 2, "subject_id": STAYS, "person_id": GONE, "linked": True}
    whence = {"site": "s", "source_id": "x", "known_at_basis": "stated"}
    lake.append(SYSTEM, {"person_link": [{**row, **whence, "known_at": lake.clock()}]})
    with pytest.raises(PersonChanged):
        eraser.approve(APPROVES, request.id)
    assert eraser.done() == []
    assert answers(lake)["event"]


def test_planted_words__are_in_the_lake_before(path: Path) -> None:
    assert set(hits(path)) == set(PLANTED)


def test_every_byte__is_gone_from_every_file_but_the_audit(path: Path) -> None:
    done = erase(path)
    left = hits(path)
    assert set(left) <= {str(GONE), str(TWIN)}  # numbers only, and only in the audit
    assert set().union(*left.values()) <= AUDIT
    assert list(check_folder(path)) == []
    assert dict(done.counts) == {
        "blob": 1, "event": 7, "look_alike": 2, "note": 2, "pair_verdict": 1, "patient": 1,
        "person_link": 1, "resource": 2, "resource_key": 2, "retirement": 1, "sheet line": 1,
        "source": 1,
    }  # fmt: skip
    assert done.named == 1


def test_while_the_lake_is_open__no_byte_is_left_either(lake: Lake) -> None:
    eraser = Eraser(lake)
    eraser.approve(APPROVES, eraser.ask(ASKS, GONE, ground="objection").id)
    assert not set(hits(lake.path)) - {str(GONE), str(TWIN)}


def test_other_patients__answer_the_same_now_and_as_of_then(path: Path) -> None:
    with Lake.open(path) as lake:
        lake.drain(SYSTEM)
        with lake.read(SYSTEM) as reader:
            then = reader.snapshot.published_at
        instants = [{}, {"recorded_at": then}, {"known_at": then}]
        before = [answers(lake, **as_of) for as_of in instants]
    erase(path)
    with Lake.open(path) as lake:
        assert [answers(lake, **as_of) for as_of in instants] == before


def test_pairs_of_look_alikes__go_with_either_of_the_two_and_others_stay(path: Path) -> None:
    erase(path)
    with Lake.open(path) as lake, lake.read(SYSTEM) as reader:
        left = [reader.history(name).select(["subject_id", "other_id"]).to_pylist()
                for name in ("look_alike", "pair_verdict")]  # fmt: skip
    assert left == [[{"subject_id": ALIKE, "other_id": STAYS}]] * 2


def test_shared_blob__stays_and_the_own_one_goes(path: Path) -> None:
    erase(path)
    with Lake.open(path) as lake, lake.read(SYSTEM) as reader:
        (shared,) = reader.rows("note").column("blob_sha256").to_pylist()
        assert reader.blob(shared) == b"shared pixels"
    assert len(list((path / "blobs").glob("*/*"))) == 1


def test_beside_the_tables__rows_about_others_stay(path: Path) -> None:
    erase(path)
    with Lake.open(path) as lake:
        (broken,) = lake.desk.breakings()
        assert (broken.name, broken.reason) == ("vega", "(erased)")
        assert lake.accounts.last_seen("vega", person_id=GONE) is None
    assert b"fine" in (path / "cds_hooks.sqlite").read_bytes()


def test_earlier_view__says_how_much_was_removed_and_why(path: Path) -> None:
    with Lake.open(path) as lake, lake.read(SYSTEM) as reader:
        then = reader.snapshot.published_at
    done = erase(path)
    (told,) = removed_since(path, then)
    assert (told.items, told.ground, told.asked_by, told.approved_by) == (
        *(22, "objection"),
        *("ana", "bo"),
    )
    assert removed_since(path, done.done_at) == []
    with Lake.open(path) as lake:
        register = Eraser(lake).register
        assert register.about([TWIN]) == [told]
        assert register.about([STAYS]) == []


def test_audit__names_the_act_without_content(path: Path) -> None:
    done = erase(path)
    with Lake.open(path) as lake:
        rows = [row for row in lake.audit.rows() if row.deed.kind == "erase"]
    said = [(row.access.who, row.deed.definition, row.deed.subjects) for row in rows]
    assert said == [
        ("ana", f"ask {done.id} objection", ()),
        ("bo", f"approve {done.id}", ()),
        ("system", f"erased {done.id} 22 items", ()),
    ]


def test_reader_that_stays__is_waited_for_and_resume_finishes(path: Path) -> None:
    with Lake.open(path) as lake:
        eraser = Eraser(lake, patience=0.1)
        request = eraser.ask(ASKS, GONE, ground="objection")
        with lake.read(SYSTEM) as reader:
            with pytest.raises(StillRead):
                eraser.approve(APPROVES, request.id)
            assert reader.rows("event", subjects=[GONE]).num_rows  # one published state
        with lake.read(SYSTEM) as reader:
            assert not reader.rows("event", subjects=[GONE]).num_rows
        (done,) = eraser.resume()
        assert done.items == 22
    assert not set(hits(path)) - {str(GONE), str(TWIN)}


@pytest.mark.parametrize("place, times", PLACES)
def test_killed_on_the_way__resume_finishes_with_the_same_count(
    path: Path, place: str, times: int
) -> None:
    with Lake.open(path) as lake:
        Eraser(lake).ask(ASKS, GONE, ground="objection")
        others = answers(lake)
    words = [sys.executable, "-m", "tests.lake.erase.victim", str(path), place, str(times)]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-500:]
    with Lake.open(path) as lake:
        eraser = Eraser(lake)
        (done,) = eraser.resume()
        assert done.items == 22
        assert eraser.resume() == []
        assert answers(lake) == others
    assert not set(hits(path)) - {str(GONE), str(TWIN)}
    assert list(check_folder(path)) == []


def test_data_that_arrive_later__are_new_data(path: Path) -> None:
    erase(path)
    with Lake.open(path) as lake:
        lake.append(SYSTEM, {"event": [event(99, subject=GONE, text_value=NAME)]})
        with lake.read(SYSTEM) as reader:
            assert reader.rows("event", subjects=[GONE]).num_rows == 1
