"""A full, failing or read-only disk at every call that writes: one sentence, nothing lost.

The error is given by the kernel in place of the call, also to SQLite, Arrow and deltalake. A disk
that is full or read-only stays so; a failing one fails once.

`make test` tries a few of about 2,000 calls, `make torture` every so many.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.lake.faults.scene import (
    HELD,
    PATIENTS,
    Place,
    Scene,
    counted,
    events,
    fail_at,
    fresh,
    hold,
    make_scene,
    needs_strace,
)
from tests.lake.faults.victim import REFUSED
from vitruvian.cli.main import main as command
from vitruvian.lake import Lake

EVERY = int(os.environ.get("VITRUVIAN_FAIL_EVERY", "25"))
ERRORS = {"ENOSPC": True, "EROFS": True, "EIO": False}
UNFORESEEN = b"something unforeseen"


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_scene(tmp_path_factory.mktemp("before")).folder


def told(done: object, place: Place) -> bool:
    """Whether the job says it worked; it may only work, or say in a sentence why not."""
    code, out, err = done.returncode, done.stdout, done.stderr  # type: ignore[attr-defined]
    if code == 0:
        return True
    sentence = code == REFUSED or (code == 1 and b"vitruvian: " in err)
    assert sentence, (place, code, err[-3000:])
    assert UNFORESEEN not in err, (place, err[-3000:])
    assert b"Traceback" not in err, (place, err[-3000:])
    return b"done" in out


def hold_ingest(scene: Scene, *, worked: bool) -> None:
    """What was acknowledged is there, once; the same file again completes the rest."""
    with Lake.create(scene.lake) as lake:
        assert list(lake.check()) == []
    held = events(scene.lake)
    assert set(HELD) <= set(held)
    assert len(held) == len(set(held))
    assert not worked or len(held) == len(HELD) + 2 * PATIENTS
    assert command(["ingest", str(scene.file), "--lake", str(scene.lake)]) == 0
    held = events(scene.lake)
    assert len(held) == len(set(held)) == len(HELD) + 2 * PATIENTS
    with Lake.open(scene.lake) as lake:
        assert list(lake.check()) == []


def sweep(before: Path, folder: Path, job: str, *, every: int, first: int = 0) -> int:
    """Fail calls of a job; how often it was refused."""
    calls = counted(fresh(before, folder / "scene"), job)
    places = [
        Place(call, number + 1, error, lasting)
        for call in sorted(calls)
        for number in range(calls[call])
        for error, lasting in ERRORS.items()
        if error != "EROFS" or call not in {"fsync", "fdatasync"}
    ]
    refused = 0
    for place in places[first::every]:
        scene = fresh(before, folder / "scene")
        done = fail_at(scene, job, place)
        if done is None:
            continue
        worked = told(done, place)
        refused += done.returncode != 0
        if job == "ingest":
            hold_ingest(scene, worked=worked)
        else:
            hold(scene, job, acknowledged=worked and job == "load")
    return refused


@needs_strace
def test_few_failing_calls__are_one_sentence_and_lose_nothing(before: Path, tmp_path: Path) -> None:
    assert sweep(before, tmp_path, "load", every=500, first=250) > 0


@needs_strace
@pytest.mark.torture
@pytest.mark.parametrize("job", ["load", "drain", "backup", "restore", "ingest"])
def test_failing_calls__are_one_sentence_and_lose_nothing(
    before: Path, tmp_path: Path, job: str
) -> None:
    assert sweep(before, tmp_path, job, every=EVERY) > 0
