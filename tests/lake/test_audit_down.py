"""What goes on when the audit cannot be written: treatment with one sink, nothing with none."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.lake.rows import DOCTOR, TickingClock, event
from vitruvian.lake import Lake, emergency_view
from vitruvian.lake.audit import Audit, AuditDown
from vitruvian.lake.errors import StorageFailed
from vitruvian.trust import SYSTEM, Access, Deed

Break = Callable[[Audit], None]
STEWARD = replace(DOCTOR, role="data steward", purpose="operations")


def no_database(audit: Audit) -> None:
    """SQLite itself refuses every change, as on a disk that has turned read-only."""
    audit.database.connection().execute("PRAGMA query_only=ON")


def database_again(audit: Audit) -> None:
    audit.database.connection().execute("PRAGMA query_only=OFF")


def no_lines(audit: Audit) -> None:
    """The kernel refuses every change of the file."""
    os.close(audit._handle)
    audit._handle = os.open(audit._lines, os.O_RDONLY)


def lines_again(audit: Audit) -> None:
    os.close(audit._handle)
    audit._handle = os.open(audit._lines, os.O_RDWR)


@pytest.fixture
def full(lake: Lake) -> Iterator[Lake]:
    """A lake with one patient and a few rows of audit."""
    lake.append(SYSTEM, {"event": [event(1, subject=7)]})
    look(lake)
    yield lake
    database_again(lake.audit)
    lines_again(lake.audit)


def look(lake: Lake, access: Access = DOCTOR) -> int:
    with lake.read(access) as reader:
        return int(reader.rows("event", subjects=[7]).num_rows)


ONE_DOWN = pytest.mark.parametrize(
    "sink, broken, mended",
    [
        ("audit.sqlite", no_database, database_again),
        ("audit.jsonl", no_lines, lines_again),
    ],
)


@ONE_DOWN
def test_with_one_sink_down__what_treats_nobody_waits(
    full: Lake, sink: str, broken: Break, mended: Break
) -> None:
    broken(full.audit)
    for access in (STEWARD, replace(DOCTOR, operation="export")):
        with pytest.raises(StorageFailed):
            look(full, access)
    with pytest.raises(StorageFailed):
        full.append(DOCTOR, {"event": [event(2, subject=7)]})
    mended(full.audit)
    assert look(full) == 1


@ONE_DOWN
def test_with_one_sink_down__treatment_is_read_and_an_alarm_told(
    full: Lake, sink: str, broken: Break, mended: Break
) -> None:
    before = len(full.audit.rows())
    broken(full.audit)
    with capture_logs() as told:
        assert [look(full), look(full), look(full)] == [1, 1, 1]
    assert full.audit.down == {sink}
    assert told == [{"event": "audit sink down", "sink": sink, "log_level": "error"}]
    mended(full.audit)
    assert look(full) == 1
    assert full.audit.down == frozenset()
    rows = full.audit.rows()
    assert len(rows) == before + 4, "each look has its row, in both sinks again"
    assert list(full.audit.faults()) == []


@ONE_DOWN
def test_with_one_sink_down__a_server_that_ends_and_begins_again_has_every_row(
    tmp_path: Path, sink: str, broken: Break, mended: Break
) -> None:
    audit = Audit(tmp_path, clock=TickingClock())
    audit.record(DOCTOR, Deed("read", subjects=(1,)))
    broken(audit)
    audit.record(DOCTOR, Deed("read", subjects=(2,)))
    mended(audit)  # closing flushes
    audit.close()
    again = Audit(tmp_path, clock=TickingClock())
    assert [row.deed.subjects for row in again.rows()] == [(1,), (2,)]
    assert list(again.faults()) == []
    again.close()


def test_with_both_sinks_down__nothing_is_shown_and_the_way_out_is_told(full: Lake) -> None:
    no_database(full.audit)
    no_lines(full.audit)
    with pytest.raises(AuditDown, match="serve --emergency"):
        look(full)


def test_sinks_down_one_after_the_other__never_part_the_chain_in_two(full: Lake) -> None:
    no_lines(full.audit)
    assert look(full) == 1  # in the database alone
    lines_again(full.audit)
    no_database(full.audit)
    with pytest.raises(AuditDown):
        look(full)
    database_again(full.audit)
    assert look(full) == 1
    assert list(full.audit.faults()) == []


def test_with_both_sinks_down__the_emergency_view_shows_and_keeps_who_looked(full: Lake) -> None:
    no_database(full.audit)
    no_lines(full.audit)
    with emergency_view(full.path, clock=full.clock) as view:
        assert look(view) == 1
        kept = view.audit.rows()[-1]
        assert (kept.access, kept.deed.subjects) == (DOCTOR, (7,))
        assert view.path != full.path
    assert (view.path / "audit.jsonl").read_text("utf-8").count("\n") == 1


def test_line_longer_than_what_is_looked_at_first__is_found_whole(tmp_path: Path) -> None:
    audit = Audit(tmp_path, clock=TickingClock())
    audit.record(DOCTOR, Deed("read", subjects=tuple(range(30_000))))
    no_database(audit)
    row = audit.record(DOCTOR, Deed("read", subjects=(2,)))
    assert row.seq == 2
    database_again(audit)
    audit.record(DOCTOR, Deed("read", subjects=(3,)))
    assert list(audit.faults()) == []
    audit.close()


def test_lines_that_somebody_changed__are_not_gone_on_with_alone(tmp_path: Path) -> None:
    audit = Audit(tmp_path, clock=TickingClock())
    audit.record(DOCTOR, Deed("read", subjects=(1,)))
    path = tmp_path / "audit.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"treatment"', b'"trEatment"'))
    no_database(audit)
    with pytest.raises(AuditDown):
        audit.record(DOCTOR, Deed("read", subjects=(2,)))
    database_again(audit)
    audit.close()
