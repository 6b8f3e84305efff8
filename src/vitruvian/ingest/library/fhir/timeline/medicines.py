"""Medicines named by reference: their codes looked up in the record, the load and the lake."""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, RAW, TEXT, compiled

MEDICATION = "fhir_medication"

_CONTAINED = f"""
    SELECT seq, '#' || (c ->> '$.id') AS ref, c::VARCHAR AS resource FROM (
        SELECT seq, unnest(from_json(json_extract(resource, '$.contained'), '["JSON"]')) AS c
        FROM {TEXT} SEMI JOIN (SELECT seq FROM {RAW} WHERE medication_ref LIKE '#%') USING (seq)
    ) WHERE c ->> '$.resourceType' = 'Medication'
"""


def has_references(connection: Any) -> bool:
    """Whether any medicine of the chunk is named by reference only."""
    row = connection.execute(
        f"SELECT count(*) FROM {RAW} WHERE medication_ref IS NOT NULL AND coding_code IS NULL"
    ).fetchone()
    return bool(row[0])


def look_up(connection: Any) -> None:
    """Replace, in ``fhir_raw``, references by the codings of the medicine they name.

    ``fhir_medication`` must hold (source_no, target, resource) of the medicines known.
    """
    medication = compiled("medication").sql.replace(f'"{TEXT}"', "fhir_medicine")
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE fhir_medicine AS
    SELECT row_number() OVER () AS seq, * EXCLUDE (seq), seq AS asking FROM (
        {_CONTAINED}
        UNION ALL
        SELECT k.seq, r.medication_ref, m.resource
        FROM (SELECT DISTINCT seq, medication_ref FROM {RAW}) r JOIN {CHUNK} k USING (seq)
        LEFT JOIN fhir_target t ON t.source_no = k.source_no AND t.ref = r.medication_ref
        JOIN {MEDICATION} m
            ON m.target = coalesce(t.target, nullif(fhir_literal(r.medication_ref), ''))
    )
    """)
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE fhir_medicine_code AS
    SELECT q.asking AS seq, q.ref, v.* EXCLUDE (seq)
    FROM ({medication}) v JOIN fhir_medicine q USING (seq)
    """)
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE fhir_raw_known AS
    SELECT r.* REPLACE (
        coalesce(c.coding_at, r.coding_at) AS coding_at,
        coalesce(c.coding_system, r.coding_system) AS coding_system,
        coalesce(c.coding_code, r.coding_code) AS coding_code,
        coalesce(c.coding_display, r.coding_display) AS coding_display,
        coalesce(r.code_text, c.code_text) AS code_text)
    FROM {RAW} r LEFT JOIN fhir_medicine_code c
        ON c.seq = r.seq AND c.ref = r.medication_ref AND r.coding_code IS NULL
    """)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {RAW} AS SELECT * FROM fhir_raw_known")
