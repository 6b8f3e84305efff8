"""A lake with three people as two sources know them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingest.library.omop.samples import samples
from tests.ingest.support import PATIENT, ndjson, potassium, take
from tests.lakes import empty_lake
from vitruvian.lake import Lake


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    fhir = ndjson(inbox / "fhir.ndjson", PATIENT, potassium("k-1"), PATIENT | {"id": "bea"})
    with empty_lake(tmp_path / "lake", site="test") as opened:
        _, person, *_, measurement = samples(inbox)
        take(opened, person, measurement, fhir, zone="Europe/Rome")
        yield opened
