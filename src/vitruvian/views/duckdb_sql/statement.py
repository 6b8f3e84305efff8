"""A plan as one DuckDB statement."""

from __future__ import annotations

from dataclasses import dataclass

from vitruvian.views.duckdb_sql.expressions import JSON, RESOURCE, Emitter
from vitruvian.views.duckdb_sql.words import TYPES, name, text
from vitruvian.views.plan import expressions as form
from vitruvian.views.plan.rows import (
    Column,
    Iterate,
    Plan,
    Product,
    Rows,
    Union,
    Values,
    columns_of,
)

_KEEP = "vv_keep"


@dataclass(frozen=True)
class Source:
    """Where resources come from.

    `relation` and `column` name the JSON text; the columns of `carry` are copied to every
    row; `ordinal` names a column that numbers the rows of one resource from 0.
    """

    relation: str
    column: str = "resource"
    carry: tuple[str, ...] = ()
    ordinal: str | None = None


def sql_type(column: Column) -> str:
    """DuckDB type of an output column."""
    return TYPES[column.store] + ("[]" if column.collection else "")


def statement(plan: Plan, source: Source) -> str:
    """The SQL of a view over a relation."""
    return _Statement(plan, source).sql()


def decimal_names(plan: Plan) -> list[str]:
    """Names of the JSON members that the plan reads as decimals."""
    found: set[str] = set()
    waiting = [plan.record, *plan.records.values()]
    while waiting:
        for member in waiting.pop().members:
            waiting.append(member.record)
            if member.record.store == "decimal":
                found.add(member.name)
    return sorted(found)


def quoted_numbers(json: str, names: list[str]) -> str:
    """JSON text with the numbers of some members put between quotes: `1.50` keeps its zero.

    Exact on valid JSON: a quote inside a text follows a backslash, so that a name between
    plain quotes before a colon is a member's name and nothing else.
    """
    pattern = rf'("(?:{"|".join(names)})"\s*:\s*)(-?[0-9][0-9.eE+-]*)'
    return f"regexp_replace({json}, {text(pattern)}, '\\1\"\\2\"', 'g')"


class _Statement:
    """Nested selects: parse each resource once, then filter, then rows."""

    def __init__(self, plan: Plan, source: Source) -> None:
        self.plan = plan
        self.source = source
        self.emitter = Emitter(plan)
        self.carried = "".join(f"{name(column)}, " for column in source.carry)

    def sql(self) -> str:
        """The whole statement."""
        if self.source.ordinal is not None:
            return self.numbered(self.source.ordinal)
        parts = self.plan.rows.parts if isinstance(self.plan.rows, Product) else (self.plan.rows,)
        inner: list[str] = []
        unnested: list[tuple[str, str]] = []
        outer: list[str] = []
        for position, part in enumerate(parts):
            if isinstance(part, Values):
                inner += [
                    f"{self.guarded(value)} AS {name(column)}" for column, value in self.cells(part)
                ]
                outer += [name(column) for column, _ in self.cells(part)]
            else:
                alias, items, columns = self.iterated(part, f"vv_u{position}")
                unnested.append((alias, items))
                outer += columns
        return self.assemble(inner, unnested or [("vv_row", "[true]")], outer)

    def assemble(self, inner: list[str], lists: list[tuple[str, str]], outer: list[str]) -> str:
        """Single values and lists first, then one list after the other made into rows."""
        cells = [
            *inner,
            *(f"CASE WHEN {_KEEP} THEN {items} END AS l_{alias}" for alias, items in lists),
        ]
        query = f"SELECT {self.carried}{', '.join(cells)} FROM ({self.kept()})"
        for alias, _ in lists:
            query = f"SELECT * EXCLUDE (l_{alias}), unnest(l_{alias}) AS {alias} FROM ({query})"
        return f"SELECT {self.carried}{', '.join(outer)} FROM ({query})"

    def numbered(self, ordinal: str) -> str:
        """Rows of one resource in one list, so that each has its place."""
        rows = self.row_list(self.plan.rows)
        query = f"SELECT {self.carried}CASE WHEN {_KEEP} THEN {rows} END AS l FROM ({self.kept()})"
        query = (
            f"SELECT {self.carried}generate_subscripts(l, 1) - 1 AS {name(ordinal)}, "
            f"unnest(l) AS vv_row FROM ({query})"
        )
        columns = [f"vv_row.{name(column.name)}" for column in columns_of(self.plan.rows)]
        return f"SELECT {self.carried}{name(ordinal)}, {', '.join(columns)} FROM ({query})"

    # ---------------------------------------------------------------- parsing

    def kept(self) -> str:
        """Every resource parsed once, with whether it passes.

        A filter (WHERE) would be pushed below and parse each resource a second time.
        """
        json = name(self.source.column)
        if self.plan.as_sent:
            json = quoted_numbers(json, decimal_names(self.plan))
        query = f"SELECT {self.carried}{json} AS {JSON} FROM {name(self.source.relation)}"
        parsed = self.emitter.parse(JSON, self.plan.record)
        query = f"SELECT {self.carried}{JSON}, {parsed} AS {RESOURCE} FROM ({query})"
        return f"SELECT {self.carried}{JSON}, {RESOURCE}, {self.passes()} AS {_KEEP} FROM ({query})"

    def passes(self) -> str:
        """Whether a resource is of the view's type and passes its filters."""
        right = f'coalesce({RESOURCE}."resourceType" = {text(self.plan.resource)}, false)'
        if not self.plan.where:
            return right
        holds = " AND ".join(f"coalesce({self.emitter.sql(one)}, false)" for one in self.plan.where)
        return f"CASE WHEN {right} THEN {holds} ELSE false END"

    # ------------------------------------------------------------------- rows

    def cells(self, rows: Values) -> list[tuple[str, str]]:
        """Column names with their values, cast to the column's type."""
        return [
            (column.name, self.cell(column, value))
            for column, value in zip(rows.columns, rows.values, strict=True)
        ]

    def cell(self, column: Column, value: form.Expression) -> str:
        """A value in the column's type; a collection is never null."""
        sql = self.emitter.sql(value)
        if column.collection:
            sql = f"coalesce({sql}, [])"
        return f"CAST({sql} AS {sql_type(column)})"

    def guarded(self, value: str) -> str:
        """A value that may stop the run is computed only where the resource passes."""
        return f"CASE WHEN {_KEEP} THEN {value} END" if "error(" in value else value

    def iterated(self, rows: Rows, alias: str) -> tuple[str, str, list[str]]:
        """A part of several rows: its alias, its list, its columns over that alias."""
        if isinstance(rows, Iterate) and isinstance(rows.body, Values):
            cells = self.cells(rows.body)
            if not any(RESOURCE in sql or f"{rows.item}_i" in sql for _, sql in cells):
                return rows.item, self.items(rows), [f"{sql} AS {name(to)}" for to, sql in cells]
        columns = [f"{alias}.{name(column.name)}" for column in columns_of(rows)]
        return alias, self.row_list(rows), columns

    def items(self, rows: Iterate) -> str:
        """The list an iteration runs over."""
        if isinstance(rows.items, form.Nothing):
            return "[CAST(NULL AS VARCHAR)]" if rows.or_empty else "CAST(NULL AS VARCHAR[])"
        items = self.emitter.sql(rows.items)
        if not rows.or_empty:
            return items
        return self.emitter.names.let(
            items, lambda one: f"CASE WHEN len({one}) > 0 THEN {one} ELSE [NULL] END"
        )

    def row_list(self, rows: Rows) -> str:
        """The rows of one resource as a list of structs."""
        if isinstance(rows, Values):
            return f"[{self.struct(self.cells(rows))}]"
        if isinstance(rows, Union):
            lists = [self.row_list(branch) for branch in rows.branches]
            result = lists[-1]
            for one in reversed(lists[:-1]):
                result = f"list_concat({one}, {result})"
            return result
        if isinstance(rows, Product):
            return self.combined(rows.parts, [])
        body = (
            self.struct(self.cells(rows.body))
            if isinstance(rows.body, Values)
            else self.row_list(rows.body)
        )
        parameters = f"{rows.item}, {rows.item}_i" if f"{rows.item}_i" in body else rows.item
        result = f"list_transform({self.items(rows)}, lambda {parameters}: {body})"
        return result if isinstance(rows.body, Values) else f"flatten({result})"

    def struct(self, cells: list[tuple[str, str]]) -> str:
        """One row."""
        return f"struct_pack({', '.join(f'{name(column)} := {sql}' for column, sql in cells)})"

    def combined(self, parts: tuple[Rows, ...], cells: list[tuple[str, str]]) -> str:
        """Every combination of the rows of several parts."""
        if not parts:
            return f"[{self.struct(cells)}]"
        part, *rest = parts
        if isinstance(part, Values):
            return self.combined(tuple(rest), [*cells, *self.cells(part)])
        item = self.emitter.names.fresh()
        columns = [(one.name, f"{item}.{name(one.name)}") for one in columns_of(part)]
        inner = self.combined(tuple(rest), [*cells, *columns])
        return f"flatten(list_transform({self.row_list(part)}, lambda {item}: {inner}))"
