"""The words of a mapping: templates over the columns of a row, as SQL over text columns.

=============================  ==========================================================
``"{labels}"``                 the column; empty text is nothing
``""``                         nothing
``"LOINC//{code}"``            literal text and columns; nothing when a column is empty
``["{a}", "{b}"]``             the first that says anything
``{of = "{a}", map = {..}}``   looked up in a list, else ``otherwise``, else nothing
``"{month|pad2}"``             two digits, a zero before a single one
``"{born|date}"``              the first ten characters
``"{id|concept.name}"``        the column ``name`` of the lookup table ``concept`` at this key
=============================  ==========================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from vitruvian.ingest.engine.sql import literal

_FIELD = re.compile(r"\{([^{}|]+)(?:\|([^{}]+))?\}")
_FILTERS: Mapping[str, Callable[[str], str]] = {
    "pad2": lambda text: f"lpad({text}, greatest(2, length({text}))::INTEGER, '0')",
    "date": lambda text: f"left({text}, 10)",
}


class NotWords(ValueError):
    """A value of a mapping is none of the forms above."""


@dataclass(frozen=True)
class Field:
    """One column, perhaps through a filter."""

    column: str
    filter: str | None = None


@dataclass(frozen=True)
class Template:
    """Literal text and columns, one after another."""

    parts: tuple[str | Field, ...]


@dataclass(frozen=True)
class First:
    """The first of several that says anything."""

    options: tuple[Words, ...]


@dataclass(frozen=True)
class Listed:
    """What a list says about a word."""

    of: Words
    to: tuple[tuple[str, Words], ...]
    otherwise: Words | None


Words = Template | First | Listed


def parse_words(said: object) -> Words:
    """The words that a TOML value stands for.

    Raises
    ------
    NotWords
        When it is none of the known forms.

    Examples
    --------
    >>> parse_words("LOINC//{code}")
    Template(parts=('LOINC//', Field(column='code', filter=None)))
    """
    if isinstance(said, bool):
        return Template((str(said).lower(),))
    if isinstance(said, str | int | float):
        return Template(tuple(_parts(str(said))))
    if isinstance(said, list) and said:
        return First(tuple(parse_words(each) for each in said))
    if (
        isinstance(said, dict)
        and set(said) <= {"of", "map", "otherwise"}
        and {"of", "map"} <= set(said)
    ):
        to = tuple((str(key), parse_words(value)) for key, value in said["map"].items())
        otherwise = parse_words(said["otherwise"]) if "otherwise" in said else None
        return Listed(parse_words(said["of"]), to, otherwise)
    raise NotWords


def _parts(text: str) -> Iterator[str | Field]:
    end = 0
    for found in _FIELD.finditer(text):
        if found.start() > end:
            yield text[end : found.start()]
        named = found[2]
        if named is not None and named not in _FILTERS and named.count(".") != 1:
            raise NotWords
        yield Field(found[1].strip().lower(), named)
        end = found.end()
    if end < len(text):
        yield text[end:]


def columns_of(words: Words | None) -> frozenset[str]:
    """The columns that words speak of."""
    if words is None:
        return frozenset()
    if isinstance(words, Template):
        return frozenset(each.column for each in words.parts if isinstance(each, Field))
    if isinstance(words, First):
        return frozenset().union(*(columns_of(each) for each in words.options))
    named = (words.of, *(value for _, value in words.to), words.otherwise)
    return frozenset().union(*(columns_of(each) for each in named))


def lookups_of(words: Words | None) -> frozenset[tuple[str, str]]:
    """Lookup table and key column of every look-up in the words."""
    if words is None:
        return frozenset()
    if isinstance(words, Template):
        fields = (each for each in words.parts if isinstance(each, Field))
        return frozenset(
            (each.filter.split(".")[0], each.column)
            for each in fields
            if each.filter is not None and "." in each.filter
        )
    inner = words.options if isinstance(words, First) else (
        words.of, words.otherwise, *(value for _, value in words.to)
    )  # fmt: skip
    return frozenset().union(*(lookups_of(each) for each in inner))


@dataclass
class Scope:
    """Where words are said: the row's alias, its columns, and the look-ups they need."""

    row: str = "t"
    joins: dict[tuple[str, str], str] = field(default_factory=dict)

    def sql(self, words: Words | None) -> str:
        """The words as an SQL expression of type text."""
        if words is None:
            return "NULL::VARCHAR"
        if isinstance(words, Template):
            return " || ".join(self._part(each) for each in words.parts) or "NULL"
        if isinstance(words, First):
            return f"coalesce({', '.join(f'({self.sql(each)})' for each in words.options)})"
        return self._listed(words)

    def joined(self, lookup: Callable[[str], str]) -> str:
        """The joins that the words said so far need; ``lookup`` names a look-up's relation."""
        return " ".join(
            f'LEFT JOIN {lookup(table)} {alias} ON {alias}."_key" = trim({self.row}."{column}")'
            for (table, column), alias in self.joins.items()
        )

    def _part(self, part: str | Field) -> str:
        if isinstance(part, str):
            return literal(part)
        if part.filter is not None and "." in part.filter:
            table, column = part.filter.split(".")
            alias = self.joins.setdefault((table, part.column), f"l{len(self.joins)}")
            return f"nullif(trim({alias}.\"{column}\"), '')"
        text = f"nullif(trim({self.row}.\"{part.column}\"), '')"
        return text if part.filter is None else _FILTERS[part.filter](text)

    def _listed(self, words: Listed) -> str:
        cases = " ".join(f"WHEN {literal(key)} THEN {self.sql(value)}" for key, value in words.to)
        other = "NULL" if words.otherwise is None else self.sql(words.otherwise)
        return f"CASE ({self.sql(words.of)}) {cases} ELSE {other} END"
