"""SIGKILL at every system call that changes the disk, just before it is made.

A place named in our own code is where we thought of dying. The kernel sees every write, also those
of SQLite, Arrow and deltalake. Calls are counted over all threads of a job, in their order. Calls
that only wake a thread or speak to a pipe are not counted: dying there leaves the disk as dying at
the next counted call does.

`make test` dies at a few of about 3,300 calls, `make torture` at every fifth. VITRUVIAN_KILL_EVERY=1
makes it every single one; VITRUVIAN_KILL_EVERY=8 with VITRUVIAN_KILL_FIRST from 0 to 7 takes the same
calls in eight parts.
"""

from __future__ import annotations

import os
import signal

import pytest

from tests.lake.faults.holding import Proofs, hold
from tests.lake.faults.scene import JOBS, Stage, needs_seccomp

EVERY = int(os.environ.get("VITRUVIAN_KILL_EVERY", "5"))
FIRST = int(os.environ.get("VITRUVIAN_KILL_FIRST", str(EVERY // 2)))
pytestmark = needs_seccomp


def sweep(stage: Stage, job: str, *, every: int, first: int) -> tuple[int, int]:
    """Kill a job at every so-many-th call, from the first on: how often, and its deaths."""
    proofs = Proofs()
    places = range(first + 1, stage.count(job) + 1, every)
    deaths = 0
    for place in places:
        run = stage.play(job, place)
        assert not run.hung
        assert run.code in {0, -signal.SIGKILL}, run.err
        deaths += run.code != 0
        hold(stage.scene, job, acknowledged=run.code == 0 or "done" in run.out, proofs=proofs)
    return len(places), deaths


@pytest.mark.parametrize("job", JOBS)
def test_killed_at_a_few_calls__nothing_is_lost_or_doubled(stage: Stage, job: str) -> None:
    killed, deaths = sweep(stage, job, every=200, first=150)
    assert deaths == killed > 0


@pytest.mark.torture
@pytest.mark.parametrize("job", JOBS)
def test_killed_at_calls__nothing_is_lost_or_doubled(stage: Stage, job: str) -> None:
    killed, deaths = sweep(stage, job, every=EVERY, first=FIRST)
    # threads take turns as they like: a run may make a call or two less than the one counted
    assert deaths >= killed - 0.02 * killed - 1
