"""Patterns for whole notes, answered in linear time whatever the text holds.

References
----------
RE2 (github.com/google/re2): automata instead of backtracking; no look-around, no back-references.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any


class Pattern:
    """A pattern in the syntax of RE2, made ready when first used: google-re2 is optional."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def _ready(self) -> Any:
        # The library ships no types: its matches are Any.
        return import_module("re2").compile(self.text)

    def finditer(self, text: str) -> Iterator[Any]:
        """Every match, none overlapping another; as those of the module ``re``."""
        matches: Iterator[Any] = self._ready.finditer(text)
        return matches

    def span(self, match: Any, group: str) -> tuple[int, int]:
        """Where a named group stands."""
        start, end = match.span(self._ready.groupindex[group])
        return start, end


class Several:
    """Several such patterns with their names; which of them a text holds is asked in one pass."""

    def __init__(self, patterns: Mapping[str, str]) -> None:
        self.patterns = patterns

    @cached_property
    def _ready(self) -> Any:
        every = import_module("re2").Set.SearchSet()
        for text in self.patterns.values():
            every.Add(text)
        every.Compile()
        return every

    def held_in(self, text: str) -> frozenset[str]:
        """The names of the patterns that find something in a text."""
        found = self._ready.Match(text)
        return frozenset(map(tuple(self.patterns).__getitem__, found)) if found else _NONE


_NONE: frozenset[str] = frozenset()
