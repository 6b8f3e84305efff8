"""Whom a resource is about, and during which encounter: references resolved set-wise.

A plain ``Patient/x``, relative or absolute, needs no look-up: its id is computed from its words.
Only the others do: ``urn:uuid:`` (by the Bundle's fullUrl), ``Patient?identifier=`` and logical
references (by identifier, within the load and the lake), ``#contained`` (by the contained
patient's own identifier).

References
----------
HL7 FHIR R4 (4.0.1), 2.3.0 Resource References; 3.1.0.11 Bundle, resolving references.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id, stable_id_sql
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.mapping import identifier_types
from vitruvian.ingest.library.fhir.records.staging import FRESH, STAGE

FEW_KEYS = 64
TARGET = "fhir_target"
IDENTIFIER = "fhir_identifier"
_SAID = "fhir_identifier_said"
_CONTAINED = "fhir_contained_patient"

_IDENTIFIERS = '\'[{"system":"VARCHAR","value":"VARCHAR"}]\''


def create_tables(connection: Any) -> None:
    """Empty tables of what is read from texts while they are in hand."""
    connection.execute(f"CREATE OR REPLACE TABLE {_SAID} (seq BIGINT, said VARCHAR)")
    connection.execute(f"CREATE OR REPLACE TABLE {_CONTAINED} (seq BIGINT, said VARCHAR)")


def take_identifiers_sql(batch: str) -> str:
    """SQL that keeps the identifiers, as ``system|value``, of a batch of texts."""
    return f"""
    INSERT INTO {_SAID}
    SELECT seq, coalesce(i.system, '') || '|' || i.value FROM (
        SELECT seq, unnest(from_json(json_extract(resource, '$.identifier'), {_IDENTIFIERS})) AS i
        FROM {batch}
    ) WHERE i.value IS NOT NULL
    """


def take_contained_sql(batch: str) -> str:
    """SQL that keeps the identifier of the patient who is contained in the record about them."""
    return f"""
    INSERT INTO {_CONTAINED}
    SELECT seq, min(coalesce(i.system, '') || '|' || i.value) FROM (
        SELECT seq, unnest(from_json(json_extract(c, '$.identifier'), {_IDENTIFIERS})) AS i FROM (
            SELECT seq, subject_ref,
                unnest(from_json(json_extract(resource, '$.contained'), '["JSON"]')) AS c
            FROM {batch} JOIN (SELECT seq, subject_ref FROM {STAGE} WHERE subject_ref LIKE '#%')
                USING (seq)
        ) WHERE '#' || (c ->> '$.id') = subject_ref
    ) WHERE i.value IS NOT NULL GROUP BY seq
    """


def collect_identifiers_sql() -> str:
    """SQL for the look-up keys of this load: ``Type?system|value`` of each identifier."""
    types = ", ".join(literal(name) for name in identifier_types())
    return f"""
    CREATE OR REPLACE TEMP TABLE {IDENTIFIER} AS
    SELECT DISTINCT seq, resource_type || '?' || said AS key, resource_type, resource_id
    FROM {_SAID} JOIN {FRESH} USING (seq)
    WHERE resource_type IN ({types}) AND NOT deleted
    """


# A reference that cannot be read off: what it says, in the form of a look-up key.
_ASKED = f"""
    SELECT DISTINCT source_no, ref, wanted FROM (
        SELECT source_no, subject_ref AS ref, 'Patient' AS kind, NULL::VARCHAR AS identifier
        FROM {FRESH} WHERE subject_ref IS NOT NULL AND fhir_literal(subject_ref) = ''
            AND subject_ref NOT LIKE '#%'
        UNION ALL
        SELECT source_no, encounter_ref, 'Encounter', NULL
        FROM {FRESH} WHERE encounter_ref IS NOT NULL AND fhir_literal(encounter_ref) = ''
            AND encounter_ref NOT LIKE '#%'
        UNION ALL
        SELECT source_no, 'identifier:' || subject_identifier, 'Patient', subject_identifier
        FROM {FRESH} WHERE subject_ref IS NULL AND subject_identifier IS NOT NULL
        UNION ALL
        SELECT source_no, medicine_ref, 'Medication', NULL
        FROM {FRESH} WHERE medicine_ref IS NOT NULL AND fhir_literal(medicine_ref) = ''
            AND medicine_ref NOT LIKE '#%'
        UNION ALL
        SELECT source_no, whole_ref, 'Encounter', NULL
        FROM {FRESH} WHERE whole_ref IS NOT NULL AND fhir_literal(whole_ref) = ''
        UNION ALL
        SELECT source_no, 'seq:' || seq, 'Patient', c.said
        FROM {FRESH} LEFT JOIN {_CONTAINED} c USING (seq) WHERE subject_ref LIKE '#%'
    ) q, LATERAL (SELECT CASE
        WHEN identifier IS NOT NULL THEN kind || '?' || identifier
        WHEN ref LIKE '%?identifier=%' THEN regexp_extract(ref, '([A-Z][A-Za-z]+)\\?', 1) || '?'
            || url_decode(regexp_extract(ref, '[?&]identifier=([^&]*)', 1))
        END AS wanted)
"""


def resolve(connection: Any, reader: Any, *, site: str) -> None:
    """Fill ``fhir_target``: (source, reference as sent) -> ``Type/id``, null when not found."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE fhir_asked AS {_ASKED}")
    wanted = _wanted_elsewhere(connection)
    connection.register("fhir_elsewhere", _keys_in_lake(reader, wanted, site=site))
    connection.execute(f"""
    CREATE OR REPLACE TABLE {TARGET} AS
    SELECT a.source_no, a.ref,
        coalesce(u.target, i.target, e.target) AS target
    FROM fhir_asked a
    LEFT JOIN (
        SELECT source_no, full_url, min(resource_type || '/' || resource_id) AS target
        FROM {FRESH} WHERE full_url IS NOT NULL GROUP BY ALL
    ) u ON u.source_no = a.source_no AND u.full_url = a.ref
    LEFT JOIN (
        SELECT key, min(resource_type || '/' || resource_id) AS target
        FROM {IDENTIFIER} GROUP BY ALL
    ) i ON i.key = a.wanted
    LEFT JOIN fhir_elsewhere e ON e.key = a.wanted
    """)


def _wanted_elsewhere(connection: Any) -> list[str]:
    rows = connection.execute(f"""
    SELECT DISTINCT wanted FROM fhir_asked
    WHERE wanted IS NOT NULL AND wanted NOT IN (SELECT key FROM {IDENTIFIER})
    """).fetchall()
    return [row[0] for row in rows]


def _keys_in_lake(reader: Any, wanted: list[str], *, site: str) -> Any:
    """Look-up keys that earlier loads brought, as key -> Type/id."""
    if len(wanted) <= FEW_KEYS:
        return _few_keys_in_lake(reader, wanted, site=site)
    return reader.query(
        "SELECT key, min(resource_type || '/' || resource_id) AS target FROM resource_key "
        "WHERE site = ? AND key IN (SELECT unnest(?::VARCHAR[])) GROUP BY ALL",
        params=[site, wanted],
        tables=["resource_key"],
    )


def _few_keys_in_lake(reader: Any, wanted: list[str], *, site: str) -> Any:
    """The same for a single record: a search by id, where the other reads the whole table."""
    columns = ["key", "site", "resource_type", "resource_id"]
    ids = [stable_id(key) for key in wanted]
    targets: dict[str, str] = {}
    for row in reader.look_up("resource_key", keys=ids, columns=columns).to_pylist():
        key, target = row["key"], f"{row['resource_type']}/{row['resource_id']}"
        if row["site"] == site and key in wanted:
            targets[key] = min(target, targets.get(key, target))
    texts = pa.string()
    named = pa.array(targets.keys(), texts), pa.array(targets.values(), texts)
    return pa.table(dict(zip(("key", "target"), named, strict=True)))


def subject_sql(site: str) -> str:
    """The subject of a fresh record ``f`` whose subject reference was looked up as ``s``."""
    key = """CASE
        WHEN f.resource_type = 'Patient' THEN 'Patient/' || f.resource_id
        ELSE coalesce(nullif(fhir_literal(f.subject_ref), ''), s.target) END"""
    return f"""CASE WHEN ({key}) LIKE 'Patient/%' THEN {stable_id_sql(literal(site), key)} END"""


def encounter_sql(site: str) -> str:
    """The encounter of a fresh record ``f`` whose encounter reference was looked up as ``e``."""
    key = """CASE
        WHEN f.resource_type = 'Encounter' THEN 'Encounter/' || f.resource_id
        ELSE coalesce(nullif(fhir_literal(f.encounter_ref), ''), e.target) END"""
    return f"""CASE WHEN ({key}) LIKE 'Encounter/%' THEN {stable_id_sql(literal(site), key)} END"""


JOIN_TARGETS = f"""
    LEFT JOIN {TARGET} s ON s.source_no = f.source_no AND s.ref = CASE
        WHEN f.subject_ref LIKE '#%' THEN 'seq:' || f.seq
        ELSE coalesce(f.subject_ref, 'identifier:' || f.subject_identifier) END
    LEFT JOIN {TARGET} e ON e.source_no = f.source_no AND e.ref = f.encounter_ref
"""
