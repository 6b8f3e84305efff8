"""Rows with the scores that the task names, and the formulas that speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import pyarrow as pa

from vitruvian.criteria.errors import UnknownName
from vitruvian.criteria.language.formula import names_in
from vitruvian.criteria.plan.nodes import Holds, Plan
from vitruvian.criteria.scores import Measure, Range, holds

# Any: pyarrow ships no types; a row is what the engine gives.
Arrow: TypeAlias = Any
Row: TypeAlias = dict[str, Any]


def known_scores(plan: Plan, handed_in: Mapping[str, Measure]) -> dict[str, Measure]:
    """The score behind each name a task gives it.

    Raises
    ------
    UnknownName
        When a score was not handed in, or has no such input.
    """
    found = {}
    for name, score in plan.scores.items():
        if score.name not in handed_in:
            raise UnknownName(score.name, at=f"score.{name}.by", kind="score")
        found[name] = handed_in[score.name]
        for part, _ in score.inputs:
            if part not in found[name].inputs:
                raise UnknownName(part, at=f"score.{name}.from", kind="input of the score")
    return found


def add_scores(rows: Arrow, plan: Plan, measures: Mapping[str, Measure]) -> Arrow:
    """The rows that may still be in, with each score and the verdicts that rest on them."""
    lines = [
        line
        for line in plan.lines
        if isinstance(line, Holds) and not names_in(line.formula).isdisjoint(plan.scores)
    ]
    judged = (_judged(row, plan, measures, lines) for row in rows.to_pylist())
    left = [row for row in judged if all(row[line.at] is not False for line in lines)]
    return pa.Table.from_pylist(left, schema=_schema(rows.schema, plan, lines))


def _schema(schema: Arrow, plan: Plan, lines: list[Holds]) -> Arrow:
    for name in plan.scores:
        schema = schema.append(pa.field(f"score.{name}.low", pa.float64()))
        schema = schema.append(pa.field(f"score.{name}.high", pa.float64()))
        schema = schema.append(pa.field(f"score.{name}.missing", pa.list_(pa.string())))
    for line in lines:
        schema = schema.append(pa.field(line.at, pa.bool_()))
    return schema


def _judged(row: Row, plan: Plan, measures: Mapping[str, Measure], lines: list[Holds]) -> Row:
    values = {name: row[f"measure.{name}"] for name in plan.measures}
    known: dict[str, Range | None] = {
        name: None if value is None else Range(value, value) for name, value in values.items()
    }
    for name, score in plan.scores.items():
        parts = {part: values[at] for part, at in score.inputs if values[at] is not None}
        found = known[name] = measures[name].value(parts)
        absent = tuple(each for each in measures[name].inputs if each not in parts)
        row[f"score.{name}.low"] = None if found is None else found.low
        row[f"score.{name}.high"] = None if found is None else found.high
        row[f"score.{name}.missing"] = list(absent if found is None else found.missing)
    for line in lines:
        row[line.at] = holds(line.formula, known)
        if row[line.at] is None:
            row["unknown"] = [*row["unknown"], line.at]
    return row
