"""The syntax tree of a FHIRPath expression.

References
----------
HL7 FHIRPath N1 (2.0.0), appendix B, grammar.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf
from typing import TypeAlias

LiteralKind: TypeAlias = OneOf[
    "boolean", "string", "integer", "decimal", "date", "dateTime", "time", "empty"
]


@dataclass(frozen=True)
class Literal:
    """A value written in the expression; `text` is its canonical text."""

    kind: LiteralKind
    text: str


@dataclass(frozen=True)
class This:
    """The item in focus, `$this`."""


@dataclass(frozen=True)
class Environment:
    """`%name`: a constant of the view or a variable of the environment."""

    name: str


@dataclass(frozen=True)
class Member:
    """`base.name`; without a base, `name` of the item in focus."""

    base: Node | None
    name: str


@dataclass(frozen=True)
class Call:
    """`base.name(arguments)`."""

    base: Node | None
    name: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True)
class Indexer:
    """`base[position]`, counted from 0."""

    base: Node
    position: Node


@dataclass(frozen=True)
class Unary:
    """`-operand` or `+operand`."""

    operator: str
    operand: Node


@dataclass(frozen=True)
class Binary:
    """`left operator right`."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True)
class TypeOperation:
    """`operand is type` or `operand as type`."""

    operator: str
    operand: Node
    kind: str


Node: TypeAlias = (
    Literal | This | Environment | Member | Call | Indexer | Unary | Binary | TypeOperation
)
