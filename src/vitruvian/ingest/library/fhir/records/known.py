"""When the care team could see a record, and the chunk of records that is mapped together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

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
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, TEXT

_NOTHING = TypeMapping(name="", view="", lane="", act="", stated=(), happened=())
_CORRECTED = "('amended', 'corrected', 'appended', 'entered-in-error')"


@dataclass(frozen=True)
class Slice:
    """Records of one type between two places in the stage."""

    resource_type: str
    first: int
    last: int


def texts_of(connection: Any, wanted: Slice, texts: pa.Table) -> pa.Table:
    """Out of some texts, in order, those of the new records of a slice."""
    places = connection.execute(f"""
    SELECT seq FROM {FRESH} SEMI JOIN fhir_new USING (seq)
    WHERE resource_type = {literal(wanted.resource_type)}
        AND seq BETWEEN {wanted.first} AND {wanted.last}
    """).to_arrow_table()["seq"]
    if len(places) == texts.num_rows:
        return texts
    return texts.filter(pc.is_in(texts["seq"], places.combine_chunks()))


def create_chunk(connection: Any, wanted: Slice, *, site: str, received_at: str) -> None:
    """Fill ``fhir_chunk``: new records of one type with their keys and clocks."""
    connection.execute(f"""
    CREATE OR REPLACE TABLE {CHUNK} AS
    WITH {_worded_sql(wanted)}
    , clocks AS (
        SELECT f.*, {subject_sql(site)} AS subject_id,
            {encounter_sql(site)} AS encounter_id,
            coalesce(fhir_until(said), fhir_from(said)) AS said_at,
            fhir_from(occurred) AS happened_at
        FROM worded f {JOIN_TARGETS}
    ), known AS (
        SELECT * EXCLUDE (said_at, happened_at, state_word, said, occurred),
            coalesce(CASE WHEN said_at IS NULL THEN said END,
                CASE WHEN happened_at IS NULL THEN occurred END) AS not_a_time,
            {_stated_sql()} AS known_stated,
            {_assumed_sql(received_at)} AS known_assumed
        FROM clocks
    )
    SELECT * EXCLUDE (known_stated, known_assumed),
        coalesce(known_stated, known_assumed) AS known_at,
        CASE WHEN known_stated IS NULL THEN 'assumed' ELSE 'stated' END AS known_at_basis
    FROM known
    """)


def _worded_sql(wanted: Slice) -> str:
    """The new records of a slice with what they say of when, as two named queries."""
    mapping = types_on_the_timeline().get(wanted.resource_type, _NOTHING)
    said, occurred = _places(mapping)
    return f"""read AS (
        SELECT f.*, t.k FROM {FRESH} f SEMI JOIN fhir_new USING (seq) JOIN (
            SELECT seq, json_extract_string(resource, [{_paths(mapping)}]) AS k FROM {TEXT}
        ) t USING (seq)
        WHERE resource_type = {literal(wanted.resource_type)}
            AND seq BETWEEN {wanted.first} AND {wanted.last}
    ), worded AS (
        SELECT * EXCLUDE (k), {said} AS said, {occurred} AS occurred, k[-1] AS state_word FROM read
    )"""


def _paths(mapping: TypeMapping) -> str:
    return ", ".join(
        literal(f"$.{path}") for path in (*mapping.stated, *mapping.happened, "status")
    )


def _places(mapping: TypeMapping) -> tuple[str, str]:
    """The first word that states, and the first that says when, out of those read."""
    count = len(mapping.stated)
    stated = [f"k[{place}]" for place in range(1, count + 1)]
    happened = [f"k[{place}]" for place in range(count + 1, count + len(mapping.happened) + 1)]
    return _first(stated), _first(happened)


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
