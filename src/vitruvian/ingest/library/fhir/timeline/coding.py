"""One code chosen for each event, all codings kept as sent."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from vitruvian import terms
from vitruvian.ingest.library.fhir.timeline.raw import RAW

SYSTEM = "fhir_system"
CODED = "fhir_coded"

_SYSTEMS_USED = f"""
    SELECT coding_system AS uri FROM {RAW} UNION SELECT v_code_system FROM {RAW}
    UNION SELECT relation_system FROM {RAW} UNION SELECT class_system FROM {RAW}
"""


def fold_sql(text: str) -> str:
    """`terms.fold` as SQL."""
    return rf"trim(regexp_replace(lower(strip_accents({text})), '\s+', ' ', 'g'))"


def choose_codes(connection: Any) -> None:
    """One row an event in ``fhir_coded``: chosen code, its words, all codings in order."""
    used = [row[0] for row in connection.execute(_SYSTEMS_USED).fetchall() if row[0]]
    connection.register("fhir_systems_used", _systems(used))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {SYSTEM} AS SELECT * FROM fhir_systems_used")
    connection.unregister("fhir_systems_used")
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {CODED} AS {_CODED}")


def _systems(uris: list[str]) -> pa.Table:
    return pa.table(
        {
            "uri": pa.array(uris, pa.string()),
            "prefix": pa.array([terms.prefix_of(uri) for uri in uris], pa.string()),
            "rank": pa.array([terms.rank_of(uri) for uri in uris], pa.int64()),
        }
    )


_ONE = "struct_pack(system := coding_system, code := coding_code, display := coding_display)"
# Most events have one coding: only those with more pay for the comparison.
_CODED = f"""
    WITH later AS (
        SELECT seq, part, part_at, list({_ONE} ORDER BY coding_at) AS more
        FROM {RAW} WHERE coding_at > 0 GROUP BY ALL
    ), best AS (
        SELECT seq, part, part_at, arg_min(
            struct_pack(code := coalesce(s.prefix, 'LOCAL') || '//' || coding_code,
                        display := coding_display),
            coalesce(s.rank, {terms.rank_of(None)}) * 1000 + coding_at) AS chosen
        FROM {RAW} SEMI JOIN later USING (seq, part, part_at)
        LEFT JOIN {SYSTEM} s ON s.uri = coding_system
        WHERE coding_code IS NOT NULL GROUP BY ALL
    )
    SELECT r.*,
        coalesce(chosen.code,
            CASE WHEN coding_code IS NOT NULL
                THEN coalesce(s.prefix, 'LOCAL') || '//' || coding_code END) AS coded,
        coalesce(r.code_text, chosen.display, coding_display, medication_display) AS words,
        CASE WHEN coalesce(coding_system, coding_code, coding_display) IS NULL THEN []
            ELSE list_concat([{_ONE}], coalesce(more, [])) END
            AS codings
    FROM (SELECT * FROM {RAW} WHERE coding_at IS NULL OR coding_at = 0) r
    LEFT JOIN later USING (seq, part, part_at)
    LEFT JOIN best USING (seq, part, part_at)
    LEFT JOIN {SYSTEM} s ON s.uri = coding_system
"""
