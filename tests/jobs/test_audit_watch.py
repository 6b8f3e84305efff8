"""Signing and telling the audit by itself: at intervals, as the environment says, and never lost."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tests.lake.rows import DOCTOR, TickingClock
from tests.lakes import empty_lake
from vitruvian.jobs import audit_watched
from vitruvian.jobs.audit_watch import (
    CHECKPOINTS,
    EVERY,
    KEY,
    ROWS,
    AuditWatch,
    BadInterval,
    Wanted,
    wanted,
)
from vitruvian.lake import Lake
from vitruvian.lake.audit.checkpoints import WrongSigner, prove
from vitruvian.lake.audit.keys import BadAuditKey, make_audit_key
from vitruvian.lake.audit.places import BadPlace, FilePlace
from vitruvian.trust import Deed
from vitruvian.trust.audit.checkpoint import Signer

OURS = Signer(b"o" * 32)


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def lake(tmp_path: Path, clock: TickingClock) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        look(made)
        yield made


def look(lake: Lake) -> None:
    lake.audit.record(DOCTOR, Deed("read", subjects=(7,)))


def test_settings_that_cannot_be_used__keep_the_server_from_starting(lake: Lake) -> None:
    nowhere = str(lake.path.parent / "none")
    with pytest.raises(BadAuditKey):
        wanted(lake.path, {KEY: nowhere})
    with pytest.raises(BadPlace):
        wanted(lake.path, {ROWS: "udp://127.0.0.1"})
    for words in ("0", "-1", "1.5", "often", "99999999"):
        with pytest.raises(BadInterval):
            wanted(lake.path, {EVERY: words})


def test_nothing_said__wants_nothing(lake: Lake) -> None:
    assert wanted(lake.path, {}) == Wanted()


def test_checkpoint__is_made_when_it_is_time_and_brought_to_the_second_place(
    lake: Lake, clock: TickingClock, tmp_path: Path
) -> None:
    second = tmp_path / "checkpoints"
    watch = AuditWatch(lake, Wanted(OURS, FilePlace(second), every=timedelta(minutes=5)))
    for _ in range(3):
        watch.look()
        look(lake)
    assert len(second.read_text().splitlines()) == 1, "it is not time yet"
    clock.now += timedelta(minutes=5)
    watch.look()
    lines = second.read_text().splitlines()
    assert prove(lake, trusted=OURS.public, place=lines).faults == ()
    assert len(lines) == 2


def test_lake_in_which_nothing_happens__is_not_signed_again_and_again(
    lake: Lake, clock: TickingClock
) -> None:
    watch = AuditWatch(lake, Wanted(OURS, every=timedelta(0)))
    watch.look()
    rows = len(lake.audit.rows())
    for _ in range(3):
        clock.now += timedelta(days=1)
        watch.look()
    assert len(lake.audit.rows()) == rows


def test_place_that_is_down__is_told_once_in_the_log_and_keeps_nothing_else_back(
    lake: Lake, tmp_path: Path
) -> None:
    down = tmp_path / "gone" / "checkpoints"
    rows = tmp_path / "rows"
    watch = AuditWatch(lake, Wanted(OURS, FilePlace(down), FilePlace(rows)))
    with capture_logs() as told:
        watch.look()
        watch.look()
    assert [one["event"] for one in told] == ["audit work down"]
    assert rows.read_text().startswith("CEF:0|")
    down.parent.mkdir()
    with capture_logs() as told:
        watch.look()
    assert [one["event"] for one in told] == ["audit work whole again"]
    assert len(down.read_text().splitlines()) == 1


@pytest.mark.parametrize("fault", [OSError, sqlite3.OperationalError, WrongSigner])
def test_signing_that_fails__keeps_no_row_from_being_told(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: type[Exception]
) -> None:
    def fails(*_: object) -> None:
        raise fault if fault is not WrongSigner else WrongSigner(expected="another")

    monkeypatch.setattr("vitruvian.jobs.audit_watch.make_checkpoint", fails)
    rows = tmp_path / "rows"
    with capture_logs() as told:
        AuditWatch(lake, Wanted(OURS, rows=FilePlace(rows))).look()
    assert [(one["event"], one["what"]) for one in told] == [("audit work down", "signing")]
    assert rows.read_text().startswith("CEF:0|")


def test_environment__says_what_is_wanted(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = make_audit_key(tmp_path / "audit.key")
    monkeypatch.setenv(KEY, str(tmp_path / "audit.key"))
    monkeypatch.setenv(CHECKPOINTS, str(tmp_path / "checkpoints"))
    monkeypatch.setenv(EVERY, "5")
    found = wanted(lake.path)
    assert (found.signer, found.every) == (made, timedelta(minutes=5))
    with audit_watched(lake):
        assert lake.audit.rows()


def test_secret_of_the_key__is_not_shown_when_settings_are_printed() -> None:
    assert OURS.secret.hex() not in repr(Wanted(OURS))
    assert repr(OURS.secret) not in repr(Wanted(OURS))
