"""Which scores there are: `SCORES` of every model in the library, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pathlib import Path

from vitruvian.base.manifest import Manifest, find_plugins, read_manifest
from vitruvian.criteria import Measure
from vitruvian.risks.errors import NoSuchScore

LIBRARY = Path(__file__).resolve().parents[1] / "library"


@cache
def manifests() -> dict[str, Manifest]:
    """What every model says of itself, read without importing it."""
    return {folder.name: read_manifest(folder) for folder in find_plugins(LIBRARY)}


@cache
def scores() -> Mapping[str, Measure]:
    """Every score of every model that is not retired, by name; criteria take them as they are."""
    found: dict[str, Measure] = {}
    for name, manifest in manifests().items():
        if manifest.status != "retired" and not manifest.missing_packages:
            found |= import_module(f"vitruvian.risks.library.{name}.model").SCORES
    return found


def score_named(name: str) -> Measure:
    """The score of that name.

    Raises
    ------
    NoSuchScore
        When there is none.
    """
    known = scores()
    if name not in known:
        raise NoSuchScore(name, tuple(sorted(known)))
    return known[name]
