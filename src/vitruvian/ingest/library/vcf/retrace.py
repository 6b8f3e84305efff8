"""Events told again from their stored header and line."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.vcf.alleles.align import reference_of
from vitruvian.ingest.library.vcf.reading.header import read_header
from vitruvian.ingest.library.vcf.reading.sheet import SheetRow
from vitruvian.ingest.library.vcf.rows.assay import Assay, When, moment_of
from vitruvian.ingest.library.vcf.rows.block import Piece, tell
from vitruvian.ingest.library.vcf.rows.events import (
    assay_event,
    finding_event,
    findings,
)
from vitruvian.ingest.library.vcf.rows.records import HEADER
from vitruvian.ingest.library.vcf.rows.tables import sample_calls
from vitruvian.lake.engines.duckdb import EngineSettings, open_engine
from vitruvian.record import table_named

Row = Mapping[str, Any]


def retrace_event(reader: Any, event: Row) -> tuple[Row, pa.Table]:
    """The stored record of an event, and the events that its bytes give today."""
    subject = event["subject_id"]
    record = _one(reader, "resource", subject, ("version_id = ?", event["version_id"]))
    if record is None:
        raise NotTraceable(event["event_id"], "the line it was read from is not stored")
    words = str(record["resource_id"]).split("/")[0]
    row = _one(reader, "assay", subject, ("assay_id = ?", int(words)))
    if row is None:
        raise NotTraceable(event["event_id"], "its assay is not stored")
    header = _one(reader, "resource", subject, ("version_id = ?", row["version_id"]))
    if header is None:
        raise NotTraceable(event["event_id"], "the header of its file is not stored")
    assay = _assay(reader, row, header["bytes"])
    if record["resource_type"] == HEADER:
        return record, _whole([assay_event(assay, row)])
    return record, _whole(_told_again(record, assay, row))


def _whole(events: Sequence[Row]) -> pa.Table:
    """Events with every column that an event has."""
    return pa.Table.from_pylist([dict(each) for each in events], table_named("event").schema)


def _one(reader: Any, table: str, subject: int, asked: tuple[str, int]) -> dict[str, Any] | None:
    where, value = asked
    rows = reader.history(table, subjects=[subject], where=where, params=[value]).to_pylist()
    return rows[0] if rows else None


def _assay(reader: Any, row: Row, header: bytes) -> Assay:
    names = ("site", "source_id", "known_at", "known_at_basis")
    said = SheetRow(row["sample"], "", row["origin"], row["specimen"], row["tumour_purity"])
    return Assay(
        assay_id=row["assay_id"],
        subject_id=row["subject_id"],
        linked=row["linked"],
        sample=row["sample"],
        number=0,
        header=read_header(header),
        said=said,
        lineage={name: row[name] for name in names},
        when=_when(reader, row),
        content_hash=row["content_hash"],
    )


def _when(reader: Any, row: Row) -> When:
    sources = reader.rows(
        "source", columns=["time_zone"], where="source_id = ?", params=[row["source_id"]]
    ).to_pylist()
    zone = sources[0]["time_zone"] if sources else None
    start, until, offset, bare = moment_of(row["time_as_sent"], zone or "UTC")
    known: datetime = row["known_at"].astimezone(UTC)
    return When(start, until, row["time_as_sent"], offset, known, row["known_at_basis"],
                bare and zone is None)  # fmt: skip


def _told_again(record: Row, assay: Assay, row: Row) -> list[dict[str, Any]]:
    piece = Piece(record["bytes"], record["record"], 0, row["record_count"])
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(EngineSettings(memory_limit="256MB", temp=Path(folder), threads=1))
        try:
            build = assay.header.build
            told = tell(engine, piece, assay.header, reference=reference_of(build))
            return [finding_event(each, assay) for each in findings(told, sample_calls(told))]
        finally:
            engine.close()
