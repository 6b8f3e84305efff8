"""A ViewDefinition as written: read, checked for shape, its paths parsed.

References
----------
SQL on FHIR v2, structure definition "View Definition".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from vitruvian.views.elements import PRIMITIVES, is_resource
from vitruvian.views.errors import InvalidPath, InvalidView
from vitruvian.views.fhirpath import PathSyntaxError, parse_path
from vitruvian.views.fhirpath.syntax import Node

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NAME_RULE = "a letter followed by letters, digits or underscores"

# Any: JSON as it came, looked at element by element below.
Json: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True)
class Path:
    """A FHIRPath expression and where in the document it stands (JSON pointer)."""

    text: str
    node: Node
    pointer: str


@dataclass(frozen=True)
class Constant:
    """A named value of the view: FHIR type and canonical text."""

    name: str
    kind: str
    text: str


@dataclass(frozen=True)
class ColumnDefinition:
    """A column: name, path, declared FHIR type (None: as the path gives), list or single."""

    name: str
    path: Path
    kind: str | None
    collection: bool


@dataclass(frozen=True)
class Iteration:
    """What a select runs over: `forEach`, `forEachOrNull` (one path) or `repeat` (several)."""

    how: str
    paths: tuple[Path, ...]


@dataclass(frozen=True)
class Select:
    """One select: per item of its iteration, columns x nested selects x a union."""

    pointer: str
    iteration: Iteration | None
    columns: tuple[ColumnDefinition, ...]
    selects: tuple[Select, ...]
    union_all: tuple[Select, ...]


@dataclass(frozen=True)
class ViewDefinition:
    """A whole view: resource type, constants, filters and selects."""

    name: str
    resource: str
    constants: tuple[Constant, ...]
    where: tuple[Path, ...]
    selects: tuple[Select, ...]


def parse_view(document: Json | str | bytes) -> ViewDefinition:
    """The view a ViewDefinition document describes.

    Parameters
    ----------
    document
        The JSON text, or the object it holds.

    Raises
    ------
    InvalidView
        When the document is not a usable ViewDefinition; names the element.
    InvalidPath
        When an expression in it is not FHIRPath.

    Examples
    --------
    >>> view = parse_view('{"resource": "Patient", "select": [{"column": '
    ...                   '[{"name": "id", "path": "id", "type": "id"}]}]}')
    >>> view.resource, view.selects[0].columns[0].name
    ('Patient', 'id')
    """
    view = _document(document)
    resource = view.get("resource")
    if not isinstance(resource, str) or not is_resource(resource):
        raise InvalidView(
            "the resource type is missing or unknown",
            pointer="/resource",
            expected="the name of a FHIR R4 resource type",
        )
    return ViewDefinition(
        name=str(view.get("name") or ""),
        resource=resource,
        constants=tuple(
            _constant(item, pointer) for item, pointer in _objects(view, "constant", "")
        ),
        where=tuple(
            _path(item.get("path"), f"{pointer}/path")
            for item, pointer in _objects(view, "where", "")
        ),
        selects=_selects(view, "select", "", required=True),
    )


def _document(document: Json | str | bytes) -> Json:
    """The JSON object of a document."""
    parsed: object = document
    if isinstance(document, str | bytes):
        try:
            parsed = orjson.loads(document)
        except orjson.JSONDecodeError as problem:
            raise InvalidView(
                f"the text is not JSON (line {problem.lineno}, column {problem.colno})",
                pointer="",
                expected="a JSON object",
            ) from None
    if not isinstance(parsed, Mapping) or parsed.get("resourceType", "ViewDefinition") != (
        "ViewDefinition"
    ):
        raise InvalidView("this is not a ViewDefinition", pointer="", expected="a ViewDefinition")
    return parsed


def _objects(parent: Json, key: str, pointer: str) -> list[tuple[Json, str]]:
    """Objects of a repeating element with their pointers; empty when it is absent."""
    found = parent.get(key)
    if found is None:
        return []
    at = f"{pointer}/{key}"
    if not isinstance(found, Sequence) or isinstance(found, str):
        raise InvalidView("the element is not a list", pointer=at, expected="a list of objects")
    for position, item in enumerate(found):
        if not isinstance(item, Mapping):
            raise InvalidView(
                "the element is not an object",
                pointer=f"{at}/{position}",
                expected="an object",
            )
    return [(item, f"{at}/{position}") for position, item in enumerate(found)]


def _path(text: object, pointer: str) -> Path:
    """A FHIRPath expression, parsed."""
    if not isinstance(text, str) or not text.strip():
        raise InvalidPath("the path is missing", pointer=pointer, expected="a FHIRPath expression")
    try:
        return Path(text, parse_path(text), pointer)
    except PathSyntaxError as problem:
        raise InvalidPath(str(problem), pointer=pointer, expected="FHIRPath") from None


def _constant(item: Json, pointer: str) -> Constant:
    """A constant: exactly one `value[x]`."""
    name = item.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidView(
            "the constant's name cannot be used", pointer=pointer, expected=_NAME_RULE
        )
    values = [key for key in item if key.startswith("value")]
    kind = values[0][5:6].lower() + values[0][6:] if len(values) == 1 else ""
    if kind not in PRIMITIVES or isinstance(item[values[0]], Mapping | list):
        raise InvalidView(
            "the constant holds no single value",
            pointer=pointer,
            expected="exactly one value[x] of a primitive type",
        )
    value = item[values[0]]
    text = ("true" if value else "false") if isinstance(value, bool) else str(value)
    return Constant(name, kind, text)


def _column(item: Json, pointer: str) -> ColumnDefinition:
    name, kind = item.get("name"), item.get("type")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise InvalidView(
            "the column's name cannot be used", pointer=f"{pointer}/name", expected=_NAME_RULE
        )
    if kind is not None:
        kind = str(kind).removeprefix("http://hl7.org/fhir/StructureDefinition/")
        if kind not in PRIMITIVES:
            raise InvalidView(
                "the column's type is not primitive",
                pointer=f"{pointer}/type",
                expected="a FHIR primitive type",
            )
    collection = item.get("collection", False)
    if not isinstance(collection, bool):
        raise InvalidView(
            "the flag is not a boolean", pointer=f"{pointer}/collection", expected="true or false"
        )
    return ColumnDefinition(name, _path(item.get("path"), f"{pointer}/path"), kind, collection)


def _iteration(item: Json, pointer: str) -> Iteration | None:
    """The iteration of a select: at most one of the three kinds."""
    kinds = [how for how in ("forEach", "forEachOrNull", "repeat") if item.get(how) is not None]
    if len(kinds) > 1:
        raise InvalidView(
            f"the select has {' and '.join(kinds)}", pointer=pointer, expected="one of them"
        )
    if not kinds:
        return None
    how = kinds[0]
    at = f"{pointer}/{how}"
    if how != "repeat":
        return Iteration(how, (_path(item[how], at),))
    paths = item[how]
    if not isinstance(paths, Sequence) or isinstance(paths, str) or not paths:
        raise InvalidView("repeat is not a list of paths", pointer=at, expected="a list of paths")
    return Iteration(how, tuple(_path(text, f"{at}/{at_}") for at_, text in enumerate(paths)))


def _selects(parent: Json, key: str, pointer: str, *, required: bool = False) -> tuple[Select, ...]:
    """The selects under `select` or `unionAll`."""
    found = _objects(parent, key, pointer)
    if required and not found:
        raise InvalidView(
            "the view selects nothing", pointer=f"{pointer}/{key}", expected="at least one select"
        )
    return tuple(_select(item, at) for item, at in found)


def _select(item: Json, pointer: str) -> Select:
    select = Select(
        pointer=pointer,
        iteration=_iteration(item, pointer),
        columns=tuple(_column(column, at) for column, at in _objects(item, "column", pointer)),
        selects=_selects(item, "select", pointer),
        union_all=_selects(item, "unionAll", pointer),
    )
    if not (select.columns or select.selects or select.union_all):
        raise InvalidView(
            "the select has no column",
            pointer=pointer,
            expected="column, select or unionAll",
        )
    return select
