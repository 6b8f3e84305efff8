"""The power goes: what was written and not flushed is gone, what was acknowledged is there.

A name that is not flushed may be gone, or stand there over bytes that are: both are tried.

`make test` cuts it after each job, `make torture` also before every tenth call that changes the
disk; VITRUVIAN_CUT_EVERY=1 cuts it before every one of about 3,300.
"""

from __future__ import annotations

import os
import signal

import pytest

from tests.lake.faults.holding import Proofs, hold
from tests.lake.faults.kernel.power import Disk
from tests.lake.faults.scene import JOBS, Stage, needs_seccomp

EVERY = int(os.environ.get("VITRUVIAN_CUT_EVERY", "10"))
FIRST = int(os.environ.get("VITRUVIAN_CUT_FIRST", str(EVERY // 2)))
pytestmark = needs_seccomp


def run_and_cut(
    stage: Stage, job: str, at: int = 0, *, names_stay: bool = False
) -> tuple[bool, int, int]:
    """Run a job, perhaps to a call, then cut the power: whether acknowledged, and what `cut` says."""
    run = stage.play(job, at)
    died = run.code == -signal.SIGKILL
    assert died or run.code == 0, run.err
    disk = Disk(stage.scene.folder, stage.befores[job])
    disk.see(run.calls[:-1] if died else run.calls)
    return not died or "done" in run.out, *disk.cut(names_stay=names_stay)


@pytest.mark.parametrize("job", JOBS)
def test_power_cut_after_the_work__loses_nothing_acknowledged(stage: Stage, job: str) -> None:
    acknowledged, files, names = run_and_cut(stage, job)
    assert acknowledged
    assert files + names > 0
    hold(stage.scene, job, acknowledged=True, proofs=Proofs())


def test_power_cut_after_a_blob_got_its_name__takes_the_same_blob_again(stage: Stage) -> None:
    stage.count("load")
    calls = enumerate(stage.play("load").calls, start=1)
    named = next(at for at, call in calls if call.name == "rename" and "/blobs/" in call.to)
    _, files, _ = run_and_cut(stage, "load", named + 1, names_stay=True)
    assert files > 0
    hold(stage.scene, "load", acknowledged=False, proofs=Proofs())


@pytest.mark.torture
@pytest.mark.parametrize("job", JOBS)
def test_power_cut_at_calls__loses_nothing_acknowledged(stage: Stage, job: str) -> None:
    proofs, losses = Proofs(), 0
    for at in range(FIRST + 1, stage.count(job) + 1, EVERY):
        acknowledged, files, names = run_and_cut(stage, job, at)
        losses += files + names > 0
        hold(stage.scene, job, acknowledged=acknowledged, proofs=proofs)
        if files:  # else it is a kill
            acknowledged, _, _ = run_and_cut(stage, job, at, names_stay=True)
            hold(stage.scene, job, acknowledged=acknowledged, proofs=proofs)
    assert losses > 0
