"""Who did what and why: in two sinks that mend each other and betray a change."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.lake.rows import DOCTOR, TickingClock, event
from vitruvian.lake import Lake
from vitruvian.lake.audit import Audit
from vitruvian.trust import SYSTEM, Deed


def test_one_patient__read_is_one_row_with_who_why_and_whom(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        reader.rows("event", subjects=[7])
        reader.rows("note", subjects=[7, 8])
    row = lake.audit.rows()[-1]
    assert row.access == DOCTOR
    assert row.deed == Deed("read", subjects=(7, 8), snapshot=reader.snapshot.id)


def test_population__read_is_one_row_with_its_definition(lake: Lake) -> None:
    with lake.read(DOCTOR) as reader:
        reader.query("SELECT count(*) FROM event, patient", tables=["event", "patient"])
    assert lake.audit.rows()[-1].deed.definition == "event patient"


def test_patient_index__tells_who_was_shown_this_patient(lake: Lake) -> None:
    for subject in (7, 8, 7):
        with lake.read(DOCTOR) as reader:
            reader.rows("event", subjects=[subject])
    assert len(lake.audit.rows(subject_id=7)) == 2


def test_read_that_fails__is_written_down_as_failed(lake: Lake) -> None:
    with pytest.raises(ZeroDivisionError), lake.read(DOCTOR) as reader:
        reader.rows("event", subjects=[1 // 0])
    assert lake.audit.rows()[-1].deed.outcome == "failed"


def test_read_that_treats_nobody__fails_when_its_row_cannot_be_written(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    asked = replace(DOCTOR, purpose="operations", role="administrator")
    monkeypatch.setattr("vitruvian.lake.disk.durable.os.pwrite", full)
    with pytest.raises(Exception, match="the disk is full"), lake.read(asked) as reader:
        reader.rows("event", subjects=[1])
    monkeypatch.undo()
    assert list(lake.audit.faults()) == []


def test_disk_that_takes_some_bytes_only__gets_the_rest(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.pwrite
    monkeypatch.setattr(
        "vitruvian.lake.disk.durable.os.pwrite",
        lambda handle, data, at: whole(handle, data[:7], at),
    )
    lake.append(SYSTEM, {"event": [event(1)]})
    assert list(lake.audit.faults()) == []


def test_every_write__is_written_down(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1)]})
    with lake.bulk(SYSTEM) as load:
        load.put_blob(b"x")
    lake.drain(SYSTEM)
    lake.compact(SYSTEM)
    lake.vacuum(SYSTEM)
    kinds = [row.deed.kind for row in lake.audit.rows()]
    assert kinds == ["append", "load", "drain", "compact", "vacuum"]


def three_rows(root: Path) -> Audit:
    audit = Audit(root, clock=TickingClock())
    for n in range(3):
        audit.record(SYSTEM, Deed("read", subjects=(n,)))
    return audit


def drop_last_line(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))


def add_torn_line(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b'{"row": {"seq": 4')


@pytest.mark.parametrize("damage", [drop_last_line, add_torn_line])
def test_second_sink__is_completed_from_the_first(
    tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    three_rows(tmp_path).close()
    whole = (tmp_path / "audit.jsonl").read_bytes()
    damage(tmp_path / "audit.jsonl")
    audit = Audit(tmp_path, clock=TickingClock())
    assert (tmp_path / "audit.jsonl").read_bytes() == whole
    assert list(audit.faults()) == []
    audit.close()


def test_first_sink__takes_over_a_row_that_only_the_second_kept(tmp_path: Path) -> None:
    audit = three_rows(tmp_path)
    with audit.database.writing() as connection:
        connection.execute("DELETE FROM audit WHERE seq=3")
        connection.execute("DELETE FROM shown WHERE seq=3")
    audit.close()
    again = Audit(tmp_path, clock=TickingClock())
    assert [row.seq for row in again.rows()] == [1, 2, 3]
    assert list(again.faults()) == []
    again.close()


def test_row_changed_in_both_sinks__breaks_the_chain(tmp_path: Path) -> None:
    audit = three_rows(tmp_path)
    with audit.database.writing() as connection:
        sql = "UPDATE audit SET line=replace(line, '\"system\"', '\"sYstem\"') WHERE seq=2"
        connection.execute(sql)
    assert list(audit.faults()) != []
    audit.close()


def test_row_changed_in_one_sink__is_found(tmp_path: Path) -> None:
    audit = three_rows(tmp_path)
    path = tmp_path / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"system"', b'"sYstem"', 1))
    assert list(audit.faults()) == ["audit.jsonl and audit.sqlite differ at row 1"]
    audit.close()


def test_question_to_many__names_itself_and_how_many_and_only_those_shown(lake: Lake) -> None:
    lake.append(SYSTEM, {"event": [event(1, subject=1), event(2, subject=2)]})
    with lake.read(DOCTOR) as reader:
        with reader.over_many("guide qtc"):
            reader.rows("event", subjects=[1])
            reader.rows("event", subjects=[2])
        reader.note([2])
    deed = lake.audit.rows()[-1].deed
    assert (deed.subjects, deed.definition) == ((2,), "guide qtc (of 2 subjects)")
