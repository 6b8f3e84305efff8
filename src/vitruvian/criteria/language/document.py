"""A YAML document whose elements know where they stand.

References
----------
YAML 1.2.2, section 10.3 (core schema): `no` is a text, not false, and 010 is ten.
"""

# ruff: noqa: TRY003 - the reader of a language has one class of complaint

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

import yaml  # type: ignore[import-untyped]  # PyYAML brings no types

from vitruvian.criteria.errors import InvalidTask, UnreadableTask

# Any: YAML as it came, looked at element by element below.
Yaml: TypeAlias = Any
Scalar: TypeAlias = str | int | float | bool

MOST_CHARACTERS = 5_000_000


# Any: PyYAML ships no types.
class _CoreLoader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML brings no types
    """YAML 1.2 core schema; a key that stands twice is an error."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - PyYAML's own way of saying it


_CORE = (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    (
        "float",
        r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)",
        list("-+.0123456789"),
    ),
    ("merge", r"<<", ["<"]),
)
for _kind, _pattern, _first in _CORE:
    _CoreLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"^(?:{_pattern})$"), _first
    )


def _integer(loader: Yaml, node: Yaml) -> int:
    return int(loader.construct_scalar(node))


def _mapping(loader: Yaml, node: Yaml) -> dict[object, object]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    for key in keys:
        if isinstance(key, list | dict) or keys.count(key) > 1:
            line = node.start_mark.line + 1
            raise UnreadableTask("a key is not a plain text or stands twice", line=line)
    loader.flatten_mapping(node)
    made: dict[object, object] = loader.construct_mapping(node, deep=True)
    return made


_CoreLoader.add_constructor("tag:yaml.org,2002:int", _integer)
_CoreLoader.add_constructor("tag:yaml.org,2002:map", _mapping)


@dataclass(frozen=True)
class Entry:
    """One element of a document, and its path from the top."""

    value: Yaml
    at: str = ""

    def wrong(self, what: str, *, expected: str) -> InvalidTask:
        """The failure to raise about this element."""
        return InvalidTask(what, at=self.at or "the top", expected=expected)

    def members(self) -> dict[str, Entry]:
        """The members of a mapping by key; an absent mapping (null) has none."""
        if self.value is None:
            return {}
        if not isinstance(self.value, dict) or not all(isinstance(k, str) for k in self.value):
            raise self.wrong("not a mapping with texts as keys", expected="a mapping")
        prefix = f"{self.at}." if self.at else ""
        return {key: Entry(value, f"{prefix}{key}") for key, value in self.value.items()}

    def items(self) -> Iterator[Entry]:
        """The elements of a list that is not empty."""
        if not isinstance(self.value, list) or not self.value:
            raise self.wrong("not a list, or an empty one", expected="a list of one or more")
        for index, value in enumerate(self.value):
            yield Entry(value, f"{self.at}[{index}]")

    def text(self) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value or "\0" in self.value:
            raise self.wrong("not a text, or an empty one", expected="a text")
        return self.value

    def texts(self) -> tuple[str, ...]:
        """One text, or a list of texts."""
        if isinstance(self.value, str):
            return (self.text(),)
        return tuple(item.text() for item in self.items())

    def number(self) -> float | int:
        """A finite number."""
        value = self.value
        finite = isinstance(value, int | float) and abs(value) < float("inf")
        if isinstance(value, bool) or not finite:
            raise self.wrong("not a number", expected="a finite number")
        return value  # type: ignore[no-any-return]  # narrowed by the line above

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            raise self.wrong("neither true nor false", expected="true or false")
        return self.value

    def scalar(self) -> Scalar:
        """A text, number or truth value."""
        if isinstance(self.value, bool):
            return self.value
        return self.text() if isinstance(self.value, str) else self.number()


def allow(members: dict[str, Entry], names: frozenset[str], *, at: str) -> None:
    """Refuse members that nobody reads, so that a slip of the pen is not passed over."""
    for key in members:
        if key not in names:
            raise InvalidTask(
                f"'{key}' means nothing here", at=at or "the top", expected=", ".join(sorted(names))
            )


def read_document(text: str) -> Entry:
    """The top mapping of a YAML text.

    Raises
    ------
    UnreadableTask
        When the text is not YAML, too long, or not a mapping; names the line.
    """
    if len(text) > MOST_CHARACTERS:
        raise UnreadableTask(f"it is longer than {MOST_CHARACTERS:,} characters")
    try:
        value = yaml.load(text, Loader=_CoreLoader)  # noqa: S506 - a SafeLoader, narrowed
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        said = getattr(problem, "problem", None) or "it is not YAML"
        raise UnreadableTask(said, line=None if mark is None else mark.line + 1) from None
    except RecursionError:
        raise UnreadableTask("it nests too deep") from None
    except (ValueError, TypeError):
        raise UnreadableTask("a value does not fit its tag") from None
    if not isinstance(value, dict):
        raise UnreadableTask("it is not a mapping")
    return Entry(value)
