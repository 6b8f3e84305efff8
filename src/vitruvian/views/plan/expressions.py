"""Expressions of the intermediate form: what to compute, in no engine's words.

Two kinds of expression exist and never mix: a **single** value (SQL null when FHIRPath says
"empty") and a **list** (null or no item when empty; never an item without value).  Each
node says in its name or docstring which it takes and which it gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Family: TypeAlias = Literal["boolean", "number", "text", "date", "time", "raw"]
Store: TypeAlias = Literal["boolean", "integer", "decimal", "text", "raw"]


@dataclass(frozen=True)
class Record:
    """What is wanted of a JSON object: its members, or the value itself when there is none."""

    store: Store
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class Member:
    """A member of a JSON object: name, content, whether it is an array."""

    name: str
    record: Record
    many: bool


# ------------------------------------------------------------- single values


@dataclass(frozen=True)
class Nothing:
    """The empty single value."""


@dataclass(frozen=True)
class Constant:
    """A value known beforehand, as text, of a storage kind."""

    store: Store
    text: str


@dataclass(frozen=True)
class Item:
    """The item a surrounding list operation or iteration stands on."""

    name: str


@dataclass(frozen=True)
class Position:
    """Place of that item in its list, counted from 0."""

    name: str


@dataclass(frozen=True)
class Get:
    """A member of a parsed JSON object; single or list as the record says."""

    base: Expression
    name: str


@dataclass(frozen=True)
class Parse:
    """A raw JSON value parsed by one of the plan's named records."""

    raw: Expression
    record: str


@dataclass(frozen=True)
class NumberOf:
    """The number of a decimal element that is stored as sent."""

    sent: Expression


@dataclass(frozen=True)
class Cast:
    """A single value of one storage kind (`given`) in another; empty when it does not fit."""

    value: Expression
    store: Store
    given: Store


@dataclass(frozen=True)
class Not:
    """Three-valued negation."""

    value: Expression


@dataclass(frozen=True)
class Logic:
    """Three-valued `and`, `or`."""

    operator: Literal["and", "or"]
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Present:
    """Whether a single value is there: never empty itself."""

    value: Expression


@dataclass(frozen=True)
class Filled:
    """Whether a list holds an item: never empty itself."""

    items: Expression


@dataclass(frozen=True)
class Count:
    """Number of items of a list."""

    items: Expression


@dataclass(frozen=True)
class Compare:
    """Two single values compared; empty when either is, or when precision cannot decide."""

    operator: Literal["=", "<", "<=", ">", ">="]
    family: Family
    left: Expression
    right: Expression


@dataclass(frozen=True)
class SameLists:
    """Whether two lists hold equal items in equal order; empty when either is."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Arithmetic:
    """Two numbers combined; `whole` when both are integers; division by zero gives empty."""

    operator: Literal["+", "-", "*", "/", "div", "mod"]
    whole: bool
    left: Expression
    right: Expression


@dataclass(frozen=True)
class TextOperation:
    """A function of texts and numbers, named as in FHIRPath, over single values."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True)
class Boundary:
    """Earliest or latest value that a value of stated precision may stand for."""

    kind: Literal["decimal", "date", "dateTime", "time"]
    high: bool
    value: Expression


@dataclass(frozen=True)
class ReferenceKey:
    """Id of the resource that a reference text names; empty when it is of another type."""

    reference: Expression
    resource: str | None


@dataclass(frozen=True)
class If:
    """`then` when the condition holds, else `other`; both single or both lists."""

    condition: Expression
    then: Expression
    other: Expression


@dataclass(frozen=True)
class At:
    """Item of a list at a position counted from 0; a negative one counts from the end."""

    items: Expression
    position: Expression


@dataclass(frozen=True)
class Only:
    """The one item of a list; the run fails, naming the pointer, when there are more."""

    items: Expression
    pointer: str


@dataclass(frozen=True)
class Joined:
    """Texts of a list joined; blank text when there is none."""

    items: Expression
    separator: Expression


# --------------------------------------------------------------------- lists


@dataclass(frozen=True)
class Listed:
    """A single value as a list of one or no item."""

    value: Expression


@dataclass(frozen=True)
class Solid:
    """A list without its empty items."""

    items: Expression


@dataclass(frozen=True)
class Each:
    """A single value for every item of a list; empty ones are left out."""

    items: Expression
    item: str
    body: Expression


@dataclass(frozen=True)
class Flat:
    """The lists of every item of a list, one after the other."""

    items: Expression
    item: str
    body: Expression


@dataclass(frozen=True)
class Keep:
    """Items of a list for which a condition holds."""

    items: Expression
    item: str
    condition: Expression


@dataclass(frozen=True)
class Append:
    """Items of one list, then those of another."""

    left: Expression
    right: Expression


@dataclass(frozen=True)
class Slice:
    """Items of a list without the first `skip`, at most `take` (None: all)."""

    items: Expression
    skip: Expression
    take: Expression | None


@dataclass(frozen=True)
class Distinct:
    """Items of a list, each once, in order of first appearance."""

    items: Expression


@dataclass(frozen=True)
class Descend:
    """Raw JSON values below a value, level by level, parent before child, children in order.

    `items` are the first level, `body` the list of children of one `item`.
    More than `depth` levels make the run fail, naming the pointer.
    """

    items: Expression
    item: str
    body: Expression
    depth: int
    pointer: str


Expression: TypeAlias = (
    Nothing
    | Constant
    | Item
    | Position
    | Get
    | Parse
    | NumberOf
    | Cast
    | Not
    | Logic
    | Present
    | Filled
    | Count
    | Compare
    | SameLists
    | Arithmetic
    | TextOperation
    | Boundary
    | ReferenceKey
    | If
    | At
    | Only
    | Joined
    | Listed
    | Solid
    | Each
    | Flat
    | Keep
    | Append
    | Slice
    | Distinct
    | Descend
)
