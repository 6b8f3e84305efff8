"""Medication resources that the records of a load refer to: from the load and from the lake."""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.library.fhir.records.staging import FRESH
from vitruvian.ingest.library.fhir.timeline.medicines import MEDICATION

_WANTED = f"""
    SELECT DISTINCT split_part(target, '/', 2) FROM (
        SELECT coalesce(nullif(fhir_literal(f.ref), ''), t.target) AS target FROM (
            SELECT source_no, medicine_ref AS ref
            FROM {FRESH} SEMI JOIN fhir_new USING (seq) WHERE medicine_ref IS NOT NULL
        ) f LEFT JOIN fhir_target t USING (source_no, ref)
    ) WHERE target LIKE 'Medication/%'
        AND target NOT IN (SELECT target FROM {MEDICATION})
"""


def collect(connection: Any, reader: Any, *, site: str) -> None:
    """Fill ``fhir_medication``: (target, resource) of every medicine referred to."""
    connection.execute(f"""
    CREATE OR REPLACE TABLE {MEDICATION} AS
    SELECT 'Medication/' || resource_id AS target, max_by(m.resource, seq) AS resource
    FROM fhir_medicine_text m JOIN {FRESH} USING (seq) WHERE NOT deleted GROUP BY ALL
    """)
    wanted = [row[0] for row in connection.execute(_WANTED).fetchall()]
    if not wanted:
        return
    stored = reader.rows(
        "resource",
        columns=["resource_id", "bytes"],
        where="resource_type = 'Medication' AND site = ? "
        "AND resource_id IN (SELECT unnest(?::VARCHAR[]))",
        params=[site, wanted],
    )
    connection.register("fhir_stored_medicines", stored)
    connection.execute(f"""
    INSERT INTO {MEDICATION}
    SELECT 'Medication/' || resource_id, decode(bytes) FROM fhir_stored_medicines
    """)
    connection.unregister("fhir_stored_medicines")
