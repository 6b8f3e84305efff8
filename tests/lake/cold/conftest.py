from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.lake.erase.ward import build


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ward") / "lake"
    build(path)
    return path


@pytest.fixture
def path(filled: Path, tmp_path: Path) -> Path:
    shutil.copytree(filled, tmp_path / "lake")
    return tmp_path / "lake"
