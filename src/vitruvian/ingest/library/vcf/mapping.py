"""mapping.toml as typed words: builds, limits, which alleles are findings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.base.ids import stable_id

_FILE = Path(__file__).with_name("mapping.toml")


@cache
def said() -> dict[str, Any]:  # TOML values are of any type; each reader below narrows them
    """The whole file."""
    return tomllib.loads(_FILE.read_text("utf-8"))


def lengths() -> Mapping[str, Mapping[str, int]]:
    """Chromosome lengths by build and plain contig name."""
    found: Mapping[str, Mapping[str, int]] = said()["lengths"]
    return found


def build_words() -> Mapping[str, list[str]]:
    """Words that name a build, by build; ``other`` for those not handled."""
    found: Mapping[str, list[str]] = said()["names"]
    return found


def listed(table: str, key: str) -> list[str]:
    """One list of words."""
    found: list[str] = said()[table][key]
    return found


def limit(table: str, key: str) -> float:
    """One number."""
    return float(said()[table][key])


@cache
def derivation() -> tuple[int, str, str]:
    """Stable id, name and version of this mapping."""
    name, version = said()["derivation"]["name"], said()["derivation"]["version"]
    return stable_id(name, version), name, version
