"""FHIRPath functions of texts and numbers, and conversions between them.

References
----------
HL7 FHIRPath N1 (2.0.0), sections 5.5 to 5.7; `join` as in SQL on FHIR v2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from vitruvian.views.fhirpath import syntax
from vitruvian.views.plan.expressions import Cast, Constant, Expression, Joined, TextOperation
from vitruvian.views.plan.values import NOTHING, Value, listed, literal, store_of

if TYPE_CHECKING:
    from vitruvian.views.plan.paths import Reader, Scope

# Functions of one text and of texts: number of arguments, type of the result.
_TEXT = {
    "contains": (1, "boolean"),
    "endsWith": (1, "boolean"),
    "indexOf": (1, "integer"),
    "length": (0, "integer"),
    "lower": (0, "string"),
    "matches": (1, "boolean"),
    "replace": (2, "string"),
    "startsWith": (1, "boolean"),
    "upper": (0, "string"),
}
# Functions of one number: type of the result, blank for the type of the number.
_NUMBER = {"abs": "", "ceiling": "integer", "floor": "integer", "truncate": "integer"}
_CONVERSION = {
    "toBoolean": "boolean",
    "toDecimal": "decimal",
    "toInteger": "integer",
    "toString": "string",
}
# The rest: least and most arguments.
_OTHERS = {"join": (0, 1), "round": (0, 1), "substring": (1, 2)}
NAMES = frozenset({*_TEXT, *_NUMBER, *_CONVERSION, *_OTHERS})


def call(reader: Reader, node: syntax.Call, base: Value, scope: Scope) -> Value:
    """Value of `base.name(arguments)`."""
    count = len(node.arguments)
    least, most = _OTHERS.get(node.name, (_TEXT.get(node.name, (0, ""))[0],) * 2)
    if not least <= count <= most:
        raise reader.invalid(f"{node.name}() has {count} arguments", expected=f"{least} to {most}")
    if node.name in _TEXT:
        return text_function(reader, node, base, scope)
    if node.name in _NUMBER:
        return number_function(reader, node.name, base)
    if node.name in _CONVERSION:
        return conversion(reader, base, _CONVERSION[node.name])
    function = {"join": join, "round": rounded, "substring": substring}[node.name]
    return function(reader, base, node.arguments, scope)


def conversion(reader: Reader, base: Value, kind: str) -> Value:
    """`toInteger()` and its like: empty when the value does not fit."""
    value = reader.single(base)
    if value.empty:
        return NOTHING
    if kind == "string":
        return as_text(reader, value)
    given = store_of(value.kind)
    return Value(Cast(reader.number(value).expression, store_of(kind), given), kind)


def as_text(reader: Reader, value: Value) -> Value:
    """The value as text; decimals as they were sent."""
    reader.as_sent = reader.as_sent or value.sent
    if value.sent or store_of(value.kind) == "text" or value.empty:
        return replace(value, kind="string", sent=False)
    if isinstance(value.expression, Constant):
        return literal("string", value.expression.text)
    given = store_of(value.kind)
    return reader.each(value, "string", lambda one: Cast(one, "text", given))


def integer_argument(reader: Reader, node: syntax.Node, scope: Scope) -> Expression:
    """An argument that must be one integer."""
    value = reader.single(reader.node(node, scope))
    if store_of(value.kind) != "integer":
        raise reader.invalid("the argument is not an integer", expected="an integer")
    return value.expression


def join(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    """`join(separator)`: the texts in one; blank text when there is none."""
    separator = literal("string", "")
    if arguments:
        separator = reader.single(reader.node(arguments[0], scope))
    if base.empty:
        return literal("string", "")
    texts = listed(as_text(reader, base))
    return Value(Joined(texts.expression, separator.expression), "string")


def text_function(reader: Reader, node: syntax.Call, base: Value, scope: Scope) -> Value:
    """A function of a text: `startsWith`, `upper` and their like."""
    _, kind = _TEXT[node.name]
    values = [reader.single(base)]
    values += [reader.single(reader.node(argument, scope)) for argument in node.arguments]
    if any(value.empty for value in values):
        return NOTHING
    if any(store_of(value.kind) != "text" for value in values):
        raise reader.invalid(f"{node.name}() is asked of what is no text", expected="texts")
    return Value(TextOperation(node.name, tuple(value.expression for value in values)), kind)


def substring(
    reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope
) -> Value:
    """`substring(start, length)`, counted from 0; empty when the start is outside."""
    value = reader.single(base)
    if value.empty:
        return NOTHING
    numbers = tuple(integer_argument(reader, argument, scope) for argument in arguments)
    return Value(TextOperation("substring", (value.expression, *numbers)), "string")


def number_function(reader: Reader, name: str, base: Value) -> Value:
    """`abs`, `ceiling`, `floor`, `truncate`."""
    value = reader.number(reader.single(base))
    if value.empty:
        return NOTHING
    if value.family != "number":
        raise reader.invalid(f"{name}() is asked of what is no number", expected="a number")
    return Value(TextOperation(name, (value.expression,)), _NUMBER[name] or value.kind)


def rounded(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    """`round(places)`."""
    value = reader.number(reader.single(base))
    if value.empty:
        return NOTHING
    places = (
        integer_argument(reader, arguments[0], scope) if arguments else Constant("integer", "0")
    )
    return Value(TextOperation("round", (value.expression, places)), "decimal")
