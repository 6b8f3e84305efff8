"""Ingest and migration killed, and refused by the disk, at system calls that write.

`make test` tries a few calls, `make torture` every so many (VITRUVIAN_FAIL_EVERY for refusals,
VITRUVIAN_KILL_EVERY and VITRUVIAN_KILL_FIRST for kills).
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lake.faults.scene import Place, Scene, counted, fail_at, fresh, make_scene, needs_strace
from tests.lake.faults.scene import traced as run
from tests.lake.faults.test_failing_calls import ERRORS, EVERY, hold_ingest, told
from tests.lake.keeping.test_older import HELD, events, made
from vitruvian.lake import Lake, check_folder, migrate
from vitruvian.trust import SYSTEM

JOBS = ("ingest", "migrate")
# A kill costs as much as a refusal, of which three are tried at each call.
KILL_EVERY = int(os.environ.get("VITRUVIAN_KILL_EVERY", "25"))
KILL_FIRST = int(os.environ.get("VITRUVIAN_KILL_FIRST", str(KILL_EVERY // 2)))


@pytest.fixture(scope="module")
def befores(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    older = tmp_path_factory.mktemp("older")
    made(older / "lake", "columns", "stamped")
    return {"ingest": make_scene(tmp_path_factory.mktemp("before")).folder, "migrate": older}


def hold_after(scene: Scene, job: str, *, worked: bool) -> None:
    """Nothing acknowledged is lost, nothing is doubled; doing it again completes it."""
    if job == "ingest":
        hold_ingest(scene, worked=worked)
        return
    migrate(scene.lake, SYSTEM)
    assert list(check_folder(scene.lake)) == []
    with Lake.open(scene.lake) as lake:
        assert events(lake) == HELD


def places(before: Path, place: Path, job: str) -> list[tuple[str, int]]:
    calls = counted(fresh(before, place), job)
    return [(call, number + 1) for call in sorted(calls) for number in range(calls[call])]


def kills(before: Path, folder: Path, job: str, *, every: int, first: int) -> Iterator[bool]:
    """Kill a job at every so-many-th call, from the first on; whether it died."""
    for call, number in places(before, folder / "scene", job)[first::every]:
        scene = fresh(before, folder / "scene")
        inject = f"inject={call}:signal=KILL:when={number}"
        done = run(scene, job, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
        hold_after(scene, job, worked=done.returncode == 0)
        yield done.returncode == -signal.SIGKILL


def refusals(before: Path, folder: Path, job: str, *, every: int) -> Iterator[bool]:
    """Let calls fail, full, read-only and failing disk in turn; whether that was told."""
    for turn, (call, number) in enumerate(
        places(before, folder / "scene", job)[every // 3 :: every]
    ):
        error = sorted(ERRORS)[turn % len(ERRORS)]
        scene = fresh(before, folder / "scene")
        place = Place(call, number, error, ERRORS[error])
        done = fail_at(scene, job, place)
        if done is None:
            continue
        hold_after(scene, job, worked=told(done, place))
        yield done.returncode != 0


@needs_strace
@pytest.mark.parametrize("job", JOBS)
def test_few_kills__lose_nothing(befores: dict[str, Path], tmp_path: Path, job: str) -> None:
    assert any(kills(befores[job], tmp_path, job, every=600, first=300))


@needs_strace
@pytest.mark.torture
@pytest.mark.parametrize("job", JOBS)
def test_kills__lose_nothing(befores: dict[str, Path], tmp_path: Path, job: str) -> None:
    done = list(kills(befores[job], tmp_path, job, every=KILL_EVERY, first=KILL_FIRST))
    assert any(done)


@needs_strace
@pytest.mark.torture
def test_refusals_of_migration__lose_nothing(befores: dict[str, Path], tmp_path: Path) -> None:
    assert any(refusals(befores["migrate"], tmp_path, "migrate", every=EVERY))
