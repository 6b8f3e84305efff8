"""When the care team could see a record, and the chunk of records that is mapped together."""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import (
    TypeMapping,
    delay_seconds,
    sensible_days,
    types_on_the_timeline,
)
from vitruvian.ingest.library.fhir.records.references import (
    JOIN_TARGETS,
    encounter_sql,
    subject_sql,
)
from vitruvian.ingest.library.fhir.records.staging import FRESH
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK

_NOTHING = TypeMapping(name="", view="", lane="", act="", stated=(), happened=())
_CORRECTED = "('amended', 'corrected', 'appended', 'entered-in-error')"


def create_chunk(connection: Any, resource_type: str, *, site: str, received_at: str) -> None:
    """Fill ``fhir_chunk`` from ``fhir_slice``: records of one type with their keys and clocks."""
    mapping = types_on_the_timeline().get(resource_type, _NOTHING)
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE {CHUNK} AS
    WITH clocks AS (
        SELECT f.*, {subject_sql(site)} AS subject_id, {encounter_sql(site)} AS encounter_id,
            {_read_clocks(mapping)}
        FROM fhir_slice f {JOIN_TARGETS}
    ), known AS (
        SELECT *, {_stated_sql()} AS known_stated,
            {_assumed_sql(received_at)} AS known_assumed
        FROM clocks
    )
    SELECT * EXCLUDE (known_stated, known_assumed, said_at, happened_at, state_word),
        coalesce(known_stated, known_assumed) AS known_at,
        CASE WHEN known_stated IS NULL THEN 'assumed' ELSE 'stated' END AS known_at_basis
    FROM known
    """)


def slice_sql(resource_type: str, first: int, last: int) -> str:
    """SQL for the next records of a type, deleted ones left out."""
    return f"""
    CREATE OR REPLACE TEMP TABLE fhir_slice AS
    SELECT * FROM {FRESH} SEMI JOIN fhir_new USING (seq)
    WHERE resource_type = {literal(resource_type)} AND seq BETWEEN {first} AND {last}
    """


def _read_clocks(mapping: TypeMapping) -> str:
    paths = [*mapping.stated, *mapping.happened, "status"]
    listed = ", ".join(literal(f"$.{path}") for path in paths)
    values = f"json_extract_string(f.resource, [{listed}])"
    stated = [f"k[{place}]" for place in range(1, len(mapping.stated) + 1)]
    happened = [f"k[{place}]" for place in range(len(stated) + 1, len(paths))]
    said, occurred = _first(stated), _first(happened)
    return (
        f"{values} AS k, coalesce(fhir_until({said}), fhir_from({said})) AS said_at, "
        f"fhir_from({occurred}) AS happened_at, k[{len(paths)}] AS state_word"
    )


def _first(words: list[str]) -> str:
    return f"coalesce({', '.join(words)})" if words else "NULL::VARCHAR"


def _stated_sql() -> str:
    """What the source states; a correction is known when it was made, not when the first was."""
    again = f"(try_cast(version AS BIGINT) > 1 OR state_word IN {_CORRECTED} OR deleted)"
    sensible = (
        "last_updated >= happened_at AND "
        f"last_updated <= happened_at + INTERVAL {sensible_days()} DAY"
    )
    return f"""CASE
        WHEN said_at IS NOT NULL AND {again} THEN greatest(said_at, coalesce(last_updated, said_at))
        WHEN said_at IS NOT NULL THEN said_at
        WHEN {again} OR happened_at IS NULL THEN last_updated
        WHEN {sensible} THEN last_updated END"""


def _assumed_sql(received_at: str) -> str:
    now = f"TIMESTAMPTZ {literal(received_at)}"
    return f"least(coalesce(happened_at + INTERVAL {delay_seconds()} SECOND, {now}), {now})"
