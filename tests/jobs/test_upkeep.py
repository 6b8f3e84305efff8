"""Draining by itself: when it is time, in a process of its own, whatever goes wrong."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests.lake.rows import DOCTOR, TickingClock, event, ids
from tests.lakes import empty_lake
from vitruvian.jobs import Pace, Tally, Upkeep, kept_up
from vitruvian.jobs.upkeep import BUSY, DONE, FAILED
from vitruvian.lake import Lake
from vitruvian.lake.disk.durable import writer_lock
from vitruvian.trust import SYSTEM

NEVER = timedelta(days=1)


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def lake(tmp_path: Path, clock: TickingClock) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", clock=clock) as made:
        yield made


def put(lake: Lake, *numbers: int) -> None:
    for number in numbers:
        lake.append(SYSTEM, {"event": [event(number)]})


def held(lake: Lake) -> list[int]:
    with lake.read(DOCTOR) as reader:
        return ids(reader.rows("event"))


def here(lake: Lake) -> Upkeep:
    """One that drains in this process, at three rows or after a minute."""

    def drain(_: Path) -> int:
        lake.drain(SYSTEM)
        return DONE

    return Upkeep(lake, pace=Pace(rows=3, age=timedelta(minutes=1)), drain=drain)


def test_few_young_rows__wait(lake: Lake) -> None:
    upkeep = here(lake)
    assert not upkeep.look()
    put(lake, 1, 2)
    assert not upkeep.look()
    assert upkeep.tally == Tally()
    assert lake.backlog().rows == 2


def test_many_rows__are_drained(lake: Lake) -> None:
    upkeep = here(lake)
    put(lake, 1, 2, 3)
    assert upkeep.look()
    assert lake.backlog().rows == 0
    assert held(lake) == [1, 2, 3]
    assert not upkeep.look()
    assert upkeep.tally == Tally(drains=1)


def test_an_old_row__is_drained_alone(lake: Lake, clock: TickingClock) -> None:
    upkeep = here(lake)
    put(lake, 1)
    assert not upkeep.look()
    clock.now += timedelta(minutes=1)
    assert lake.backlog().age >= timedelta(minutes=1)
    assert upkeep.look()
    assert held(lake) == [1]


def test_a_drain_that_fails__is_tried_again_after_a_rest(lake: Lake) -> None:
    codes = [FAILED, BUSY, DONE]
    upkeep = Upkeep(lake, pace=Pace(rows=1, rest_looks=2), drain=lambda _: codes.pop(0))
    put(lake, 1)
    assert [upkeep.look() for _ in range(5)] == [True, False, False, True, True]
    assert upkeep.tally == Tally(drains=1, busy=1, failures=1)


def test_the_process__drains_and_says_how_it_went(lake: Lake, tmp_path: Path) -> None:
    def run(path: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "vitruvian.jobs.drain", str(path)]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    put(lake, 1, 2)
    assert run(lake.path).returncode == DONE
    assert lake.backlog().rows == 0
    assert held(lake) == [1, 2]
    with writer_lock(lake.path / "writer.lock"):
        assert run(lake.path).returncode == BUSY
    failed = run(tmp_path / "nowhere")
    assert failed.returncode == FAILED
    assert failed.stderr.startswith("No lake in the folder given")


def test_upkeep__goes_on_when_no_process_could_be_started(lake: Lake) -> None:
    drained = threading.Event()
    tries: list[Path] = []

    def drain(path: Path) -> int:
        tries.append(path)
        if len(tries) == 1:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        lake.drain(SYSTEM)
        drained.set()
        return DONE

    put(lake, 1, 2, 3)
    upkeep = Upkeep(lake, pace=Pace(rows=3, look_every_s=0.01), drain=drain)
    upkeep.start()
    try:
        assert drained.wait(30)
    finally:
        upkeep.stop()
    assert held(lake) == [1, 2, 3]


def test_kept_up__drains_while_others_write_and_ends_when_told(lake: Lake) -> None:
    with kept_up(lake, pace=Pace(rows=5, age=NEVER, look_every_s=0.01)) as upkeep:
        number = 0
        while not upkeep.tally.drains:
            number += 1
            put(lake, number)
    assert upkeep.tally.failures == 0
    assert held(lake) == list(range(1, number + 1))
    assert list(lake.check()) == []
