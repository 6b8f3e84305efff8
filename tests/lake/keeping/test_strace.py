"""SIGKILL at every system call that writes: strace kills the process as it is about to make it.

A place named in our own code is where we thought of dying. The kernel sees every write, also those
of SQLite, Arrow and deltalake. The n-th call of each kind is counted over all threads of one run.

`make test` dies at a few of about 2,700 calls, `make torture` at every fifth. VITRUVIAN_KILL_EVERY=1
makes it every single one; VITRUVIAN_KILL_EVERY=8 with VITRUVIAN_KILL_FIRST from 0 to 7 takes the same
calls in eight parts.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lake.keeping.test_backup import WANTS, events, grow
from tests.lake.rows import event
from vitruvian.lake import Lake, backup, check_folder, migrate, restore
from vitruvian.lake.keeping.vault import Vault
from vitruvian.trust import SYSTEM

ROOT = Path(__file__).resolve().parents[3]
CALLS = (
    *("write", "pwrite64", "writev", "fsync", "fdatasync", "ftruncate", "fallocate"),
    *("rename", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
)
HELD = [11, 12, 13, 14]
EVERY = int(os.environ.get("VITRUVIAN_KILL_EVERY", "5"))
FIRST = int(os.environ.get("VITRUVIAN_KILL_FIRST", str(EVERY // 2)))
LOADED = [101, 102, 103, 104, 105]
STRACE = shutil.which("strace")
needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed")


@dataclass(frozen=True)
class Scene:
    """A lake with rows in files and in the log, a backup of it, and free places."""

    folder: Path

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def copies(self) -> Path:
        return self.folder / "copies"

    def words(self, job: str) -> list[str]:
        """What the victim of that job is told."""
        second = {"load": "101", "drain": "-", "migrate": "-"}
        if job == "restore":
            return [job, str(self.copies), str(self.folder / "again")]
        return [job, str(self.lake), second.get(job, str(self.folder / "fresh"))]


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    with Lake.create(folder / "lake") as made:
        grow(made, 10)
    backup(folder / "lake", folder / "copies", WANTS)
    return folder


def scene_of(before: Path, place: Path) -> Scene:
    """A fresh copy, in which something may die."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(before, place)
    return Scene(place)


def traced(scene: Scene, job: str, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Run a job under strace."""
    command = [str(STRACE), "-f", "-qq", *options]
    # -B: what it writes is the lake's alone
    command += [sys.executable, "-B", "-m", "tests.lake.keeping.victim", *scene.words(job)]
    return subprocess.run(command, cwd=ROOT, check=False, capture_output=True, timeout=300)


def counted(scene: Scene, job: str) -> Counter[str]:
    """How often one run makes each call."""
    listing = scene.folder / "calls"
    done = traced(scene, job, "-o", str(listing), "-e", f"trace={','.join(CALLS)}")
    assert done.returncode == 0, done.stderr[-2000:]
    found = re.findall(r"^\d+ +(\w+)\(", listing.read_text("utf-8", "replace"), re.MULTILINE)
    return Counter(name for name in found if name in CALLS)


def kill_at(scene: Scene, job: str, call: str, number: int) -> tuple[bool, bool]:
    """Kill a job at its n-th call of that name; whether it died, and whether it had said "done"."""
    inject = f"inject={call}:signal=KILL:when={number}"
    done = traced(scene, job, "-o", "/dev/null", "-e", f"trace={call}", "-e", inject)
    return done.returncode == -signal.SIGKILL, b"done" in done.stdout


def hold(scene: Scene, job: str, *, acknowledged: bool) -> None:
    """Nothing acknowledged is lost, nothing is doubled, all of it is sound, and work goes on."""
    with Lake.create(scene.lake) as lake:
        assert list(lake.check()) == []
    held = events(scene.lake)
    assert held in (HELD, [*HELD, *LOADED])
    assert not acknowledged or held == [*HELD, *LOADED]
    for vault in (scene.copies, scene.folder / "fresh"):
        for name in Vault(vault).names():
            restore(vault, scene.folder / "listed", WANTS, name=name)
            assert events(scene.folder / "listed") == HELD
            shutil.rmtree(scene.folder / "listed")
    again = scene.folder / "again"
    if again.exists():
        assert list(check_folder(again)) == []
        assert events(again) == HELD
        shutil.rmtree(again)
    go_on(scene, job)


def go_on(scene: Scene, job: str) -> None:
    """The same job, this time to its end."""
    if job == "backup":
        backup(scene.lake, scene.folder / "fresh", WANTS)
    elif job == "restore":
        restore(scene.copies, scene.folder / "again", WANTS)
        assert events(scene.folder / "again") == HELD
    elif job == "migrate":
        migrate(scene.lake, SYSTEM)
    with Lake.open(scene.lake) as lake:
        lake.append(SYSTEM, {"event": [event(999)]})
        lake.drain(SYSTEM)
        assert list(lake.check()) == []
    assert 999 in events(scene.lake)


def sweep(before: Path, folder: Path, job: str, *, every: int, first: int) -> int:
    """Kill a job at every so-many-th call, from the first on; how often it died of that."""
    calls = counted(scene_of(before, folder / "scene"), job)
    assert calls.total() > 20
    places = [(call, number + 1) for call in sorted(calls) for number in range(calls[call])]
    deaths = 0
    for call, number in places[first::every]:
        scene = scene_of(before, folder / "scene")
        died, acknowledged = kill_at(scene, job, call, number)
        deaths += died
        hold(scene, job, acknowledged=acknowledged)
    return deaths


@needs_strace
@pytest.mark.parametrize("job", ["drain", "backup"])
def test_killed_at_a_few_system_calls__nothing_is_lost_or_doubled(
    before: Path, tmp_path: Path, job: str
) -> None:
    assert sweep(before, tmp_path, job, every=200, first=100) >= 1


@needs_strace
@pytest.mark.torture
@pytest.mark.parametrize("job", ["load", "drain", "backup", "restore"])
def test_killed_at_system_calls__nothing_is_lost_or_doubled(
    before: Path, tmp_path: Path, job: str
) -> None:
    assert sweep(before, tmp_path, job, every=EVERY, first=FIRST) > 5
