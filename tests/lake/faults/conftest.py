from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.lake.faults.scene import Stage


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    made = Stage.set_up(tmp_path_factory.mktemp("stage"))
    yield made
    made.close()
