"""Which records are new, and which versions of a resource no longer hold.

The current version follows the source's version number, then its time, then arrival.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.records.staging import FRESH

DONE = "fhir_done"
_FEW, _MANY = 20_000, 100_000
_EARLIER = [
    "version_id", "site", "subject_id", "resource_type", "resource_id",
    "version", "last_updated", "recorded_at", "known_at", "deleted",
]  # fmt: skip


def mark_known(connection: Any, reader: Any) -> None:
    """Leave in the fresh records only the first of each version that the lake does not hold."""
    fresh = connection.execute(f"SELECT DISTINCT version_id FROM {FRESH}").to_arrow_table()
    connection.register("fhir_stored", _stored(reader, fresh["version_id"]))
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE fhir_new AS
    SELECT min(seq) AS seq FROM {FRESH}
    WHERE version_id NOT IN (SELECT version_id FROM fhir_stored)
    GROUP BY version_id ORDER BY seq
    """)
    connection.unregister("fhir_stored")


def _stored(reader: Any, versions: Any) -> Any:
    """Those of some versions that the lake holds; never a list of all it holds."""
    found = [
        reader.history(
            "resource",
            columns=["version_id"],
            where="version_id IN (SELECT unnest(?::BIGINT[]))",
            params=[versions.slice(place, _MANY).to_pylist()],
        )
        for place in range(0, max(len(versions), 1), _MANY)
    ]
    return pa.concat_tables(found)


def retire_superseded(connection: Any, reader: Any, *, site: str) -> Any:
    """Rows of ``retirement`` for versions that a later one has taken the place of."""
    connection.register("fhir_earlier", _earlier_versions(connection, reader, site=site))
    retired = reader.history("retirement", columns=["scope", "target_id"])
    connection.register("fhir_retired", retired)
    return connection.execute(_retirement_sql(site)).to_arrow_table()


def _earlier_versions(connection: Any, reader: Any, *, site: str) -> Any:
    """Stored versions of the resources that this load brought new versions of."""
    keys = connection.execute(
        f"SELECT DISTINCT resource_type || '/' || resource_id FROM {DONE} LIMIT {_FEW + 1}"
    ).fetchall()
    where = "site = ?"
    params: list[object] = [site]
    if len(keys) <= _FEW:
        where += " AND resource_type || '/' || resource_id IN (SELECT unnest(?::VARCHAR[]))"
        params.append([key[0] for key in keys])
    return reader.history("resource", columns=_EARLIER, where=where, params=params)


_ORDER = "number NULLS FIRST, last_updated NULLS FIRST, round, arrived, seq"
_VERSIONS = f"""
    SELECT resource_type, resource_id, version_id, subject_id, known_at, deleted,
        try_cast(version AS BIGINT) AS number, last_updated,
        0 AS round, recorded_at AS arrived, 0 AS seq,
        NULL::VARCHAR AS source_id, NULL::VARCHAR AS locator, NULL::VARCHAR AS basis
    FROM fhir_earlier
    WHERE (resource_type, resource_id) IN (SELECT (resource_type, resource_id) FROM {DONE})
    UNION ALL
    SELECT resource_type, resource_id, version_id, subject_id, known_at, deleted,
        try_cast(version AS BIGINT), last_updated, 1, NULL, seq, source_id, locator,
        known_at_basis
    FROM {DONE}
"""
_ORDERED = f"""
    SELECT *, lead(version_id) OVER w AS next_id, lead(known_at) OVER w AS next_known,
        lead(deleted) OVER w AS next_deleted, lead(basis) OVER w AS next_basis,
        lead(source_id) OVER w AS next_source, lead(locator) OVER w AS next_locator
    FROM versions
    WHERE (resource_type, resource_id) IN (
        SELECT (resource_type, resource_id) FROM versions GROUP BY ALL HAVING count(*) > 1)
    WINDOW w AS (PARTITION BY resource_type, resource_id ORDER BY {_ORDER})
"""


def _retirement_sql(site: str) -> str:
    return f"""
    WITH versions AS ({_VERSIONS}), ordered AS ({_ORDERED})
    SELECT {stable_id_sql("'version'", "version_id::VARCHAR", "next_id::VARCHAR")} AS retirement_id,
        subject_id, {literal(site)} AS site,
        coalesce(next_source, source_id, 'lake') AS source_id,
        coalesce(next_locator, locator) AS locator,
        next_known AS known_at, coalesce(next_basis, basis, 'assumed') AS known_at_basis,
        'version' AS scope, version_id AS target_id,
        CASE WHEN next_deleted THEN 'deleted' ELSE 'superseded' END AS reason
    FROM ordered
    WHERE next_id IS NOT NULL AND version_id NOT IN (
        SELECT target_id FROM fhir_retired WHERE scope = 'version')
    """
