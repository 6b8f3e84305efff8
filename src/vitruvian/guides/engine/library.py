"""Which guidelines there are."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from vitruvian.base.manifest import Manifest, find_plugins, read_manifest
from vitruvian.guides.engine.guide import Guide
from vitruvian.guides.engine.read import lists_of, read_criteria, read_guide
from vitruvian.guides.errors import NoSuchGuide
from vitruvian.guides.lists import CodeList

LIBRARY = Path(__file__).resolve().parents[1] / "library"


@cache
def manifests() -> dict[str, Manifest]:
    """What every guideline says of itself."""
    return {folder.name: read_manifest(folder) for folder in find_plugins(LIBRARY)}


@cache
def guide_named(name: str) -> Guide:
    """The guideline of that name.

    Raises
    ------
    NoSuchGuide
        When there is none.
    """
    if name not in manifests():
        raise NoSuchGuide(name, tuple(manifests()))
    return read_guide(LIBRARY / name)


def guides() -> tuple[Guide, ...]:
    """Every guideline that is not retired, in alphabetical order."""
    return tuple(
        guide_named(name) for name, each in manifests().items() if each.status != "retired"
    )


def lists_in_use() -> dict[str, tuple[CodeList, ...]]:
    """The lists of medicines that guidelines read, by name: their own, and those of the site."""
    return {
        name: found
        for guide, each in manifests().items()
        if each.status != "retired"
        for name, found in lists_of(LIBRARY / guide, read_criteria(LIBRARY / guide)).items()
    }
