"""Predicates as conditions on rows of events."""

from __future__ import annotations

import re
from typing import assert_never

from vitruvian.criteria.engines.duckdb.words import name, one_of, text, value
from vitruvian.criteria.language.predicates import Codes, Plain
from vitruvian.criteria.plan.nodes import AllOf, Always, AnyOf, Atom, Meaning
from vitruvian.criteria.source import Source

END, START = "//end", "//start"
AT_END = "at_end"
"""Column that is true for the row that stands for the end of an interval."""


_PREFIX = re.compile(r"^\^([\w/ :,-]+)(\.\*)?$")
"""A pattern that asks for nothing but a beginning: cheaper to ask for as such."""


def wants_ends(plain: Plain) -> bool:
    """Whether a predicate names the ends of intervals."""
    return plain.codes.kind != "regex" and any(c.endswith(END) for c in plain.codes.values)


def row_condition(plain: Plain, *, source: Source, with_ends: bool) -> str:
    """Condition that a row of events is a hit."""
    parts = [but_value(plain, source=source, with_ends=with_ends)]
    for bound, sign in ((plain.low, ">"), (plain.high, "<")):
        if bound is not None:
            equal = "=" if bound.inclusive else ""
            parts.append(f"numeric_value {sign}{equal} {value(bound.value)}")
    return " AND ".join(parts)


def but_value(plain: Plain, *, source: Source, with_ends: bool) -> str:
    """Condition that a row is a hit whatever its value."""
    parts = [_code(plain.codes, intervals=source.intervals)]
    if with_ends and not wants_ends(plain):
        parts.append(f"NOT {AT_END}")
    parts.extend(one_of(column, values) for column, values in plain.columns)
    named = {column for column, _ in plain.columns}
    parts.extend(one_of(axis, seen) for axis, seen in source.axes.items() if axis not in named)
    return " AND ".join(parts)


def visible(source: Source) -> str:
    """Condition that a row is seen at all when nobody says otherwise."""
    return " AND ".join(one_of(axis, seen) for axis, seen in source.axes.items()) or "true"


def _code(codes: Codes, *, intervals: bool) -> str:
    if codes.kind == "regex":
        prefix = _PREFIX.match(codes.values[0])
        if prefix:
            return f"starts_with(code, {text(prefix[1])})"
        return f"regexp_matches(code, {text(codes.values[0])})"
    # the start of an interval is the time of its own row
    values = codes.values
    if intervals:
        values = tuple(dict.fromkeys(c.removesuffix(START) for c in codes.values))
    return one_of("code", values)


def moment_condition(meaning: Meaning, *, sure: bool = False) -> str:
    """Condition that a moment is a hit, over the counts, or the sure counts, of its atoms."""
    if isinstance(meaning, Atom):
        kind = "sure" if sure else "told"
        return f"{name(f'{kind}:{meaning.name}')} > 0"
    if isinstance(meaning, Always):
        return "true"
    if isinstance(meaning, AllOf):
        return "(" + " AND ".join(moment_condition(p, sure=sure) for p in meaning.parts) + ")"
    if isinstance(meaning, AnyOf):
        return "(" + " OR ".join(moment_condition(p, sure=sure) for p in meaning.parts) + ")"
    assert_never(meaning)


def atoms_of(meaning: Meaning) -> tuple[str, ...]:
    """The plain predicates a meaning stands on."""
    if isinstance(meaning, Atom):
        return (meaning.name,)
    if isinstance(meaning, AllOf | AnyOf):
        return tuple(dict.fromkeys(a for part in meaning.parts for a in atoms_of(part)))
    return ()
