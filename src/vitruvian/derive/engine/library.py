"""Which extractors there are."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from vitruvian.base.manifest import Manifest, find_plugins, read_manifest
from vitruvian.derive.engine.extractor import Extractor
from vitruvian.derive.errors import NoSuchExtractor, PackageMissing

LIBRARY = Path(__file__).resolve().parents[1] / "library"


@cache
def manifests() -> dict[str, Manifest]:
    """What every extractor says of itself, read without importing it."""
    return {folder.name: read_manifest(folder) for folder in find_plugins(LIBRARY)}


@cache
def extractor_named(name: str) -> Extractor:
    """The extractor of that name.

    Raises
    ------
    NoSuchExtractor
        When there is none.
    PackageMissing
        When it needs an optional package that is not installed.
    """
    manifest = manifests().get(name)
    if manifest is None:
        raise NoSuchExtractor(name, tuple(manifests()))
    if manifest.missing_packages:
        raise PackageMissing(name, manifest.missing_packages)
    module = import_module(f"vitruvian.derive.library.{name}.extract")
    found: Extractor = module.Extractor(manifest)
    return found


def extractors() -> tuple[Extractor, ...]:
    """One of each extractor whose packages are installed, in alphabetical order.

    Those that need settings of the site work only when they are asked for by name.
    """
    return tuple(
        extractor_named(name)
        for name, manifest in manifests().items()
        if not (manifest.missing_packages or manifest.settings) and manifest.status != "retired"
    )
