"""A full, failing or read-only disk at every call that changes it: one sentence, nothing lost.

The error is given by the kernel in place of the call, also to SQLite, Arrow and deltalake. A disk
that is full or read-only stays so; a failing one fails once.

`make test` tries a few of about 8,000, `make torture` every so many (VITRUVIAN_FAIL_EVERY).
"""

from __future__ import annotations

import errno
import os

import pytest

from tests.lake.faults.holding import Proofs, hold, told
from tests.lake.faults.scene import JOBS, Stage, needs_seccomp
from tests.lake.faults.victim import REFUSED

EVERY = int(os.environ.get("VITRUVIAN_FAIL_EVERY", "25"))
FIRST = int(os.environ.get("VITRUVIAN_FAIL_FIRST", "0"))
LASTING = {errno.ENOSPC: True, errno.EROFS: True, errno.EIO: False}
pytestmark = needs_seccomp


def sweep(stage: Stage, job: str, *, every: int, first: int) -> int:
    """Fail calls of a job; how often it was refused."""
    proofs = Proofs()
    places = [(at, error) for at in range(1, stage.count(job) + 1) for error in LASTING]
    refused = 0
    for at, error in places[first::every]:
        run = stage.play(job, at, error=error, lasting=LASTING[error])
        worked = told(run, job, at, errno.errorcode[error], run.calls[-1:])
        refused += run.code != 0
        hold(stage.scene, job, acknowledged=worked, proofs=proofs)
    return refused


@pytest.mark.parametrize("job", ["load", "restore"])
def test_few_failing_calls__are_one_sentence_and_lose_nothing(stage: Stage, job: str) -> None:
    assert sweep(stage, job, every=500, first=250) > 0


def test_disk_turned_read_only_within_a_table_file__is_one_sentence(stage: Stage) -> None:
    stage.count("drain")
    calls = enumerate(stage.play("drain").calls, start=1)
    # rows stand behind the four bytes "PAR1"
    rows = [at for at, call in calls if call.path.endswith(".parquet") and call.start > 4]
    run = stage.play("drain", rows[0], error=errno.EROFS, lasting=True)
    assert run.code == REFUSED, run.err
    assert "Read-only" in run.err
    hold(stage.scene, "drain", acknowledged=False, proofs=Proofs())


def test_disk_turned_read_only_before_the_catalogue_is_tidied__is_one_sentence(
    stage: Stage,
) -> None:
    stage.count("restore")
    calls = enumerate(stage.play("restore").calls, start=1)
    # the last file was copied and flushed, and the store was not opened yet
    opened = next(at for at, call in calls if call.path.endswith("/place/temp"))
    run = stage.play("restore", opened - 1, error=errno.EROFS, lasting=True)
    assert run.code == REFUSED, run.err
    assert "Traceback" not in run.err
    hold(stage.scene, "restore", acknowledged=False, proofs=Proofs())


def test_disk_full_when_a_publication_is_flushed__leaves_the_files_it_names(stage: Stage) -> None:
    stage.count("load")
    calls = list(enumerate(stage.play("load").calls, start=1))
    flushes = [at for at, call in calls if call.name == "fdatasync" and "lake.sqlite" in call.path]
    assert flushes
    for at in flushes:
        run = stage.play("load", at, error=errno.ENOSPC, lasting=True)
        worked = told(run, "load", at, "ENOSPC", run.calls[-1:])
        hold(stage.scene, "load", acknowledged=worked, proofs=Proofs())


@pytest.mark.torture
@pytest.mark.parametrize("job", JOBS)
def test_failing_calls__are_one_sentence_and_lose_nothing(stage: Stage, job: str) -> None:
    assert sweep(stage, job, every=EVERY, first=FIRST) > 0
