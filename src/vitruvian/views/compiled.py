"""A view compiled for an engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from vitruvian.views.definition import ViewDefinition
from vitruvian.views.errors import InvalidView
from vitruvian.views.plan import plan_view
from vitruvian.views.plan.rows import Column, columns_of
from vitruvian.views.sql import Dialect, DuckDB, Source, Spark, statement

REPEAT_DEPTH = 64
Engine: TypeAlias = Literal["duckdb", "spark"]
DIALECTS: dict[Engine, Dialect] = {"duckdb": DuckDB(), "spark": Spark()}


@dataclass(frozen=True)
class Options:
    """How a view is compiled.

    `ordinal` names an extra column that numbers the rows of one resource from 0, in
    document order; `repeat_depth` bounds the levels a `repeat` follows.
    """

    engine: Engine = "duckdb"
    ordinal: str | None = None
    repeat_depth: int = REPEAT_DEPTH


@dataclass(frozen=True)
class CompiledView:
    """SQL of a view, and the columns it gives.

    The statement gives the carried columns, the ordinal if asked for, then `columns`.
    `notes` name elements that R4 does not have and that are therefore always empty.
    """

    sql: str
    columns: tuple[Column, ...]
    carry: tuple[str, ...]
    notes: tuple[str, ...]


def compile_view(
    view: ViewDefinition,
    *,
    source: str,
    column: str = "resource",
    carry: tuple[str, ...] = (),
    options: Options | None = None,
) -> CompiledView:
    """The SQL of a view over a relation of JSON text.

    Parameters
    ----------
    view
        The view, as `parse_view` gives it.
    source
        Name of the relation that holds one resource a row.
    column
        Its column of verbatim JSON text.
    carry
        Other columns of it that are copied to every output row.
    options
        Engine, row numbers, bound of `repeat`.

    Raises
    ------
    InvalidView, InvalidPath, UnsupportedPath
        When the view, or a path in it, has no meaning or no translation.

    Examples
    --------
    >>> from vitruvian.views import parse_view
    >>> view = parse_view({"resource": "Patient",
    ...     "select": [{"column": [{"name": "birth", "path": "birthDate"}]}]})
    >>> compile_view(view, source="batch").columns
    (Column(name='birth', kind='date', store='text', collection=False),)
    """
    chosen = options or Options()
    plan = plan_view(view, repeat_depth=chosen.repeat_depth)
    _check_clash((*carry, *filter(None, [chosen.ordinal])), columns_of(plan.rows))
    where_from = Source(source, column, carry, chosen.ordinal)
    return CompiledView(
        sql=statement(plan, where_from, DIALECTS[chosen.engine]),
        columns=columns_of(plan.rows),
        carry=carry,
        notes=plan.notes,
    )


def _check_clash(added: tuple[str, ...], columns: tuple[Column, ...]) -> None:
    """No carried column shares its name with a column of the view, or with another."""
    names = [name.lower() for name in (*added, *(column.name for column in columns))]
    twice = [name for name in added if names.count(name.lower()) > 1]
    if twice:
        raise InvalidView(
            f"the columns {', '.join(twice)} are carried along and selected as well",
            pointer="/select",
            expected="names that no carried column has",
        )
