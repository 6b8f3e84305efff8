"""Events told again from their rows' own bytes, by the mapping that was used."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vitruvian.ingest.engine.tables.clocks import create_clocks
from vitruvian.ingest.engine.tables.language.mapping import Declared, read_mapping
from vitruvian.ingest.engine.tables.loading import MAPPING
from vitruvian.ingest.engine.tables.lookups import fields_of, prepare_lookups
from vitruvian.ingest.engine.tables.stage import Stage
from vitruvian.ingest.engine.tables.timeline import CHUNK, map_events
from vitruvian.ingest.errors import NotTraceable
from vitruvian.lake.engines.duckdb import EngineSettings, open_engine

if TYPE_CHECKING:
    import pyarrow as pa

Event = Mapping[str, Any]
Fields = Callable[[Iterable[bytes]], "list[pa.Table]"]
"""The fields of kept rows, as text."""


def retrace_event(
    reader: Any, event: Event, *, fields: Fields = fields_of
) -> tuple[Mapping[str, Any], pa.Table]:
    """The stored row of an event, and the events that its bytes give today.

    ``fields`` reads the bytes of formats whose rows are neither text nor JSON objects.

    Raises
    ------
    NotTraceable
        When the row or its mapping is not stored.
    """
    found = reader.history("resource", where="version_id = ?", params=[event["version_id"]])
    if not found.num_rows:
        raise NotTraceable(event["event_id"], "the row it was read from is not stored")
    resource = found.to_pylist()[0]
    declared = _stored_mapping(reader, event)
    name = resource["resource_type"].partition("/")[2]
    if declared is None or name not in declared.tables:
        raise NotTraceable(event["event_id"], "the mapping it was read by is not stored")
    stage = Stage(1, declared, declared.tables[name], resource["site"])
    with _engine() as engine:
        zone = declared.time_zone or _zone_of(reader, resource["source_id"])
        create_clocks(engine, stage.rule, zone=zone or "UTC")
        _refill(engine, stage, (resource, event), fields)
        prepare_lookups(engine, reader, [stage], site=stage.site)
        return resource, map_events(engine, stage, zone_declared=zone is not None)


@contextmanager
def _engine() -> Iterator[Any]:
    with tempfile.TemporaryDirectory() as folder:
        engine = open_engine(EngineSettings(memory_limit="512MB", temp=Path(folder), threads=1))
        try:
            engine.execute("SET enable_progress_bar = false")
            yield engine
        finally:
            engine.close()


def _zone_of(reader: Any, source_id: str) -> str | None:
    rows = reader.rows(
        "source", columns=["time_zone"], where="source_id = ?", params=[source_id]
    ).to_pylist()
    return rows[0]["time_zone"] if rows else None


def _refill(
    engine: Any, stage: Stage, found: tuple[Mapping[str, Any], Event], read: Fields
) -> None:
    """The row as it stood when it was loaded: its place, its subject, its clock."""
    resource, event = found
    stage.create(engine)
    (fields,) = read([resource["bytes"]])
    held = set(fields.column_names)
    own = ", ".join(f'"{n}"' if n in held else f'NULL::VARCHAR AS "{n}"' for n in stage.columns)
    engine.register("tab_row", fields)
    engine.execute(f"INSERT INTO {stage.place} BY NAME SELECT {own} FROM tab_row")
    engine.execute(
        f"CREATE OR REPLACE TEMP TABLE {CHUNK} AS SELECT * REPLACE (? AS _source_id, "
        "? AS _record), ?::BIGINT AS _version_id, ?::BIGINT AS subject_id, "
        "?::BIGINT AS encounter_id, ?::TIMESTAMPTZ AS known_at, ? AS known_at_basis "
        f"FROM {stage.place}",
        [
            resource["source_id"],
            resource["record"],
            resource["version_id"],
            resource["subject_id"],
            event["encounter_id"],
            resource["known_at"],
            resource["known_at_basis"],
        ],
    )


def _stored_mapping(reader: Any, event: Event) -> Declared | None:
    """The mapping that made an event, from the lake."""
    rows = reader.query(
        "SELECT r.bytes FROM derivation d JOIN resource r "
        "ON r.resource_id = json_extract_string(d.parameters, '$.mapping') "
        "WHERE d.derivation_id = ? AND r.resource_type = ? LIMIT 1",
        tables=["derivation", "resource"],
        params=[event["derivation_id"], MAPPING],
    ).to_pylist()
    return read_mapping(rows[0]["bytes"]) if rows else None
