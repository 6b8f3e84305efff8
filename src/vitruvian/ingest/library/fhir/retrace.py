"""An event told again from its record's own bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitruvian.base.manifest import Manifest
from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.fhir.records import staging
from vitruvian.ingest.library.fhir.records.references import TARGET
from vitruvian.ingest.library.fhir.rows import map_chunk
from vitruvian.ingest.library.fhir.timeline import medicines_known
from vitruvian.ingest.library.fhir.timeline.clocks import create_macros
from vitruvian.ingest.library.fhir.timeline.events import Place
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK
from vitruvian.lake.engines.duckdb import EngineSettings, open_engine

if TYPE_CHECKING:
    import pyarrow as pa

_CHUNK_COLUMNS = (
    "version_id subject_id source_id record locator resource_type resource_id version "
    "last_updated content_hash deleted known_at known_at_basis"
).split()


def retrace_event(
    reader: Any, event: Mapping[str, Any], manifest: Manifest
) -> tuple[Mapping[str, Any], pa.Table]:
    """The stored record of an event, and the events that its bytes give today."""
    del manifest
    found = reader.history("resource", where="version_id = ?", params=[event["version_id"]])
    if not found.num_rows:
        raise NotTraceable(event["event_id"], "the record it was read from is not stored")
    zone = _zone_of(reader, event["source_id"])
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(EngineSettings(memory_limit="256MB", temp=Path(folder), threads=1))
        try:
            events = _map_again(engine, reader, found, event, zone)
        finally:
            engine.close()
    return found.to_pylist()[0], events


def _zone_of(reader: Any, source_id: str) -> str | None:
    rows = reader.rows(
        "source", columns=["time_zone"], where="source_id = ?", params=[source_id]
    ).to_pylist()
    return rows[0]["time_zone"] if rows else None


def _map_again(
    engine: Any, reader: Any, found: pa.Table, event: Mapping[str, Any], zone: str | None
) -> pa.Table:
    site = str(event["site"])
    staging.create_stage(engine)
    create_macros(engine, zone=zone or "UTC")
    engine.register("fhir_found", found.slice(0, 1))
    columns = ", ".join(_CHUNK_COLUMNS)
    engine.execute(f"""
    CREATE TEMP TABLE {CHUNK} AS
    SELECT 1::BIGINT AS seq, 0 AS source_no, {columns}, decode(bytes) AS resource,
        ?::BIGINT AS encounter_id FROM fhir_found
    """, [event["encounter_id"]])  # fmt: skip
    engine.execute(f"CREATE TEMP TABLE {TARGET} (source_no INTEGER, ref VARCHAR, target VARCHAR)")
    engine.execute(f"CREATE TEMP TABLE {staging.FRESH} AS SELECT * FROM {CHUNK}")
    engine.execute("CREATE TEMP TABLE fhir_new AS SELECT 1::BIGINT AS seq")
    medicines_known.collect(engine, reader, site=site)
    kind = found["resource_type"][0].as_py()
    place = Place(site=site, zone_declared=zone is not None)
    mapped = map_chunk(engine, kind, place, lambda _: "")
    return next(rows for table, rows in mapped if table == "event")
