"""Codes written as SYSTEM//code, with one fixed prefix per code system."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

UNRANKED = 90
NO_SYSTEM = 99
_SYSTEMS = Path(__file__).with_name("systems.toml")


@dataclass(frozen=True)
class CodeSystem:
    """One code system: its address, the prefix of its codes, its place when one is chosen."""

    uri: str
    prefix: str
    rank: int


@cache
def code_systems() -> tuple[CodeSystem, ...]:
    """Every system with a fixed prefix, one entry per address."""
    said = tomllib.loads(_SYSTEMS.read_text("utf-8"))
    return tuple(
        CodeSystem(uri=uri, prefix=prefix, rank=entry["rank"])
        for prefix, entry in said.items()
        for uri in entry["uris"]
    )


@cache
def _by_uri() -> dict[str, CodeSystem]:
    return {system.uri: system for system in code_systems()}


def prefix_of(system: str | None) -> str:
    """The prefix of a code system's address: its fixed one, or one made of the address.

    Examples
    --------
    >>> prefix_of("http://loinc.org")
    'LOINC'
    >>> prefix_of("https://ward.example/codes/bed-type")
    'BED-TYPE'
    >>> prefix_of(None)
    'LOCAL'
    """
    if not system:
        return "LOCAL"
    known = _by_uri().get(system.rstrip("/")) or _by_uri().get(system)
    if known is not None:
        return known.prefix
    last = re.split(r"[/#?]", system.rstrip("/#"))[-1]
    return last.upper() or system


def rank_of(system: str | None) -> int:
    """Where a system stands when one of several codings is chosen; the lowest wins."""
    if not system:
        return NO_SYSTEM
    known = _by_uri().get(system.rstrip("/"))
    return known.rank if known is not None else UNRANKED


def code_of(system: str | None, code: str) -> str:
    """One coding as SYSTEM//code.

    Examples
    --------
    >>> code_of("http://loinc.org", "2345-7")
    'LOINC//2345-7'
    """
    return f"{prefix_of(system)}//{code}"


def fold(text: str) -> str:
    """Text in the form that equal words share: no accents, lower case, single spaces.

    Examples
    --------
    >>> fold("  Crème   BRÛLÉE ")
    'creme brulee'
    """
    plain = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def text_code(text: str) -> str:
    """The code of a concept that was sent as words only.

    Examples
    --------
    >>> text_code("Serum Rhubarb")
    'TEXT//serum rhubarb'
    """
    return f"TEXT//{fold(text)}"
