"""Values while a path is read: an expression, its FHIR type, and what it wants of the JSON."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from vitruvian.views.elements import PRIMITIVES, Element
from vitruvian.views.plan.expressions import (
    Constant,
    Each,
    Expression,
    Family,
    Get,
    Item,
    Listed,
    Member,
    Nothing,
    NumberOf,
    Record,
    Store,
)

INTEGERS = frozenset({"integer", "positiveInt", "unsignedInt"})
DATES = frozenset({"date", "dateTime", "instant"})


def store_of(kind: str) -> Store:
    """How a FHIR type is stored: dates and all kinds of text as text, the rest by value."""
    if kind in INTEGERS:
        return "integer"
    plain: dict[str, Store] = {"boolean": "boolean", "decimal": "decimal"}
    return plain.get(kind, "text" if kind in PRIMITIVES else "raw")


def family_of(kind: str) -> Family:
    """How values of a FHIR type are compared."""
    if kind in DATES:
        return "date"
    if kind == "time":
        return "time"
    store = store_of(kind)
    if store in {"integer", "decimal"}:
        return "number"
    return "boolean" if store == "boolean" else "raw" if store == "raw" else "text"


@dataclass
class Shape:
    """What paths have asked of one JSON element so far; grows while paths are read."""

    kind: str
    members: dict[str, tuple[Shape, bool]] = field(default_factory=dict)
    raw: bool = False

    def child(self, name: str, kind: str, *, many: bool) -> Shape:
        """The member of that name, asked for from now on."""
        return self.members.setdefault(name, (Shape(kind), many))[0]

    def freeze(self) -> Record:
        """The record that all paths together want."""
        if not self.members:
            return Record(store_of(self.kind))
        members = tuple(
            Member(name, shape.freeze(), many) for name, (shape, many) in self.members.items()
        )
        return Record("raw", members)


@dataclass(frozen=True)
class Value:
    """An expression with its FHIR type.

    `many` tells a list from a single value, `shape` is set where the JSON can be followed
    further, `sent` marks decimals still in the text that was sent, `choice` an element of
    several types (`base` is the value it belongs to), `name` the member last followed.
    """

    expression: Expression
    kind: str
    many: bool = False
    shape: Shape | None = None
    sent: bool = False
    choice: Element | None = None
    base: Value | None = None
    name: str = ""

    @property
    def family(self) -> Family:
        """How the value is compared."""
        return family_of(self.kind)

    @property
    def empty(self) -> bool:
        """Whether it is known that there is never a value."""
        return isinstance(self.expression, Nothing)


NOTHING = Value(Nothing(), "")


def truth(expression: Expression) -> Value:
    """A boolean value."""
    return Value(expression, "boolean")


def literal(kind: str, text: str) -> Value:
    """A value written in the view."""
    return Value(Constant(store_of(kind), text), kind)


def listed(value: Value) -> Value:
    """The value as a list."""
    if value.many or value.empty:
        return replace(value, many=True)
    return replace(value, expression=Listed(value.expression), many=True)


def numeric(value: Value, item: str) -> Value:
    """The value with decimals as numbers; `item` is a fresh name for a list's item."""
    if not value.sent:
        return value
    if value.many:
        numbers = Each(value.expression, item, NumberOf(Item(item)))
        return replace(value, expression=numbers, sent=False)
    return replace(value, expression=NumberOf(value.expression), sent=False)


def get(base: Expression, name: str) -> Expression:
    """A member of an object, empty where the object is."""
    return base if isinstance(base, Nothing) else Get(base, name)
