"""Rows that may be a hit: a date known only to the day, a value known only as `<0.2`.

A value told with a comparator stands for all values on that side (HL7 FHIR R4,
Quantity.comparator); a partial date for all moments that it allows.
"""

from __future__ import annotations

from vitruvian.criteria.engines.duckdb.conditions import but_value, row_condition
from vitruvian.criteria.engines.duckdb.words import value
from vitruvian.criteria.language.predicates import Bound, Plain
from vitruvian.criteria.source import Source

EXACT = "(time_min IS NULL OR time_max IS NULL)"
FIRST = "epoch_us(coalesce(time_min, time))"
LAST = f"CASE WHEN {EXACT} THEN epoch_us(time) ELSE epoch_us(time_max) - 1 END"


def sure_condition(plain: Plain, *, source: Source, with_ends: bool) -> str:
    """Condition that a row is a hit whatever its partial date or comparator stands for."""
    return f"{surely_valued(plain, source=source, with_ends=with_ends)} AND {EXACT}"


def surely_valued(plain: Plain, *, source: Source, with_ends: bool) -> str:
    """Condition that a row is a hit whatever its comparator stands for."""
    exact = row_condition(plain, source=source, with_ends=with_ends)
    if plain.low is None and plain.high is None:
        return exact
    rest = but_value(plain, source=source, with_ends=with_ends)
    return f"({exact} AND comparator IS NULL OR {rest} AND ({_sure_side(plain)}))"


def possible_condition(plain: Plain, *, source: Source, with_ends: bool) -> str:
    """Condition that a row may be a hit, and is not one for sure."""
    sure = sure_condition(plain, source=source, with_ends=with_ends)
    exact = row_condition(plain, source=source, with_ends=with_ends)
    rest = but_value(plain, source=source, with_ends=with_ends)
    if plain.low is None and plain.high is None:
        return f"({exact} AND NOT {EXACT})"
    valued = f"({exact} AND comparator IS NULL OR {rest} AND ({_possible_side(plain)}))"
    return f"({valued} AND NOT coalesce({sure}, false))"


def _sure_side(plain: Plain) -> str:
    """All values on the comparator's side lie in the range."""
    if plain.low is not None and plain.high is not None:
        return "false"
    if plain.high is not None:
        return _below(plain.high, "<=")
    return _above(plain.low, ">=") if plain.low is not None else "true"


def _below(high: Bound, equal: str) -> str:
    limit, strict = value(high.value), "<=" if high.inclusive else "<"
    return (
        f"comparator = '<' AND numeric_value {equal} {limit} "
        f"OR comparator = '<=' AND numeric_value {strict} {limit}"
    )


def _above(low: Bound, equal: str) -> str:
    limit, strict = value(low.value), ">=" if low.inclusive else ">"
    return (
        f"comparator = '>' AND numeric_value {equal} {limit} "
        f"OR comparator = '>=' AND numeric_value {strict} {limit}"
    )


def _possible_side(plain: Plain) -> str:
    """Some value on the comparator's side lies in the range."""
    down = "comparator IN ('<', '<=')"
    if plain.low is not None:
        limit, touch = value(plain.low.value), ">=" if plain.low.inclusive else ">"
        down = (
            f"comparator = '<' AND numeric_value > {limit} "
            f"OR comparator = '<=' AND numeric_value {touch} {limit}"
        )
    up = "comparator IN ('>', '>=')"
    if plain.high is not None:
        limit, touch = value(plain.high.value), "<=" if plain.high.inclusive else "<"
        up = (
            f"comparator = '>' AND numeric_value < {limit} "
            f"OR comparator = '>=' AND numeric_value {touch} {limit}"
        )
    other = "comparator IS NOT NULL AND comparator NOT IN ('<', '<=', '>', '>=')"
    return f"{down} OR {up} OR {other}"
