"""The commands that run long look after the lake meanwhile, and a monitor sees what waits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.client import TestClient
from tests.lake.rows import event
from vitruvian.api import create_app
from vitruvian.cli import main
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM


def test_metrics__say_how_many_rows_wait(tmp_path: Path) -> None:
    with Lake.create(tmp_path / "lake") as lake:
        lake.append(SYSTEM, {"event": [event(1), event(2)]})
        with TestClient(create_app(lake), base_url="http://127.0.0.1") as client:
            before = client.get("/metrics").text
            lake.drain(SYSTEM)
            after = client.get("/metrics").text
    assert "\nvitruvian_log_rows 2\n" in before
    assert re.search(r"\nvitruvian_log_oldest_seconds \d+\.\d{3}\n", before)
    assert "\nvitruvian_log_rows 0\nvitruvian_log_oldest_seconds" not in after
    assert "\nvitruvian_log_rows 0\n" in after


@pytest.mark.parametrize(
    "words, long_work",
    [
        (["serve", "--port", "0"], "vitruvian.api.serve.serve"),
        (["listen", "--mllp", "0"], "vitruvian.ingest.engine.listeners.listen"),
    ],
)
def test_serve_and_listen__keep_the_lake_up_while_they_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], long_work: str
) -> None:
    said: list[str] = []

    @contextmanager
    def kept_up(_: Lake) -> Iterator[None]:
        said.append("starts")
        yield
        said.append("ends")

    monkeypatch.setattr("vitruvian.jobs.kept_up", kept_up)
    monkeypatch.setattr(long_work, lambda *_, **__: said.append("works"))
    Lake.create(tmp_path / "lake").close()
    assert main([*words, "--lake", str(tmp_path / "lake")]) == 0
    assert said == ["starts", "works", "ends"]
