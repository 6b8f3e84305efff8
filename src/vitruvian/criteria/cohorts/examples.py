"""Definitions to begin with; each is a file that can be copied."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vitruvian.criteria.cohorts.definition import read_definition

LIBRARY = Path(__file__).parent / "library"


@dataclass(frozen=True)
class Example:
    """A definition of the library."""

    name: str
    title: str
    text: str


@cache
def examples() -> tuple[Example, ...]:
    """Every definition of the library, by name."""
    texts = {path.stem: path.read_text("utf-8") for path in sorted(LIBRARY.glob("*.yaml"))}
    return tuple(Example(name, read_definition(text).title, text) for name, text in texts.items())
