"""A plan over a source, compiled."""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.criteria.engines.duckdb import lines, numbers
from vitruvian.criteria.engines.duckdb.rows import Rows
from vitruvian.criteria.engines.duckdb.tables import ALLOWED, EVENTS, Tables, counted_in
from vitruvian.criteria.engines.duckdb.words import moment, name, text
from vitruvian.criteria.language.formula import names_in
from vitruvian.criteria.plan.nodes import TRIGGER, Holds, Plan, Point, Span
from vitruvian.criteria.source import Source


@dataclass(frozen=True)
class CompiledTask:
    """SQL that answers a task, one row a trigger.

    Parameters
    ----------
    sql
        One SELECT over the source.
    columns
        Names of its columns, in order.
    attrition
        SELECT of how many rows and subjects are left after each line: position, rows, subjects;
        position -2 are the subjects of the record, -1 the triggers.
    """

    sql: str
    columns: tuple[str, ...]
    attrition: str


@dataclass(frozen=True)
class Wish:
    """How much an answer tells.

    `keep` leaves rows in that failed a line; `details` adds every span's ends and counts.
    """

    keep: bool = False
    details: bool = False


def compile_plan(plan: Plan, *, source: Source, wish: Wish | None = None) -> CompiledTask:
    """The SQL of a plan over a source of events."""
    wish = wish or Wish()
    tables = Tables(plan, source)
    rows = Rows(tables, keep=wish.keep)
    rows.build()
    columns = columns_of(plan, source, wish)
    listed = ", ".join(f"{sql} AS {name(column)}" for column, sql in columns.items())
    select = f"SELECT {listed} FROM {rows.current} ORDER BY subject_id, a"
    head = {EVENTS: tables.events()}
    if plan.demographics:
        head[ALLOWED] = tables.allowed()
    relations = {**head, **rows.relations}
    return CompiledTask(
        f"{_with(relations)} {select}",
        tuple(columns),
        f"{_with(relations)} {_attrition(rows, tables)}",
    )


def _with(relations: dict[str, str]) -> str:
    """Common table expressions; the source is read as it stands, the rest is kept once made."""
    parts = [
        f"{relation} AS {'NOT ' if relation == EVENTS else ''}MATERIALIZED ({sql})"
        for relation, sql in relations.items()
    ]
    return "WITH " + ",\n".join(parts) + "\n"


def columns_of(plan: Plan, source: Source, wish: Wish) -> dict[str, str]:
    """The columns of an answer, and how the rows tell them."""
    columns = {"subject_id": "subject_id", "trigger": _time(plan, Point(TRIGGER), source)}
    if plan.index is not None:
        columns["index_timestamp"] = _time(plan, plan.index, source)
    if plan.label is not None:
        where, predicate = plan.label
        columns["label"] = lines.shown_number(plan, plan.span(where), predicate, source=source)
    if plan.logic == "three-valued":
        columns |= _three_valued(plan)
    elif wish.keep:
        columns |= {line.at: f"k{position}" for position, line in enumerate(plan.lines)}
    for span in plan.spans if wish.details else ():
        columns |= _details(plan, span, source)
    return columns


def _time(plan: Plan, point: Point, source: Source) -> str:
    make = "make_timestamptz" if source.instants else "make_timestamp"
    return f"{make}({moment(plan, point)})"


def _three_valued(plan: Plan) -> dict[str, str]:
    """The lines nobody can answer, each line's verdict (NULL is unknown), and each measure."""
    verdicts = verdicts_of(plan)
    told = ", ".join(f"CASE WHEN {k} IS NULL THEN {text(at)} END" for at, k in verdicts.items())
    unknown = {
        "unknown": f"list_filter(CAST([{told}] AS VARCHAR[]), lambda line: line IS NOT NULL)"
    }
    measures = {f"measure.{each}": numbers.column(each) for each in plan.measures}
    return unknown | verdicts | measures


def verdicts_of(plan: Plan) -> dict[str, str]:
    """Lines that are judged in SQL, and the column of each."""
    return {
        line.at: f"k{position}"
        for position, line in enumerate(plan.lines)
        if not isinstance(line, Holds) or names_in(line.formula).isdisjoint(plan.scores)
    }


def _details(plan: Plan, span: Span, source: Source) -> dict[str, str]:
    ends = {
        f"{span.name} from": _time(plan, span.interval.start, source),
        f"{span.name} until": _time(plan, span.interval.end, source),
    }
    counts = {
        f"{span.name} {each}": lines.shown_number(plan, span, each, source=source)
        for each in counted_in(plan, span)
    }
    return ends | counts


def _attrition(rows: Rows, tables: Tables) -> str:
    """How many are left after each line, in the order in which they were judged."""
    counts = "count(*) AS rows, count(DISTINCT subject_id) AS subjects"
    subjects = "count(DISTINCT subject_id) AS subjects"
    record = f"FROM {EVENTS} WHERE {tables.seen}"
    parts = [
        f"SELECT -2 AS position, NULL AS rows, {subjects} {record}",
        f"SELECT -1 AS position, {counts} FROM r0",
    ]
    for step in rows.steps:
        left: list[str] = []
        for position, column in step.judged.items():
            left.append(f"{column} IS NOT false")
            where = " AND ".join(left)
            parts.append(f"SELECT {position}, {counts} FROM {step.relation} WHERE {where}")
    return " UNION ALL ".join(parts)
