"""Formulas over measures: `now - low >= 26.5 and not (dialysis > 0)`.

References
----------
Kleene, Introduction to Metamathematics, 1952, section 64: the three truth values.
"""

# ruff: noqa: TRY003 - the reader of a language has one class of complaint

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Literal, TypeAlias

from vitruvian.criteria.language.document import Entry

Kind: TypeAlias = Literal["number", "truth"]


@dataclass(frozen=True)
class Number:
    """A number as written."""

    value: float | int


@dataclass(frozen=True)
class Name:
    """The value of a measure or score."""

    name: str


@dataclass(frozen=True)
class Apply:
    """An operator on its operands."""

    operator: str
    operands: tuple[Formula, ...]


Formula: TypeAlias = Number | Name | Apply

ARITHMETIC = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
COMPARISON = {
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.Eq: "==",
    ast.NotEq: "!=",
}
JOINING = {ast.And: "and", ast.Or: "or"}
FUNCTIONS = {"abs": 1, "min": 2, "max": 2}
TRUTHS = frozenset({*COMPARISON.values(), *JOINING.values(), "not"})
MOST_CHARACTERS = 2_000

EXPECTED = (
    "numbers, names of measures and scores, + - * /, comparisons, and, or, not, "
    "abs(a), min(a, b), max(a, b), brackets"
)


def kind_of(formula: Formula) -> Kind:
    """Whether it gives a number or a truth value."""
    if isinstance(formula, Apply) and formula.operator in TRUTHS:
        return "truth"
    return "number"


def names_in(formula: Formula) -> frozenset[str]:
    """The measures and scores it speaks of."""
    if isinstance(formula, Name):
        return frozenset({formula.name})
    if isinstance(formula, Apply):
        return frozenset().union(*(names_in(part) for part in formula.operands))
    return frozenset()


def read_formula(entry: Entry) -> Formula:
    """A formula that gives a truth value."""
    text = entry.text()
    if len(text) > MOST_CHARACTERS:
        raise entry.wrong("the formula is too long", expected=f"{MOST_CHARACTERS} characters")
    try:
        tree = ast.parse(text, mode="eval")
        formula = _read(tree.body, entry)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise entry.wrong("not a formula", expected=EXPECTED) from None
    if kind_of(formula) != "truth":
        raise entry.wrong("the formula gives a number", expected="a comparison, which holds or not")
    return formula


def _read(node: ast.expr, entry: Entry) -> Formula:
    # bool is an int in Python; True is not a number here
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        return Number(Entry(node.value, entry.at).number())
    if isinstance(node, ast.Name):
        return Name(node.id)
    if isinstance(node, ast.Compare):
        return _comparison(node, entry)
    operator, operands, wanted = _operation(node, entry)
    parts = tuple(_read(operand, entry) for operand in operands)
    if any(kind_of(part) != wanted for part in parts):
        raise entry.wrong(f"`{operator}` stands between the wrong kinds", expected=EXPECTED)
    return Apply(operator, parts)


def _operation(node: ast.expr, entry: Entry) -> tuple[str, list[ast.expr], Kind]:
    if isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        return ARITHMETIC[type(node.op)], [node.left, node.right], "number"
    if isinstance(node, ast.BoolOp):
        return JOINING[type(node.op)], node.values, "truth"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return "not", [node.operand], "truth"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return "negative", [node.operand], "number"
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and FUNCTIONS.get(node.func.id) == len(node.args)
        and not node.keywords
    ):
        return node.func.id, node.args, "number"
    raise entry.wrong("not a formula", expected=EXPECTED)


def _comparison(node: ast.Compare, entry: Entry) -> Formula:
    """`a < b < c` holds when both comparisons hold."""
    operands = [_read(part, entry) for part in (node.left, *node.comparators)]
    if any(kind_of(part) != "number" for part in operands):
        raise entry.wrong("a truth value is compared", expected=EXPECTED)
    pairs: list[Formula] = []
    for left, operator, right in zip(operands, node.ops, operands[1:], strict=False):
        if type(operator) not in COMPARISON:
            raise entry.wrong("not a comparison of numbers", expected=EXPECTED)
        pairs.append(Apply(COMPARISON[type(operator)], (left, right)))
    return pairs[0] if len(pairs) == 1 else Apply("and", tuple(pairs))
