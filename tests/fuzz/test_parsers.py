"""Each parser by itself reads hostile bytes or refuses them in words of the house.

`make test` tries mutants of good bytes; `make torture` lets Atheris, which sees which branches were
taken, think of bytes for two minutes a parser (VITRUVIAN_FUZZ_SECONDS).
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS
from tests.ingest.hostile.mutants import mutated

ROOT = Path(__file__).resolve().parents[2]
SECONDS = int(os.environ.get("VITRUVIAN_FUZZ_SECONDS", "120"))
# Atheris 3.0.0 never frees what "==" of numpy arrays gives (np.equal it does): some 600 bytes a run
# of the reader of VCF cells. A hunt ends after so many, and the next goes on from its folder.
MOST_RUNS = 3_000_000
MUTANTS = 60


@pytest.mark.parametrize("name", TARGETS)
def test_good_bytes__are_read(name: str) -> None:
    target = TARGETS[name]
    assert [seed for seed in target.seeds if not target.reads(seed)] == []


@pytest.mark.parametrize("name", TARGETS)
def test_mutants_of_good_bytes__are_read_or_refused(name: str) -> None:
    target, dice = TARGETS[name], random.Random(name)
    told = [target.reads(mutated(dice.choice(target.seeds), dice)) for _ in range(MUTANTS)]
    assert len(told) == MUTANTS


@pytest.mark.torture
@pytest.mark.parametrize("name", TARGETS)
def test_bytes_that_reach_new_branches__are_read_or_refused(name: str, tmp_path: Path) -> None:
    pytest.importorskip("atheris", reason="Atheris has wheels for Linux on x86-64 only")
    started = time.monotonic()
    while (left := SECONDS - int(time.monotonic() - started)) > 0:
        command = [sys.executable, "-m", "tests.fuzz.hunt", name, str(tmp_path / "corpus")]
        command += [f"-max_total_time={left}", f"-runs={MOST_RUNS}"]
        command += [f"-artifact_prefix={tmp_path}/"]
        done = subprocess.run(
            command, cwd=ROOT, check=False, capture_output=True, timeout=SECONDS + 600
        )
        assert done.returncode == 0, done.stderr[-6000:].decode("utf-8", "replace")
        assert b"Done" in done.stderr
