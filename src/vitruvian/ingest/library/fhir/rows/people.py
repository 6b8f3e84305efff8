"""Patients: who they are, and the three events that a person resource tells.

References
----------
MEDS (doi:10.48550/arXiv.2406.19653): MEDS_BIRTH and MEDS_DEATH.
"""

from __future__ import annotations

from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import fetched, literal
from vitruvian.ingest.library.fhir.mapping import derivation
from vitruvian.ingest.library.fhir.timeline.coding import fold_sql
from vitruvian.ingest.library.fhir.timeline.events import Place
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, compiled

# A death is known when it has happened, not when the person was first registered.
_EVENTS = """
    SELECT 0 AS ordinal, 'MEDS_BIRTH' AS code, 'Birth' AS shown, '/birthDate' AS pointer,
        coalesce(birth_time, birth_date) AS said, false AS death FROM fhir_person
        WHERE birth_date IS NOT NULL
    UNION ALL
    SELECT 1, 'MEDS_DEATH', 'Death',
        CASE WHEN death_time IS NULL THEN '/deceasedBoolean' ELSE '/deceasedDateTime' END,
        death_time, true FROM fhir_person
        WHERE death_time IS NOT NULL OR dead
    UNION ALL
    SELECT 2, 'GENDER//' || sex, sex, '/gender', NULL, false FROM fhir_person WHERE sex IS NOT NULL
"""


def map_people(connection: Any, place: Place) -> tuple[Any, Any]:
    """Rows of ``patient`` and of ``event`` for the chunk's patients, as Arrow."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE fhir_person AS {_person_sql()}")
    patients = fetched(connection, _patient_sql(place))
    return patients, fetched(connection, _event_sql(place))


def _person_sql() -> str:
    return f"""
    SELECT k.*, p.* EXCLUDE (seq), i.identifiers, i.identifier_words
    FROM ({compiled("patient_row").sql}) p JOIN {CHUNK} k USING (seq)
    LEFT JOIN (
        SELECT seq,
            list(struct_pack(system := system, value := value,
                label := coalesce(label, label_coded, label_code)) ORDER BY element_at
            ) AS identifiers,
            string_agg(value, ' ' ORDER BY element_at) AS identifier_words
        FROM ({compiled("patient_identifier").sql}) WHERE value IS NOT NULL GROUP BY seq
    ) i USING (seq)
    WHERE k.subject_id IS NOT NULL
    """


def _patient_sql(place: Place) -> str:
    chosen = "CASE WHEN len(given_official) > 0 THEN given_official ELSE given_first END"
    given = f"array_to_string({chosen}, ' ')"
    family = "coalesce(family_official, family_first, text_official, text_first)"
    names = "array_to_string(list_concat(all_givens, all_families), ' ')"
    words = f"concat_ws(' ', {family}, {given}, {names}, text_first, identifier_words)"
    return f"""
    SELECT subject_id, version_id, {literal(place.site)} AS site, source_id,
        'record ' || record AS locator, known_at, known_at_basis,
        nullif({family}, '') AS family, nullif({given}, '') AS given,
        birth_date, fhir_from(coalesce(birth_time, birth_date)) AS birth_time_min,
        sex, coalesce(dead, CASE WHEN death_time IS NOT NULL THEN true END) AS deceased,
        death_time, coalesce(identifiers, []) AS identifiers,
        {fold_sql(words)} AS search_text
    FROM fhir_person
    """


def _event_sql(place: Place) -> str:
    number = derivation()[0]
    events = _EVENTS.replace("SELECT ", "SELECT subject_id, version_id, source_id, record, "
                             "known_at AS base_known, known_at_basis, ")  # fmt: skip
    identity = stable_id_sql(
        "version_id::VARCHAR", "pointer", literal(str(number)), "ordinal::VARCHAR"
    )
    flag = "NULL" if place.zone_declared else "'assumed-zone'"
    return f"""
    SELECT {identity} AS event_id, subject_id, fhir_from(said) AS time,
        CASE WHEN length(said) <= 10 THEN fhir_from(said) END AS time_min,
        fhir_until(said) AS time_max, fhir_offset(said) AS utc_offset, said AS time_as_sent,
        'other' AS category, 'record' AS modality, code, shown AS code_text,
        'observed' AS act, 'final' AS status, 'affirmed' AS polarity, 'certain' AS certainty,
        'current' AS temporality, 'patient' AS experiencer,
        CASE WHEN said IS NOT NULL AND fhir_offset(said) IS NULL AND {flag} IS NOT NULL
            THEN ['assumed-zone'] ELSE []::VARCHAR[] END AS flags,
        version_id, {number}::BIGINT AS derivation_id,
        {stable_id_sql("'fact'", "code", "coalesce(said, '')")} AS fact_key,
        {literal(place.site)} AS site, source_id, 'record ' || record || ' ' || pointer AS locator,
        CASE WHEN death THEN greatest(base_known, fhir_from(said)) ELSE base_known END AS known_at,
        known_at_basis
    FROM ({events})
    """
