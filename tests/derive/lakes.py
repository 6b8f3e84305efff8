"""A lake with notes, and the words tests use to fill it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.lake import Lake
from vitruvian.record import table_named
from vitruvian.trust import SYSTEM

SEEN = datetime(2024, 3, 1, 9, tzinfo=UTC)


def note(text: str, *, subject: int = 1, version: int = 1, **said: Any) -> dict[str, Any]:
    """One row of ``note``."""
    return {
        "note_id": stable_id("note", str(subject), str(version)),
        "subject_id": subject,
        "version_id": stable_id("version", str(subject), str(version)),
        "site": "test",
        "source_id": "0" * 16,
        "locator": f"record {version} /content/0",
        "known_at": SEEN,
        "known_at_basis": "stated",
        "time": SEEN,
        "status": "current",
        "language": "en",
        "media_type": "text/plain",
        "text": text,
        **said,
    }


def add(lake: Lake, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Publish rows."""
    with lake.bulk(SYSTEM) as load:
        load.write(table, pa.Table.from_pylist(list(rows), schema=table_named(table).schema))


def facts(lake: Lake, **as_of: datetime) -> list[dict[str, Any]]:
    """The events that hold, in order of subject and code."""
    with lake.read(SYSTEM, **as_of) as reader:
        rows = reader.rows("event").to_pylist()
    return sorted(rows, key=lambda row: (row["subject_id"], row["code"], row["locator"]))
