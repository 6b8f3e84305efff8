"""A plan over a source, compiled for Spark."""

from __future__ import annotations

from vitruvian.criteria.engines.duckdb.compiled import CompiledTask, Wish, columns_of, verdicts_of
from vitruvian.criteria.engines.duckdb.tables import ALLOWED, EVENTS
from vitruvian.criteria.engines.duckdb.words import name, text
from vitruvian.criteria.engines.spark.rows import SparkRows
from vitruvian.criteria.engines.spark.tables import SparkTables
from vitruvian.criteria.plan.nodes import Plan
from vitruvian.criteria.source import Source


def compile_for_spark(plan: Plan, *, source: Source, wish: Wish | None = None) -> CompiledTask:
    """The SQL of a plan over a source of events, yet to be said in Spark's words."""
    wish = wish or Wish()
    rows = _built(plan, source, keep=wish.keep)
    columns = columns_of(plan, source, wish)
    if "unknown" in columns:
        columns["unknown"] = _unknown(plan)
    listed = ", ".join(f"{sql} AS {name(column)}" for column, sql in columns.items())
    select = f"SELECT {listed} FROM {rows.current} ORDER BY subject_id, a"
    whole = _built(plan, source, whole=True)
    return CompiledTask(
        f"{_with(rows)}{select}", tuple(columns), f"{_with(whole)}{_attrition(whole)}"
    )


def _built(plan: Plan, source: Source, *, keep: bool = False, whole: bool = False) -> SparkRows:
    rows = SparkRows(SparkTables(plan, source), keep=keep, whole=whole)
    rows.build()
    return rows


def _with(rows: SparkRows) -> str:
    tables = rows.tables
    head = {EVENTS: tables.events()}
    if tables.plan.demographics:
        head[ALLOWED] = tables.allowed()
    relations = {**head, **rows.relations}
    return "WITH " + ",\n".join(f"{each} AS ({sql})" for each, sql in relations.items()) + "\n"


def _unknown(plan: Plan) -> str:
    """Paths of the lines nobody can answer."""
    verdicts = verdicts_of(plan)
    told = ", ".join(f"CASE WHEN {k} IS NULL THEN {text(at)} END" for at, k in verdicts.items())
    return f"array_compact(array({told}))" if told else "CAST(array() AS ARRAY<STRING>)"


def _attrition(rows: SparkRows) -> str:
    """How many are left after each line, counted in one pass over rows of which none was pruned.

    `turn` is the first line that a row fails; a row is left after all lines before it.
    """
    judged = {at: column for step in rows.steps for at, column in step.judged.items()}
    fails = "".join(f" WHEN NOT {k} THEN {turn}" for turn, k in enumerate(judged.values(), 1))
    turn = f"CASE{fails} ELSE {len(judged) + 1} END" if fails else "1"
    positions = dict(enumerate([-1, *judged]))
    each = ", ".join(f"count(*) FILTER (WHERE turn > {n}) AS n{n}" for n in positions)
    whole = ", ".join(
        f"coalesce(sum(n{n}), 0) AS n{n}, count(*) FILTER (WHERE best > {n}) AS m{n}"
        for n in positions
    )
    told = ", ".join(
        f"named_struct('turn', {n}, 'position', {at}, 'rows', n{n}, 'subjects', m{n})"
        for n, at in positions.items()
    )
    turns = f"SELECT subject_id, {turn} AS turn FROM {rows.current}"
    subjects = f"SELECT max(turn) AS best, {each} FROM ({turns}) GROUP BY subject_id"
    return (
        f"SELECT position, rows, subjects FROM (SELECT -1 AS turn, -2 AS position, "
        f"CAST(NULL AS BIGINT) AS rows, count(DISTINCT subject_id) AS subjects "
        f"FROM {EVENTS} WHERE {rows.tables.seen} UNION ALL "
        f"SELECT one.turn, one.position, one.rows, one.subjects FROM (SELECT "
        f"explode(array({told})) AS one FROM (SELECT {whole} FROM ({subjects})))) ORDER BY turn"
    )
