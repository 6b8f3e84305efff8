"""The model of a test, set up as a site would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.derive.library.language_model.server import Model, running
from tests.lakes import empty_lake
from vitruvian.derive.engine.extractor import Extractor
from vitruvian.derive.engine.library import extractor_named
from vitruvian.lake import Lake


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Iterator[Model]:
    with running() as started:
        monkeypatch.setenv("VITRUVIAN_LANGUAGE_MODEL", started.address)
        monkeypatch.setenv("VITRUVIAN_LANGUAGE_MODEL_NAME", "small-1")
        monkeypatch.setenv("VITRUVIAN_LANGUAGE_MODEL_SECONDS", "20")
        yield started


@pytest.fixture
def extractor(model: Model) -> Extractor:
    del model
    # Not the one of the process: it counts what it leaves out.
    known = extractor_named("language_model")
    fresh: Extractor = type(known)(known.manifest)  # type: ignore[call-arg]  # a protocol has no constructor
    return fresh


@pytest.fixture
def lake(tmp_path: Path) -> Iterator[Lake]:
    with empty_lake(tmp_path / "lake", site="test") as opened:
        yield opened
