"""FHIRPath text to tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_DATE = r"\d{4}(?:-\d{2}(?:-\d{2})?)?"
_TIME = r"\d{2}(?::\d{2}(?::\d{2}(?:\.\d+)?)?)?"
_ZONE = r"(?:Z|[+-]\d{2}:\d{2})?"
_RULES = (
    ("space", r"\s+|//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/"),
    ("time", rf"@T{_TIME}"),
    ("dateTime", rf"@{_DATE}T(?:{_TIME}{_ZONE})?"),
    ("date", rf"@{_DATE}"),
    ("decimal", r"\d+\.\d+"),
    ("integer", r"\d+"),
    ("string", r"'(?:[^'\\]|\\.)*'"),
    ("quoted", r"`(?:[^`\\]|\\.)*`"),
    ("environment", r"%(?:[A-Za-z_][A-Za-z0-9_-]*|'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`)"),
    ("special", r"\$[a-z]+"),
    ("name", r"[A-Za-z_][A-Za-z0-9_]*"),
    ("symbol", r"<=|>=|!=|!~|[-+*/&|<>=~.,()\[\]{}]"),
)
_TOKEN = re.compile("|".join(f"(?P<{kind}>{rule})" for kind, rule in _RULES))
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")


class PathSyntaxError(ValueError):
    """The text is not FHIRPath; says what was met and what was expected."""


@dataclass(frozen=True)
class Token:
    """A piece of the text: `kind` as in the rules, `text` without quotes and escapes."""

    kind: str
    text: str


def _unescape(text: str) -> str:
    """Text between quotes, its escapes resolved."""

    def one(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)

    return _ESCAPE.sub(one, text)


def _plain(kind: str, text: str) -> Token:
    """Token of one match, freed of quotes and marks."""
    if kind in {"string", "quoted"}:
        return Token("name" if kind == "quoted" else kind, _unescape(text[1:-1]))
    if kind == "environment":
        name = text[1:]
        return Token(kind, _unescape(name[1:-1]) if name[0] in "'`" else name)
    if kind in {"date", "dateTime", "time"}:
        return Token(kind, text[1:].removeprefix("T").removesuffix("T"))
    return Token(kind, text)


def tokens(path: str) -> Iterator[Token]:
    """Tokens of a FHIRPath expression, without spaces and comments, closed by an `end`.

    Raises
    ------
    PathSyntaxError
        Where no token begins.
    """
    position = 0
    while position < len(path):
        match = _TOKEN.match(path, position)
        if match is None:
            raise PathSyntaxError(f"character {position + 1} begins nothing FHIRPath knows")
        position = match.end()
        if match.lastgroup and match.lastgroup != "space":
            yield _plain(match.lastgroup, match[0])
    yield Token("end", "")
