"""Names, values and moments as DuckDB writes them."""

from __future__ import annotations

from vitruvian.criteria.language.document import Scalar
from vitruvian.criteria.plan.nodes import TRIGGER, Plan, Point


def name(text: str) -> str:
    """A quoted identifier."""
    return '"' + text.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted text."""
    return "'" + value.replace("'", "''") + "'"


def value(scalar: Scalar) -> str:
    """A value of a column.

    Numbers are written as texts: DuckDB then reads them in the column's own type, so that
    0.7 equals a stored 32-bit 0.7.
    """
    if isinstance(scalar, bool):
        return "true" if scalar else "false"
    return text(scalar if isinstance(scalar, str) else repr(scalar))


def one_of(column: str, values: tuple[Scalar, ...]) -> str:
    """Condition that a column holds one of some values."""
    if len(values) == 1:
        return f"{name(column)} = {value(values[0])}"
    return f"{name(column)} IN ({', '.join(value(one) for one in values)})"


def anchor(plan: Plan, place: str) -> str:
    """Column with the moment of the trigger or of the event that ends a span."""
    if place == TRIGGER:
        return "a"
    return f"a{[span.name for span in plan.spans].index(place)}"


def moment(plan: Plan, point: Point, *, shift: int = 0, of: str = "") -> str:
    """A moment in microseconds since 1970, of a row of the relation `of`."""
    offset = point.offset + shift
    column = of + anchor(plan, point.anchor)
    return column if offset == 0 else f"({column} + ({offset}))"
