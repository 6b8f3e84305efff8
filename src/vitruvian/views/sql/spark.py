"""The words of Spark SQL, within what Apache Spark 4 and Sail 0.7 both understand."""

# ruff: noqa: D102 (what each word gives is said once, in Dialect)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from vitruvian.views.plan.expressions import Record, Store
from vitruvian.views.sql.words import Dialect

_STAMP = "\"yyyy-MM-dd'T'HH:mm:ss.SSSSSS\""


class Spark(Dialect):
    """Spark SQL: lists count from 0, lambdas are `x -> ...`, a backslash escapes.

    A null list swallows its neighbours in `concat` and `flatten`, and an item outside a
    list may stop the run, so that each is guarded here. Times without a zone are read in
    the session's, which must be UTC.
    """

    types: ClassVar[Mapping[Store, str]] = {
        "boolean": "BOOLEAN",
        "integer": "BIGINT",
        "decimal": "DOUBLE",
        "text": "STRING",
        "raw": "STRING",
    }
    texts: ClassVar[Mapping[str, str]] = {
        "+": "({} || {})",
        "&": "(coalesce({}, '') || coalesce({}, ''))",
        "abs": "abs({})",
        "ceiling": "CAST(ceil({}) AS BIGINT)",
        "contains": "contains({}, {})",
        "endsWith": "endswith({}, {})",
        "floor": "CAST(floor({}) AS BIGINT)",
        "indexOf": "(instr({}, {}) - 1)",
        "length": "length({})",
        "lower": "lower({})",
        "matches": "regexp_like({}, {})",
        "replace": "replace({}, {}, {})",
        "startsWith": "startswith({}, {})",
        "substring": "substr({}, CAST({} AS INT), CAST({} AS INT))",
        "truncate": "CAST({} AS BIGINT)",
        "upper": "upper({})",
    }
    failing = "raise_error"

    def text(self, value: str) -> str:
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"

    def name(self, value: str) -> str:
        return "`" + value.replace("`", "``") + "`"

    def list_type(self, store: Store) -> str:
        return f"ARRAY<{self.types[store]}>"

    def parse(self, raw: str, record: Record, *, as_sent: bool) -> str:
        return f"from_json({raw}, {self.text(self._type(record, as_sent=as_sent))})"

    def _type(self, record: Record, *, as_sent: bool) -> str:
        """The record as the type that `from_json` takes."""
        if not record.members:
            kind = "text" if as_sent and record.store == "decimal" else record.store
            return self.types[kind]
        members = []
        for member in record.members:
            kind_of = self._type(member.record, as_sent=as_sent)
            kind_of = f"ARRAY<{kind_of}>" if member.many else kind_of
            members.append(f"{self.name(member.name)}: {kind_of}")
        return f"STRUCT<{', '.join(members)}>"

    def quoted_numbers(self, json: str, names: Sequence[str]) -> str:
        pattern = rf'("(?:{"|".join(names)})"\s*:\s*)(-?[0-9][0-9.eE+-]*)'
        return f"regexp_replace({json}, {self.text(pattern)}, '$1\"$2\"')"

    def list_of(self, *values: str) -> str:
        return f"array({', '.join(values)})"

    def each(self, items: str, item: str, body: str, *, placed: bool = False) -> str:
        parameters = f"({item}, {item}_i)" if placed else item
        return f"transform({items}, {parameters} -> {body})"

    def flat_each(self, items: str, item: str, body: str, *, placed: bool = False) -> str:
        lists = self.each(items, item, self._filled(body), placed=placed)
        return self._once(lists, "flatten(vv_x)")

    def keep(self, items: str, item: str, test: str) -> str:
        return f"filter({items}, {item} -> {test})"

    def place(self, item: str) -> str:
        return f"{item}_i"

    def size(self, items: str) -> str:
        return f"array_size({items})"

    def item(self, items: str, position: int) -> str:
        if position < 0:
            return f"try_element_at({items}, {position})"
        return f"get({items}, {position})"

    def item_at(self, items: str, position: str) -> str:
        return f"get({items}, CAST({position} AS INT))"

    def append(self, left: str, right: str) -> str:
        return f"concat({self._filled(left)}, {self._filled(right)})"

    def part(self, items: str, skip: str, take: str | None) -> str:
        start = f"CAST(greatest({skip}, 0) AS INT) + 1"
        length = f"greatest({take}, 0)" if take else f"coalesce(array_size({items}), 0)"
        return f"slice({items}, {start}, CAST({length} AS INT))"

    def distinct(self, items: str, item: str) -> str:
        first = f"array_position({items}, {item}) = {item}_i + 1"
        return f"filter({items}, ({item}, {item}_i) -> {first})"

    def joined(self, items: str, separator: str) -> str:
        return f"array_join({items}, {separator})"

    def fold(self, start: str, step: tuple[str, str], times: int) -> str:
        value, body = step
        return f"aggregate(array_repeat(0, {times}), {start}, ({value}, {value}_n) -> {body})"

    def struct(self, cells: Sequence[tuple[str, str]]) -> str:
        return f"named_struct({', '.join(f'{self.text(key)}, {sql}' for key, sql in cells)})"

    def or_null(self, items: str) -> str:
        # get() beyond the end is a null of the items' own type, which array(NULL) is not.
        none = f"array(get({items}, 0))"
        return f"CASE WHEN array_size({items}) > 0 THEN {items} ELSE {none} END"

    def named(self, value: str, name: str, body: str) -> str:
        # The NULL beside it says that the name may stand for nothing, which Sail does not
        # always see for itself.
        return f"get(transform(array({value}, NULL), {name} -> {body}), 0)"

    def rows_of(self, items: str, alias: str) -> str:
        return f"explode({items}) AS {alias}"

    def numbered_rows_of(self, items: str, ordinal: str, alias: str) -> str:
        return f"posexplode({items}) AS ({ordinal}, {alias})"

    def matches(self, value: str, pattern: str) -> str:
        return f"regexp_like({value}, {pattern})"

    def stamp(self, value: str, *, zoned: bool) -> str:
        kind = "TIMESTAMP" if zoned else "TIMESTAMP_NTZ"
        return f"date_format(try_cast({value} AS {kind}), {_STAMP})"

    def month_end(self, month: str) -> str:
        day = f"try_cast({month} || '-01' AS DATE)"
        return f"CAST(last_day({day}) AS STRING) || 'T23:59:59.999'"

    def short(self, number: str) -> str:
        # The text of no number is 'null'.
        return f"try_cast(format_string('%.11e', CAST({number} AS DOUBLE)) AS DOUBLE)"

    def whole(self, number: str) -> str:
        return f"CAST({number} AS BIGINT)"

    def rounded(self, number: str, places: str) -> str:
        # round() wants a fixed number of places.
        shift = f"pow(10, {places})"
        return f"(round({number} * {shift}) / {shift})"

    def _filled(self, items: str) -> str:
        """The list, empty where there is none."""
        # Sail cannot tell that coalesce() keeps the type of a list written out here.
        if items.startswith(("array(", "concat(")):
            return items
        return self._once(items, "coalesce(vv_x, array())")

    def _once(self, value: str, body: str) -> str:
        """`body` over a value that it calls `vv_x`.

        Sail writes what flatten() and coalesce() are given out twice, which doubles with every
        list inside a list, in planning and in running; a name it repeats for nothing.
        """
        return self.named(value, "vv_x", body)
