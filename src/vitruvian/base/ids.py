"""Stable 63-bit ids: the same words give the same number, in Python and in SQL."""

from __future__ import annotations

import hashlib
from struct import Struct

SEPARATOR = "\x1f"
_MASK = (1 << 63) - 1
# The lower half of a digest.
_lower = Struct("<8xQ").unpack


def stable_id(*parts: str) -> int:
    """A positive 63-bit number that depends on nothing but the words given.

    Not a secret and not a pseudonym: anybody who knows the words can compute it.

    Examples
    --------
    >>> stable_id("st-elsewhere", "Patient/1") == stable_id("st-elsewhere", "Patient/1")
    True
    >>> stable_id("a", "bc") == stable_id("ab", "c")
    False
    """
    digest = hashlib.md5(SEPARATOR.join(parts).encode(), usedforsecurity=False).digest()
    number: int = _lower(digest)[0]
    return number & _MASK


def stable_id_sql(*expressions: str) -> str:
    """The same number as a DuckDB expression over text expressions (null if any is null)."""
    words = f" || chr({ord(SEPARATOR)}) || ".join(f"({part})" for part in expressions)
    return f"(md5_number_lower({words}) & {_MASK}::UBIGINT)::BIGINT"
