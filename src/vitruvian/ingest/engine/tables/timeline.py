"""Rows of tables onto the timeline: what the mapping says, then one set-wise finish."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import create_conversions, literal
from vitruvian.ingest.engine.tables.language.mapping import EVENT, EventRule
from vitruvian.ingest.engine.tables.language.words import Scope, Words
from vitruvian.ingest.engine.tables.lookups import relation_of
from vitruvian.ingest.engine.tables.placed import delay_seconds
from vitruvian.ingest.engine.tables.stage import Stage

if TYPE_CHECKING:
    import pyarrow as pa

_CODING = ("system", "code", "display")
CHUNK, SAID, UNIT = "tab_chunk", "tab_said", "tab_unit"
_CARRIED = (
    "t._record, t._source_id, t._version_id, t.subject_id, t.encounter_id, "
    "t.known_at AS row_known, t.known_at_basis AS row_basis"
)
_COMPARED = r"'^\s*(<=|>=|<|>)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*$'"


def map_events(connection: Any, stage: Stage, *, zone_declared: bool) -> pa.Table:
    """Rows of ``event`` for the chunk's rows, as Arrow; reads ``tab_chunk``."""
    said = [_said_sql(stage, rule) for rule in stage.rule.events]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {SAID} AS {' UNION ALL BY NAME '.join(said)}")
    _convert_units(connection)
    sql = _event_sql(stage, zone_declared=zone_declared)
    return connection.execute(sql).to_arrow_table()


def _said_sql(stage: Stage, rule: EventRule) -> str:
    """One event of each row in the mapping's words; rows without code give none."""
    scope = Scope()
    own = ", ".join(f'{scope.sql(rule.words.get(name))} AS "s_{name}"' for name in EVENT)
    codings = _codings(scope, rule)
    when = "" if "when" not in rule.words else " AND s_when IS NOT NULL"
    same = rule.words.get("time") == stage.rule.defaults.get("time") and "known" not in (
        set(rule.words) - set(stage.rule.defaults)
    )
    return f"""
    SELECT * FROM (
        SELECT {literal(rule.name)} AS rule, {str(same).lower()} AS clock_of_row,
            {_CARRIED}, {own}, {codings} AS codings
        FROM {CHUNK} t {scope.joined(lambda name: relation_of(stage, name))}
    ) WHERE s_code IS NOT NULL AND subject_id IS NOT NULL{when}
    """


def _codings(scope: Scope, rule: EventRule) -> str:
    if not rule.codings:
        return "[]::STRUCT(system VARCHAR, code VARCHAR, display VARCHAR)[]"
    each = ", ".join(f"struct_pack({_coding(scope, said)})" for said in rule.codings)
    return f"list_filter([{each}], lambda c: c.code IS NOT NULL)"


def _coding(scope: Scope, said: Mapping[str, Words]) -> str:
    return ", ".join(f"{key} := {scope.sql(said.get(key))}" for key in _CODING)


def _convert_units(connection: Any) -> None:
    """Each distinct pair of code and unit is converted once, and joined."""
    pairs = connection.execute(
        f"SELECT DISTINCT s_code, s_unit FROM {SAID} WHERE s_unit IS NOT NULL"
    ).fetchall()
    create_conversions(connection, UNIT, pairs)


def _event_sql(stage: Stage, *, zone_declared: bool) -> str:
    number = stage.declared.derivation_id
    columns = {
        "event_id": stable_id_sql("_version_id::VARCHAR", "rule", literal(str(number)), "'0'"),
        "subject_id": "subject_id",
        **_when(zone_declared=zone_declared),
        **_what(),
        **_how(),
        "encounter_id": "encounter_id",
        "version_id": "_version_id",
        "derivation_id": f"{number}::BIGINT",
        "fact_key": _fact_key(),
        "site": literal(stage.site),
        "source_id": "_source_id",
        "locator": "'record ' || _record || ' /' || rule",
        "known_at": "known_found",
        "known_at_basis": "CASE WHEN clock_of_row THEN row_basis WHEN known_said IS NULL "
        "THEN 'assumed' ELSE 'stated' END",
    }
    listed = ",\n        ".join(f"{sql} AS {column}" for column, sql in columns.items())
    return f"SELECT {listed}\n    FROM ({_prepared_sql(stage)})"


def _prepared_sql(stage: Stage) -> str:
    """The said rows with instants, number and unit worked out once."""
    delay = f"INTERVAL {delay_seconds(stage)} SECOND"
    parsed = f"""
    SELECT *, tab_from(s_time) AS moment, tab_until(s_time) AS moment_until,
        coalesce(tab_until(s_end), tab_from(s_end)) AS until,
        coalesce(tab_until(s_known), tab_from(s_known)) AS known_said,
        try_cast(s_value AS DOUBLE) AS plain,
        regexp_extract(s_value, {_COMPARED}, ['sign', 'digits']) AS compared
    FROM {SAID}
    """
    return f"""
    SELECT p.*, u.to_unit AS unit_found, coalesce(u.factor, 1) AS factor,
        coalesce(u.shift, 0) AS shift, u.flag AS unit_flag,
        CASE WHEN isfinite(plain) THEN plain ELSE try_cast(compared.digits AS DOUBLE) END AS number,
        CASE WHEN clock_of_row THEN row_known ELSE coalesce(known_said,
            greatest(row_known, coalesce(moment_until, moment) + {delay}), row_known)
            END AS known_found
    FROM ({parsed}) p LEFT JOIN {UNIT} u ON u.of_code = p.s_code AND u.of_unit = p.s_unit
    """


def _when(*, zone_declared: bool) -> dict[str, str]:
    zone = "NULL" if zone_declared else (
        "CASE WHEN moment IS NOT NULL AND tab_offset(s_time) IS NULL THEN 'assumed-zone' END"
    )  # fmt: skip
    odd = "CASE WHEN plain IS NOT NULL AND number IS NULL THEN 'not-a-number' END"
    flags = f"[{zone}, unit_flag, {odd}]"
    return {
        "time": "moment",
        "time_min": "CASE WHEN moment_until IS NOT NULL THEN moment END",
        "time_max": "moment_until",
        "end_time": "CASE WHEN until > moment THEN until END",
        "utc_offset": "tab_offset(s_time)",
        "time_as_sent": "s_time || coalesce('/' || s_end, '')",
        "flags": f"list_filter({flags}, lambda f: f IS NOT NULL)::VARCHAR[]",
    }


def _what() -> dict[str, str]:
    return {
        "category": "coalesce(s_category, 'other')",
        "modality": "coalesce(s_modality, 'record')",
        "code": "s_code",
        "code_text": "coalesce(s_text, s_code)",
        "codings": "codings",
        "numeric_value": "number * factor + shift",
        "value_as_sent": "CASE WHEN number IS NOT NULL "
        "THEN coalesce(nullif(compared.digits, ''), s_value) END",
        "unit_as_sent": "s_unit",
        "unit": "CASE WHEN number IS NOT NULL THEN unit_found END",
        "comparator": "coalesce(s_comparator, nullif(compared.sign, ''))",
        "range_low": "try_cast(s_range_low AS DOUBLE) * factor + shift",
        "range_high": "try_cast(s_range_high AS DOUBLE) * factor + shift",
        "range_text": "s_range_text",
        "interpretation": "s_interpretation",
        "text_value": "coalesce(s_text_value, CASE WHEN number IS NULL THEN s_value END)",
        "value_code": "s_value_code",
    }


def _how() -> dict[str, str]:
    given = {
        "act": "observed",
        "status": "final",
        "polarity": "affirmed",
        "certainty": "certain",
        "temporality": "current",
    }
    return {
        **{name: f"coalesce(s_{name}, {literal(usual)})" for name, usual in given.items()},
        "experiencer": "'patient'",
        **{
            name: f"s_{name}"
            for name in ("state", "body_site", "specimen", "method", "device", "dose_text")
        },
    }


def _fact_key() -> str:
    """As in other formats: code, act, polarity, time and value; so that one fact counts once."""
    value = (
        "coalesce(round(number * factor + shift, 6)::VARCHAR || coalesce(unit_found, ''), "
        "regexp_extract(s_value_code, '//(.*)$', 1), s_text_value, s_value, '')"
    )
    act, polarity = "coalesce(s_act, 'observed')", "coalesce(s_polarity, 'affirmed')"
    by_fact = stable_id_sql("'fact'", "s_code", act, polarity, "epoch_us(moment)::VARCHAR", value)
    of_person = stable_id_sql("'fact'", "s_code", "coalesce(s_time, '')")
    alone = stable_id_sql("'alone'", "_version_id::VARCHAR", "rule")
    person = "s_code IN ('MEDS_BIRTH', 'MEDS_DEATH') OR s_code LIKE 'GENDER//%'"
    return f"CASE WHEN {person} THEN {of_person} ELSE coalesce({by_fact}, {alone}) END"
