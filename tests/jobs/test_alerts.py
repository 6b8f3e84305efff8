"""Alerts on new data: each is written once, whatever happens in between."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Hands
from tests.guides.alerts.ward import NEWS2, admitted, event, hour, ill, man, tables, well
from tests.lakes import empty_lake
from vitruvian.guides.alerts import AlertShelf
from vitruvian.guides.alerts.shelf import Asks
from vitruvian.jobs import Upkeep
from vitruvian.jobs.alerts import Watch, Watched
from vitruvian.jobs.upkeep import BUSY, DONE, FAILED
from vitruvian.lake import Lake
from vitruvian.lake.disk.durable import writer_lock
from vitruvian.trust import SYSTEM

Row = dict[str, Any]
NAME = NEWS2.name


class Killed(BaseException):
    """The power is cut."""


@pytest.fixture
def clock() -> Hands:
    return Hands(hour(0))


@pytest.fixture
def lake(tmp_path: Path, clock: Hands) -> Iterator[Lake]:
    """Two men in hospital, one of them ill already when the alert is switched on."""
    with empty_lake(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        events = [*man(1), *man(2), *ill(2, hour(-1), number=1)]
        made.append(SYSTEM, tables(events, [admitted(1, since=hour(-2)), admitted(2)]))
        clock.later(seconds=1)
        yield made


@pytest.fixture
def shelf(lake: Lake, clock: Hands) -> Iterator[AlertShelf]:
    made = AlertShelf(lake.path, clock=clock)
    made.draft(NEWS2, by="dr.vega")
    made.move(NAME, Asks("silent", "dr.vega"))
    yield made
    made.close()


@pytest.fixture
def watch(lake: Lake, shelf: AlertShelf, clock: Hands) -> Watch:
    return Watch(lake, shelf, clock)


def told(lake: Lake) -> list[Row]:
    with lake.read(SYSTEM) as reader:
        found: list[Row] = reader.rows("alert").to_pylist()
    return sorted(found, key=lambda row: row["fired_at"])


def falls_ill(lake: Lake, clock: Hands, *, number: int = 1) -> None:
    clock.later(hours=1)
    lake.append(SYSTEM, {"event": ill(1, clock.now, number=number)})
    clock.later(seconds=1)


def test_draft__looks_at_nothing(lake: Lake, clock: Hands) -> None:
    shelf = AlertShelf(lake.path, clock=clock)
    shelf.draft(NEWS2, by="dr.vega")
    falls_ill(lake, clock)
    assert Watch(lake, shelf, clock).run() == Watched()
    shelf.close()
    assert told(lake) == []


def test_past__is_left_to_trials(lake: Lake, watch: Watch) -> None:
    assert watch.run() == Watched()
    assert told(lake) == []


def test_facts_that_no_alert_asks_for__wake_nobody(lake: Lake, watch: Watch, clock: Hands) -> None:
    lake.append(SYSTEM, {"event": [event("LOINC//2524-7", key=7, subject=2, at=clock.now)]})
    assert watch.run() == Watched()


def test_new_data__fire_once_and_say_on_which_facts(lake: Lake, watch: Watch, clock: Hands) -> None:
    falls_ill(lake, clock)
    assert watch.run() == Watched(judged=1, fired=1)
    assert watch.run() == Watched()
    (row,) = told(lake)
    assert (row["subject_id"], row["answer"], row["state"]) == (1, "high", "silent")
    assert (row["fired_at"], row["known_at"], row["edition"]) == (
        clock.now,
        clock.now,
        "NEWS2, 2017",
    )
    assert set(row["facts"]) <= {fact["event_id"] for fact in ill(1, clock.now, number=1)}


def test_same_again__is_held_back_for_the_quiet_hours(
    lake: Lake, watch: Watch, clock: Hands
) -> None:
    for number in range(1, 4):
        falls_ill(lake, clock, number=number)
        watch.run()
    assert len(told(lake)) == 1
    clock.later(hours=8)
    falls_ill(lake, clock, number=4)
    watch.run()
    assert len(told(lake)) == 2


def test_very_same_facts__never_fire_a_second_time(lake: Lake, watch: Watch, clock: Hands) -> None:
    falls_ill(lake, clock)
    watch.run()
    clock.later(hours=9)
    lake.append(SYSTEM, {"event": [event("LOINC//9279-1", key=8, subject=1, at=hour(-30))]})
    watch.run()
    assert len(told(lake)) == 1


@pytest.mark.parametrize("place", ["before the row", "after the row"])
def test_killed__the_next_run_writes_the_row_once(
    lake: Lake, watch: Watch, clock: Hands, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    append = lake.append

    def cut(access: Any, rows: Any) -> None:
        if place == "after the row":
            append(access, rows)
        raise Killed

    falls_ill(lake, clock)
    with monkeypatch.context() as patched:
        patched.setattr(lake, "append", cut)
        with pytest.raises(Killed):
            watch.run()
    # somebody else's new data come in between, and the clock goes on
    clock.later(hours=9)
    lake.append(SYSTEM, {"event": well(2, clock.now, number=5)})
    watch.run()
    assert [row["subject_id"] for row in told(lake)] == [1]


def test_retired__looks_no_more(lake: Lake, watch: Watch, shelf: AlertShelf, clock: Hands) -> None:
    shelf.move(NAME, Asks("retired", "dr.vega", why="a better one came"))
    falls_ill(lake, clock)
    assert watch.run() == Watched()


def test_audit__names_the_alert_and_how_many_and_nobody(
    lake: Lake, watch: Watch, clock: Hands
) -> None:
    falls_ill(lake, clock)
    watch.run()
    asked = [row for row in lake.audit.rows() if NAME in row.deed.definition]
    assert [row.deed.subjects for row in asked] == [()]
    assert f"alert {NAME} (of 1 subjects)" in asked[0].deed.definition


def test_the_process__says_how_it_went(lake: Lake, shelf: AlertShelf, tmp_path: Path) -> None:
    def run(path: Path) -> int:
        command = [sys.executable, "-m", "vitruvian.jobs.alerts", str(path)]
        return subprocess.run(command, capture_output=True, check=False, timeout=120).returncode

    assert run(lake.path) == DONE
    with writer_lock(lake.path / "alerts.lock"):
        assert run(lake.path) == BUSY
    assert run(tmp_path / "nowhere") == FAILED


def test_upkeep__judges_only_when_an_alert_runs_and_something_is_new(
    lake: Lake, shelf: AlertShelf, clock: Hands
) -> None:
    runs: list[Path] = []

    def watch(path: Path) -> int:
        runs.append(path)
        return DONE

    upkeep = Upkeep(lake, watch=watch)
    assert upkeep.look_at_alerts()
    assert not upkeep.look_at_alerts()
    falls_ill(lake, clock)
    assert upkeep.look_at_alerts()
    shelf.move(NAME, Asks("retired", "dr.vega", why="a better one came"))
    falls_ill(lake, clock, number=2)
    assert not upkeep.look_at_alerts()
    assert (len(runs), upkeep.tally.watches) == (2, 2)


def test_upkeep__rests_after_a_failure(lake: Lake, shelf: AlertShelf) -> None:
    assert shelf.get(NAME).runs
    upkeep = Upkeep(lake, watch=lambda _: FAILED)
    assert upkeep.look_at_alerts()
    assert not upkeep.look_at_alerts()
    assert upkeep.tally.failures == 1
