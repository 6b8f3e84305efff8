"""Many notes read together tell what each tells alone."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from vitruvian.derive.engine import reading
from vitruvian.derive.engine.library import extractors
from vitruvian.derive.engine.notes import AS_READ
from vitruvian.derive.engine.rows import derivation_of

MADE_UP = Path(__file__).parents[2] / "src/vitruvian/demo/data/notes.toml"
SEEN = datetime(2024, 3, 15, 12, tzinfo=UTC)


def batch(texts: list[str]) -> pa.RecordBatch:
    rows: list[dict[str, Any]] = [
        {
            "note_id": number, "subject_id": number, "version_id": number, "site": "x",
            "source_id": "x", "locator": "", "known_at": SEEN, "known_at_basis": "stated",
            "time": SEEN + timedelta(days=number), "status": "current", "text": text,
            "is_new": True,
        }
        for number, text in enumerate(texts)
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, schema=AS_READ)


def texts() -> list[str]:
    return [entry["text"] for entry in tomllib.loads(MADE_UP.read_text("utf-8")).values()]


@pytest.mark.parametrize("together", [1, 700, 10**9])
def test_notes__read_together_tell_what_each_tells_alone(
    together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {each: derivation_of(each) for each in extractors()}
    notes = batch(texts())
    alone = pa.concat_tables(
        reading.read_batch(notes.slice(place, 1), said).events for place in range(notes.num_rows)
    )
    monkeypatch.setattr(reading, "TOGETHER", together)
    read = reading.read_batch(notes, said)
    assert alone.num_rows > notes.num_rows
    assert read.events.equals(alone)
    assert read.facts.total() == alone.num_rows


def test_no_notes__no_facts() -> None:
    read = reading.read_batch(batch([]), {each: derivation_of(each) for each in extractors()})
    assert (read.notes, read.events.num_rows) == (0, 0)
