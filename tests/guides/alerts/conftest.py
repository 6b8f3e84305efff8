"""A lake whose clock stands still, and a shelf of alerts beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.conftest import Hands
from tests.guides.alerts.ward import hour
from tests.lakes import empty_lake
from vitruvian.guides.alerts import AlertShelf
from vitruvian.lake import Lake


@pytest.fixture
def clock() -> Hands:
    return Hands(hour(24 * 7))


@pytest.fixture
def lake(tmp_path: Path, clock: Hands) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="st-elsewhere", clock=clock) as made:
        yield made


@pytest.fixture
def shelf(lake: Lake, clock: Hands) -> Iterator[AlertShelf]:
    made = AlertShelf(lake.path, clock=clock)
    yield made
    made.close()
