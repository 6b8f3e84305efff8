"""New rows with their subject, their encounter, and when the care team could know of them."""

from __future__ import annotations

from typing import Any

from vitruvian.base.ids import stable_id_sql
from vitruvian.ingest.engine.sql import literal
from vitruvian.ingest.engine.tables.language.mapping import Declared, TableRule
from vitruvian.ingest.engine.tables.language.words import Scope, Words
from vitruvian.ingest.engine.tables.lookups import relation_of
from vitruvian.ingest.engine.tables.stage import Stage

ENCOUNTERS = "tab_encounters"
FIRST = "tab_first"
_WHEN = (
    ("", "time"), ("episode", "start"), ("stay", "start"), ("note", "time"),
    ("period", "start"), ("person", "birth_date"), ("person", "death"),
)  # fmt: skip


def subject_sql(declared: Declared, site: str, text: str) -> str:
    """The subject that a person's own number stands for."""
    return stable_id_sql(literal(site), f"'{declared.name}/{declared.person}/' || {text}")


def encounter_sql(declared: Declared, site: str, text: str) -> str:
    """The encounter that a visit's own number stands for."""
    return stable_id_sql(literal(site), f"'{declared.name}/{declared.encounter}/' || {text}")


def collect_encounters(connection: Any, reader: Any, stages: list[Stage], *, site: str) -> None:
    """Fill ``tab_encounters`` with every encounter known: whose it is, and when it began."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {ENCOUNTERS} "
        "(encounter_id BIGINT, subject_id BIGINT, start_time TIMESTAMPTZ)"
    )
    stored = reader.rows(
        "encounter",
        columns=["encounter_id", "subject_id", "start_time"],
        where="site = ?",
        params=[site],
    )
    _insert(connection, f"INSERT INTO {ENCOUNTERS} SELECT * FROM tab_stored_encounters", stored)
    for stage in stages:
        _insert_staged(connection, stage)
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE {FIRST} AS
    SELECT subject_id, min(start_time) AS first_seen FROM {ENCOUNTERS} GROUP BY ALL
    """)
    connection.execute(f"""
    CREATE OR REPLACE TEMP TABLE {ENCOUNTERS} AS
    SELECT encounter_id, arg_max(subject_id, start_time) AS subject_id FROM {ENCOUNTERS}
    WHERE encounter_id IS NOT NULL GROUP BY ALL
    """)


def _insert_staged(connection: Any, stage: Stage) -> None:
    rule, scope = stage.rule, Scope()
    if "episode" not in rule.rows or rule.subject is None:
        return
    encounter = encounter_sql(stage.declared, stage.site, f"({scope.sql(rule.encounter)})")
    subject = subject_sql(stage.declared, stage.site, f"({scope.sql(rule.subject)})")
    start = scope.sql(rule.rows["episode"].get("start"))
    connection.execute(
        f"INSERT INTO {ENCOUNTERS} SELECT {encounter}, {subject}, tab_from({start}) "
        f"FROM {stage.place} t"
    )


def _insert(connection: Any, sql: str, rows: Any) -> None:
    connection.register("tab_stored_encounters", rows)
    connection.execute(sql)
    connection.unregister("tab_stored_encounters")


def time_words(rule: TableRule) -> Words | None:
    """When a row as a whole happened."""
    for kind, key in _WHEN:
        words = rule.defaults.get(key) if not kind else rule.rows.get(kind, {}).get(key)
        if words is not None:
            return words
    return None


def delay_seconds(stage: Stage) -> int:
    """The stated delay between what happened and the care team's knowing it."""
    own = stage.rule.known_delay_seconds
    return stage.declared.known_delay_seconds if own is None else own


def placed_sql(stage: Stage, *, received_at: str) -> str:
    """The new rows of a table with ``subject_id``, ``encounter_id``, ``known_at`` and its basis.

    A date is known when its day is over, at the earliest.
    Where a row has no time at all, its person was known at their first encounter;
    where there is none, when the row was received.
    """
    rule, scope = stage.rule, Scope()
    subject, encounter = scope.sql(rule.subject), scope.sql(rule.encounter)
    known, time = scope.sql(rule.defaults.get("known")), scope.sql(time_words(rule))
    delay = f"INTERVAL {delay_seconds(stage)} SECOND"
    named = f"""
    SELECT t.*, {known} AS _known_said, {time} AS _time_said,
        {encounter_sql(stage.declared, stage.site, f"({encounter})")} AS encounter_id,
        {subject_sql(stage.declared, stage.site, f"({subject})")} AS _own_subject
    FROM {stage.fresh} t {scope.joined(lambda name: relation_of(stage, name))}
    """
    clocked = f"""
    SELECT n.*, coalesce(_own_subject, e.subject_id) AS subject_id,
        coalesce(tab_until(_known_said), tab_from(_known_said)) AS _stated,
        coalesce(tab_until(_time_said), tab_from(_time_said)) + {delay} AS _assumed
    FROM ({named}) n LEFT JOIN {ENCOUNTERS} e USING (encounter_id)
    """
    return f"""
    SELECT c.* EXCLUDE (_stated, _assumed),
        coalesce(_stated, _assumed, f.first_seen, TIMESTAMPTZ {literal(received_at)}) AS known_at,
        CASE WHEN _stated IS NULL THEN 'assumed' ELSE 'stated' END AS known_at_basis
    FROM ({clocked}) c LEFT JOIN {FIRST} f USING (subject_id)
    """
