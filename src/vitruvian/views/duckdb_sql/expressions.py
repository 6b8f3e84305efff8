"""Expressions of the intermediate form as DuckDB SQL."""

from __future__ import annotations

from functools import singledispatchmethod

from vitruvian.views.duckdb_sql import scalars
from vitruvian.views.duckdb_sql.words import (
    NOT_ONE,
    TOO_DEEP,
    TYPES,
    Names,
    failure,
    name,
    structure,
    text,
)
from vitruvian.views.plan import expressions as form
from vitruvian.views.plan.rows import RAW, ROOT, Plan

RESOURCE, JSON = "vv_r", "vv_json"


class Emitter:
    """Writes the expressions of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.names = Names()
        self.alias = {ROOT: RESOURCE, RAW: JSON}

    @singledispatchmethod
    def sql(self, node: form.Expression) -> str:
        """The expression as SQL."""
        raise TypeError(type(node).__name__)

    @sql.register
    def _(self, _: form.Nothing) -> str:
        return "NULL"

    @sql.register
    def _(self, node: form.Constant) -> str:
        return self.constant(node)

    @sql.register
    def _(self, node: form.Item) -> str:
        return self.alias.get(node.name, node.name)

    @sql.register
    def _(self, node: form.Position) -> str:
        return f"({node.name}_i - 1)"

    @sql.register
    def _(self, node: form.Get) -> str:
        return f"{self.sql(node.base)}.{name(node.name)}"

    @sql.register
    def _(self, node: form.Parse) -> str:
        return self.parse(self.sql(node.raw), self.plan.records[node.record])

    @sql.register
    def _(self, node: form.Not) -> str:
        return f"(NOT {self.sql(node.value)})"

    @sql.register
    def _(self, node: form.Logic) -> str:
        word = node.operator.upper()
        return f"({self.sql(node.left)} {word} {self.sql(node.right)})"

    @sql.register
    def _(self, node: form.Present) -> str:
        return f"({self.sql(node.value)} IS NOT NULL)"

    @sql.register
    def _(self, node: form.Filled) -> str:
        return f"coalesce(len({self.sql(node.items)}) > 0, false)"

    @sql.register
    def _(self, node: form.Count) -> str:
        return f"coalesce(len({self.sql(node.items)}), 0)"

    @sql.register
    def _(self, node: form.Compare) -> str:
        operands = (self.sql(node.left), self.sql(node.right))
        return scalars.compare(self.names, node.operator, node.family, operands)

    @sql.register
    def _(self, node: form.SameLists) -> str:
        return self.same_lists(self.sql(node.left), self.sql(node.right))

    @sql.register
    def _(self, node: form.NumberOf) -> str:
        sent = self.sql(node.sent)
        return f"TRY_CAST({sent} AS DOUBLE)" if self.plan.as_sent else sent

    @sql.register
    def _(self, node: form.Cast) -> str:
        return f"TRY_CAST({self.sql(node.value)} AS {TYPES[node.store]})"

    @sql.register
    def _(self, node: form.Arithmetic) -> str:
        return scalars.arithmetic(self.names, node, (self.sql(node.left), self.sql(node.right)))

    @sql.register
    def _(self, node: form.TextOperation) -> str:
        values = [self.sql(argument) for argument in node.arguments]
        return scalars.text_operation(node.name, values)

    @sql.register
    def _(self, node: form.Boundary) -> str:
        return scalars.boundary(self.names, node, self.sql(node.value))

    @sql.register
    def _(self, node: form.ReferenceKey) -> str:
        return scalars.reference_key(self.sql(node.reference), node.resource)

    @sql.register
    def _(self, node: form.If) -> str:
        return (
            f"CASE WHEN {self.sql(node.condition)} THEN {self.sql(node.then)} "
            f"ELSE {self.sql(node.other)} END"
        )

    @sql.register
    def _(self, node: form.At) -> str:
        return self.at(node)

    @sql.register
    def _(self, node: form.Only) -> str:
        code = failure(NOT_ONE, node.pointer)
        return self.names.let(
            self.sql(node.items),
            lambda items: f"(CASE WHEN len({items}) > 1 THEN {code} ELSE {items}[1] END)",
        )

    @sql.register
    def _(self, node: form.Joined) -> str:
        joined = f"array_to_string({self.sql(node.items)}, {self.sql(node.separator)})"
        return f"coalesce({joined}, '')"

    @sql.register
    def _(self, node: form.Listed) -> str:
        value = self.sql(node.value)
        return f"list_filter([{value}], {self.there()})"

    @sql.register
    def _(self, node: form.Solid) -> str:
        return f"list_filter({self.sql(node.items)}, {self.there()})"

    @sql.register
    def _(self, node: form.Each) -> str:
        each = f"lambda {node.item}: {self.sql(node.body)}"
        return f"list_filter(list_transform({self.sql(node.items)}, {each}), {self.there()})"

    @sql.register
    def _(self, node: form.Flat) -> str:
        each = f"lambda {node.item}: {self.sql(node.body)}"
        return f"flatten(list_transform({self.sql(node.items)}, {each}))"

    @sql.register
    def _(self, node: form.Keep) -> str:
        test = f"lambda {node.item}: {self.sql(node.condition)}"
        return f"list_filter({self.sql(node.items)}, {test})"

    @sql.register
    def _(self, node: form.Append) -> str:
        return f"list_concat({self.sql(node.left)}, {self.sql(node.right)})"

    @sql.register
    def _(self, node: form.Slice) -> str:
        start = f"{self.sql(node.skip)} + 1"
        stop = f"{self.sql(node.skip)} + {self.sql(node.take)}" if node.take else ""
        return f"({self.sql(node.items)})[{start}:{stop}]"

    @sql.register
    def _(self, node: form.Distinct) -> str:
        item = self.names.fresh()
        return self.names.let(
            self.sql(node.items),
            lambda items: (
                f"list_filter({items}, lambda {item}, {item}_i: "
                f"list_position({items}, {item}) = {item}_i)"
            ),
        )

    @sql.register
    def _(self, node: form.Descend) -> str:
        return self.descend(node)

    # ------------------------------------------------------------ longer pieces

    def constant(self, node: form.Constant) -> str:
        """A value written in the view."""
        if node.store == "text":
            return text(node.text)
        return f"CAST({text(node.text)} AS {TYPES[node.store]})"

    def parse(self, raw: str, record: form.Record) -> str:
        """JSON text parsed into what is wanted of it."""
        return f"from_json({raw}, {structure(record, as_sent=self.plan.as_sent)})"

    def same_lists(self, left: str, right: str) -> str:
        """Whether two lists are equal; null when either is empty."""

        def compared(a: str, b: str) -> str:
            return f"(CASE WHEN len({a}) > 0 AND len({b}) > 0 THEN {a} = {b} END)"

        return self.names.let(left, lambda a: self.names.let(right, lambda b: compared(a, b)))

    def at(self, node: form.At) -> str:
        """An item by position; SQL counts from 1."""
        items = self.sql(node.items)
        if isinstance(node.position, form.Constant):
            position = int(node.position.text)
            return f"({items})[{position + 1 if position >= 0 else position}]"
        return f"({items})[{self.sql(node.position)} + 1]"

    def there(self) -> str:
        """Test that an item is not empty."""
        item = self.names.fresh()
        return f"lambda {item}: {item} IS NOT NULL"

    def descend(self, node: form.Descend) -> str:
        """Levels of a `repeat`, in one list that grows in place.

        Each step puts the children of every item not yet opened right behind it; a fold
        over `depth` vacant places repeats the step, so that the statement stays as short
        (and as quick to plan) for many levels as for few.
        """
        grown, each, child, vacant = (self.names.fresh() for _ in range(4))
        self.alias[node.item] = f'{each}."raw"'
        opened = f'[struct_pack(raw := {each}."raw", fresh := false)]'
        below = f"list_transform({self.sql(node.body)}, {_fresh(child)})"
        step = f'CASE WHEN {each}."fresh" THEN list_concat({opened}, {below}) ELSE [{each}] END'
        places = ", ".join(["NULL"] * node.depth)
        start = f"list_transform({self.sql(node.items)}, {_fresh(child)})"
        folded = (
            f"list_reduce([{start}, {places}], lambda {grown}, {vacant}: "
            f"flatten(list_transform({grown}, lambda {each}: {step})))"
        )
        return self.names.let(folded, lambda items: self.reached(node, items))

    def reached(self, node: form.Descend, items: str) -> str:
        """The raw items of a `repeat`; the run fails when some were not opened."""
        one = self.names.fresh()
        left = f'len(list_filter({items}, lambda {one}: {one}."fresh")) > 0'
        raw = f'list_transform({items}, lambda {one}: {one}."raw")'
        return f"(CASE WHEN {left} THEN {failure(TOO_DEEP, node.pointer)} ELSE {raw} END)"


def _fresh(item: str) -> str:
    """An item of a `repeat` whose children were not looked up yet."""
    return f"lambda {item}: struct_pack(raw := {item}, fresh := true)"
