"""Measures and formulas as DuckDB computes them; NULL is unknown, as in Kleene's logic."""

from __future__ import annotations

from typing import assert_never

from vitruvian.criteria.engines.duckdb.words import name, text
from vitruvian.criteria.language.constructs import MeasureOf
from vitruvian.criteria.language.formula import Apply, Formula, Name, Number

_LAST, _FIRST = "arg_max(v, row(t, v))", "arg_min(v, row(t, v))"
_TAKE = {
    "last": _LAST,
    "first": _FIRST,
    "min": "min(v)",
    "max": "max(v)",
    "count": "count(*)",
    "sum": "sum(v)",
    "delta": f"CASE WHEN count(*) > 1 THEN {_LAST} - {_FIRST} END",
    "slope": "CASE WHEN count(DISTINCT t) > 1 THEN regr_slope(v, t / 3.6e9) END",
}
_SQL = {"==": "=", "!=": "<>"}


def aggregate(measure: MeasureOf) -> str:
    """One number out of the values `v` at times `t`, in units `u`; unknown where one is `q`."""
    sure = "NOT bool_or(q)"
    if measure.unit is not None and measure.take != "count":
        sure += f" AND bool_and(u IS NOT DISTINCT FROM {text(measure.unit)})"
    return f"CASE WHEN {sure} THEN {_TAKE[measure.take]} END"


def column(measure: str) -> str:
    """Column that holds a measure."""
    return name(f"m:{measure}")


def formula(node: Formula) -> str:
    """A formula over the columns of measures."""
    if isinstance(node, Number):
        return f"CAST({node.value!r} AS DOUBLE)"
    if isinstance(node, Name):
        return column(node.name)
    if isinstance(node, Apply):
        return _applied(node.operator, [formula(part) for part in node.operands])
    assert_never(node)


_ONE = {"not": "(NOT {0})", "negative": "(-{0})", "abs": "abs({0})"}
# least() and greatest() pass over NULL; here one unknown makes all unknown
_TWO = {
    "min": "(CASE WHEN {0} + {1} IS NOT NULL THEN least({0}, {1}) END)",
    "max": "(CASE WHEN {0} + {1} IS NOT NULL THEN greatest({0}, {1}) END)",
    "/": "({0} / nullif({1}, 0))",
}


def _applied(operator: str, parts: list[str]) -> str:
    if operator in _ONE:
        return _ONE[operator].format(*parts)
    if operator in _TWO:
        return _TWO[operator].format(*parts)
    if operator in {"and", "or"}:
        return "(" + f" {operator.upper()} ".join(parts) + ")"
    return f"({parts[0]} {_SQL.get(operator, operator)} {parts[1]})"
