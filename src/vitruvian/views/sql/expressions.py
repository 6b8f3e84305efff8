"""Expressions of the intermediate form as SQL."""

from __future__ import annotations

from functools import singledispatchmethod

from vitruvian.views.plan import expressions as form
from vitruvian.views.plan.rows import RAW, ROOT, Plan
from vitruvian.views.sql import scalars
from vitruvian.views.sql.words import NOT_ONE, TOO_DEEP, Dialect, Names

RESOURCE, JSON = "vv_r", "vv_json"
_INTEGER = "'^[+-]?[0-9]+$'"


class Emitter:
    """Writes the expressions of one plan in the words of one engine."""

    def __init__(self, plan: Plan, dialect: Dialect) -> None:
        self.plan = plan
        self.words = dialect
        self.names = Names(dialect)
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
        return self.words.place(node.name)

    @sql.register
    def _(self, node: form.Get) -> str:
        return f"{self.sql(node.base)}.{self.words.name(node.name)}"

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
        return f"coalesce({self.words.size(self.sql(node.items))} > 0, false)"

    @sql.register
    def _(self, node: form.Count) -> str:
        return f"coalesce({self.words.size(self.sql(node.items))}, 0)"

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
        if node.store == "integer" and node.given in {"text", "decimal"}:
            return self.names.let(self.sql(node.value), lambda value: self.integer(node, value))
        return f"TRY_CAST({self.sql(node.value)} AS {self.words.types[node.store]})"

    @sql.register
    def _(self, node: form.Arithmetic) -> str:
        return scalars.arithmetic(self.names, node, (self.sql(node.left), self.sql(node.right)))

    @sql.register
    def _(self, node: form.TextOperation) -> str:
        values = [self.sql(argument) for argument in node.arguments]
        return scalars.text_operation(self.words, node.name, values)

    @sql.register
    def _(self, node: form.Boundary) -> str:
        return scalars.boundary(self.names, node, self.sql(node.value))

    @sql.register
    def _(self, node: form.ReferenceKey) -> str:
        return scalars.reference_key(self.words, self.sql(node.reference), node.resource)

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
        code = self.words.failure(NOT_ONE, node.pointer)
        return self.names.let(
            self.sql(node.items),
            lambda items: (
                f"(CASE WHEN {self.words.size(items)} > 1 THEN {code} "
                f"ELSE {self.words.item(items, 0)} END)"
            ),
        )

    @sql.register
    def _(self, node: form.Joined) -> str:
        joined = self.words.joined(self.sql(node.items), self.sql(node.separator))
        return f"coalesce({joined}, '')"

    @sql.register
    def _(self, node: form.Listed) -> str:
        return self.solid(self.words.list_of(self.sql(node.value)))

    @sql.register
    def _(self, node: form.Solid) -> str:
        return self.solid(self.sql(node.items))

    @sql.register
    def _(self, node: form.Each) -> str:
        return self.solid(self.words.each(self.sql(node.items), node.item, self.sql(node.body)))

    @sql.register
    def _(self, node: form.Flat) -> str:
        return self.words.flat_each(self.sql(node.items), node.item, self.sql(node.body))

    @sql.register
    def _(self, node: form.Keep) -> str:
        return self.words.keep(self.sql(node.items), node.item, self.sql(node.condition))

    @sql.register
    def _(self, node: form.Append) -> str:
        return self.words.append(self.sql(node.left), self.sql(node.right))

    @sql.register
    def _(self, node: form.Slice) -> str:
        take = self.sql(node.take) if node.take else None
        return self.words.part(self.sql(node.items), self.sql(node.skip), take)

    @sql.register
    def _(self, node: form.Distinct) -> str:
        item = self.names.fresh()
        return self.names.let(
            self.sql(node.items),
            lambda items: self.words.distinct(items, item),
        )

    @sql.register
    def _(self, node: form.Descend) -> str:
        return self.descend(node)

    # ------------------------------------------------------------ longer pieces

    def constant(self, node: form.Constant) -> str:
        """A value written in the view."""
        if node.store == "text":
            return self.words.text(node.text)
        return f"CAST({self.words.text(node.text)} AS {self.words.types[node.store]})"

    def integer(self, node: form.Cast, value: str) -> str:
        """What is an integer; engines round or cut what is none, each in its own way."""
        whole = f"{value} = floor({value})"
        if node.given == "text":
            whole = self.words.matches(value, _INTEGER)
        return f"(CASE WHEN {whole} THEN TRY_CAST({value} AS {self.words.types['integer']}) END)"

    def parse(self, raw: str, record: form.Record) -> str:
        """JSON text parsed into what is wanted of it."""
        return self.words.parse(raw, record, as_sent=self.plan.as_sent)

    def same_lists(self, left: str, right: str) -> str:
        """Whether two lists are equal; null when either is empty."""

        def compared(a: str, b: str) -> str:
            filled = f"{self.words.size(a)} > 0 AND {self.words.size(b)} > 0"
            return f"(CASE WHEN {filled} THEN {a} = {b} END)"

        return self.names.let(left, lambda a: self.names.let(right, lambda b: compared(a, b)))

    def at(self, node: form.At) -> str:
        """An item by position."""
        items = self.sql(node.items)
        if isinstance(node.position, form.Constant):
            return self.words.item(f"({items})", int(node.position.text))
        return self.words.item_at(items, self.sql(node.position))

    def solid(self, items: str) -> str:
        """A list without its empty items."""
        item = self.names.fresh()
        return self.words.keep(items, item, f"{item} IS NOT NULL")

    def descend(self, node: form.Descend) -> str:
        """Levels of a `repeat`, in one list that grows in place.

        Each step puts the children of every item not yet opened right behind it; a fold
        over `depth` vacant places repeats the step, so that the statement stays as short
        (and as quick to plan) for many levels as for few.
        """
        words = self.words
        grown, each, child = (self.names.fresh() for _ in range(3))
        raw, fresh = (f"{each}.{words.name(key)}" for key in ("raw", "fresh"))
        self.alias[node.item] = raw
        opened = words.list_of(words.struct([("raw", raw), ("fresh", "false")]))
        below = self.unopened(self.sql(node.body), child)
        step = (
            f"CASE WHEN {fresh} THEN {words.append(opened, below)} ELSE {words.list_of(each)} END"
        )
        start = self.unopened(self.sql(node.items), child)
        folded = words.fold(start, (grown, words.flat_each(grown, each, step)), node.depth)
        return self.names.let(folded, lambda items: self.reached(node, items))

    def unopened(self, items: str, item: str) -> str:
        """Items of a `repeat` whose children were not looked up yet."""
        return self.words.each(items, item, self.words.struct([("raw", item), ("fresh", "true")]))

    def reached(self, node: form.Descend, items: str) -> str:
        """The raw items of a `repeat`; the run fails when some were not opened."""
        words, one = self.words, self.names.fresh()
        unopened = words.keep(items, one, f"{one}.{words.name('fresh')}")
        raw = words.each(items, one, f"{one}.{words.name('raw')}")
        failure = words.failure(TOO_DEEP, node.pointer)
        return f"(CASE WHEN {words.size(unopened)} > 0 THEN {failure} ELSE {raw} END)"
