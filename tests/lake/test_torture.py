"""SIGKILL in the middle of writing: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
import select
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.lake.rows import DOCTOR, ids
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

ROOT = Path(__file__).resolve().parents[2]
NEVER = 1_000_000


@dataclass
class Told:
    """What a victim said before it died."""

    acknowledged: list[int] = field(default_factory=list)
    pending: list[int] = field(default_factory=list)
    died_at: str = "a random moment"

    def hear(self, line: str) -> None:
        word, *rest = line.split()
        if word == "try":
            first, count = int(rest[1]), int(rest[2])
            self.pending = list(range(first, first + count))
        elif word == "done":
            self.acknowledged += self.pending
            self.pending = []
        elif word == "died":
            self.died_at = rest[0]


def run_victim(lake: Path, *, first: int, dice: random.Random, by_time: bool) -> Told:
    """Let a victim write, and have it killed at a place of its own or by us at any moment."""
    places = NEVER if by_time else dice.randint(1, 40)
    words = [str(lake), str(dice.randrange(10**6)), str(first), str(places)]
    command = [sys.executable, "-m", "tests.lake.victim", *words]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as victim:
        assert victim.stdout is not None
        if by_time:
            select.select([victim.stdout], [], [], 60)
            time.sleep(dice.uniform(0.0, 0.4))
            victim.kill()
        told = Told()
        for line in victim.stdout.read().decode().splitlines():
            told.hear(line)
    assert victim.returncode == -9
    return told


def check_after(path: Path, *, before: list[int], told: Told) -> list[int]:
    """Open the lake again and hold it to what was acknowledged; what it holds now."""
    with Lake.create(path) as lake:
        faults = list(lake.check())
        with lake.read(DOCTOR) as reader:
            found = ids(reader.rows("event", columns=["event_id"]))
            apart = sorted(
                one for subject in range(3) for one in ids(reader.rows("event", subjects=[subject]))
            )
        certain = sorted([*before, *told.acknowledged])
        whole = sorted([*certain, *told.pending])
        assert found in (certain, whole), told.died_at
        assert apart == found, told.died_at
        assert faults == [], told.died_at
        lake.drain(SYSTEM)
        assert list(lake.check()) == [], told.died_at
    return found


def sweep(path: Path, *, kills: int, seed: int) -> set[str]:
    """Kill writers of one lake again and again; the places they died at."""
    dice = random.Random(seed)
    held: list[int] = []
    first, places = 1, set()
    for number in range(kills):
        told = run_victim(path, first=first, dice=dice, by_time=number % 3 == 2)
        held = check_after(path, before=held, told=told)
        first = max([first, *held, *told.pending]) + 1
        places.add(told.died_at)
    return places


def test_ten_kills__lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    assert len(sweep(tmp_path / "lake", kills=10, seed=1)) > 1


@pytest.mark.torture
@pytest.mark.parametrize("seed", range(10))
def test_two_hundred_kills__lose_nothing_and_double_nothing(tmp_path: Path, seed: int) -> None:
    assert len(sweep(tmp_path / "lake", kills=20, seed=100 + seed)) > 3


@pytest.mark.parametrize("kills", [3])
def test_kill_while_the_lake_is_made__leaves_one_that_can_be_finished(
    tmp_path: Path, kills: int
) -> None:
    dice = random.Random(5)
    for number in range(kills):
        path = tmp_path / str(number)
        command = [sys.executable, "-m", "tests.lake.victim", str(path), "1", "1", str(NEVER)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as victim:
            while not (path / "lake.sqlite").exists():
                os.sched_yield()
            time.sleep(dice.uniform(0.0, 0.15))
            victim.kill()
        with Lake.create(path) as lake:
            assert lake.site != ""
            assert list(lake.check()) == []
