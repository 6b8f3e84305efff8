"""Thousands of damaged files for every adapter: loaded, told record by record, or one sentence.

Mutants are made from each plug-in's own good files and go the whole way into a lake, many at a
time; beside them stands one good file, which must load.
"""

from __future__ import annotations

import random
import resource
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.ingest.hostile.mutants import mutated
from tests.ingest.support import PATIENT, ndjson, take
from tests.ingest.test_conformance import samples
from vitruvian.ingest.engine.library import adapters
from vitruvian.lake import Lake

NAMES = [each.manifest.name for each in adapters()]
AT_ONCE = 40
MOST_SECONDS = 120
"""Of processor time: other work on the machine is no hang."""
MOST_WAITING = 1_800
MOST_GROWTH_KIB = 700_000


@contextmanager
def bounded() -> Iterator[None]:
    """Neither a hang nor memory without bound."""

    def too_long(*_: object) -> None:
        pytest.fail(f"still reading after {MOST_SECONDS} s of work or {MOST_WAITING} s")

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = [signal.signal(each, too_long) for each in (signal.SIGPROF, signal.SIGALRM)]
    signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
    signal.alarm(MOST_WAITING)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.alarm(0)
        for each, handler in zip((signal.SIGPROF, signal.SIGALRM), kept, strict=True):
            signal.signal(each, handler)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_GROWTH_KIB


def offer(good: list[Path], inbox: Path, dice: random.Random, *, count: int) -> None:
    """So many copies of a format's files, each with one of them damaged."""
    for number in range(count):
        folder = inbox / f"{number:03}"
        folder.mkdir(parents=True)
        for path in {one.parent for one in good}.pop().iterdir():
            if path.is_file():
                shutil.copy(path, folder)
        victim = folder / dice.choice(good).name
        victim.write_bytes(mutated(victim.read_bytes(), dice))


def survive(name: str, folder: Path, *, seed: int, count: int) -> int:
    """Every mutant has an outcome, the sums are right, the good file is in, the lake is sound;
    how many files were offered.
    """
    shutil.rmtree(folder, ignore_errors=True)
    good, inbox = folder / "good", folder / "inbox"
    good.mkdir(parents=True)
    offer(samples(name, good), inbox, random.Random(f"{name}{seed}"), count=count)
    ndjson(inbox / "sound.ndjson", PATIENT)
    with Lake.create(folder / "lake", site="test") as lake, bounded():
        report = take(lake, inbox)
        assert report.offered == report.loaded + report.skipped + report.rejected
        sound = [one for one in report.sources if one.outcome == "loaded" and one.loaded == 1]
        assert sound
        assert list(lake.check()) == []
    return len(report.sources)


@pytest.mark.parametrize("name", NAMES)
def test_mutated_files__are_loaded_told_or_refused(name: str, tmp_path: Path) -> None:
    assert survive(name, tmp_path / "one", seed=0, count=8) > 8


@pytest.mark.torture
@pytest.mark.parametrize("name", NAMES)
def test_ten_thousand_mutated_files__are_loaded_told_or_refused(name: str, tmp_path: Path) -> None:
    for seed in range(1, 10_000 // AT_ONCE + 1):
        assert survive(name, tmp_path / "many", seed=seed, count=AT_ONCE) > 0
