"""Real records in a lake, once for every test of a file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.guides.real.held import Held
from tests.ingest.support import SYSTEM, take
from vitruvian.lake import Lake

CLIF_PAGE = Path(__file__).parents[3] / "docs" / "reference" / "ingest" / "clif.toml"


@pytest.fixture(scope="package")
def intensive(real_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """The MIMIC-IV demo in CLIF, out of a lake."""
    folder = real_data / "clinical" / "icu-clif-mimic-iv-demo"
    with Lake.create(tmp_path_factory.mktemp("clif") / "lake", site="mimic") as lake:
        report = take(lake, CLIF_PAGE, folder)
        assert report.rejected == 0
        with lake.read(SYSTEM, known_at=datetime(2300, 1, 1, tzinfo=UTC)) as reader:
            yield Held(reader)
