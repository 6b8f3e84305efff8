"""The profile as data: which attribute, which action, which option.

References
----------
DICOM PS3.15 2024b, Annex E, Table E.1-1; PS3.16 CID 7050.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
EDITION = "2024b"
# Where the table leaves a choice, what keeps an object readable is taken: empty before removed
# where it may be a type 2, a dummy where it may be a type 1.
CHOSEN: Mapping[str, str] = {"X/Z": "Z", "X/D": "D", "Z/D": "D", "X/Z/D": "D", "X/Z/U*": "U"}


@dataclass(frozen=True)
class Profile:
    """What becomes of each attribute.

    Parameters
    ----------
    actions
        X, Z, D or U by tag; the rest is decided by its kind of value.
    keep, clean, births
        Keywords of the patient's characteristics, of descriptors, and of birth dates.
    drop, classes
        Keywords of times that no option keeps, and of UIDs that name a class or a code system.
    methods
        Code and meaning of the profile and of the options that are always on.
    pixels
        Code and meaning of the option that is on when pixels were looked at.
    """

    actions: Mapping[int, str]
    keep: frozenset[str]
    clean: frozenset[str]
    births: frozenset[str]
    drop: frozenset[str]
    classes: frozenset[str]
    methods: tuple[tuple[str, str], ...]
    pixels: tuple[tuple[str, str], ...]


@cache
def options() -> dict[str, Any]:
    """The options as written down."""
    return tomllib.loads((HERE / "options.toml").read_text("utf-8"))


@cache
def profile() -> Profile:
    """The basic profile of this edition with its options."""
    told = options()
    lines = (HERE / f"basic_{EDITION}.csv").read_text("utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    actions = {
        int(row["tag"], 16): CHOSEN.get(row["action"], row["action"])
        for row in rows
        if "x" not in row["tag"]
    }
    dropped = set(told["descriptors"]["drop"].split())
    methods = [(told["profile"]["code"], told["profile"]["meaning"]), *told["always"].items()]
    return Profile(
        actions=actions,
        keep=frozenset(told["characteristics"]["keep"].split()),
        clean=frozenset(told["descriptors"]["clean"].split()) - dropped,
        births=frozenset(told["births"]["empty"].split()),
        drop=frozenset(told["times"]["drop"].split()),
        classes=frozenset(told["classes"]["keep"].split()),
        methods=tuple(methods),
        pixels=tuple(told["pixels"].items()),
    )
