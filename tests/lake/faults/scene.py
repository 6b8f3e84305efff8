"""A lake, a backup of it and a file to ingest, in which system calls can be made to fail."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lake.keeping.test_backup import WANTS, events, grow
from tests.lake.keeping.test_strace import HELD, LOADED, ROOT, STRACE, hold
from tests.lake.keeping.test_strace import Scene as Kept
from vitruvian.lake import Lake, backup

__all__ = ["HELD", "LOADED", "Scene", "events", "hold", "make_scene"]

WRITES = (
    *("write", "pwrite64", "fsync", "fdatasync", "ftruncate", "fallocate"),
    *("rename", "renameat2", "link", "linkat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir"),
)
PATIENTS = 6


class Scene(Kept):
    """As in the kill sweep, with a file of resources beside."""

    @property
    def file(self) -> Path:
        return self.folder / "resources.ndjson"

    def words(self, job: str) -> list[str]:
        """What the victim of that job is told."""
        return [job, str(self.lake), str(self.file)] if job == "ingest" else super().words(job)


def make_scene(folder: Path) -> Scene:
    """A lake with rows in files and in the log."""
    scene = Scene(folder)
    with Lake.create(scene.lake) as made:
        grow(made, 10)
    backup(scene.lake, scene.copies, WANTS)
    lines = [json.dumps(each) for number in range(PATIENTS) for each in _resources(number)]
    scene.file.write_text("\n".join(lines), "utf-8")
    return scene


def _resources(number: int) -> list[dict[str, object]]:
    patient: dict[str, object] = {
        "resourceType": "Patient",
        "id": f"p{number}",
        "birthDate": "1950-02-03",
    }
    weight: dict[str, object] = {
        "resourceType": "Observation",
        "id": f"o{number}",
        "status": "final",
        "subject": {"reference": f"Patient/p{number}"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "29463-7"}]},
        "effectiveDateTime": "2020-01-01T10:00:00Z",
        "valueQuantity": {"value": 70 + number, "unit": "kg", "code": "kg"},
    }
    return [patient, weight]


def fresh(before: Path, place: Path) -> Scene:
    """A copy in which something may fail."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(before, place)
    return Scene(place)


SECONDS_A_LOOK = 10
MOST_LOOKS = 30
WAKES = re.compile(r"<(?:anon_inode|pipe|socket|UNIX|TCP)\b.*\(INJECTED\)")


def traced(
    scene: Scene, job: str, *options: str, hangs: Callable[[], bool] = lambda: False
) -> subprocess.CompletedProcess[bytes]:
    """Run a job under strace; raises `TimeoutExpired` once it hangs, or takes far too long."""
    # -B: what it writes is the lake's alone
    command = [str(STRACE), "-f", "-qq", *options, sys.executable, "-B", "-m"]
    command += ["tests.lake.faults.victim", *scene.words(job)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, stdout=pipe, stderr=pipe, start_new_session=True
    ) as process:
        for look in range(MOST_LOOKS):
            try:
                out, err = process.communicate(timeout=SECONDS_A_LOOK)
                break
            except subprocess.TimeoutExpired:
                if hangs() or look == MOST_LOOKS - 1:
                    os.killpg(process.pid, signal.SIGKILL)  # what is traced outlives its tracer
                    raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)


def counted(scene: Scene, job: str) -> Counter[str]:
    """How often one run makes each call that writes."""
    listing = scene.folder / "calls"
    done = traced(scene, job, "-o", str(listing), "-e", f"trace={','.join(WRITES)}")
    assert done.returncode == 0, done.stderr[-2000:]
    found = re.findall(r"^\d+ +(\w+)\(", listing.read_text("utf-8", "replace"), re.MULTILINE)
    return Counter(name for name in found if name in WRITES)


@dataclass(frozen=True)
class Place:
    """A call that fails: from its n-th time on, or that one time."""

    call: str
    number: int
    error: str
    lasting: bool

    @property
    def inject(self) -> str:
        """As strace is told."""
        return f"inject={self.call}:error={self.error}:when={self.number}{'+' * self.lasting}"


def fail_at(scene: Scene, job: str, place: Place) -> subprocess.CompletedProcess[bytes] | None:
    """Run a job in which a call fails; None when it was no disk's call and the job fell over it.

    Threads wake one another by writing to a descriptor of no file. The kernel never fails that:
    a runtime of threads waits for ever then, or says that it crashed.
    """
    listing = scene.folder.with_name("failed")
    listing.unlink(missing_ok=True)
    options = ("-y", "-o", str(listing), "-e", f"trace={place.call}", "-e", place.inject)
    seen = [-1]

    def hangs() -> bool:
        """Whether it woke nobody, and has not made that call since the last look."""
        seen.append(listing.stat().st_size)
        return seen[-1] == seen[-2] and _woke_nobody(listing)

    try:
        done = traced(scene, job, *options, hangs=hangs)
    except subprocess.TimeoutExpired:
        if _woke_nobody(listing):
            return None
        raise
    return None if b"PanicException" in done.stderr and _woke_nobody(listing) else done


def _woke_nobody(listing: Path) -> bool:
    return WAKES.search(listing.read_text("utf-8", "replace")) is not None


needs_strace = pytest.mark.skipif(STRACE is None, reason="strace is not installed")
