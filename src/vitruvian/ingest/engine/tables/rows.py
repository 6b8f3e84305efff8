"""Rows of every other table that a declared table gives: people, episodes, stays, notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.engine.tables.language.words import Scope, Words
from vitruvian.ingest.engine.tables.lookups import relation_of
from vitruvian.ingest.engine.tables.stage import Stage
from vitruvian.ingest.engine.tables.timeline import CHUNK
from vitruvian.record import TABLES


def map_rows(connection: Any, stage: Stage) -> Iterator[tuple[str, Any]]:
    """Table name and rows (Arrow) of what the chunk's rows give beside events."""
    yield "resource", connection.execute(_resource_sql(stage)).to_arrow_table()
    makers = {
        "person": ("patient", _patient_sql),
        "episode": ("encounter", _encounter_sql),
        "stay": ("location_stay", _stay_sql),
        "note": ("note", _note_sql),
        "period": ("observation_period", _period_sql),
    }
    for kind, (table, make) in makers.items():
        if kind in stage.rule.rows and table in TABLES:
            yield table, connection.execute(make(stage)).to_arrow_table()
    if "person" in stage.rule.rows or stage.rule.lookup:
        yield "resource_key", connection.execute(_key_sql(stage)).to_arrow_table()


def _lineage(stage: Stage) -> str:
    return (
        f"{literal(stage.site)} AS site, t._source_id AS source_id, "
        "'record ' || t._record AS locator, t.known_at, t.known_at_basis"
    )


def _resource_sql(stage: Stage) -> str:
    return f"""
    SELECT _version_id AS version_id, subject_id, {_lineage(stage)}, _record AS record,
        {literal(stage.resource_type)} AS resource_type, _resource_id AS resource_id,
        _hash AS content_hash, false AS deleted, _bytes AS bytes
    FROM {CHUNK} t
    """


class _Row:
    """The words of one kind of row, as SQL."""

    def __init__(self, stage: Stage, kind: str) -> None:
        self.stage, self.scope = stage, Scope()
        self.words: Mapping[str, Words] = stage.rule.rows[kind]

    def text(self, name: str) -> str:
        return f"({self.scope.sql(self.words.get(name))})"

    def sql(self, columns: str, *, where: str = "true") -> str:
        joins = self.scope.joined(lambda name: relation_of(self.stage, name))
        return f"""
        SELECT t.subject_id, t._version_id AS version_id, {_lineage(self.stage)}, {columns}
        FROM {CHUNK} t {joins} WHERE t.subject_id IS NOT NULL AND {where}
        """


def _patient_sql(stage: Stage) -> str:
    row = _Row(stage, "person")
    identifiers = ", ".join(
        "struct_pack("
        + ", ".join(
            f"{key} := {row.scope.sql(said.get(key))}" for key in ("system", "value", "label")
        )
        + ")"
        for said in stage.rule.identifiers
    )
    held = f"list_filter([{identifiers}], lambda i: i.value IS NOT NULL)" if identifiers else (
        "[]::STRUCT(system VARCHAR, value VARCHAR, label VARCHAR)[]"
    )  # fmt: skip
    values = [row.scope.sql(said.get("value")) for said in stage.rule.identifiers]
    words = ", ".join([row.text("family"), row.text("given"), *(f"({each})" for each in values)])
    folded = (
        rf"trim(regexp_replace(lower(strip_accents(concat_ws(' ', {words}))), '\s+', ' ', 'g'))"
    )
    birth, death = row.text("birth_date"), row.text("death")
    return row.sql(f"""
        {row.text("family")} AS family, {row.text("given")} AS given, {birth} AS birth_date,
        tab_from({birth}) AS birth_time_min, {row.text("sex")} AS sex,
        CASE WHEN {death} IS NOT NULL THEN true END AS deceased, {death} AS death_time,
        {held} AS identifiers, {folded} AS search_text
    """)


def _encounter_sql(stage: Stage) -> str:
    row = _Row(stage, "episode")
    said = ", ".join(
        f"{row.text(name)} AS {name}"
        for name in ("class_code", "class_text", "type_text", "reason_text", "provider_text")
    )
    return row.sql(
        f"""t.encounter_id, {said}, coalesce({row.text("status")}, 'finished') AS status,
        tab_from({row.text("start")}) AS start_time,
        coalesce(tab_until({row.text("end")}), tab_from({row.text("end")})) AS end_time""",
        where="t.encounter_id IS NOT NULL",
    )


def _stay_sql(stage: Stage) -> str:
    row = _Row(stage, "stay")
    said = ", ".join(
        f"{row.text(name)} AS {name}" for name in ("location_text", "location_ref", "level")
    )
    return row.sql(
        f"""t.encounter_id, {stable_id_sql("t._version_id::VARCHAR", "'stay'")} AS stay_id, {said},
        coalesce({row.text("status")}, 'completed') AS status,
        tab_from({row.text("start")}) AS start_time,
        coalesce(tab_until({row.text("end")}), tab_from({row.text("end")})) AS end_time""",
        where=f"t.encounter_id IS NOT NULL AND {row.text('location_text')} IS NOT NULL",
    )


def _note_sql(stage: Stage) -> str:
    row = _Row(stage, "note")
    said = ", ".join(
        f"{row.text(name)} AS {name}" for name in ("title", "code", "language", "text")
    )
    return row.sql(
        f"""t.encounter_id, {stable_id_sql("t._version_id::VARCHAR", "'note'")} AS note_id, {said},
        tab_from({row.text("time")}) AS time, coalesce({row.text("status")}, 'current') AS status,
        'text/plain' AS media_type""",
        where=f"{row.text('text')} IS NOT NULL",
    )


def _period_sql(stage: Stage) -> str:
    row = _Row(stage, "period")
    until = f"coalesce(tab_until({row.text('end')}), tab_from({row.text('end')}))"
    return row.sql(
        f"""{stable_id_sql("t._version_id::VARCHAR", "'period'")} AS period_id,
        tab_from({row.text("start")}) AS start_time, {until} AS end_time,
        coalesce({row.text("basis")}, 'observation period') AS basis"""
    )


def _key_sql(stage: Stage) -> str:
    """The record's own key, and each identifier of a person as other formats write it."""
    scope = Scope()
    keys = [f"{literal(stage.resource_type + '/')} || t._resource_id"]
    for said in stage.rule.identifiers:
        system, value = scope.sql(said.get("system")), scope.sql(said.get("value"))
        keys.append(f"'Patient?' || coalesce({system}, '') || '|' || ({value})")
    return f"""
    SELECT {stable_id_sql("key")} AS key_id, * FROM (
        SELECT unnest([{", ".join(keys)}]) AS key, t.subject_id, t._version_id AS version_id,
            {_lineage(stage)}, {literal(stage.resource_type)} AS resource_type,
            t._resource_id AS resource_id
        FROM {CHUNK} t
    ) WHERE key IS NOT NULL
    """
