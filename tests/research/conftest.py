from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.lake.rows import TickingClock
from vitruvian.demo import write_demo
from vitruvian.ingest import ingest
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with Lake.create(tmp_path / "lake", site="st-elsewhere", clock=TickingClock()) as made:
        yield made


@pytest.fixture(scope="session")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A made-up hospital of eight: `fhir/`, and `lake/` that took it in."""
    folder = tmp_path_factory.mktemp("hospital")
    write_demo(folder / "demo", patients=8, seed=3, layout="ndjson")
    with Lake.create(folder / "lake", site="st-elsewhere") as made:
        ingest([folder / "demo" / "fhir"], made, access=SYSTEM, site="st-elsewhere", time_zone=None)
    return folder


@pytest.fixture
def demo(hospital: Path) -> Iterator[Lake]:
    with Lake.open(hospital / "lake") as opened:
        yield opened
