"""mapping.toml as typed words: what channels mean."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.base.ids import stable_id

_FILE = Path(__file__).with_name("mapping.toml")


@cache
def _said() -> dict[str, Any]:  # TOML values are of any type; each reader below narrows them
    return tomllib.loads(_FILE.read_text("utf-8"))


@cache
def derivation() -> tuple[int, str, str]:
    """Stable id, name and version of this mapping."""
    name, version = _said()["derivation"]["name"], _said()["derivation"]["version"]
    return stable_id(name, version), name, version


def code_of(channel: str, unit: str) -> str:
    """What a channel measures as SYSTEM//code.

    Examples
    --------
    >>> code_of("HR", "bpm"), code_of("EEG Fpz-Cz", "uV")
    ('LOINC//8867-4', 'EDF//EEG Fpz-Cz')
    """
    known: Mapping[str, str] = _said()["numerics"]
    return known.get(f"{channel} {unit}", f"EDF//{channel}")


def ucum(unit: str) -> str:
    """A unit in UCUM, where the source writes it otherwise."""
    known: Mapping[str, str] = _said()["units"]
    return known.get(unit, unit)
