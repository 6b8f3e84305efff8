"""Messages that are stored and wait to be mapped: staged again, and the end of their waiting."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.adapter import RECORDS, Source
from vitruvian.ingest.engine.limits import Limits
from vitruvian.ingest.library.hl7v2.loading import Hl7Loading
from vitruvian.ingest.report import Problems
from vitruvian.record import table_named

COLUMNS = (
    "version_id", "subject_id", "site", "source_id", "record", "resource_type", "known_at", "bytes",
)  # fmt: skip
_ENDED = pa.schema(
    [
        field
        for field in table_named("retirement").schema
        if field.name not in {"recorded_at", "load_id", "locator"}
    ]
)


def stage_rows(loading: Hl7Loading, rows: Sequence[Mapping[str, Any]]) -> None:
    """Give stored messages to a load, source by source."""
    problems, by_source = Problems(), dict[str, list[Mapping[str, Any]]]()
    for row in rows:
        by_source.setdefault(row["source_id"], []).append(row)
    for number, (source_id, some) in enumerate(by_source.items()):
        loading.stage(_source(source_id, number), _batch(some), problems)


def end_waiting(bulk: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """These rows wait no longer: the same bytes stand in a row of their own kind."""
    if rows:
        bulk.write("retirement", pa.Table.from_pylist([_ended(row) for row in rows], _ENDED))


def _ended(row: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "retirement_id": stable_id("absorbed", str(row["version_id"])),
        "subject_id": row["subject_id"],
        "site": row["site"],
        "source_id": row["source_id"],
        "known_at": row["known_at"],
        "known_at_basis": "stated",
        "scope": "version",
        "target_id": row["version_id"],
        "reason": "mapped",
    }


def _source(source_id: str, number: int) -> Source:
    def closed() -> Any:
        # Its bytes are rows of the lake already: there is no file behind a stored message.
        raise RuntimeError

    return Source(source_id, source_id, 0, "", closed, number, Limits())


def _batch(rows: Sequence[Mapping[str, Any]]) -> pa.RecordBatch:
    ordered = sorted(rows, key=lambda row: row["record"])
    return pa.record_batch(
        {
            "record": pa.array([row["record"] for row in ordered], pa.int64()),
            "locator": pa.array([f"record {row['record']}" for row in ordered], pa.string()),
            "bytes": pa.array([row["bytes"] for row in ordered], pa.large_binary()),
            "context": pa.nulls(len(ordered), pa.string()),
        },
        schema=RECORDS,
    )
