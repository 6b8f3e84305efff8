"""Strict mode answers as es-aces 0.7.3 did when it was asked, also where it is not installed.

`recorded.toml` holds, for each task, how many rows there are and a digest of them: written down
where es-aces and we gave the same rows. Where es-aces is installed it is asked again.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.criteria.aces_tasks import TASKS, digest, ours

FILE = Path(__file__).with_name("recorded.toml")
RECORDED: dict[str, dict[str, Any]] = tomllib.loads(FILE.read_text("utf-8"))


@pytest.mark.parametrize("name", TASKS)
def test_strict__answers_as_es_aces_did(name: str) -> None:
    found = ours(name)
    assert {"rows": len(found), "digest": digest(found)} == RECORDED[name]
    assert found
