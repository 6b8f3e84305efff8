"""A plan as one SQL statement."""

from __future__ import annotations

from dataclasses import dataclass

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
from vitruvian.views.sql.expressions import JSON, RESOURCE, Emitter
from vitruvian.views.sql.words import Dialect

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


def statement(plan: Plan, source: Source, dialect: Dialect) -> str:
    """The SQL of a view over a relation, in the words of one engine."""
    return _Statement(plan, source, dialect).sql()


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


class _Statement:
    """Nested selects: parse each resource once, then filter, then rows."""

    def __init__(self, plan: Plan, source: Source, dialect: Dialect) -> None:
        self.plan = plan
        self.source = source
        self.words, self.name = dialect, dialect.name
        self.emitter = Emitter(plan, dialect)
        self.carried = "".join(f"{self.name(column)}, " for column in source.carry)

    def sql(self) -> str:
        """The whole statement."""
        if self.source.ordinal is not None:
            return self.numbered(self.source.ordinal)
        parts = self.plan.rows.parts if isinstance(self.plan.rows, Product) else (self.plan.rows,)
        inner: list[tuple[str, str]] = []
        unnested: list[tuple[str, str]] = []
        outer: list[str] = []
        for position, part in enumerate(parts):
            if isinstance(part, Values):
                inner += [
                    (self.name(column), self.guarded(value)) for column, value in self.cells(part)
                ]
                outer += [self.name(column) for column, _ in self.cells(part)]
            else:
                alias, items, columns = self.iterated(part, f"vv_u{position}")
                unnested.append((alias, items))
                outer += columns
        return self.assemble(inner, unnested or [("vv_row", self.words.list_of("true"))], outer)

    def assemble(
        self, inner: list[tuple[str, str]], lists: list[tuple[str, str]], outer: list[str]
    ) -> str:
        """Single values and lists first, then one list after the other made into rows."""
        cells = [
            *(f"{value} AS {column}" for column, value in inner),
            *(f"CASE WHEN {_KEEP} THEN {items} END AS l_{alias}" for alias, items in lists),
        ]
        query = f"SELECT {self.carried}{', '.join(cells)} FROM ({self.kept()})"
        singles = [column for column, _ in inner]
        for place, (alias, _) in enumerate(lists):
            ready = [one for one, _ in lists[:place]]
            waiting = [f"l_{one}" for one, _ in lists[place + 1 :]]
            kept = "".join(f"{one}, " for one in (*singles, *ready, *waiting))
            made = self.words.rows_of(f"l_{alias}", alias)
            query = f"SELECT {self.carried}{kept}{made} FROM ({query})"
        return f"SELECT {self.carried}{', '.join(outer)} FROM ({query})"

    def numbered(self, ordinal: str) -> str:
        """Rows of one resource in one list, so that each has its place."""
        rows = self.row_list(self.plan.rows)
        query = f"SELECT {self.carried}CASE WHEN {_KEEP} THEN {rows} END AS l FROM ({self.kept()})"
        query = (
            f"SELECT {self.carried}"
            f"{self.words.numbered_rows_of('l', self.name(ordinal), 'vv_row')} FROM ({query})"
        )
        columns = [f"vv_row.{self.name(column.name)}" for column in columns_of(self.plan.rows)]
        return f"SELECT {self.carried}{self.name(ordinal)}, {', '.join(columns)} FROM ({query})"

    # ---------------------------------------------------------------- parsing

    def kept(self) -> str:
        """Every resource parsed once, with whether it passes.

        A filter (WHERE) would be pushed below and parse each resource a second time.
        """
        json = self.name(self.source.column)
        if self.plan.as_sent:
            json = self.words.quoted_numbers(json, decimal_names(self.plan))
        query = f"SELECT {self.carried}{json} AS {JSON} FROM {self.name(self.source.relation)}"
        parsed = self.emitter.parse(JSON, self.plan.record)
        query = f"SELECT {self.carried}{JSON}, {parsed} AS {RESOURCE} FROM ({query})"
        return f"SELECT {self.carried}{JSON}, {RESOURCE}, {self.passes()} AS {_KEEP} FROM ({query})"

    def passes(self) -> str:
        """Whether a resource is of the view's type and passes its filters."""
        kind = f"{RESOURCE}.{self.name('resourceType')}"
        right = f"coalesce({kind} = {self.words.text(self.plan.resource)}, false)"
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
            sql = f"coalesce({sql}, {self.words.list_of()})"
        return f"CAST({sql} AS {self.sql_type(column)})"

    def sql_type(self, column: Column) -> str:
        """Type of an output column."""
        types = self.words.types
        return self.words.list_type(column.store) if column.collection else types[column.store]

    def guarded(self, value: str) -> str:
        """A value that may stop the run is computed only where the resource passes."""
        return f"CASE WHEN {_KEEP} THEN {value} END" if "error(" in value else value

    def iterated(self, rows: Rows, alias: str) -> tuple[str, str, list[str]]:
        """A part of several rows: its alias, its list, its columns over that alias."""
        if isinstance(rows, Iterate) and isinstance(rows.body, Values):
            cells = self.cells(rows.body)
            if not any(RESOURCE in sql or f"{rows.item}_i" in sql for _, sql in cells):
                return (
                    rows.item,
                    self.items(rows),
                    [f"{sql} AS {self.name(to)}" for to, sql in cells],
                )
        columns = [f"{alias}.{self.name(column.name)}" for column in columns_of(rows)]
        return alias, self.row_list(rows), columns

    def items(self, rows: Iterate) -> str:
        """The list an iteration runs over."""
        if isinstance(rows.items, form.Nothing):
            kind = self.words.types["text"]
            if rows.or_empty:
                return self.words.list_of(f"CAST(NULL AS {kind})")
            return f"CAST(NULL AS {self.words.list_type('text')})"
        items = self.emitter.sql(rows.items)
        if not rows.or_empty:
            return items
        return self.emitter.names.let(items, self.words.or_null)

    def row_list(self, rows: Rows) -> str:
        """The rows of one resource as a list of structs."""
        if isinstance(rows, Values):
            return self.words.list_of(self.words.struct(self.cells(rows)))
        if isinstance(rows, Union):
            lists = [self.row_list(branch) for branch in rows.branches]
            result = lists[-1]
            for one in reversed(lists[:-1]):
                result = self.words.append(one, result)
            return result
        if isinstance(rows, Product):
            return self.combined(rows.parts, [])
        body = (
            self.words.struct(self.cells(rows.body))
            if isinstance(rows.body, Values)
            else self.row_list(rows.body)
        )
        write = self.words.each if isinstance(rows.body, Values) else self.words.flat_each
        return write(self.items(rows), rows.item, body, placed=f"{rows.item}_i" in body)

    def combined(self, parts: tuple[Rows, ...], cells: list[tuple[str, str]]) -> str:
        """Every combination of the rows of several parts."""
        if not parts:
            return self.words.list_of(self.words.struct(cells))
        part, *rest = parts
        if isinstance(part, Values):
            return self.combined(tuple(rest), [*cells, *self.cells(part)])
        item = self.emitter.names.fresh()
        columns = [(one.name, f"{item}.{self.name(one.name)}") for one in columns_of(part)]
        inner = self.combined(tuple(rest), [*cells, *columns])
        return self.words.flat_each(self.row_list(part), item, inner)
