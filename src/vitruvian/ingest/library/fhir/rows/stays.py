"""Episodes of care, and the wards and beds within them."""

from __future__ import annotations

from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import fetched, literal
from vitruvian.ingest.library.fhir.timeline.coding import SYSTEM
from vitruvian.ingest.library.fhir.timeline.events import Place
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, compiled


def map_encounters(connection: Any, place: Place) -> tuple[Any, Any]:
    """Rows of ``encounter`` and ``location_stay`` for the chunk, as Arrow."""
    encounters = fetched(connection, _encounter_sql(place))
    return encounters, fetched(connection, _stay_sql(place))


_LINEAGE = "k.source_id, 'record ' || k.record{pointer} AS locator, {known_at}, k.known_at_basis"
# The encounter may be known from its first minute; the ward of day three is not.
_STAY_KNOWN = "greatest(k.known_at, fhir_from(start)) AS known_at"
_END = 'coalesce(fhir_until("end"), fhir_from("end")) AS end_time'


def _encounter_sql(place: Place) -> str:
    whole = "nullif(fhir_literal(part_of), '')"
    target = f"""coalesce({whole}, (SELECT min(target) FROM fhir_target t
        WHERE t.source_no = k.source_no AND t.ref = part_of))"""
    return f"""
    SELECT k.encounter_id, k.subject_id, k.version_id, {literal(place.site)} AS site,
        {_LINEAGE.format(pointer="", known_at="k.known_at")},
        {stable_id_sql(literal(place.site), target)} AS part_of_id,
        status, CASE WHEN class_code IS NOT NULL
            THEN coalesce(s.prefix, 'LOCAL') || '//' || class_code END AS class_code,
        coalesce(class_display, class_code) AS class_text,
        coalesce(type_text, type_display) AS type_text,
        coalesce(reason_text, reason_display) AS reason_text,
        fhir_from(start) AS start_time, {_END}, provider AS provider_text
    FROM ({compiled("encounter_row").sql}) e JOIN {CHUNK} k USING (seq)
    LEFT JOIN {SYSTEM} s ON s.uri = class_system
    WHERE k.subject_id IS NOT NULL
    """


def _stay_sql(place: Place) -> str:
    return f"""
    SELECT {stable_id_sql("k.version_id::VARCHAR", "'location'", "element_at::VARCHAR")} AS stay_id,
        k.subject_id, k.encounter_id, k.version_id, {literal(place.site)} AS site,
        {_LINEAGE.format(pointer=" || '/location/' || element_at", known_at=_STAY_KNOWN)},
        location_text, location_ref, level, status,
        fhir_from(start) AS start_time, {_END}
    FROM ({compiled("encounter_stay").sql}) e JOIN {CHUNK} k USING (seq)
    WHERE k.subject_id IS NOT NULL
    """
