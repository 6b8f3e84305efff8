"""mapping.toml as typed words: what of HL7 v2 goes where."""

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


def words(table: str) -> Mapping[str, str]:
    """One table of words: as sent -> as we say."""
    found: Mapping[str, str] = _said()[table]
    return found


def listed(table: str, key: str) -> list[str]:
    """One list of words."""
    found: list[str] = _said()[table][key]
    return found


def visit_rule(trigger: str) -> Mapping[str, Any]:
    """What a trigger event does to the visit; empty when it only tells of it."""
    found: Mapping[str, Any] = _said()["visit"].get(trigger, {})
    return found


def visit_merge(trigger: str) -> tuple[int, str, int] | None:
    """The field of MRG whose visit gives way, and the segment and field of the one that holds."""
    found = _said()["visit_merge"].get(trigger)
    return None if found is None else (found[0], found[1], found[2])


def visit_move(trigger: str) -> int | None:
    """The field of MRG that numbers what goes to another patient; None when nothing does."""
    found: int | None = _said()["visit_move"].get(trigger)
    return found


@cache
def derivation() -> tuple[int, str, str]:
    """Stable id, name and version of this mapping."""
    name, version = _said()["derivation"]["name"], _said()["derivation"]["version"]
    return stable_id(name, version), name, version


def charset(declared: str) -> str:
    """The codec of a character set as MSH-18 names it; LookupError for one not known."""
    return words("charsets")[declared.strip().upper()]
