"""A lake, a backup of it and a file to ingest, in which system calls can be made to fail."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import pytest

from tests.lake.faults.kernel.calls import Call
from tests.lake.faults.kernel.seccomp import USABLE
from tests.lake.faults.kernel.zygote import UNUSABLE, Run, Wish
from tests.lake.keeping.test_backup import WANTS, grow
from tests.lake.keeping.test_older import made
from vitruvian.lake import Lake, backup

ROOT = Path(__file__).resolve().parents[3]
PATIENTS = 6
JOBS = ("load", "drain", "backup", "restore", "migrate", "ingest")
needs_seccomp = pytest.mark.skipif(not USABLE, reason="system calls are held on Linux x86-64 only")


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

    @property
    def fresh(self) -> Path:
        return self.folder / "fresh"

    @property
    def again(self) -> Path:
        return self.folder / "again"

    @property
    def file(self) -> Path:
        return self.folder / "resources.ndjson"

    def words(self, job: str) -> tuple[str, ...]:
        """What the victim of that job is told."""
        if job == "restore":
            return (job, str(self.copies), str(self.again))
        second = {"load": "101", "drain": "-", "migrate": "-", "ingest": str(self.file)}
        return (job, str(self.lake), second.get(job, str(self.fresh)))


def make_scene(folder: Path) -> Scene:
    """A lake with rows in files and in the log."""
    scene = Scene(folder)
    with Lake.create(scene.lake) as lake:
        grow(lake, 10)
    backup(scene.lake, scene.copies, WANTS)
    lines = [json.dumps(each) for number in range(PATIENTS) for each in _resources(number)]
    scene.file.write_text("\n".join(lines), "utf-8")
    return scene


def make_older(folder: Path) -> Scene:
    """A lake as an older version left it."""
    made(folder / "lake", "columns", "stamped")
    return Scene(folder)


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


@dataclass
class Stage:
    """Where jobs are run: each in a fresh copy of what was before, by one zygote."""

    befores: dict[str, Path]
    folder: Path
    zygote: subprocess.Popen[str]
    counts: dict[str, int] = field(default_factory=dict)

    @classmethod
    def set_up(cls, folder: Path) -> Self:
        usual, older = folder / "usual", folder / "older"
        befores = {**dict.fromkeys(JOBS, usual), "migrate": older}
        for place in (usual, older):
            place.mkdir()
        make_scene(usual)
        make_older(older)
        # -B: what it writes is the lake's alone
        command = [sys.executable, "-B", "-m", "tests.lake.faults.kernel.zygote"]
        pipe = subprocess.PIPE
        # no threads before a fork
        quiet = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}
        zygote = subprocess.Popen(
            command, cwd=ROOT, env=quiet, stdin=pipe, stdout=pipe, encoding="utf-8"
        )
        return cls(befores, folder, zygote)

    def close(self) -> None:
        self.zygote.communicate()

    @property
    def scene(self) -> Scene:
        return Scene(self.folder / "scene")

    def fresh(self, job: str) -> Scene:
        """A copy in which something may fail."""
        shutil.rmtree(self.scene.folder, ignore_errors=True)
        shutil.copytree(self.befores[job], self.scene.folder)
        return self.scene

    def play(self, job: str, at: int = 0, *, error: int = 0, lasting: bool = False) -> Run:
        """Run a job in a fresh copy, as its `Wish` says."""
        wish = Wish(self.fresh(job).words(job), at, error, lasting)
        assert self.zygote.stdin is not None
        assert self.zygote.stdout is not None
        self.zygote.stdin.write(f"{json.dumps(asdict(wish))}\n")
        self.zygote.stdin.flush()
        told = json.loads(self.zygote.stdout.readline())
        if told["code"] == UNUSABLE:
            pytest.skip("seccomp user notification is not allowed here")
        calls = [Call(**call) for call in told.pop("calls")]
        return Run(**told, calls=calls)

    def count(self, job: str) -> int:
        """How many calls of a job change the disk."""
        if job not in self.counts:
            self.play(job)  # the first one imports
            whole = self.play(job)
            assert whole.code == 0, whole.err
            self.counts[job] = len(whole.calls)
        return self.counts[job]
