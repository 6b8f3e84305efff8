from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lake.rows import TickingClock
from vitruvian.lake import Lake


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def lake(tmp_path: Path, clock: TickingClock) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        yield made
