"""Raw view rows into rows of the timeline: what, when, how, with lineage.

Three relations after one another: ``fhir_coded`` (one row an event, code chosen),
``fhir_said`` (which unit, which instants, which words), and the events themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import fetched, literal
from vitruvian.ingest.library.fhir.mapping import (
    TypeMapping,
    denying_words,
    derivation,
    microbiology,
    negated_codes,
    vital_sign_codes,
)
from vitruvian.ingest.library.fhir.timeline.coding import (
    CODED,
    choose_codes,
    fold_sql,
)
from vitruvian.ingest.library.fhir.timeline.medicines import has_references, look_up
from vitruvian.ingest.library.fhir.timeline.raw import CHUNK, run_raw
from vitruvian.ingest.library.fhir.timeline.units import UNIT, convert_units

SAID = "fhir_said"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True)
class Place:
    """What holds for every event of a load."""

    site: str
    zone_declared: bool


def map_events(connection: Any, mapping: TypeMapping, place: Place) -> Any:
    """The events of the chunk's resources, one type, as Arrow."""
    said = run_raw(connection, mapping)
    if "medication_ref" in said and has_references(connection):
        look_up(connection)
    choose_codes(connection, said)
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {SAID} AS {_said_sql(mapping)}")
    convert_units(connection, SAID)
    return fetched(connection, _event_sql(mapping, place))


# ------------------------------------------------------------------ first: what was said

_START = (
    "coalesce(time_at, time_instant, time_start, time_first, time_date, time_else, time_else_start)"
)
# Several instructions end together with the last of them, if each says when it ends.
_LAST_BOUND = """CASE WHEN NOT unbounded AND len(bound_ends) > 0
    THEN list_reduce(bound_ends, lambda a, b:
        CASE WHEN coalesce(fhir_until(b), fhir_from(b)) > coalesce(fhir_until(a), fhir_from(a))
            THEN b ELSE a END) END"""
_END = f"coalesce(time_end, ended, ended_end, {_LAST_BOUND})"
_FALLBACK_WORDS = "coalesce(words, description, content_title, series_modality, modality)"


def _said_sql(mapping: TypeMapping) -> str:
    text = f"coalesce(words, {_words_of(mapping)})"
    code = f"coalesce(coded, 'TEXT//' || nullif({fold_sql(text)}, ''), {_code_of(mapping)})"
    ucum = (
        f"CASE WHEN q_system = '{UCUM}' THEN coalesce(q_code, q_unit) "
        "ELSE coalesce(q_unit, q_code) END"
    )
    return f"""
    SELECT k.subject_id, k.encounter_id, k.version_id, k.source_id, k.record, k.resource_id,
        k.known_at, k.known_at_basis, c.*,
        {code} AS code, coalesce({text}, {code}) AS shown,
        {_START} AS start_said, {_END} AS end_said,
        {ucum} AS unit_said,
        coalesce(r_unit, r_unit_high) AS range_unit_said
    FROM {CODED} c JOIN {CHUNK} k USING (seq)
    WHERE k.subject_id IS NOT NULL AND {_is_event(mapping)}
    """


def _words_of(mapping: TypeMapping) -> str:
    return {
        "ImagingStudy": "NULL",
        "Encounter": "NULL",
        "CarePlan": "description",
        "Appointment": "description",
        "DocumentReference": "coalesce(description, content_title)",
        "Composition": "description",
        "Media": "description",
    }.get(mapping.name, "NULL")


def _code_of(mapping: TypeMapping) -> str:
    """What stands for a concept that was sent neither as code nor in words."""
    name = literal(f"FHIR//{mapping.name}")
    if mapping.name == "Encounter":
        return f"class_code_prefix || '//' || class_code, {name}"
    if mapping.name == "ImagingStudy":
        return f"'DCM//' || coalesce(modality, series_modality), {name}"
    return name


def _is_event(mapping: TypeMapping) -> str:
    """A panel without a value of its own is told by its parts."""
    if mapping.name != "Observation":
        return "true"
    own = "q_value, v_string, v_boolean, v_integer, v_time, v_datetime, v_start, v_end, v_low"
    more = (
        "v_high, v_numerator, v_samples, v_code, v_display, v_code_text, absent_code, absent_text"
    )
    return f"(part <> '' OR NOT coalesce(has_parts, false) OR coalesce({own}, {more}) IS NOT NULL)"


# ------------------------------------------------------------------ then: the event

_LISTED_CODE = "v_code_prefix || '//' || v_code"
_RELATION = """CASE WHEN relation_code IS NOT NULL
    THEN relation_code_prefix || '//' || relation_code
    WHEN relation_text IS NOT NULL THEN 'TEXT//' || lower(relation_text) END"""


def _event_sql(mapping: TypeMapping, place: Place) -> str:
    number = derivation()[0]
    columns: dict[str, str] = {
        "event_id": stable_id_sql("version_id::VARCHAR", "pointer", literal(str(number)), "'0'"),
        "subject_id": "subject_id",
        **_when(place),
        **_what(mapping),
        **_how(mapping),
        "encounter_id": "encounter_id",
        "version_id": "version_id",
        "derivation_id": f"{number}::BIGINT",
        "fact_key": _fact_key(),
        "site": literal(place.site),
        "source_id": "source_id",
        "locator": f"'record ' || record || {_locator(mapping)}",
        "known_at": "known_at",
        "known_at_basis": "known_at_basis",
    }
    listed = ",\n        ".join(f"{sql} AS {column}" for column, sql in columns.items())
    return f"SELECT {listed}\n    FROM ({_prepared_sql(mapping)})"


def _prepared_sql(mapping: TypeMapping) -> str:
    """The said rows with instants, unit and act worked out once."""
    return f"""
    SELECT s.*, u.to_unit AS unit_found, u.factor, u.shift, u.flag AS unit_flag,
        ru.to_unit AS range_unit_found, ru.factor AS range_factor, ru.shift AS range_shift,
        part || CASE WHEN part <> '' THEN '/' || part_at ELSE '' END AS place_in,
        CASE WHEN part <> '' THEN '/' || part || '/' || part_at ELSE '' END AS pointer,
        coalesce(fhir_from(start_said), fhir_from(time_recorded)) AS moment,
        fhir_from(start_said) IS NULL AND fhir_from(time_recorded) IS NOT NULL
            AND end_said IS NULL AS only_recorded,
        coalesce(start_said, time_recorded) AS at_said,
        coalesce(fhir_until(end_said), fhir_from(end_said)) AS until,
        try_cast(coalesce(q_value, v_integer) AS DOUBLE) AS number,
        {_act(mapping)} AS act_found,
        {_polarity()} AS polarity_found
    FROM {SAID} s
    LEFT JOIN {UNIT} u ON u.of_code = s.code AND u.of_unit = s.unit_said
    LEFT JOIN {UNIT} ru ON ru.of_code = s.code
        AND ru.of_unit = coalesce(s.range_unit_said, s.unit_said)
    """


def _when(place: Place) -> dict[str, str]:
    zone_flag = "NULL" if place.zone_declared else (
        "CASE WHEN moment IS NOT NULL AND fhir_offset(at_said) IS NULL THEN 'assumed-zone' END"
    )  # fmt: skip
    flags = (
        f"{zone_flag}, unit_flag, CASE WHEN only_recorded THEN 'time-is-recorded' END, "
        "CASE WHEN coalesce(absent_code, absent_text) IS NOT NULL THEN 'data-absent' END, "
        "CASE WHEN v_samples IS NOT NULL THEN 'samples-in-record' END, "
        "CASE WHEN q_value IS NOT NULL AND number IS NULL THEN 'not-a-number' END"
    )
    return {
        "time": "moment",
        "time_min": "CASE WHEN length(at_said) <= 10 THEN moment END",
        "time_max": "coalesce(fhir_until(at_said), CASE WHEN moment IS NULL THEN until END)",
        "end_time": "until",
        "utc_offset": "fhir_offset(at_said)",
        "time_as_sent": (
            "coalesce(CASE WHEN end_said IS NOT NULL THEN coalesce(start_said, '') || '/' || "
            "end_said END, start_said, time_text, onset_text, "
            "'age ' || age_value || coalesce(' ' || age_unit, ''), time_recorded)"
        ),
        # Nearly always none; filtering a list is dear.
        "flags": f"CASE WHEN coalesce({flags}) IS NULL THEN []::VARCHAR[] "
        f"ELSE list_filter([{flags}], lambda f: f IS NOT NULL)::VARCHAR[] END",
    }


def _what(mapping: TypeMapping) -> dict[str, str]:
    same = "range_unit_found IS NOT DISTINCT FROM unit_found"
    low = (
        f"CASE WHEN {same} THEN try_cast(r_low AS DOUBLE) * coalesce(range_factor, 1) "
        "+ coalesce(range_shift, 0) END"
    )
    return {
        "category": _lane(mapping),
        "modality": "'record'",
        "code": "code",
        "code_text": "shown",
        "codings": "codings",
        "numeric_value": "number * coalesce(factor, 1) + coalesce(shift, 0)",
        "value_as_sent": "coalesce(q_value, v_integer)",
        "unit_as_sent": "coalesce(q_unit, q_code)",
        "unit": "CASE WHEN number IS NOT NULL THEN unit_found END",
        "comparator": "q_comparator",
        "range_low": low,
        "range_high": low.replace("r_low", "r_high"),
        "range_text": f"coalesce(r_text, CASE WHEN NOT ({same}) THEN {_range_words()} END)",
        "interpretation": "coalesce(i_code, i_text)",
        "text_value": _text_value(),
        "value_code": _LISTED_CODE,
    }


def _range_words() -> str:
    return "nullif(concat_ws(' ', nullif(concat_ws(' to ',r_low,r_high), ''), range_unit_said), '')"


def _text_value() -> str:
    """A value in words: of every FHIR value type that is not one number."""
    unit = "coalesce(' ' || coalesce(v_range_unit, v_range_unit_high), '')"
    span = f"concat_ws(' to ', v_low, v_high) || {unit}"
    ratio = (
        "concat_ws(' ', v_numerator, v_numerator_unit) || ':' || "
        "concat_ws(' ', v_denominator, v_denominator_unit)"
    )
    return f"""coalesce(v_code_text, v_display, v_string, v_boolean, v_datetime, v_time,
        CASE WHEN coalesce(v_start, v_end) IS NOT NULL
            THEN coalesce(v_start, '') || '/' || coalesce(v_end, '') END,
        CASE WHEN coalesce(v_low, v_high) IS NOT NULL THEN {span} END,
        CASE WHEN v_numerator IS NOT NULL THEN {ratio} END,
        conclusion, conclusion_text, conclusion_code,
        reaction, reaction_display, severity_text, severity, outcome, reason_text, reason_display,
        absent_text, absent_code)"""


def _lane(mapping: TypeMapping) -> str:
    if mapping.name not in {"Observation", "DiagnosticReport", "ServiceRequest", "Procedure"}:
        return literal(mapping.lane)
    cases = "WHEN category_lane IS NOT NULL THEN category_lane"
    if mapping.name == "Observation":
        cases = f"WHEN {_microbiology()} THEN 'microbiology' {cases}"
        vital = ", ".join(literal(code) for code in vital_sign_codes())
        none = "coalesce(len(category), 0) = 0"
        cases += f" WHEN {none} AND code IN ({vital}) THEN 'vital'"
        cases += f" WHEN {none} AND number IS NOT NULL AND code LIKE 'LOINC//%' THEN 'laboratory'"
    return f"CASE {cases} ELSE {literal(mapping.lane)} END"


def _microbiology() -> str:
    codes, words = microbiology()
    named = " OR ".join(f"contains(lower(shown), {literal(word)})" for word in words)
    listed = ", ".join(literal(code) for code in codes)
    return f"category_lane = 'laboratory' AND (code IN ({listed}) OR {named})"


def _choose(column: str, words: Mapping[str, str], otherwise: str) -> str:
    if not words:
        return otherwise
    cases = " ".join(f"WHEN {literal(a)} THEN {literal(b)}" for a, b in words.items())
    return f"CASE {column} {cases} ELSE {otherwise} END"


def _act(mapping: TypeMapping) -> str:
    by_intent = _choose("intent", mapping.intents, literal(mapping.act))
    by_status = _choose("status", mapping.acts, by_intent)
    return f"CASE WHEN not_done THEN 'not-done' ELSE {by_status} END"


def _polarity() -> str:
    codes = ", ".join(literal(code) for code in negated_codes())
    begins = " OR ".join(f"starts_with(code, {literal('TEXT//' + w)})" for w in denying_words())
    denied = f"verification = 'refuted' OR code IN ({codes}) OR {begins} OR denied"
    return f"CASE WHEN {denied} THEN 'negated' ELSE 'affirmed' END"


def _how(mapping: TypeMapping) -> dict[str, str]:
    family = mapping.name == "FamilyMemberHistory"
    status = _choose("coalesce(status, '')", mapping.status, "'final'")
    doc = _choose("doc_status", mapping.status, "NULL")
    return {
        "act": "act_found",
        "status": (
            "CASE WHEN verification = 'entered-in-error' THEN 'entered-in-error' "
            f"WHEN ({status}) <> 'final' THEN {status} ELSE coalesce({doc}, 'final') END"
        ),
        "polarity": "polarity_found",
        "certainty": (
            "CASE WHEN verification IN ('unconfirmed', 'provisional', 'differential') "
            "OR status = 'potential' THEN 'possible' WHEN status = 'health-unknown' "
            "THEN 'unknown' ELSE 'certain' END"
        ),
        "temporality": (
            "CASE WHEN clinical IN ('inactive', 'remission', 'resolved') THEN 'historical' "
            "WHEN status = 'potential' THEN 'hypothetical' ELSE 'current' END"
        ),
        "experiencer": "'family'" if family else "'patient'",
        "relation": _RELATION if family else "NULL::VARCHAR",
        "state": "coalesce(clinical, status)",
        "body_site": "coalesce(body_site_text, body_site, series_site)",
        "specimen": "specimen",
        "method": "coalesce(method_text, method)",
        "device": "device",
        "dose_text": _dose_text(),
    }


def _dose_text() -> str:
    timing = (
        "coalesce(dose_timing, CASE WHEN dose_frequency IS NOT NULL THEN dose_frequency || ' per ' "
        "|| concat_ws(' ', nullif(dose_period, '1'), dose_period_unit) END)"
    )
    rate = (
        "CASE WHEN rate_value IS NOT NULL THEN 'at ' || concat_ws(' ', rate_value, rate_unit) END"
    )
    dose = "concat_ws(' ', dose_value, CASE WHEN dose_value IS NOT NULL THEN dose_unit END)"
    route = "coalesce(dose_route_text, dose_route)"
    built = f"concat_ws(', ', nullif({dose}, ''), {route}, {timing}, {rate})"
    return f"coalesce(dose_text, nullif({built}, ''))"


def _locator(mapping: TypeMapping) -> str:
    """JSON pointer of what the event was read from, behind a space; nothing: the whole record."""
    if mapping.name in {"Observation", "RiskAssessment", "FamilyMemberHistory"}:
        value = _value_element() if mapping.name == "Observation" else "''"
        return f"coalesce(nullif(' ' || pointer || {value}, ' '), '')"
    element = literal(mapping.element)
    if mapping.element.endswith("[x]"):
        stem = literal(mapping.element.removesuffix("[x]"))
        element = (
            f"{stem} || CASE WHEN medication_ref IS NOT NULL THEN 'Reference' "
            "ELSE 'CodeableConcept' END"
        )
    return f"coalesce(nullif(' ' || {element}, ' '), '')"


def _value_element() -> str:
    return """CASE WHEN q_value IS NOT NULL THEN '/valueQuantity'
        WHEN v_string IS NOT NULL THEN '/valueString'
        WHEN v_boolean IS NOT NULL THEN '/valueBoolean'
        WHEN v_integer IS NOT NULL THEN '/valueInteger'
        WHEN v_time IS NOT NULL THEN '/valueTime'
        WHEN v_datetime IS NOT NULL THEN '/valueDateTime'
        WHEN coalesce(v_start, v_end) IS NOT NULL THEN '/valuePeriod'
        WHEN coalesce(v_low, v_high) IS NOT NULL THEN '/valueRange'
        WHEN v_numerator IS NOT NULL THEN '/valueRatio'
        WHEN v_samples IS NOT NULL THEN '/valueSampledData'
        WHEN coalesce(v_code, v_display, v_code_text) IS NOT NULL THEN '/valueCodeableConcept'
        WHEN coalesce(absent_code, absent_text) IS NOT NULL THEN '/dataAbsentReason'
        ELSE '/code' END"""


def _fact_key() -> str:
    by_name = stable_id_sql("'id'", "coalesce(id_system, '')", "id_value", "place_in", "code")
    value = "coalesce(value_said, '')"
    by_fact = stable_id_sql(
        "'fact'", "code", "act_found", "polarity_found", "epoch_us(moment)::VARCHAR", value
    )
    by_fact = by_fact.replace(
        "value_said",
        "coalesce(round(number * coalesce(factor, 1) + coalesce(shift, 0), 6)::VARCHAR"
        " || coalesce(unit_found, ''), v_code, v_string, v_display, v_code_text, v_boolean)",
    )
    alone = stable_id_sql("'alone'", "version_id::VARCHAR", "place_in")
    return f"coalesce({by_name}, {by_fact}, {alone})"
