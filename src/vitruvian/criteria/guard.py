"""What only the events or the engine can tell about a task, asked before it runs."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeAlias

from vitruvian.criteria.engines.duckdb.words import name, text
from vitruvian.criteria.errors import InvalidTask, MissingColumn, TaskFailed
from vitruvian.criteria.plan.nodes import Plan
from vitruvian.criteria.source import WORDS, Source

# Any: pyarrow ships no types.
Answer: TypeAlias = Callable[[str], Any]

NEEDED = ("subject_id", "time", "code")


def check_plan(plan: Plan, *, source: Source, answer: Answer) -> None:
    """Refuse a plan that these events cannot answer.

    Raises
    ------
    MissingColumn
        When the events lack a column.
    InvalidTask
        When a regular expression cannot be read, or a word of an axis is none of the house.
    """
    present = answer(f"SELECT * FROM {name(source.relation)} LIMIT 0").column_names
    _check_columns(plan, present)
    if source.axes:
        _check_words(plan)
    for predicate, plain in plan.atoms.items():
        if plain.codes.kind == "regex":
            _check_pattern(predicate, plain.codes.values[0], answer)


def _check_columns(plan: Plan, present: Collection[str]) -> None:
    wanted = [*NEEDED, *(column for plain in plan.atoms.values() for column, _ in plain.columns)]
    if plan.measures or any(plain.low or plain.high for plain in plan.atoms.values()):
        wanted.append("numeric_value")
    if any(measure.unit for measure, _ in plan.measures.values()):
        wanted.append("unit")
    for column in wanted:
        if column not in present:
            raise MissingColumn(column)


def _check_words(plan: Plan) -> None:
    """A slip in a word would silently find nothing."""
    for predicate, plain in plan.atoms.items():
        for column, values in plain.columns:
            if column in WORDS and not WORDS[column].issuperset(values):
                at, expected = f"predicates.{predicate}.{column}", ", ".join(sorted(WORDS[column]))
                raise InvalidTask("unknown", at=at, expected=expected)


def _check_pattern(predicate: str, pattern: str, answer: Answer) -> None:
    try:
        answer(f"SELECT regexp_matches('', {text(pattern)}) AS found")
    except TaskFailed:
        at = f"predicates.{predicate}.code.regex"
        expected = "RE2 syntax, which has no look-around and no back-references"
        raise InvalidTask("unreadable", at=at, expected=expected) from None
