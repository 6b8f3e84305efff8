"""When the care team could see a record, and the chunk of records that is mapped together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import delay_seconds, sensible_days
from vitruvian.ingest.library.fhir.records.references import (
    JOIN_TARGETS,
    encounter_sql,
    subject_sql,
)
from vitruvian.ingest.library.fhir.records.staging import FRESH
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK

_HANDED_OVER = "fhir_chunk_handed_over"
_CORRECTED = "('amended', 'corrected', 'appended', 'entered-in-error')"


@dataclass(frozen=True)
class Slice:
    """Records of one type between two places in the stage."""

    resource_type: str
    first: int
    last: int


def texts_of(connection: Any, wanted: Slice, texts: pa.Table) -> pa.Table:
    """Out of some texts, in order, those of the new records of a slice."""
    between = f"seq BETWEEN {wanted.first} AND {wanted.last}"
    places = connection.execute(f"""
    SELECT seq FROM {FRESH} SEMI JOIN (SELECT seq FROM fhir_new WHERE {between}) USING (seq)
    WHERE resource_type = {literal(wanted.resource_type)} AND {between}
    """).to_arrow_table()["seq"]
    if len(places) == texts.num_rows:
        return texts
    return texts.filter(pc.is_in(texts["seq"], places.combine_chunks()))


def create_chunk(connection: Any, wanted: Slice, *, site: str, received_at: str) -> None:
    """Fill ``fhir_chunk``: new records of one type with their keys and clocks."""
    between = f"seq BETWEEN {wanted.first} AND {wanted.last}"
    connection.execute(f"""
    CREATE OR REPLACE TABLE {CHUNK} AS
    WITH arriving AS (
        SELECT * FROM {FRESH} SEMI JOIN (SELECT seq FROM fhir_new WHERE {between}) USING (seq)
        WHERE resource_type = {literal(wanted.resource_type)} AND {between}
    ), clocks AS (
        SELECT f.*, {subject_sql(site)} AS subject_id,
            {encounter_sql(site)} AS encounter_id,
            coalesce(fhir_until(stated_as), fhir_from(stated_as)) AS said_at,
            fhir_from(happened_as) AS happened_at
        FROM arriving f {JOIN_TARGETS}
    ), known AS (
        SELECT * EXCLUDE (said_at, happened_at, state_word, stated_as, happened_as),
            coalesce(CASE WHEN said_at IS NULL THEN stated_as END,
                CASE WHEN happened_at IS NULL THEN happened_as END) AS not_a_time,
            {_stated_sql()} AS known_stated,
            {_assumed_sql(received_at)} AS known_assumed
        FROM clocks
    )
    SELECT * EXCLUDE (known_stated, known_assumed),
        coalesce(known_stated, known_assumed) AS known_at,
        CASE WHEN known_stated IS NULL THEN 'assumed' ELSE 'stated' END AS known_at_basis
    FROM known
    """)


def hand_over_chunk(connection: Any) -> None:
    """Let another connection have ``fhir_chunk``, so that the next can be made here."""
    connection.execute(f"DROP TABLE IF EXISTS {_HANDED_OVER}")
    connection.execute(f"ALTER TABLE {CHUNK} RENAME TO {_HANDED_OVER}")


def take_over_chunk(connection: Any) -> None:
    """Have on this connection the ``fhir_chunk`` that another one made."""
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {CHUNK} AS FROM {_HANDED_OVER}")


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
