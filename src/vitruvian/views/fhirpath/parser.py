"""FHIRPath tokens to a syntax tree, by binding strength.

References
----------
HL7 FHIRPath N1 (2.0.0), section 6.7 "Operator Precedence".
"""

from __future__ import annotations

from vitruvian.views.fhirpath.lexer import PathSyntaxError, Token, tokens
from vitruvian.views.fhirpath.syntax import (
    Binary,
    Call,
    Environment,
    Indexer,
    Literal,
    LiteralKind,
    Member,
    Node,
    This,
    TypeOperation,
    Unary,
)

__all__ = ["PathSyntaxError", "parse_path"]

_STRENGTH = {
    **dict.fromkeys(("*", "/", "div", "mod"), 9),
    **dict.fromkeys(("+", "-", "&"), 8),
    **dict.fromkeys(("is", "as"), 7),
    "|": 6,
    **dict.fromkeys(("<", "<=", ">", ">="), 5),
    **dict.fromkeys(("=", "!=", "~", "!~"), 4),
    **dict.fromkeys(("in", "contains"), 3),
    "and": 2,
    **dict.fromkeys(("or", "xor"), 1),
    "implies": 0,
}
_SIGN = 10
# Far beyond what anybody writes: whatever walks the tree goes down a step for each of these.
MOST_NESTED, MOST_PARTS = 50, 200
_LITERALS: dict[str, LiteralKind] = {
    "string": "string",
    "integer": "integer",
    "decimal": "decimal",
    "date": "date",
    "dateTime": "dateTime",
    "time": "time",
}


class _Parser:
    """One pass over the tokens of one expression."""

    def __init__(self, path: str) -> None:
        self._tokens = list(tokens(path))
        self._at = 0
        self._nested = 0
        self._parts = 0

    def _count_part(self) -> None:
        """Count an operator, or a step to an element, a function or a position."""
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise PathSyntaxError(f"it has more than {MOST_PARTS} operators and steps")

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._next
        self._at += 1
        return token

    def _meets(self, symbol: str) -> bool:
        """Take the next token when it is this symbol."""
        found = self._next == Token("symbol", symbol)
        self._at += found
        return found

    def _require(self, symbol: str) -> None:
        if not self._meets(symbol):
            raise PathSyntaxError(f"'{symbol}' is missing before '{self._next.text or 'the end'}'")

    def whole(self) -> Node:
        """The expression, up to the end of the text."""
        node = self._expression(0)
        if self._next.kind != "end":
            raise PathSyntaxError(f"'{self._next.text}' stands where the expression should end")
        return node

    def _expression(self, weakest: int) -> Node:
        """An expression whose operators bind at least as strongly as `weakest`."""
        self._nested += 1
        if self._nested > MOST_NESTED:
            raise PathSyntaxError(f"it is nested more than {MOST_NESTED} deep")
        node = self._joined(self._signed(), weakest)
        self._nested -= 1
        return node

    def _joined(self, left: Node, weakest: int) -> Node:
        """A first operand with all that operators of that strength join to it."""
        while True:
            token = self._next
            strength = _STRENGTH.get(token.text, -1) if token.kind in {"symbol", "name"} else -1
            if strength < weakest:
                return left
            self._take()
            self._count_part()
            if token.text in {"is", "as"}:
                left = TypeOperation(token.text, left, self._type_name())
            else:
                left = Binary(token.text, left, self._expression(strength + 1))

    def _signed(self) -> Node:
        if self._next.kind == "symbol" and self._next.text in "+-":
            return Unary(self._take().text, self._expression(_SIGN))
        return self._invocations(self._term())

    def _invocations(self, node: Node) -> Node:
        """Everything that follows a term: `.name`, `.call()`, `[position]`."""
        while True:
            if self._meets("."):
                self._count_part()
                node = self._invocation(node)
            elif self._meets("["):
                self._count_part()
                node = Indexer(node, self._expression(0))
                self._require("]")
            else:
                return node

    def _invocation(self, base: Node | None) -> Node:
        token = self._take()
        if token == Token("special", "$this"):
            return base or This()
        if token.kind != "name":
            raise PathSyntaxError(f"'{token.text or 'the end'}' stands where a name should")
        if self._meets("("):
            return Call(base, token.text, self._arguments())
        return Member(base, token.text)

    def _arguments(self) -> tuple[Node, ...]:
        if self._meets(")"):
            return ()
        found = [self._expression(0)]
        while self._meets(","):
            found.append(self._expression(0))
        self._require(")")
        return tuple(found)

    def _term(self) -> Node:
        token = self._next
        if token.kind in _LITERALS:
            self._take()
            return Literal(_LITERALS[token.kind], token.text)
        if token.kind == "name" and token.text in {"true", "false"}:
            self._take()
            return Literal("boolean", token.text)
        if token.kind == "environment":
            return Environment(self._take().text)
        if self._meets("{"):
            self._require("}")
            return Literal("empty", "")
        if self._meets("("):
            node = self._expression(0)
            self._require(")")
            return node
        return self._invocation(None)

    def _type_name(self) -> str:
        """A type name, its `FHIR.` or `System.` prefix left out."""
        name = self._take()
        if name.kind != "name":
            raise PathSyntaxError("a type name is missing after 'is' or 'as'")
        if name.text in {"FHIR", "System"} and self._meets("."):
            return self._take().text
        return name.text


def parse_path(path: str) -> Node:
    """Syntax tree of a FHIRPath expression.

    Raises
    ------
    PathSyntaxError
        When the text is not FHIRPath.

    Examples
    --------
    >>> parse_path("name.first()")
    Call(base=Member(base=None, name='name'), name='first', arguments=())
    """
    return _Parser(path).whole()
