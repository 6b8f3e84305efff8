"""Small pieces of SQL text."""

from __future__ import annotations


def literal(text: str) -> str:
    """A text as SQL writes it.

    Examples
    --------
    >>> literal("St. Mary's")
    "'St. Mary''s'"
    """
    return "'" + text.replace("'", "''") + "'"
