"""Imaging studies and their series: an index, the pixels stay where they are."""

from __future__ import annotations

from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.library.fhir.timeline.events import Place
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, compiled


def map_images(connection: Any, place: Place) -> Any:
    """Rows of ``image`` for the chunk's imaging studies, one a series, as Arrow."""
    number = "coalesce(element_at, 0)"
    return connection.execute(f"""
    SELECT {stable_id_sql("k.version_id::VARCHAR", "'series'", f"({number})::VARCHAR")} AS image_id,
        k.subject_id, k.version_id, {literal(place.site)} AS site, k.source_id,
        'record ' || k.record
            || CASE WHEN element_at IS NULL THEN '' ELSE ' /series/' || element_at END AS locator,
        k.known_at, k.known_at_basis, k.encounter_id,
        regexp_replace(coalesce(study_system, study_any), '^urn:oid:', '') AS study_uid,
        series_uid, accession, coalesce(series_modality, modality) AS modality,
        series_site AS body_site, coalesce(series_description, description) AS description,
        fhir_from(coalesce(series_started, started)) AS time,
        try_cast(coalesce(series_instances::VARCHAR, instances::VARCHAR) AS BIGINT)
            AS instance_count
    FROM ({compiled("imagingstudy_row").sql}) i JOIN {CHUNK} k USING (seq)
    WHERE k.subject_id IS NOT NULL
    """).to_arrow_table()
