"""Small pieces of SQL text: quoting, JSON structures, one-time names."""

from __future__ import annotations

import re
from collections.abc import Callable

import orjson

from vitruvian.views.plan.expressions import Record, Store

TYPES: dict[Store, str] = {
    "boolean": "BOOLEAN",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "text": "VARCHAR",
    "raw": "JSON",
}
_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.\"[^\"]*\")*")
NOT_ONE, TOO_DEEP = "vitruvian:not-one", "vitruvian:too-deep"


def text(value: str) -> str:
    """A text literal."""
    return "'" + value.replace("'", "''") + "'"


def name(value: str) -> str:
    """A quoted identifier."""
    return '"' + value.replace('"', '""') + '"'


def failure(code: str, pointer: str) -> str:
    """A call that stops the run; the text names the view's element, never data."""
    return f"error({text(f'{code} {pointer} ;')})"


def structure(record: Record, *, as_sent: bool) -> str:
    """The record as the JSON structure that `from_json` takes."""
    return text(orjson.dumps(_tree(record, as_sent=as_sent)).decode())


def _tree(record: Record, *, as_sent: bool) -> object:
    if not record.members:
        return "VARCHAR" if as_sent and record.store == "decimal" else TYPES[record.store]
    members: dict[str, object] = {}
    for member in record.members:
        tree = _tree(member.record, as_sent=as_sent)
        members[member.name] = [tree] if member.many else tree
    return members


class Names:
    """Names for lambda parameters, each given out once."""

    def __init__(self) -> None:
        self._given = 0

    def fresh(self) -> str:
        """A name not given before."""
        self._given += 1
        return f"t{self._given}"

    def let(self, value: str, body: Callable[[str], str]) -> str:
        """`body` over a value that is computed once, however often the body names it.

        SQL has no local variable inside an expression; a list of one item, transformed,
        is one.
        """
        if _SIMPLE.fullmatch(value):
            return body(value)
        bound = self.fresh()
        return f"list_transform([{value}], lambda {bound}: {body(bound)})[1]"
