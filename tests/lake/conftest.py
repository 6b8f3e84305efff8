from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lake.erase.ward import build
from tests.lake.rows import TickingClock
from tests.lakes import empty_lake
from vitruvian.lake import Lake


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def lake(tmp_path: Path, clock: TickingClock) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        yield made


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake in which one person's words stand everywhere."""
    path = tmp_path_factory.mktemp("ward") / "lake"
    build(path)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    """A copy of it."""
    shutil.copytree(filled, tmp_path / "lake")
    return tmp_path / "lake"
