"""The power goes: what was written and not flushed is gone, what was acknowledged is there."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.lake.faults.power import CALLS, Disk, whole_calls
from tests.lake.faults.scene import (
    WRITES,
    Scene,
    counted,
    fresh,
    hold,
    make_scene,
    needs_strace,
    traced,
)
from tests.lake.faults.test_failing_calls import hold_ingest

SAFE = ("fsync", "fdatasync", "rename", "linkat")


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scene(tmp_path_factory.mktemp("before")).folder


def run_and_cut(
    before: Path, place: Path, job: str, *, kill: tuple[str, int] | None
) -> tuple[Scene, bool, int]:
    """Run a job, perhaps killed at a call, then cut the power: scene, acknowledged, lost."""
    scene = fresh(before, place)
    kept = place.with_name("kept")
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(scene.lake, kept)
    listing = place.with_name("calls")
    options = ["-y", "-o", str(listing), "-e", f"trace={','.join(CALLS)}", "-s", "0"]
    if kill is not None:
        options += ["-e", f"inject={kill[0]}:signal=KILL:when={kill[1]}"]
    done = traced(scene, job, *options)
    disk = Disk(scene.lake)
    for path in scene.lake.rglob("*"):
        known = kept / path.relative_to(scene.lake)
        if path.is_file() and known.is_file():
            disk.start(path, known.stat().st_size)
    for call in whole_calls(listing.read_text("utf-8", "replace").splitlines()):
        disk.see(call)
    lost = disk.cut(kept)
    acknowledged = done.returncode == 0 or b"done" in done.stdout
    return scene, acknowledged, lost


def hold_after(scene: Scene, job: str, *, acknowledged: bool) -> None:
    if job == "ingest":
        hold_ingest(scene, worked=acknowledged)
    else:
        hold(scene, job, acknowledged=acknowledged and job == "load")


@needs_strace
@pytest.mark.parametrize("job", ["load", "drain", "ingest"])
def test_power_cut_after_the_work__loses_nothing_acknowledged(
    before: Path, tmp_path: Path, job: str
) -> None:
    scene, acknowledged, lost = run_and_cut(before, tmp_path / "scene", job, kill=None)
    assert acknowledged
    assert lost > 0
    hold_after(scene, job, acknowledged=True)


@needs_strace
@pytest.mark.torture
@pytest.mark.parametrize("job", ["load", "drain", "ingest"])
def test_power_cut_at_any_flush__loses_nothing_acknowledged(
    before: Path, tmp_path: Path, job: str
) -> None:
    calls = counted(fresh(before, tmp_path / "scene"), job)
    assert set(calls) <= set(WRITES)
    for call in SAFE:
        for number in range(1, calls[call] + 1):
            scene, acknowledged, _ = run_and_cut(
                before, tmp_path / "scene", job, kill=(call, number)
            )
            hold_after(scene, job, acknowledged=acknowledged)
