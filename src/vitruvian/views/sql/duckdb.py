"""The words of DuckDB."""

# ruff: noqa: D102 (what each word gives is said once, in Dialect)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import orjson

from vitruvian.views.plan.expressions import Record, Store
from vitruvian.views.sql.words import Dialect

_STAMP = "'%Y-%m-%dT%H:%M:%S.%f'"
# Members whose number may come out of the engine's double as another text: a zero at its end, an
# exponent, more digits than a double holds, less than a millionth, a negative zero.
_WRITTEN_OTHERWISE = (
    r":\s*-?(?:[0-9]+\.[0-9]*0[^0-9]|[0-9]+(?:\.[0-9]+)?[eE]|[0-9.]{16}|0\.00000)|:\s*-0"
)


class DuckDB(Dialect):
    """DuckDB 1.5: lists count from 1, lambdas are `lambda x: ...`."""

    types: ClassVar[Mapping[Store, str]] = {
        "boolean": "BOOLEAN",
        "integer": "BIGINT",
        "decimal": "DOUBLE",
        "text": "VARCHAR",
        "raw": "JSON",
    }
    texts: ClassVar[Mapping[str, str]] = {
        "+": "({} || {})",
        "&": "(coalesce({}, '') || coalesce({}, ''))",
        "abs": "abs({})",
        "ceiling": "CAST(ceil({}) AS BIGINT)",
        "contains": "contains({}, {})",
        "endsWith": "ends_with({}, {})",
        "floor": "CAST(floor({}) AS BIGINT)",
        "indexOf": "(strpos({}, {}) - 1)",
        "length": "length({})",
        "lower": "lower({})",
        "matches": "regexp_matches({}, {})",
        "replace": "replace({}, {}, {})",
        "startsWith": "starts_with({}, {})",
        "substring": "substr({}, {}, {})",
        "truncate": "CAST(trunc({}) AS BIGINT)",
        "upper": "upper({})",
    }
    failing = "error"

    def text(self, value: str) -> str:
        return "'" + value.replace("'", "''") + "'"

    def name(self, value: str) -> str:
        return '"' + value.replace('"', '""') + '"'

    def list_type(self, store: Store) -> str:
        return f"{self.types[store]}[]"

    def parse(self, raw: str, record: Record, *, as_sent: bool) -> str:
        tree = orjson.dumps(self._tree(record, as_sent=as_sent)).decode()
        return f"from_json({raw}, {self.text(tree)})"

    def _tree(self, record: Record, *, as_sent: bool) -> object:
        """The record as the JSON structure that `from_json` takes."""
        if not record.members:
            return "VARCHAR" if as_sent and record.store == "decimal" else self.types[record.store]
        members: dict[str, object] = {}
        for member in record.members:
            tree = self._tree(member.record, as_sent=as_sent)
            members[member.name] = [tree] if member.many else tree
        return members

    def quoted_numbers(self, json: str, names: Sequence[str]) -> str:
        pattern = rf'("(?:{"|".join(names)})"\s*:\s*)(-?[0-9][0-9.eE+-]*)'
        quoted = f"regexp_replace({json}, {self.text(pattern)}, '\\1\"\\2\"', 'g')"
        # Quoting is dear, and most numbers are the same text when the engine writes them again.
        written_otherwise = f"regexp_matches({json}, {self.text(_WRITTEN_OTHERWISE)})"
        return f"CASE WHEN {written_otherwise} THEN {quoted} ELSE {json} END"

    def list_of(self, *values: str) -> str:
        return f"[{', '.join(values)}]"

    def each(self, items: str, item: str, body: str, *, placed: bool = False) -> str:
        parameters = f"{item}, {item}_i" if placed else item
        return f"list_transform({items}, lambda {parameters}: {body})"

    def flat_each(self, items: str, item: str, body: str, *, placed: bool = False) -> str:
        return f"flatten({self.each(items, item, body, placed=placed)})"

    def keep(self, items: str, item: str, test: str) -> str:
        return f"list_filter({items}, lambda {item}: {test})"

    def place(self, item: str) -> str:
        return f"({item}_i - 1)"

    def size(self, items: str) -> str:
        return f"len({items})"

    def item(self, items: str, position: int) -> str:
        return f"{items}[{position + 1 if position >= 0 else position}]"

    def item_at(self, items: str, position: str) -> str:
        return f"({items})[{position} + 1]"

    def append(self, left: str, right: str) -> str:
        return f"list_concat({left}, {right})"

    def part(self, items: str, skip: str, take: str | None) -> str:
        stop = f"{skip} + {take}" if take else ""
        return f"({items})[{skip} + 1:{stop}]"

    def distinct(self, items: str, item: str) -> str:
        first = f"list_position({items}, {item}) = {item}_i"
        return f"list_filter({items}, lambda {item}, {item}_i: {first})"

    def joined(self, items: str, separator: str) -> str:
        return f"array_to_string({items}, {separator})"

    def fold(self, start: str, step: tuple[str, str], times: int) -> str:
        value, body = step
        places = ", ".join(["NULL"] * times)
        return f"list_reduce([{start}, {places}], lambda {value}, {value}_n: {body})"

    def struct(self, cells: Sequence[tuple[str, str]]) -> str:
        return f"struct_pack({', '.join(f'{self.name(key)} := {sql}' for key, sql in cells)})"

    def or_null(self, items: str) -> str:
        return f"CASE WHEN len({items}) > 0 THEN {items} ELSE [NULL] END"

    def named(self, value: str, name: str, body: str) -> str:
        return f"list_transform([{value}], lambda {name}: {body})[1]"

    def rows_of(self, items: str, alias: str) -> str:
        return f"unnest({items}) AS {alias}"

    def numbered_rows_of(self, items: str, ordinal: str, alias: str) -> str:
        return f"generate_subscripts({items}, 1) - 1 AS {ordinal}, unnest({items}) AS {alias}"

    def matches(self, value: str, pattern: str) -> str:
        return f"regexp_matches({value}, {pattern})"

    def stamp(self, value: str, *, zoned: bool) -> str:
        if zoned:
            return f"strftime(TRY_CAST({value} AS TIMESTAMPTZ) AT TIME ZONE 'UTC', {_STAMP})"
        return f"strftime(TRY_CAST({value} AS TIMESTAMP), {_STAMP})"

    def month_end(self, month: str) -> str:
        day = f"TRY_CAST({month} || '-01' AS DATE)"
        return f"strftime(last_day({day}), '%Y-%m-%dT23:59:59.999')"

    def short(self, number: str) -> str:
        return f"CAST(format('{{:.12g}}', {number}) AS DOUBLE)"

    def whole(self, number: str) -> str:
        return f"CAST(trunc({number}) AS BIGINT)"

    def rounded(self, number: str, places: str) -> str:
        return f"round({number}, {places})"
