"""Lakes that grow from bench to bench: the larger one is made of the smaller one."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

KEEP_IN = "VITRUVIAN_BENCH_LAKES"


@contextmanager
def kept_folder() -> Iterator[Path]:
    """Where the lakes are built: large ones take an hour, so that a folder named is kept."""
    named = os.environ.get(KEEP_IN)
    if named is not None:
        Path(named).mkdir(parents=True, exist_ok=True)
        yield Path(named)
        return
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def measured_while_growing(
    sizes: Sequence[int],
    *,
    called: str,
    build: Callable[..., None],
    measure: Callable[[Path, int], list[dict[str, object]]],
) -> list[dict[str, object]]:
    """Build lakes of more and more patients, each from the one before, and measure each.

    Parameters
    ----------
    sizes
        Patients in each, ascending.
    called
        The folder's name, to which the number of patients is added: `picture-1000`.
    build
        Makes a lake: its path, and by name ``patients`` and the smaller lake ``before``.
    measure
        Measures the lake at a path, of that many patients.
    """
    rows: list[dict[str, object]] = []
    with kept_folder() as folder:
        before: Path | None = None
        for patients in sizes:
            path = folder / f"{called}-{patients}"
            if not path.exists():
                build(path, patients=patients, before=before)
            rows += measure(path, patients)
            before = path
    return rows


def patients_of(path: Path | None, *, least: int) -> int:
    """How many patients a lake holds by its name, as `picture-1000`; the least without one."""
    return least if path is None else int(path.name.rpartition("-")[2])


def grow(
    path: Path, *, before: Path | None, start: Callable[[Path], None], add: Callable[[Lake], None]
) -> None:
    """Make a lake from a smaller one, or from nothing, and leave it as a night would.

    Parameters
    ----------
    before
        The smaller one; None for none yet.
    start
        Makes the first one.
    add
        Adds what is missing.
    """
    working = path.with_suffix(".building")
    shutil.rmtree(working, ignore_errors=True)
    if before is None:
        start(working)
    else:
        shutil.copytree(before, working)
    with Lake.open(working) as lake:
        add(lake)
        lake.compact(SYSTEM)  # as a night at the hospital leaves it
        lake.vacuum(SYSTEM)
    working.rename(path)
