"""Signed checkpoints: who writes the whole chain anew is found all the same."""

from __future__ import annotations

import itertools
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lake.audit.forger import forge, rows_of
from tests.lake.rows import DOCTOR, TickingClock
from vitruvian.lake import Lake
from vitruvian.lake.audit.checkpoints import Proof, WrongSigner, is_due, make_checkpoint, prove
from vitruvian.lake.audit.keys import (
    AuditKeyInside,
    AuditKeyThere,
    BadAuditKey,
    make_audit_key,
    read_public,
    read_signer,
)
from vitruvian.lake.audit.places import BadPlace, FilePlace, place_of
from vitruvian.lake.audit.telling import tell_checkpoints
from vitruvian.trust import AuditRow, Deed
from vitruvian.trust.audit.checkpoint import Signer, read_checkpoints

OURS, NEXT, THEIRS = Signer(b"o" * 32), Signer(b"n" * 32), Signer(b"t" * 32)
SIGNED_AFTER = (3, 6, 9)
ROWS = 12  # the looks, and a row that tells of each checkpoint
LAST_SIGNED = 11


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake whose audit was signed three times, and whose checkpoints lie in a second place."""
    folder = tmp_path_factory.mktemp("signed")
    (folder / "second").mkdir()
    with Lake.create(folder / "lake", site="st-elsewhere", clock=TickingClock()) as lake:
        for number in range(1, 10):
            lake.audit.record(DOCTOR, Deed("read", subjects=(number,)))
            if number in SIGNED_AFTER:
                make_checkpoint(lake, OURS)
        tell_checkpoints(lake, FilePlace(folder / "second" / "checkpoints"))
    assert len(rows_of(folder / "lake")) == ROWS
    return folder


@pytest.fixture
def second(signed: Path, tmp_path: Path) -> Path:
    """A place outside the lake."""
    shutil.copytree(signed / "second", tmp_path / "second")
    return tmp_path / "second" / "checkpoints"


@pytest.fixture
def kept(signed: Path, tmp_path: Path) -> Iterator[Lake]:
    """A copy of it, opened."""
    shutil.copytree(signed / "lake", tmp_path / "lake")
    with Lake.open(tmp_path / "lake", clock=TickingClock()) as lake:
        yield lake


def proof(lake: Lake, second: Path | None = None, *, signer: Signer = OURS) -> Proof:
    """What verification says, after the chain itself was found sound."""
    assert list(lake.audit.faults()) == []
    place = None if second is None else second.read_text().splitlines()
    return prove(lake, trusted=signer.public, place=place)


def other_who(row: AuditRow) -> AuditRow:
    return replace(row, access=replace(row.access, who="somebody.else"))


def other_subject(row: AuditRow) -> AuditRow:
    return replace(row, deed=replace(row.deed, subjects=(77,)))


def other_time(row: AuditRow) -> AuditRow:
    return replace(row, at="2020-01-01T00:00:00+00:00")


@pytest.mark.parametrize("change", [other_who, other_subject, other_time])
def test_any_row_changed_and_every_hash_written_anew__is_found(
    kept: Lake, second: Path, change: Callable[[AuditRow], AuditRow]
) -> None:
    true = rows_of(kept.path)
    for place in range(LAST_SIGNED):
        forge(kept.path, [*true[:place], change(true[place]), *true[place + 1 :]])
        found = proof(kept, second).faults
        assert any("were rewritten" in fault for fault in found), f"row {place + 1}"


def test_any_row_taken_out_and_every_hash_written_anew__is_found(kept: Lake, second: Path) -> None:
    true = rows_of(kept.path)
    for place in range(LAST_SIGNED):
        forge(kept.path, true[:place] + true[place + 1 :])
        assert proof(kept, second).faults, f"row {place + 1}"


def test_any_two_rows_exchanged_and_every_hash_written_anew__are_found(
    kept: Lake, second: Path
) -> None:
    true = rows_of(kept.path)
    for one, other in itertools.combinations(range(LAST_SIGNED), 2):
        rows = list(true)
        rows[one], rows[other] = rows[other], rows[one]
        forge(kept.path, rows)
        found = proof(kept, second).faults
        assert any("were rewritten" in fault for fault in found), f"rows {one + 1}, {other + 1}"


def test_row_put_in_anywhere_and_every_hash_written_anew__is_found(
    kept: Lake, second: Path
) -> None:
    true = rows_of(kept.path)
    for place in range(LAST_SIGNED):
        forge(kept.path, [*true[:place], true[0], *true[place:]])
        found = proof(kept, second).faults
        assert any("were rewritten" in fault for fault in found), f"before row {place + 1}"


def test_end_cut_off__is_found(kept: Lake, second: Path) -> None:
    true = rows_of(kept.path)
    for left in range(LAST_SIGNED):
        forge(kept.path, true[:left])
        found = proof(kept, second).faults
        assert any("its end is gone" in fault for fault in found), f"{left} rows left"


def test_whole_audit_replaced_by_a_sound_one__is_found(kept: Lake, second: Path) -> None:
    forge(kept.path, [other_who(row) for row in rows_of(kept.path)])
    assert sum("were rewritten" in fault for fault in proof(kept, second).faults) == 3


def test_whole_audit_and_the_lake_s_own_checkpoints_forged_with_the_stolen_key__is_found(
    kept: Lake, second: Path
) -> None:
    forge(kept.path, [other_who(row) for row in rows_of(kept.path)])
    with closing(sqlite3.connect(kept.path / "audit.sqlite")) as database:
        database.execute("DELETE FROM checkpoint")
        database.commit()
    for _ in range(3):
        make_checkpoint(kept, OURS)
    found = proof(kept, second).faults
    assert any("were rewritten" in fault for fault in found)
    assert any("keeps other checkpoints" in fault for fault in found)


def test_rows_after_the_newest_checkpoint__are_counted_as_not_vouched_for(
    kept: Lake, second: Path
) -> None:
    found = proof(kept, second)
    assert found.faults == ()
    assert (found.checkpoints, found.rows, found.unsigned) == (3, ROWS, 1)


def test_audit_nobody_touched__holds_by_the_lake_s_own_checkpoints_too(kept: Lake) -> None:
    assert proof(kept).faults == ()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_checkpoint_taken_out_of_the_second_place__is_found(
    kept: Lake, second: Path, number: int
) -> None:
    lines = second.read_text().splitlines()
    second.write_text("\n".join(lines[: number - 1] + lines[number:]))
    assert proof(kept, second).faults


@pytest.mark.parametrize(
    "words, others",
    [
        ('"number":2', '"number":3'),
        ('"rows":7', '"rows":6'),
        ('"at":"2026', '"at":"2027'),
        ('"lake":"', '"lake":"0'),
        ('"signature":"', '"signature":"0'),
        ('"following":""', f'"following":"{THEIRS.public}"'),
        ("vitruvian_audit_checkpoint", "vitruvian_audit_something"),
        ('{"vitruvian_audit_checkpoint":1,', '{"vitruvian_audit_checkpoint":1,,'),
        ('"rows":7', '"rows":"7"'),
    ],
)
def test_checkpoint_changed_in_the_second_place__is_found(
    kept: Lake, second: Path, words: str, others: str
) -> None:
    lines = second.read_text().splitlines()
    assert words in lines[1]
    lines[1] = lines[1].replace(words, others)
    second.write_text("\n".join(lines))
    assert proof(kept, second).faults


def test_checkpoints_exchanged__are_found(kept: Lake, second: Path) -> None:
    one, two, three = second.read_text().splitlines()
    second.write_text(f"{one}\n{three}\n{two}")
    assert proof(kept, second).faults


def test_second_place_emptied__is_found(kept: Lake, second: Path) -> None:
    second.write_text("")
    assert "there is no checkpoint" in proof(kept, second).faults


def test_checkpoints_of_another_key__do_not_count(kept: Lake, second: Path) -> None:
    assert any("is signed by the key" in one for one in proof(kept, second, signer=THEIRS).faults)


def test_checkpoints_of_another_lake__do_not_count(second: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with Lake.create(other, site="elsewhere", clock=TickingClock()) as lake:
        make_checkpoint(lake, OURS)
        assert any("of another lake" in one for one in proof(lake, second).faults)


def test_lines_as_a_collector_keeps_them__some_twice__hold(kept: Lake, second: Path) -> None:
    said = [
        f"2026-01-01T00:00:00Z host vitruvian - checkpoint - {line}"
        for line in second.read_text().splitlines()
    ]
    second.write_text("\n".join(["a line of somebody else", *said, said[-1]]))
    assert proof(kept, second).faults == ()


def test_bit_of_a_kept_checkpoint_flipped__is_found_by_the_check(kept: Lake) -> None:
    with closing(sqlite3.connect(kept.path / "audit.sqlite")) as database:
        database.execute("UPDATE checkpoint SET line=replace(line, 'rows', 'rovs') WHERE number=2")
        database.commit()
    assert any("checkpoint 2" in fault for fault in kept.audit.faults())


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="st-elsewhere", clock=TickingClock()) as made:
        made.audit.record(DOCTOR, Deed("read", subjects=(1,)))
        yield made


def test_new_key__is_vouched_for_by_the_old_one_and_the_old_one_signs_no_more(lake: Lake) -> None:
    make_checkpoint(lake, OURS, following=NEXT)
    with pytest.raises(WrongSigner):
        make_checkpoint(lake, OURS)
    make_checkpoint(lake, NEXT)
    found = prove(lake, trusted=OURS.public)
    assert (found.faults, found.checkpoints) == ((), 2)


def test_key_that_nobody_introduced__signs_nothing(lake: Lake) -> None:
    make_checkpoint(lake, OURS)
    with pytest.raises(WrongSigner):
        make_checkpoint(lake, THEIRS)


def test_old_key_used_after_its_end__is_found(lake: Lake) -> None:
    """Somebody who kept the old key signs a second checkpoint by hand."""
    made = make_checkpoint(lake, OURS, following=NEXT)
    forged = OURS.signed(replace(made, number=2, before=made.digest(), following=""))
    found = prove(lake, trusted=OURS.public, place=[made.line(), forged.line()])
    assert any("checkpoint 2 is signed by the key" in one for one in found.faults)


def test_checkpoint__is_due_after_its_time_and_only_when_something_was_done(lake: Lake) -> None:
    assert is_due(lake, every=timedelta(days=1)), "there is none yet"
    make_checkpoint(lake, OURS)
    assert not is_due(lake, every=timedelta(0)), "nothing was done but writing it down"
    lake.audit.record(DOCTOR, Deed("read", subjects=(1,)))
    assert is_due(lake, every=timedelta(0))
    assert not is_due(lake, every=timedelta(days=1))


def test_audit__tells_who_signed(lake: Lake) -> None:
    make_checkpoint(lake, OURS, access=replace(DOCTOR, role="operator", purpose="operations"))
    row = lake.audit.rows()[-1]
    assert (row.access.who, row.deed.kind) == (DOCTOR.who, "checkpoint")
    assert "checkpoint 1 over 1 rows" in row.deed.definition


def test_second_place_that_was_down__gets_what_it_missed_once(lake: Lake, tmp_path: Path) -> None:
    second = tmp_path / "checkpoints"
    for _ in range(3):
        make_checkpoint(lake, OURS)
        lake.audit.record(DOCTOR, Deed("read", subjects=(1,)))
    assert tell_checkpoints(lake, FilePlace(second)) == 3
    assert tell_checkpoints(lake, FilePlace(second)) == 0
    found, wrong = read_checkpoints(second.read_text().splitlines())
    assert ([one.number for one in found], wrong) == ([1, 2, 3], ())


def test_line_torn_by_a_full_disk__does_not_take_the_next_one_along(
    lake: Lake, tmp_path: Path
) -> None:
    second = tmp_path / "checkpoints"
    second.write_text('{"vitruvian_audit_checkpoint":1,"lake')
    make_checkpoint(lake, OURS)
    tell_checkpoints(lake, FilePlace(second))
    found, wrong = read_checkpoints(second.read_text().splitlines())
    assert (len(found), len(wrong)) == (1, 1)


def test_key__is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "audit.key"
    made = make_audit_key(path)
    assert path.stat().st_mode & 0o077 == 0
    assert read_signer(path, lake=tmp_path / "lake") == made
    assert read_public(tmp_path / "audit.key.pub") == made.public
    with pytest.raises(AuditKeyThere):
        make_audit_key(path)


@pytest.mark.parametrize("words", ["", "vitruvian-audit-key-1 ff", "vitruvian-key-1 " + "0" * 64])
def test_file_that_is_no_key__is_refused(tmp_path: Path, words: str) -> None:
    path = tmp_path / "audit.key"
    path.write_text(words)
    with pytest.raises(BadAuditKey):
        read_signer(path, lake=tmp_path / "lake")
    with pytest.raises(BadAuditKey):
        read_public(path)
    with pytest.raises(BadAuditKey):
        read_public(tmp_path / "none")


def test_key_inside_the_lake__is_refused(lake: Lake) -> None:
    make_audit_key(lake.path / "audit.key")
    with pytest.raises(AuditKeyInside):
        read_signer(lake.path / "audit.key", lake=lake.path)


@pytest.mark.parametrize(
    "words",
    [
        "lake/checkpoints",
        "nowhere/checkpoints",
        "lake",
        "tcp://log.example:601",
        "udp://127.0.0.1",
        "tls://",
        "tls://log.example:99999999",
        "tls://log.example/path",
    ],
)
def test_place_that_keeps_nothing_safe__is_refused(lake: Lake, words: str) -> None:
    named = words if "://" in words else str(lake.path.parent / words)
    with pytest.raises(BadPlace):
        place_of(named, lake=lake.path)


def test_published_key_pair__is_ours_too() -> None:
    """RFC 8032 (2017), section 7.1, TEST 1."""
    secret = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert Signer(secret).public == public
