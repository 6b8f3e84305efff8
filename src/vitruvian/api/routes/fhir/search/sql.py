"""Pieces of SQL that carry their own values; text and values keep one order."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from vitruvian.api.routes.fhir.search.declared import Place


@dataclass(frozen=True)
class Sql:
    """A piece of SQL with the values of its question marks."""

    text: str
    values: tuple[object, ...] = ()


NEVER = Sql("false")
ALWAYS = Sql("true")
Test = Callable[[str], Sql]


def joined(pieces: Iterable[Sql], word: str) -> Sql:
    """Pieces with a word between, in brackets.

    Examples
    --------
    >>> joined([Sql("a = ?", (1,)), Sql("b")], " OR ")
    Sql(text='((a = ?) OR (b))', values=(1,))
    """
    found = list(pieces)
    text = word.join(f"({one.text})" for one in found)
    return Sql(f"({text})", tuple(value for one in found for value in one.values))


def any_of(pieces: Iterable[Sql]) -> Sql:
    """At least one holds; none at all is false."""
    found = list(pieces)
    return joined(found, " OR ") if found else NEVER


def all_of(pieces: Iterable[Sql]) -> Sql:
    """Every one holds; none at all is true."""
    found = list(pieces)
    return joined(found, " AND ") if found else ALWAYS


def negated(piece: Sql) -> Sql:
    """It does not hold."""
    return Sql(f"NOT ({piece.text})", piece.values)


def path_text(path: tuple[str, ...]) -> str:
    """The path as DuckDB's JSON functions write it.

    Examples
    --------
    >>> path_text(("name[]", "given[]"))
    "'$.name[*].given[*]'"
    """
    return "'$" + "".join("." + step.replace("[]", "[*]") for step in path) + "'"


def repeats(path: tuple[str, ...]) -> bool:
    """Whether several values can stand at a path."""
    return any(step.endswith("[]") for step in path)


def where_any(path: tuple[str, ...], test: Test, *, text: bool) -> Sql:
    """Some value at a path passes a test; absent values pass none.

    Parameters
    ----------
    path
        Where the values stand.
    test
        SQL over the name of one value.
    text
        Whether values are taken as text; otherwise as JSON.
    """
    read = "json_extract_string" if text else "json_extract"
    found = f"{read}(doc, {path_text(path)})"
    if repeats(path):
        inner = test("v")
        kept = f"list_filter({found}, lambda v: coalesce({inner.text}, false))"
        return Sql(f"coalesce(len({kept}), 0) > 0", inner.values)
    inner = test(found)
    return Sql(f"coalesce({inner.text}, false)", inner.values)


def present(place: Place) -> Sql:
    """Something stands at a place."""
    found = f"json_extract(doc, {path_text(place.path)})"
    if repeats(place.path):
        return Sql(f"coalesce(len({found}), 0) > 0")
    return Sql(f"{found} IS NOT NULL")


def listed(path: tuple[str, ...]) -> str:
    """The texts at a path as a list, whether they repeat or not."""
    found = f"json_extract_string(doc, {path_text(path)})"
    return found if repeats(path) else f"[{found}]"
