"""JSON Patch.

References
----------
RFC 6902 (JSON Patch), RFC 6901 (JSON Pointer).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from vitruvian.api.routes.fhir.json import NotJson, parsed, written
from vitruvian.api.routes.fhir.outcome import BadRequest

MOST_STEPS = 1_000


class BadPatch(BadRequest):
    """A JSON Patch is not one, or does not fit the resource."""

    status = 422
    code = "processing"

    def __init__(self, number: int, *, why: str) -> None:
        super().__init__(
            f"Operation {number} of the patch {why}. Nothing was changed. Expected JSON Patch "
            "(RFC 6902) over the resource as it is read."
        )


class _Misfit(Exception):
    """What is wrong with one operation, for people."""

    def __init__(self, *, why: str) -> None:
        super().__init__(why)


def patched(content: Any, data: bytes) -> Any:
    """A copy of the content with the patch applied; raises `BadPatch`.

    Examples
    --------
    >>> patched({"a": [1]}, b'[{"op": "add", "path": "/a/-", "value": 2}]')
    {'a': [1, 2]}
    """
    steps = _steps(data)
    result = _copied(content)
    for number, step in enumerate(steps):
        try:
            result = _applied(result, step)
        except _Misfit as misfit:
            raise BadPatch(number, why=str(misfit)) from None
    return result


def _copied(content: Any) -> Any:
    """The same lists and objects anew; decimals as sent are shared, for they cannot be copied."""
    if isinstance(content, dict):
        return {name: _copied(one) for name, one in content.items()}
    return [_copied(one) for one in content] if isinstance(content, list) else content


def _steps(data: bytes) -> list[Any]:
    try:
        steps = parsed(data)
    except NotJson:
        steps = None
    if not isinstance(steps, list) or len(steps) > MOST_STEPS:
        raise BadPatch(0, why="cannot be read: the patch is no list of operations")
    return steps


def _applied(content: Any, step: Any) -> Any:
    if not isinstance(step, dict) or step.get("op") not in OPERATIONS:
        raise _Misfit(why="is none of add, remove, replace, move, copy, test")
    if step["op"] in {"add", "replace", "test"} and "value" not in step:
        raise _Misfit(why="has no value")
    return OPERATIONS[step["op"]](content, step)


def _pointer(step: dict[str, Any], name: str = "path") -> list[str]:
    said = step.get(name)
    if not isinstance(said, str) or (said and not said.startswith("/")):
        raise _Misfit(why=f"has no JSON Pointer as its {name}")
    return [part.replace("~1", "/").replace("~0", "~") for part in said.split("/")[1:]]


def _at(content: Any, path: list[str]) -> Any:
    for part in path:
        if isinstance(content, dict) and part in content:
            content = content[part]
        elif isinstance(content, list):
            content = content[_index(content, part, most=len(content) - 1)]
        else:
            raise _Misfit(why="points at nothing")
    return content


def _index(items: list[Any], part: str, *, most: int) -> int:
    well = part == "0" or (part.isascii() and part.isdigit() and not part.startswith("0"))
    if not well or len(part) > 9 or int(part) > most:  # noqa: PLR2004
        raise _Misfit(why="points outside of a list")
    del items
    return int(part)


def _add(content: Any, step: dict[str, Any]) -> Any:
    return _put(content, _pointer(step), step["value"])


def _put(content: Any, path: list[str], value: Any) -> Any:
    if not path:
        return value
    parent, last = _at(content, path[:-1]), path[-1]
    if isinstance(parent, dict):
        parent[last] = value
    elif isinstance(parent, list):
        place = len(parent) if last == "-" else _index(parent, last, most=len(parent))
        parent.insert(place, value)
    else:
        raise _Misfit(why="points into a value")
    return content


def _take(content: Any, path: list[str]) -> Any:
    if not path:
        raise _Misfit(why="would remove the whole resource")
    parent, last = _at(content, path[:-1]), path[-1]
    if isinstance(parent, dict) and last in parent:
        return parent.pop(last)
    if isinstance(parent, list):
        return parent.pop(_index(parent, last, most=len(parent) - 1))
    raise _Misfit(why="points at nothing")


def _remove(content: Any, step: dict[str, Any]) -> Any:
    _take(content, _pointer(step))
    return content


def _replace(content: Any, step: dict[str, Any]) -> Any:
    path = _pointer(step)
    if path:
        parent, last = _at(content, path[:-1]), path[-1]
        if isinstance(parent, list):
            parent[_index(parent, last, most=len(parent) - 1)] = step["value"]
            return content
    _at(content, path)
    return _put(content, path, step["value"])


def _move(content: Any, step: dict[str, Any]) -> Any:
    source, target = _pointer(step, "from"), _pointer(step)
    if target[: len(source)] == source and target != source:
        raise _Misfit(why="would move a value into itself")
    return _put(content, target, _take(content, source))


def _copy(content: Any, step: dict[str, Any]) -> Any:
    value = _copied(_at(content, _pointer(step, "from")))
    return _put(content, _pointer(step), value)


def _test(content: Any, step: dict[str, Any]) -> Any:
    if _plain(_at(content, _pointer(step))) != _plain(step["value"]):
        raise _Misfit(why="tests for another value than there is")
    return content


def _plain(value: Any) -> Any:
    """Values as JSON compares them: 1.0 is 1.00, true is not 1."""
    try:
        return _typed(orjson.loads(written(value)))
    except NotJson:
        raise _Misfit(why="holds a value that is no JSON") from None


def _typed(value: Any) -> Any:
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, dict):
        return {key: _typed(one) for key, one in value.items()}
    return [_typed(one) for one in value] if isinstance(value, list) else value


OPERATIONS: dict[str, Callable[[Any, dict[str, Any]], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
