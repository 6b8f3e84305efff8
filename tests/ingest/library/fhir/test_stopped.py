"""A load that is stopped from the keyboard while a thread of it works."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest

from vitruvian.ingest import ingest
from vitruvian.ingest.engine.progress import Silent
from vitruvian.ingest.library.fhir.records import intake
from vitruvian.lake import Lake
from vitruvian.trust import SYSTEM

RECORD = '{"resourceType":"Patient","id":"one","name":[{"family":"Vega"}]}\n'


class Stopping(Silent):
    """Presses Ctrl-C once the thread beside is at work."""

    def __init__(self, at_work: threading.Event) -> None:
        self._at_work = at_work

    def advance(self, byte_count: int, record_count: int) -> None:
        if byte_count and not record_count:  # a source was read to its end
            assert self._at_work.wait(30)
            raise KeyboardInterrupt


def test_thread_beside__has_left_the_engine_before_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_work, stopped, left = threading.Event(), threading.Event(), []

    def look_at(_self: Any, connection: Any, whole: Any) -> None:
        at_work.set()
        stopped.wait(0.5)  # the load is being given up
        left.append(connection.execute("SELECT count(*) FROM range(10)").fetchone())

    monkeypatch.setattr(intake.Intake, "_look_at", look_at)
    monkeypatch.setattr(intake, "BATCH_BYTES", 1)
    (tmp_path / "one.ndjson").write_text(RECORD)
    with Lake.create(tmp_path / "lake", site="st-elsewhere") as lake:
        with pytest.raises(KeyboardInterrupt):
            ingest([tmp_path / "one.ndjson"], lake, access=SYSTEM, progress=Stopping(at_work))
        assert left == [(10,)]
        with lake.read(SYSTEM) as reader:
            assert reader.rows("resource").num_rows == 0
