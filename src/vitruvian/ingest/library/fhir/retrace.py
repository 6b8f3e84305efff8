"""Events told again from their records' own bytes."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from vitruvian.ingest.errors import NotTraceable
from vitruvian.ingest.library.fhir.records import staging
from vitruvian.ingest.library.fhir.records.intake import MEDICINE
from vitruvian.ingest.library.fhir.records.references import TARGET
from vitruvian.ingest.library.fhir.rows import map_chunk
from vitruvian.ingest.library.fhir.timeline import medicines_known
from vitruvian.ingest.library.fhir.timeline.clocks import create_macros
from vitruvian.ingest.library.fhir.timeline.events import Place
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, TEXT
from vitruvian.lake.engines.duckdb import EngineSettings, open_engine

_CHUNK_COLUMNS = (
    "version_id subject_id source_id record locator resource_type resource_id version "
    "last_updated content_hash deleted known_at known_at_basis"
).split()


@dataclass(frozen=True)
class _Setting:
    """What records that are mapped again together have in common."""

    resource_type: str
    site: str
    zone: str | None


def retrace_event(reader: Any, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], pa.Table]:
    """The stored record of an event, and the events that its bytes give today."""
    found = reader.history("resource", where="version_id = ?", params=[event["version_id"]])
    if not found.num_rows:
        raise NotTraceable(event["event_id"], "the record it was read from is not stored")
    return found.to_pylist()[0], recompute(reader, found.slice(0, 1), [event])


def recompute(reader: Any, resources: pa.Table, events: Sequence[Mapping[str, Any]]) -> pa.Table:
    """The events that stored records give today, whatever their types and sources.

    Parameters
    ----------
    reader
        A ``lake.Reader``.
    resources
        Rows of ``resource``.
    events
        Stored events of these records: they tell the encounter each record was linked to.
    """
    zones = _zones(reader)
    settings: dict[_Setting, list[int]] = {}
    for place, row in enumerate(resources.drop_columns(["bytes"]).to_pylist()):
        setting = _Setting(row["resource_type"], row["site"], zones.get(row["source_id"]))
        settings.setdefault(setting, []).append(place)
    encounters = {event["version_id"]: event["encounter_id"] for event in events}
    with _engine() as engine:
        parts = [
            _map_again(engine, reader, (setting, resources.take(places)), encounters)
            for setting, places in settings.items()
        ]
    return pa.concat_tables(parts, promote_options="default")


@contextmanager
def _engine() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(EngineSettings(memory_limit="512MB", temp=Path(folder), threads=1))
        try:
            engine.execute("SET enable_progress_bar = false")
            staging.create_stage(engine)
            yield engine
        finally:
            engine.close()


def _zones(reader: Any) -> dict[str, str | None]:
    rows = reader.rows("source", columns=["source_id", "time_zone"]).to_pylist()
    return {row["source_id"]: row["time_zone"] for row in rows}


def _map_again(
    engine: Any,
    reader: Any,
    found: tuple[_Setting, pa.Table],
    encounters: Mapping[int, int | None],
) -> pa.Table:
    setting, resources = found
    create_macros(engine, zone=setting.zone or "UTC")
    _refill(engine, resources, encounters)
    _resolve_medicines(engine, reader, site=setting.site)
    medicines_known.collect(engine, reader, site=setting.site)
    place = Place(site=setting.site, zone_declared=setting.zone is not None)
    mapped = map_chunk(engine, setting.resource_type, place, lambda _: "")
    return next(rows for table, rows in mapped if table == "event")


def _refill(engine: Any, resources: pa.Table, encounters: Mapping[int, int | None]) -> None:
    """The chunk and what surrounds it, as they stood when the records were loaded."""
    linked = [encounters.get(version) for version in resources["version_id"].to_pylist()]
    table = resources.append_column("encounter_id", pa.array(linked, pa.int64()))
    engine.register("fhir_found", table)
    engine.execute(f"""
    CREATE OR REPLACE TABLE {CHUNK} AS
    SELECT row_number() OVER () AS seq, 0 AS source_no, {", ".join(_CHUNK_COLUMNS)},
        decode(bytes) AS resource, encounter_id,
        CASE WHEN resource_type LIKE 'Medication%'
            THEN decode(bytes) ->> '$.medicationReference.reference' END AS medicine_ref
    FROM fhir_found
    """)
    engine.execute(f"CREATE OR REPLACE TEMP VIEW {TEXT} AS SELECT seq, resource FROM {CHUNK}")
    engine.execute(f"""
    CREATE OR REPLACE TEMP VIEW {MEDICINE} AS
    SELECT seq, resource FROM {CHUNK} WHERE resource_type = 'Medication'
    """)
    engine.unregister("fhir_found")
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {staging.FRESH} AS SELECT * EXCLUDE (resource) FROM {CHUNK}"
    )
    engine.execute(f"CREATE OR REPLACE TEMP TABLE fhir_new AS SELECT seq FROM {CHUNK}")
    engine.execute(
        f"CREATE OR REPLACE TABLE {TARGET} (source_no INTEGER, ref VARCHAR, target VARCHAR)"
    )


_ASKED = f"""
    SELECT DISTINCT ref, CASE WHEN ref LIKE 'urn:%' THEN source_id || ' ' || ref
        ELSE 'Medication?' || url_decode(regexp_extract(ref, 'identifier=([^&]*)', 1)) END AS key
    FROM (
        SELECT source_id, medicine_ref AS ref FROM {CHUNK}
    ) WHERE ref NOT LIKE '#%' AND fhir_literal(ref) = ''
"""


def _resolve_medicines(engine: Any, reader: Any, *, site: str) -> None:
    """Medicines named through a Bundle's fullUrl or by identifier, found by their stored keys."""
    asked = dict(engine.execute(_ASKED).fetchall())
    if not asked:
        return
    rows = reader.rows(
        "resource_key",
        columns=["key", "resource_type", "resource_id"],
        where="site = ? AND key IN (SELECT unnest(?::VARCHAR[]))",
        params=[site, list(asked.values())],
    ).to_pylist()
    found = {row["key"]: f"{row['resource_type']}/{row['resource_id']}" for row in rows}
    for ref, key in asked.items():
        engine.execute(f"INSERT INTO {TARGET} VALUES (0, ?, ?)", [ref, found.get(key)])
