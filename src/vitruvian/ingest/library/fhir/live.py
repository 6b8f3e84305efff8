"""Single records for the hot log: the same mapping as a bulk load, on an engine kept warm.

A bulk load looks at everything the lake holds; here the caller has looked already, and says for
each record which versions of it there are.
"""

from __future__ import annotations

import hashlib
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.base.manifest import read_manifest
from vitruvian.ingest.engine.adapter import LoadContext
from vitruvian.ingest.library.fhir.mapping import (
    derivation,
    identifier_types,
    not_on_the_timeline,
    types_on_the_timeline,
)
from vitruvian.ingest.library.fhir.records import references, staging
from vitruvian.ingest.library.fhir.records.intake import take_few
from vitruvian.ingest.library.fhir.records.known import Slice, create_chunk, texts_of
from vitruvian.ingest.library.fhir.tables import TableWriter
from vitruvian.ingest.library.fhir.timeline.clocks import create_macros
from vitruvian.ingest.live import LiveRecord, LiveRows, Rows
from vitruvian.ingest.report import Problems
from vitruvian.lake.engines.duckdb import EngineSettings, open_engine

__all__ = ["LiveMapping", "identifier_types", "record_types"]


def record_types() -> frozenset[str]:
    """The resource types of FHIR R4."""
    return frozenset({*types_on_the_timeline(), *not_on_the_timeline()})


@dataclass
class _Captured:
    """Stands where a bulk load stands: keeps what it is given."""

    connection: Any
    reader: Any
    tables: Rows = field(default_factory=dict)

    def write(self, table: str, rows: pa.Table) -> None:
        """Keep rows of a table."""
        self.tables.setdefault(table, []).extend(rows.to_pylist())

    def put_blob(self, data: bytes) -> str:
        """Nothing: the hot log holds no blobs, and the bytes are in the record itself."""
        del data
        return ""


class LiveMapping:
    """Maps single records; safe for several threads, one at a time."""

    def __init__(self, *, temp: Path) -> None:
        self._engine = open_engine(EngineSettings(memory_limit="512MB", temp=temp, threads=1))
        self._engine.execute("SET enable_progress_bar = false")
        # Planning takes most of the time that one record takes; its few rows need no good plan.
        self._engine.execute("PRAGMA disable_optimizer")
        create_macros(self._engine, zone="UTC")
        self._guard = threading.Lock()
        self._manifest = read_manifest(Path(__file__).parent)
        self._started = datetime.now(UTC)
        words = f"fhir interface {self._started.isoformat()} {id(self)}"
        self._sha256 = hashlib.sha256(words.encode()).hexdigest()
        self._count = 0

    @property
    def source_id(self) -> str:
        """The source that everything written by this one comes from."""
        return self._sha256[:16]

    def beginning(self, reader: Any, *, site: str) -> Rows:
        """The source and, where the lake lacks it, the derivation: appended once, first."""
        lineage = {
            "site": site,
            "source_id": self.source_id,
            "known_at": self._started,
            "known_at_basis": "stated",
        }
        source = {
            "sha256": self._sha256,
            "media_type": "application/fhir+json",
            "adapter": self._manifest.name,
            "adapter_version": self._manifest.version,
            "received_at": self._started,
            "outcome": "loaded",
        }
        rows: Rows = {"source": [lineage | source]}
        number, name, version = derivation()
        held = reader.history("derivation", columns=["derivation_id"],
                              where=f"derivation_id = {number}")  # fmt: skip
        if not held.num_rows:
            said = {"derivation_id": number, "name": name, "version": version, "parameters": "{}"}
            rows["derivation"] = [lineage | {"source_id": "mapping"} | said]
        return rows

    def next_record(self) -> int:
        """The ordinal of the next record of this source."""
        self._count += 1
        return self._count - 1

    def rows(self, reader: Any, records: Sequence[LiveRecord], *, site: str) -> LiveRows:
        """The rows of every table that the records speak of."""
        with self._guard:
            return self._rows(reader, records, site=site)

    def _rows(self, reader: Any, records: Sequence[LiveRecord], *, site: str) -> LiveRows:
        engine = self._engine
        texts = self._stage(records, site=site)
        versions = self._told_apart(records, site=site)
        engine.execute("CREATE OR REPLACE TEMP TABLE fhir_new (seq BIGINT)")
        fresh = [[n + 1] for n, version in enumerate(versions) if version is not None]
        if not fresh:
            return LiveRows({}, versions)
        engine.executemany("INSERT INTO fhir_new VALUES (?)", fresh)
        engine.execute(references.collect_identifiers_sql())
        references.resolve(engine, reader, site=site)
        captured = _Captured(engine, reader)
        self._map(captured, texts, site=site)
        for note in captured.tables.get("note", []):
            note["blob_sha256"] = note["blob_sha256"] or None
        return LiveRows({name: rows for name, rows in captured.tables.items() if rows}, versions)

    def _stage(self, records: Sequence[LiveRecord], *, site: str) -> pa.Table:
        count = len(records)
        ordinals = [self.next_record() for _ in records]
        batch = pa.table(
            {
                "seq": pa.array(range(1, count + 1), pa.int64()),
                "source_no": pa.array([0] * count, pa.int32()),
                "source_id": pa.array([self.source_id] * count),
                "record": pa.array(ordinals, pa.int64()),
                "locator": pa.array([f"record {ordinal}" for ordinal in ordinals]),
                "resource": pa.array([one.text for one in records], pa.large_string()),
                "context": pa.nulls(count, pa.string()),
            }
        )
        take_few(self._engine, batch, site=site)
        return batch.select(["seq", "resource"])

    def _told_apart(self, records: Sequence[LiveRecord], *, site: str) -> tuple[int | None, ...]:
        """Version ids; content that an earlier version had already gets one of its own."""
        sql = f"SELECT version_id FROM {staging.FRESH} ORDER BY seq"
        found = [row[0] for row in self._engine.execute(sql).fetchall()]
        versions: list[int | None] = []
        again = False
        for number, (record, version) in enumerate(zip(records, found, strict=True), start=1):
            versions.append(None if version == record.current else version)
            if version != record.current and version in record.taken:
                again = True
                self._engine.execute(
                    f"UPDATE {staging.STAGE} SET content_hash = sha256(content_hash || ?) "
                    "WHERE seq = ?",
                    [str(len(record.taken)), number],
                )
        if again:
            identity = staging.version_sql(site)
            self._engine.execute(f"UPDATE {staging.STAGE} SET version_id = {identity}")
            fresh = [row[0] for row in self._engine.execute(sql).fetchall()]
            pairs = zip(versions, fresh, strict=True)
            return tuple(None if old is None else new for old, new in pairs)
        return tuple(versions)

    def _map(self, captured: _Captured, texts: pa.Table, *, site: str) -> None:
        received = datetime.now(UTC).isoformat()
        context = LoadContext(
            bulk=captured, site=site, time_zone="UTC", zone_declared=False, received_at=received
        )
        problems: Mapping[int, Problems] = defaultdict(Problems)
        writer = TableWriter(context, problems)
        writer.begin()
        slices = self._engine.execute(
            f"SELECT resource_type, min(seq), max(seq) FROM {staging.FRESH} "
            "SEMI JOIN fhir_new USING (seq) GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        for resource_type, first, last in slices:
            wanted = Slice(resource_type, first, last)
            create_chunk(self._engine, wanted, site=site, received_at=received)
            if writer.write_records(resource_type, texts_of(self._engine, wanted, texts)):
                writer.write_meaning(self._engine, resource_type)

    def deletion(self, told: tuple[str, str, int], *, site: str, subject_id: int | None) -> Rows:
        """Rows that say a resource is gone: type, id and number of the new version."""
        resource_type, resource_id, number = told
        now, record = datetime.now(UTC), self.next_record()
        key = f"{resource_type}/{resource_id}"
        lineage = {
            "version_id": stable_id("deleted", site, key, str(number)),
            "subject_id": subject_id,
            "site": site,
            "source_id": self.source_id,
            "locator": f"record {record}",
            "known_at": now,
            "known_at_basis": "stated",
            "resource_type": resource_type,
            "resource_id": resource_id,
        }
        said = f'{{"request":{{"method":"DELETE","url":"{key}"}}}}'.encode()
        gone = {
            "record": record,
            "content_hash": hashlib.sha256(said + str(number).encode()).hexdigest(),
            "deleted": True,
            "bytes": said,
        }
        return {
            "resource": [lineage | gone],
            "resource_key": [lineage | {"key_id": stable_id(key), "key": key}],
        }

    def close(self) -> None:
        """Let the engine go."""
        self._engine.close()
