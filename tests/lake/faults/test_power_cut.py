"""The power goes: what was written and not flushed is gone, what was acknowledged is there.

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


def run_and_cut(stage: Stage, job: str, at: int = 0) -> tuple[bool, int]:
    """Run a job, perhaps to a call, then cut the power: whether acknowledged, how much was lost."""
    run = stage.play(job, at)
    died = run.code == -signal.SIGKILL
    assert died or run.code == 0, run.err
    disk = Disk(stage.scene.folder, stage.befores[job])
    disk.see(run.calls[:-1] if died else run.calls)
    return not died or "done" in run.out, disk.cut()


@pytest.mark.parametrize("job", JOBS)
def test_power_cut_after_the_work__loses_nothing_acknowledged(stage: Stage, job: str) -> None:
    acknowledged, lost = run_and_cut(stage, job)
    assert acknowledged
    assert lost > 0
    hold(stage.scene, job, acknowledged=True, proofs=Proofs())


@pytest.mark.torture
@pytest.mark.parametrize("job", JOBS)
def test_power_cut_at_calls__loses_nothing_acknowledged(stage: Stage, job: str) -> None:
    proofs, losses = Proofs(), 0
    for at in range(FIRST + 1, stage.count(job) + 1, EVERY):
        acknowledged, lost = run_and_cut(stage, job, at)
        losses += lost > 0
        hold(stage.scene, job, acknowledged=acknowledged, proofs=proofs)
    assert losses > 0
