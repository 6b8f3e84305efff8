"""SQL of the house said in the words of Spark SQL."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WORDS = {
    "epoch_us": "unix_micros",
    "make_timestamptz": "timestamp_micros",
    "starts_with": "startswith",
    "TIMESTAMPTZ": "TIMESTAMP",
    "row": "struct",
    "arg_max": "max_by",
    "arg_min": "min_by",
    "VARCHAR": "STRING",
}
_PIECE = re.compile(
    r"""(?P<text>'(?:[^']|'')*')|(?P<name>"(?:[^"]|"")*")|(?P<word>[A-Za-z_]\w*)|(?P<rest>.)""",
    re.DOTALL,
)


def in_spark(sql: str) -> str:
    r"""The same statement with Spark's names, texts and functions.

    Examples
    --------
    >>> print(in_spark('''SELECT epoch_us("it's") FROM "a b" WHERE code = 'it''s \\d' '''))
    SELECT unix_micros(`it's`) FROM `a b` WHERE code = 'it\'s \\d'
    """
    return "".join(_said(sql))


def _said(sql: str) -> Iterator[str]:
    for piece in _PIECE.finditer(sql):
        found = piece[0]
        if piece.lastgroup == "text":
            yield spark_text(found[1:-1].replace("''", "'"))
        elif piece.lastgroup == "name":
            yield "`" + found[1:-1].replace('""', '"').replace("`", "``") + "`"
        else:
            yield _WORDS.get(found, found)


def spark_text(value: str) -> str:
    """A quoted text; between quotes Spark reads a backslash as the start of an escape."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
