"""ViewDefinition to plan: every select becomes rows, every path a typed expression."""

from __future__ import annotations

from dataclasses import replace

from vitruvian.views.definition import (
    ColumnDefinition,
    Iteration,
    Path,
    Select,
    ViewDefinition,
)
from vitruvian.views.errors import InvalidView
from vitruvian.views.fhirpath import syntax
from vitruvian.views.plan.expressions import (
    Append,
    Cast,
    Constant,
    Descend,
    Each,
    Expression,
    Flat,
    Item,
    Listed,
    Nothing,
    Parse,
    Position,
)
from vitruvian.views.plan.paths import Reader, Scope
from vitruvian.views.plan.rows import (
    RAW,
    ROOT,
    Column,
    Iterate,
    Plan,
    Product,
    Rows,
    Union,
    Values,
    columns_of,
)
from vitruvian.views.plan.texts import as_text
from vitruvian.views.plan.values import Shape, Value, listed, literal, store_of


def plan_view(view: ViewDefinition, *, repeat_depth: int) -> Plan:
    """The intermediate form of a view.

    Parameters
    ----------
    view
        The view as parsed.
    repeat_depth
        Levels a `repeat` follows before the run fails.

    Raises
    ------
    InvalidView, InvalidPath, UnsupportedPath
        When the view, or a path in it, has no meaning or no translation.
    """
    return _Builder(view, repeat_depth).plan()


class _Builder:
    """Builds the plan of one view."""

    def __init__(self, view: ViewDefinition, repeat_depth: int) -> None:
        self.view = view
        self.depth = repeat_depth
        self.reader = Reader({item.name: literal(item.kind, item.text) for item in view.constants})
        self.shape = Shape(view.resource)
        self.shape.child("resourceType", "code", many=False)

    def plan(self) -> Plan:
        """The whole plan."""
        resource = Value(Item(ROOT), self.view.resource, shape=self.shape)
        scope = Scope(resource, resource, Constant("integer", "0"))
        where = tuple(self.condition(path, scope) for path in self.view.where)
        rows = self.product([self.rows(select, scope) for select in self.view.selects])
        self.check_names(rows)
        return Plan(
            resource=self.view.resource,
            record=self.shape.freeze(),
            records={name: shape.freeze() for name, shape in self.reader.records.items()},
            where=where,
            rows=rows,
            as_sent=self.reader.as_sent,
            notes=tuple(self.reader.notes),
        )

    def condition(self, path: Path, scope: Scope) -> Expression:
        """A filter of the view: it must be a truth value."""
        value = self.reader.single(self.reader.read(path, scope))
        if value.kind not in {"boolean", ""}:
            raise self.reader.invalid(
                "the filter gives no truth value", expected="a boolean expression"
            )
        return value.expression

    def check_names(self, rows: Rows) -> None:
        """No two columns of the view have one name."""
        names = [column.name.lower() for column in columns_of(rows)]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise InvalidView(
                f"several columns are called {', '.join(twice)}",
                pointer="/select",
                expected="a name for each column that no other has",
            )

    # ------------------------------------------------------------------- rows

    def product(self, parts: list[Rows]) -> Rows:
        """Rows of several parts side by side; neighbours of one row each are put together."""
        flat = [
            inner
            for part in parts
            for inner in (part.parts if isinstance(part, Product) else (part,))
        ]
        merged: list[Rows] = []
        for part in flat:
            last = merged[-1] if merged else None
            if isinstance(part, Values) and isinstance(last, Values):
                merged[-1] = Values(last.columns + part.columns, last.values + part.values)
            else:
                merged.append(part)
        return merged[0] if len(merged) == 1 else Product(tuple(merged))

    def rows(self, select: Select, scope: Scope) -> Rows:
        """Rows of one select."""
        if select.iteration is None:
            return self.body(select, scope)
        items = self.items(select.iteration, scope)
        name = self.reader.fresh()
        this = replace(items, expression=Item(name), many=False, base=None)
        body = self.body(select, Scope(this, scope.resource, Position(name)))
        or_empty = select.iteration.how == "forEachOrNull"
        return Iterate(items.expression, name, body, or_empty)

    def body(self, select: Select, scope: Scope) -> Rows:
        """Columns x nested selects x the union of a select."""
        parts: list[Rows] = []
        if select.columns:
            parts.append(self.values(select.columns, scope))
        parts += [self.rows(inner, scope) for inner in select.selects]
        if select.union_all:
            parts.append(self.union(select, scope))
        return self.product(parts)

    def union(self, select: Select, scope: Scope) -> Rows:
        """The branches of a union: the same columns in the same order."""
        branches = tuple(self.rows(inner, scope) for inner in select.union_all)
        first = columns_of(branches[0])
        for position, branch in enumerate(branches):
            columns = columns_of(branch)
            if not _alike(first, columns):
                raise InvalidView(
                    "the columns differ from those of the first branch",
                    pointer=f"{select.pointer}/unionAll/{position}",
                    expected=f"in this order, with the same types: {_described(first)}",
                )
        return branches[0] if len(branches) == 1 else Union(branches)

    # ----------------------------------------------------------------- values

    def values(self, columns: tuple[ColumnDefinition, ...], scope: Scope) -> Values:
        """The columns of a select."""
        found = [self.column(column, scope) for column in columns]
        return Values(tuple(column for column, _ in found), tuple(value for _, value in found))

    def column(self, column: ColumnDefinition, scope: Scope) -> tuple[Column, Expression]:
        """A column with its expression, in the declared type."""
        value = self.reader.settled(self.reader.read(column.path, scope))
        kind = column.kind or value.kind or "string"
        store = store_of(kind)
        if store == "raw" or (not value.empty and store_of(value.kind) == "raw"):
            raise self.reader.invalid(
                "the path gives whole elements", expected="a path that ends at a primitive element"
            )
        value = self.stored(value, kind)
        value = listed(value) if column.collection else self.reader.single(value)
        return Column(column.name, kind, store, column.collection), value.expression

    def stored(self, value: Value, kind: str) -> Value:
        """The value in the storage kind of its column."""
        if value.empty:
            return value
        store = store_of(kind)
        if store == "text":
            return as_text(self.reader, value)
        value = self.reader.number(value)
        if store_of(value.kind) == store:
            return value
        given = store_of(value.kind)
        return self.reader.each(value, kind, lambda one: Cast(one, store, given))

    # ------------------------------------------------------------- iterations

    def items(self, iteration: Iteration, scope: Scope) -> Value:
        """What a select runs over, as a list."""
        if iteration.how == "repeat":
            return self.repeated(iteration, scope)
        return listed(self.reader.settled(self.reader.read(iteration.paths[0], scope)))

    def repeated(self, iteration: Iteration, scope: Scope) -> Value:
        """Everything that the paths reach, again and again, parent before child."""
        whole, record = scope.this, self.reader.fresh()
        if whole.expression == Item(ROOT):
            shape = self.reader.records[record] = Shape(whole.kind)
            whole = replace(whole, expression=Parse(Item(RAW), record), shape=shape)
        first = self.children(whole, iteration.paths)
        if first is None:
            return Value(Nothing(), "", many=True)
        item, below = self.reader.fresh(), self.reader.fresh()
        shape = self.reader.records[below] = Shape(first.kind)
        node = Value(Item(f"{item}_"), first.kind, shape=shape)
        children = self.children(node, iteration.paths)
        parsed = Listed(Parse(Item(item), below))
        body = Flat(parsed, f"{item}_", children.expression if children else Nothing())
        pointer = iteration.paths[0].pointer.rsplit("/", 1)[0]
        reached = Descend(first.expression, item, body, self.depth, pointer)
        return self.typed(reached, first.kind)

    def typed(self, raw: Expression, kind: str) -> Value:
        """Raw JSON values parsed as a FHIR type."""
        item, record = self.reader.fresh(), self.reader.fresh()
        shape = self.reader.records[record] = Shape(kind)
        return Value(Each(raw, item, Parse(Item(item), record)), kind, many=True, shape=shape)

    def children(self, value: Value, paths: tuple[Path, ...]) -> Value | None:
        """Raw JSON values that the paths of a `repeat` reach from one value."""
        notes = len(self.reader.notes)
        found: Value | None = None
        for path in paths:
            reached = listed(self.raw_path(value, path))
            if reached.empty:
                continue
            if found is not None and found.kind != reached.kind:
                raise self.reader.unsupported(
                    "the paths of repeat reach different types", expected="paths to one type"
                )
            both = reached.expression
            if found is not None:
                both = Append(found.expression, both)
            found = replace(reached, expression=both)
        if found is not None:
            del self.reader.notes[notes:]
        return found

    def raw_path(self, value: Value, path: Path) -> Value:
        """The end of a plain path of elements, kept as raw JSON."""
        self.reader.pointer = path.pointer
        names: list[str] = []
        node = path.node
        while isinstance(node, syntax.Member):
            names.insert(0, node.name)
            if node.base is None:
                break
            node = node.base
        else:
            raise self.reader.unsupported(
                "repeat follows an expression", expected="names joined by dots"
            )
        for name in names:
            value = self.reader.member(value, name)
        if value.shape is not None and (value.shape.members or store_of(value.kind) != "raw"):
            raise self.reader.unsupported(
                "repeat follows an element that is also read here",
                expected="an element that other paths of this select do not enter",
            )
        return value


def _alike(first: tuple[Column, ...], other: tuple[Column, ...]) -> bool:
    """Whether two branches have the same columns: name, storage, list or single."""
    one, two = (
        [(column.name, column.store, column.collection) for column in columns]
        for columns in (first, other)
    )
    return one == two


def _described(columns: tuple[Column, ...]) -> str:
    return ", ".join(f"{column.name} ({column.kind})" for column in columns)
