"""The words of a search as they stand in an address: modifiers, prefixes, escapes.

References
----------
HL7 FHIR R4 (4.0.1), 3.1.1.4.3 Modifiers, 3.1.1.4.4 Prefixes, 3.1.1.4.1.1 Escaping.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from vitruvian.api.routes.fhir.outcome import BadRequest

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]
PREFIXES: tuple[Prefix, ...] = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
LARGEST_EXPONENT = 300
_ESCAPED = re.compile(r"\\([,$|\\])")
_NUMBER = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?([eE][+-]?\d{1,3})?")


class BadValue(BadRequest):
    """A search value is not of the form that its parameter takes."""

    def __init__(self, name: str, *, expected: str) -> None:
        super().__init__(f"The value of a search parameter of type {name} must be {expected}.")


def split(text: str, mark: str) -> list[str]:
    r"""Parts between marks that are not escaped; escapes stay.

    Examples
    --------
    >>> split(r"a,b\,c", ",")
    ['a', 'b\\,c']
    """
    parts, start, at = [], 0, 0
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == mark:
            parts.append(text[start:at])
            start = at + 1
        at += 1
    return [*parts, text[start:]]


def plain(text: str) -> str:
    r"""The text without its escapes.

    Examples
    --------
    >>> plain(r"Smith\, John")
    'Smith, John'
    """
    return _ESCAPED.sub(r"\1", text)


def prefixed(text: str) -> tuple[Prefix, str]:
    """The prefix of a number, date or quantity, and the rest; equal when none stands there.

    Examples
    --------
    >>> prefixed("ge2024-01")
    ('ge', '2024-01')
    """
    for prefix in PREFIXES:
        if text.startswith(prefix):
            return prefix, text[len(prefix) :]
    return "eq", text


@dataclass(frozen=True)
class Token:
    """``system|code``; a system of None was not said, an empty one says there is none."""

    system: str | None
    code: str


def token(text: str) -> Token:
    """A token from its text.

    Examples
    --------
    >>> token("http://loinc.org|2823-3")
    Token(system='http://loinc.org', code='2823-3')
    """
    parts = [plain(part) for part in split(text, "|")]
    if len(parts) == 1:
        return Token(None, parts[0])
    return Token(parts[0], "|".join(parts[1:]))


@dataclass(frozen=True)
class Number:
    """A number with the interval that its digits allow.

    Parameters
    ----------
    value
        As written.
    low, high
        Half a unit of the last digit below and above.
    """

    value: float
    low: float
    high: float


def number(text: str) -> Number:
    """A number from its text; raises `BadValue`.

    Examples
    --------
    >>> number("5.40")
    Number(value=5.4, low=5.395, high=5.405)
    """
    if not _NUMBER.fullmatch(text):
        raise BadValue("number", expected="a decimal number, such as 5.4")
    value = Decimal(text)
    exponent = value.as_tuple().exponent
    half = Decimal(5).scaleb(int(exponent) - 1)
    ends = tuple(float(end) for end in (value, value - half, value + half))
    if max(map(abs, ends)) > float(f"1e{LARGEST_EXPONENT}"):
        raise BadValue("number", expected=f"smaller than 1e{LARGEST_EXPONENT}")
    return Number(*ends)
