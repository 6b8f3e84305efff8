"""FHIRPath operators over typed values: three-valued logic, comparison, arithmetic, union.

References
----------
HL7 FHIRPath N1 (2.0.0), sections 6.1 to 6.6.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal, cast

from vitruvian.views.fhirpath import syntax
from vitruvian.views.plan.expressions import (
    Append,
    Arithmetic,
    Compare,
    Constant,
    Distinct,
    Expression,
    Family,
    Filled,
    If,
    Item,
    Keep,
    Logic,
    Not,
    Nothing,
    Present,
    SameLists,
    TextOperation,
)
from vitruvian.views.plan.values import NOTHING, Value, listed, literal, store_of, truth

if TYPE_CHECKING:
    from vitruvian.views.plan.paths import Reader, Scope

_ORDERS: dict[str, Literal["<", "<=", ">", ">="]] = {
    "<": "<",
    "<=": "<=",
    ">": ">",
    ">=": ">=",
}


def operation(reader: Reader, node: syntax.Node, scope: Scope) -> Value:
    """Value of an operator's node."""
    match node:
        case syntax.Unary():
            return sign(reader, node.operator, reader.node(node.operand, scope))
        case syntax.TypeOperation():
            value = reader.of_type(reader.node(node.operand, scope), node.kind)
            return value if node.operator == "as" else presence(value)
        case syntax.Binary() if node.operator in {"and", "or", "xor", "implies"}:
            left = reader.condition(node.left, scope)
            return truth(logic(node.operator, left, reader.condition(node.right, scope)))
        case syntax.Binary():
            left_value = reader.settled(reader.node(node.left, scope))
            return binary(
                reader, node.operator, left_value, reader.settled(reader.node(node.right, scope))
            )
    raise reader.unsupported("this expression is not translated", expected="the documented subset")


def presence(value: Value) -> Value:
    """Whether there is a value."""
    if value.empty:
        return literal("boolean", "false")
    return truth(Filled(value.expression) if value.many else Present(value.expression))


def logic(operator: str, left: Expression, right: Expression) -> Expression:
    """Three-valued `and`, `or`, `xor`, `implies`."""
    if operator == "and":
        return Logic("and", left, right)
    if operator == "or":
        return Logic("or", left, right)
    if operator == "implies":
        return Logic("or", Not(left), right)
    one = Logic("and", left, Not(right))
    return Logic("or", one, Logic("and", Not(left), right))


def binary(reader: Reader, operator: str, left: Value, right: Value) -> Value:
    """Value of an operator with two operands."""
    if operator in {"=", "~", "!=", "!~"}:
        same = equal(reader, left, right)
        return truth(Not(same) if operator[0] == "!" else same)
    if operator in _ORDERS:
        return truth(order(reader, operator, left, right))
    if operator == "contains":
        return membership(reader, right, left)
    one = {"|": union, "in": membership, "&": ampersand}.get(operator)
    return one(reader, left, right) if one else arithmetic(reader, operator, left, right)


def common_family(reader: Reader, left: Value, right: Value) -> Family | None:
    """How two values are compared; None when they are of different kinds."""
    families = {left.family, right.family}
    if "raw" in families:
        raise reader.unsupported("whole elements are compared", expected="primitive values")
    if families == {"date", "text"}:
        return "date"
    return left.family if len(families) == 1 else None


def equal(reader: Reader, left: Value, right: Value) -> Expression:
    """`left = right`: empty when either is empty, false when sizes or kinds differ."""
    if left.empty or right.empty:
        return Nothing()
    left, right = reader.number(left), reader.number(right)
    family = common_family(reader, left, right)
    if family is None:
        both = Logic("and", presence(left).expression, presence(right).expression)
        return If(both, Constant("boolean", "false"), Nothing())
    if left.many or right.many:
        return SameLists(listed(left).expression, listed(right).expression)
    return Compare("=", family, left.expression, right.expression)


def order(reader: Reader, operator: str, left: Value, right: Value) -> Expression:
    """`<`, `<=`, `>`, `>=` between single values of one kind."""
    if left.empty or right.empty:
        return Nothing()
    left, right = reader.number(reader.single(left)), reader.number(reader.single(right))
    family = common_family(reader, left, right)
    if family is None or family == "boolean":
        raise reader.invalid(
            f"{left.kind} {operator} {right.kind} has no order",
            expected="two numbers, texts, dates or times",
        )
    return Compare(_ORDERS[operator], family, left.expression, right.expression)


def union(reader: Reader, left: Value, right: Value) -> Value:
    """`left | right`: the items of both, each once."""
    if left.empty or right.empty:
        one = right if left.empty else left
        return one if one.empty else _distinct(listed(reader.number(one)))
    left, right = reader.number(listed(left)), reader.number(listed(right))
    if store_of(left.kind) != store_of(right.kind) or store_of(left.kind) == "raw":
        raise reader.unsupported(
            "the union is of different types", expected="primitives of one type"
        )
    return _distinct(replace(left, expression=Append(left.expression, right.expression)))


def _distinct(value: Value) -> Value:
    return Value(Distinct(value.expression), value.kind, many=True)


def membership(reader: Reader, item: Value, items: Value) -> Value:
    """`item in items`: empty for an empty item, false for an empty list."""
    if item.empty:
        return NOTHING
    if items.empty:
        return literal("boolean", "false")
    item, items = reader.number(reader.single(item)), reader.number(listed(items))
    family = common_family(reader, item, items)
    if family is None:
        return literal("boolean", "false")
    name = reader.fresh()
    same = Compare("=", family, Item(name), item.expression)
    found = Filled(Keep(items.expression, name, same))
    return truth(If(Present(item.expression), found, Nothing()))


def ampersand(reader: Reader, left: Value, right: Value) -> Value:
    """`left & right`: two texts one after the other, an empty one counting as blank."""
    return joined(reader, "&", left, right)


def joined(reader: Reader, name: str, left: Value, right: Value) -> Value:
    """Two texts one after the other."""
    both = (reader.single(left).expression, reader.single(right).expression)
    return Value(TextOperation(name, both), "string")


def sign(reader: Reader, operator: str, value: Value) -> Value:
    """`-value` and `+value`."""
    if value.empty:
        return NOTHING
    if value.family != "number":
        raise reader.invalid("a sign stands before what is no number", expected="a number")
    if operator == "+":
        return value
    return arithmetic(reader, "-", literal("integer", "0"), value)


def arithmetic(reader: Reader, operator: str, left: Value, right: Value) -> Value:
    """`+ - * / div mod` between single numbers; `+` also joins texts."""
    if left.empty or right.empty:
        return NOTHING
    if operator == "+" and left.family == right.family == "text":
        return joined(reader, "+", left, right)
    left, right = reader.number(reader.single(left)), reader.number(reader.single(right))
    if {left.family, right.family} != {"number"}:
        raise reader.unsupported(
            f"{left.kind} {operator} {right.kind} is not translated", expected="two numbers"
        )
    whole = store_of(left.kind) == store_of(right.kind) == "integer"
    kind = "integer" if operator == "div" or (whole and operator != "/") else "decimal"
    name = cast("Literal['+', '-', '*', '/', 'div', 'mod']", operator)
    return Value(Arithmetic(name, whole, left.expression, right.expression), kind)
