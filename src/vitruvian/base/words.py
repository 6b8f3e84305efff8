"""Words around numbers, for people."""

from __future__ import annotations


def counted(number: int, unit: str) -> str:
    """A number with its unit in singular or plural.

    Examples
    --------
    >>> counted(1, "row"), counted(2_500, "row")
    ('1 row', '2,500 rows')
    """
    return f"{number:,} {unit}" if number == 1 else f"{number:,} {unit}s"
