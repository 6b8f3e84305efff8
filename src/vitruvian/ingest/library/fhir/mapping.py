"""mapping.toml as typed values: what of each resource type goes where."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from vitruvian.base.ids import stable_id

_FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class TypeMapping:
    """How one resource type comes onto the timeline."""

    name: str
    view: str
    lane: str
    act: str
    stated: tuple[str, ...]
    happened: tuple[str, ...]
    element: str = ""
    parts_view: str = ""
    parts_element: str = ""
    status: Mapping[str, str] = field(default_factory=dict)
    acts: Mapping[str, str] = field(default_factory=dict)
    intents: Mapping[str, str] = field(default_factory=dict)


@cache
def _said() -> dict[str, Any]:  # TOML values are of any type; each reader below narrows them
    return tomllib.loads((_FOLDER / "mapping.toml").read_text("utf-8"))


@cache
def types_on_the_timeline() -> Mapping[str, TypeMapping]:
    """The declared types, by name."""
    found = {}
    for name, said in _said()["types"].items():
        paths = {key: tuple(said[key]) for key in ("stated", "happened")}
        found[name] = TypeMapping(name=name, **{**said, **paths})
    return found


def not_on_the_timeline() -> Mapping[str, str]:
    """The types of which no event is made, each with its reason."""
    reasons: Mapping[str, str] = _said()["not_on_the_timeline"]
    return reasons


@cache
def lanes_by_category() -> Mapping[str, str]:
    """Category code as sent -> lane."""
    return {code: lane for lane, codes in _said()["lanes"].items() for code in codes}


def negated_codes() -> tuple[str, ...]:
    """Codes that say "none known"."""
    return tuple(_said()["negated"]["codes"])


def denying_words() -> tuple[str, ...]:
    """How words that deny a fact begin."""
    return tuple(_said()["negated"]["beginnings"])


def vital_sign_codes() -> tuple[str, ...]:
    """Codes of vital signs, for observations sent without category."""
    return tuple(_said()["vital_signs"]["codes"])


def microbiology() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes, and words in the names, of what a laboratory sends as its own and is microbiology."""
    said = _said()["microbiology"]
    return tuple(said["codes"]), tuple(said["words"])


def reference_paths(what: str) -> tuple[str, ...]:
    """Paths that may name the subject, its identifier, or the encounter."""
    return tuple(_said()["references"][what])


def identifier_types() -> tuple[str, ...]:
    """Types whose identifiers are look-up keys."""
    return tuple(_said()["keys"]["identifiers"])


def sensible_days() -> int:
    """How long after the event `meta.lastUpdated` still tells when it became known."""
    return int(_said()["known"]["sensible_days"])


def delay_seconds() -> int:
    """What is added to the event's time where nothing tells when it became known."""
    return int(_said()["known"]["delay_seconds"])


def derivation() -> tuple[int, str, str]:
    """Stable id, name and version of this mapping."""
    name, version = _said()["derivation"]["name"], _said()["derivation"]["version"]
    return stable_id(name, version), name, version


def view_text(name: str) -> str:
    """The ViewDefinition of that name."""
    return (_FOLDER / "views" / f"{name}.json").read_text("utf-8")
