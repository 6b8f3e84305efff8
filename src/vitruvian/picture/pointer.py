"""Where a JSON pointer points in a text, so that the verbatim record can be highlighted.

References
----------
RFC 6901, JavaScript Object Notation (JSON) Pointer.
VCF 4.3, section 1.6.1: the fixed columns of a line.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

VCF_COLUMNS = ("#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO")
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True)
class Span:
    """Characters from `start` to `end`, end exclusive."""

    start: int
    end: int


def steps_of(pointer: str) -> list[str]:
    """The steps of a pointer, unescaped.

    Examples
    --------
    >>> steps_of("/component/0/value~1x")
    ['component', '0', 'value/x']
    """
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def find_span(text: str, pointer: str) -> Span | None:
    """The span of what a pointer names, its own name included; None when it names nothing.

    In a line of a VCF it names a column, and one of the values between its commas.

    Examples
    --------
    >>> span = find_span('{"a": {"b": [1, 20]}}', "/a/b/1")
    >>> '{"a": {"b": [1, 20]}}'[span.start:span.end]
    '20'
    """
    steps = steps_of(pointer)
    if steps and steps[0] in VCF_COLUMNS:
        return column_span(text, steps)
    start = named_from = skip_space(text, 0)
    try:
        for step in steps:
            found = member(text, start, step)
            if found is None:
                return None
            named_from, start = found
        return Span(named_from, end_of(text, start))
    except (ValueError, IndexError):
        return None


def column_span(text: str, steps: list[str]) -> Span | None:
    r"""The span of a column of a VCF line, or of its column line as a whole.

    Examples
    --------
    >>> line = "7\t140753336\t.\tA\tG,T\t50\tPASS\t."
    >>> span = column_span(line, ["ALT", "2"])
    >>> line[span.start:span.end]
    'T'
    """
    if steps[0] == VCF_COLUMNS[0]:
        start = text.rfind("#CHROM\t")
        return None if start < 0 else Span(start, len(text.rstrip("\r\n")))
    cells = text.rstrip("\r\n").split("\t")
    place = VCF_COLUMNS.index(steps[0])
    if len(cells) <= place:
        return None
    start = sum(len(cell) + 1 for cell in cells[:place])
    if len(steps) == 1:
        return Span(start, start + len(cells[place]))
    values = cells[place].split(",")
    number = int(steps[1]) if steps[1].isdigit() else 0
    if not 1 <= number <= len(values):
        return None
    start += sum(len(value) + 1 for value in values[: number - 1])
    return Span(start, start + len(values[number - 1]))


def utf16_span(text: str, span: Span) -> Span:
    """The same span counted in UTF-16 code units, as browsers count."""
    before = len(text[: span.start].encode("utf-16-le")) // 2
    inside = len(text[span.start : span.end].encode("utf-16-le")) // 2
    return Span(before, before + inside)


def skip_space(text: str, at: int) -> int:
    """The next place that is not white space."""
    found = _SPACE.match(text, at)
    return found.end() if found else at


def end_of(text: str, at: int) -> int:
    """The end of the value that begins here."""
    return int(_DECODER.raw_decode(text, at)[1])


def member(text: str, at: int, step: str) -> tuple[int, int] | None:
    """Where a member's name and its value begin; in a list, both are the same place."""
    if text[at] == "{":
        return key_member(text, at, step)
    if text[at] == "[" and step.isdigit():
        return list_member(text, at, int(step))
    return None


def key_member(text: str, at: int, key: str) -> tuple[int, int] | None:
    """A member of an object; the last one where a name stands twice, as parsers read it."""
    found = None
    at = skip_space(text, at + 1)
    while text[at] != "}":
        named_from = at
        name, at = _DECODER.raw_decode(text, at)
        at = skip_space(text, skip_space(text, at) + 1)
        if name == key:
            found = (named_from, at)
        at = next_member(text, at)
    return found


def list_member(text: str, at: int, place: int) -> tuple[int, int] | None:
    """A member of a list."""
    at = skip_space(text, at + 1)
    while text[at] != "]":
        if place == 0:
            return at, at
        place -= 1
        at = next_member(text, at)
    return None


def next_member(text: str, at: int) -> int:
    """The place after a value, its comma and the space around it."""
    at = skip_space(text, end_of(text, at))
    return skip_space(text, at + 1) if text[at] == "," else at
