"""FHIRPath functions over typed values.

References
----------
HL7 FHIRPath N1 (2.0.0), section 5; SQL on FHIR v2, "Required FHIRPath functions".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Literal, TypeAlias

from vitruvian.views.fhirpath import syntax
from vitruvian.views.plan import texts
from vitruvian.views.plan.expressions import (
    At,
    Boundary,
    Constant,
    Count,
    Distinct,
    Each,
    Expression,
    Flat,
    If,
    Item,
    Not,
    ReferenceKey,
    Slice,
)
from vitruvian.views.plan.operators import presence
from vitruvian.views.plan.texts import as_text, integer_argument
from vitruvian.views.plan.values import NOTHING, Value, listed, literal, store_of, truth

if TYPE_CHECKING:
    from vitruvian.views.plan.paths import Reader, Scope

BoundaryKind: TypeAlias = Literal["decimal", "date", "dateTime", "time"]
Body: TypeAlias = Callable[[Expression], Expression]
Function: TypeAlias = "Callable[[Reader, Value, tuple[syntax.Node, ...], Scope], Value]"


def call(reader: Reader, node: syntax.Call, base: Value, scope: Scope) -> Value:
    """Value of `base.name(arguments)`."""
    if node.name in texts.NAMES:
        return texts.call(reader, node, base, scope)
    known = _FUNCTIONS.get(node.name)
    if known is None:
        raise reader.unsupported(
            f"the function {node.name}() is not translated",
            expected=f"one of {', '.join(sorted({*_FUNCTIONS, *texts.NAMES}))}",
        )
    least, most, function = known
    if not least <= len(node.arguments) <= most:
        raise reader.invalid(
            f"{node.name}() has {len(node.arguments)} arguments",
            expected=f"{least}" if least == most else f"{least} to {most}",
        )
    return function(reader, base, node.arguments, scope)


# ------------------------------------------------------------------ existence


def _exists(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    if arguments:
        return presence(reader.where(base, arguments[0], scope))
    if base.choice is None or base.base is None:
        return presence(base)
    any_type: Expression = Constant("boolean", "false")
    for kind in base.choice.types:
        there = presence(reader.follow(base.base, base.choice, kind)).expression
        any_type = If(there, Constant("boolean", "true"), any_type)
    return truth(any_type)


def _empty(reader: Reader, base: Value, _: tuple[syntax.Node, ...], scope: Scope) -> Value:
    return truth(Not(_exists(reader, base, (), scope).expression))


def _all(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    """`all(condition)`: an item for which it is unknown does not satisfy it."""

    def fails(inner: Scope) -> Expression:
        holds = reader.condition(arguments[0], inner)
        return If(holds, Constant("boolean", "false"), Constant("boolean", "true"))

    return truth(Not(presence(reader.filtered(base, scope, fails)).expression))


def _not(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    return NOTHING if base.empty else truth(Not(reader.truth_of(base)))


def _count(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    if base.empty:
        return literal("integer", "0")
    return Value(Count(listed(reader.settled(base)).expression), "integer")


# -------------------------------------------------------------------- subsets


def _where(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    return reader.where(base, arguments[0], scope)


def _select(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    """The values of an expression for every item, one after the other."""
    if reader.settled(base).empty:
        return NOTHING
    if not base.many:
        return reader.node(arguments[0], replace(scope, this=base))
    item = reader.fresh()
    this = replace(base, expression=Item(item), many=False)
    found = reader.settled(reader.node(arguments[0], replace(scope, this=this)))
    if found.empty:
        return NOTHING
    kind = Flat if found.many else Each
    each = kind(base.expression, item, found.expression)
    return replace(found, expression=each, many=True, base=None)


def _first(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    return reader.index(base, literal("integer", "0")) if base.many else base


def _last(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    if not base.many:
        return base
    at = At(reader.settled(base).expression, Constant("integer", "-1"))
    return replace(base, expression=at, many=False)


def _slice(reader: Reader, base: Value, skip: Expression, take: Expression | None) -> Value:
    if reader.settled(base).empty:
        return NOTHING
    return replace(base, expression=Slice(listed(base).expression, skip, take), many=True)


def _tail(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    return _slice(reader, base, Constant("integer", "1"), None)


def _skip(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    return _slice(reader, base, integer_argument(reader, arguments[0], scope), None)


def _take(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    count = integer_argument(reader, arguments[0], scope)
    return _slice(reader, base, Constant("integer", "0"), count)


def _single(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    return reader.single(base)


def _distinct(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    value = reader.number(listed(reader.settled(base)))
    return NOTHING if base.empty else replace(value, expression=Distinct(value.expression))


# ---------------------------------------------------------------------- types


def _of_type(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], _: Scope) -> Value:
    return NOTHING if base.empty else reader.of_type(base, _type_name(reader, arguments[0]))


def _is(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    return presence(_of_type(reader, base, arguments, scope))


def _type_name(reader: Reader, node: syntax.Node) -> str:
    """The type an argument names, its `FHIR.` or `System.` prefix left out."""
    if isinstance(node, syntax.Member) and (
        node.base is None
        or node.base in {syntax.Member(None, "FHIR"), syntax.Member(None, "System")}
    ):
        return node.name
    raise reader.invalid("the argument is not a type", expected="the name of a FHIR R4 type")


# -------------------------------------------------------------- FHIR functions


def _extension(
    reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope
) -> Value:
    """`extension(url)`: the extensions with that URL."""
    same = syntax.Binary("=", syntax.Member(None, "url"), arguments[0])
    found = reader.member(base, "extension")
    url = reader.node(arguments[0], scope)
    if not isinstance(url.expression, Constant):
        raise reader.unsupported("the URL is not a plain text", expected="a text or a constant")
    return reader.where(found, same, scope)


def _has_value(_: Reader, base: Value, __: tuple[syntax.Node, ...], ___: Scope) -> Value:
    return presence(base) if store_of(base.kind) != "raw" else literal("boolean", "false")


def _resource_key(reader: Reader, _: Value, __: tuple[syntax.Node, ...], scope: Scope) -> Value:
    """`getResourceKey()`: the id of the resource."""
    return reader.member(scope.resource, "id")


def _reference_key(
    reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], _: Scope
) -> Value:
    """`getReferenceKey(type)`: the id a reference points to, when it is of the type."""
    kind = _type_name(reader, arguments[0]) if arguments else None
    if not base.empty and base.kind != "Reference":
        raise reader.invalid("getReferenceKey() is asked of no reference", expected="a Reference")
    text = reader.member(base, "reference")
    return reader.each(text, "id", lambda reference: ReferenceKey(reference, kind))


def _boundary(reader: Reader, base: Value, *, high: bool) -> Value:
    if base.empty:
        return NOTHING
    kinds: dict[str, BoundaryKind] = {"date": "date", "time": "time"}
    kinds |= dict.fromkeys(("dateTime", "instant"), "dateTime")
    kind = kinds.get(base.kind, "decimal")
    if kind == "decimal" and base.family != "number":
        raise reader.invalid(f"{base.kind} has no boundary", expected="a decimal, date or time")
    text = as_text(reader, base) if kind == "decimal" else base
    return reader.each(text, kind, lambda one: Boundary(kind, high, one))


def _low(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    return _boundary(reader, base, high=False)


def _high(reader: Reader, base: Value, _: tuple[syntax.Node, ...], __: Scope) -> Value:
    return _boundary(reader, base, high=True)


# ------------------------------------------------------------------- choosing


def _iif(reader: Reader, base: Value, arguments: tuple[syntax.Node, ...], scope: Scope) -> Value:
    """`iif(condition, then, otherwise)`: both of one type, or one of them empty."""
    condition = reader.condition(arguments[0], replace(scope, this=base))
    then = reader.number(reader.settled(reader.node(arguments[1], scope)))
    other = (
        reader.number(reader.settled(reader.node(arguments[2], scope)))
        if arguments[2:]
        else NOTHING
    )
    if then.empty and other.empty:
        return NOTHING
    one = other if then.empty else then
    if not then.empty and not other.empty and store_of(then.kind) != store_of(other.kind):
        raise reader.unsupported("the two answers of iif() differ in type", expected="one type")
    if not then.empty and not other.empty and store_of(one.kind) == "raw":
        raise reader.unsupported("iif() chooses between elements", expected="primitive values")
    if then.many or other.many:
        then, other = listed(then), listed(other)
    chosen = If(condition, then.expression, other.expression)
    return replace(one, expression=chosen, many=then.many or other.many, base=None)


_FUNCTIONS: dict[str, tuple[int, int, Function]] = {
    "all": (1, 1, _all),
    "as": (1, 1, _of_type),
    "count": (0, 0, _count),
    "distinct": (0, 0, _distinct),
    "empty": (0, 0, _empty),
    "exists": (0, 1, _exists),
    "extension": (1, 1, _extension),
    "first": (0, 0, _first),
    "getReferenceKey": (0, 1, _reference_key),
    "getResourceKey": (0, 0, _resource_key),
    "hasValue": (0, 0, _has_value),
    "highBoundary": (0, 0, _high),
    "iif": (2, 3, _iif),
    "is": (1, 1, _is),
    "last": (0, 0, _last),
    "lowBoundary": (0, 0, _low),
    "not": (0, 0, _not),
    "ofType": (1, 1, _of_type),
    "select": (1, 1, _select),
    "single": (0, 0, _single),
    "skip": (1, 1, _skip),
    "tail": (0, 0, _tail),
    "take": (1, 1, _take),
    "where": (1, 1, _where),
}
