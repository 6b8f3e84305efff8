"""Where in a YAML text an element stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml  # type: ignore[import-untyped]  # PyYAML brings no types

_STEP = re.compile(r"[^.\[\]]+")


def lines_of(text: str) -> dict[str, int]:
    """The line, from 1, of every element of a YAML text by its path; empty if it is not YAML.

    Examples
    --------
    >>> lines_of("{trigger: a, windows: {day: {end: b}}}")["windows.day.end"]
    1
    """
    try:
        top = yaml.compose(text, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError):
        return {}
    return dict(_walk(top, ""))


# Any: a node of PyYAML, which ships no types
def _walk(node: Any, at: str) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = f"{at}.{key.value}" if at else str(key.value)
            yield path, key.start_mark.line + 1
            yield from _walk(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield f"{at}[{index}]", item.start_mark.line + 1
            yield from _walk(item, f"{at}[{index}]")


def line_of(lines: dict[str, int], at: str) -> int | None:
    """The line of an element, else of the nearest one around it."""
    steps = list(_STEP.finditer(at))
    while steps:
        found = lines.get(at[: steps[-1].end()]) or lines.get(at)
        if found is not None:
            return found
        at = at[: steps.pop().start()].rstrip(".[")
    return lines.get(at)
