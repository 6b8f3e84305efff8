"""Regions of the genome that questions of sex must leave out."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

_TABLE = Path(__file__).with_name("regions.toml")
AUTOSOMES = tuple(str(number) for number in range(1, 23))
"""Chromosomes that everybody has two of."""


@cache
def pseudo_autosomal(build: str, contig: str) -> tuple[tuple[int, int], ...]:
    """Where X and Y carry the same genes: 0-based, end exclusive; empty elsewhere.

    Examples
    --------
    >>> pseudo_autosomal("GRCh38", "X")[0], pseudo_autosomal("GRCh38", "7")
    ((10000, 2781479), ())
    """
    said = tomllib.loads(_TABLE.read_text("utf-8")).get(build, {})
    return tuple((start, end) for start, end in said.get(contig, ()))
