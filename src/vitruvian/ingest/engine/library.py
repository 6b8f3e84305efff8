"""Which adapters there are, and which of them a source belongs to."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

from vitruvian.base.manifest import find_plugins, read_manifest
from vitruvian.ingest.engine.adapter import Adapter, Probe

LIBRARY = Path(__file__).resolve().parents[1] / "library"


@cache
def adapters() -> tuple[Adapter, ...]:
    """One of each adapter whose optional packages are installed, in alphabetical order."""
    named = (adapter_named(folder.name) for folder in find_plugins(LIBRARY))
    return tuple(each for each in named if each is not None)


@cache
def adapter_named(name: str) -> Adapter | None:
    """The adapter of that name, if it is installed; no other plug-in is imported."""
    folder = LIBRARY / name
    if folder not in find_plugins(LIBRARY) or not (folder / "adapter.py").is_file():
        return None  # unknown, or announced by its manifest and not yet written
    manifest = read_manifest(folder)
    if manifest.missing_packages or manifest.status == "retired":
        return None
    module = import_module(f"vitruvian.ingest.library.{name}.adapter")
    adapter: Adapter = module.Adapter(manifest)
    return adapter


def recognise(probe: Probe) -> Adapter | None:
    """The adapter that is surest of a source; None when none claims it."""
    scored = [
        (score, adapter) for adapter in adapters() if (score := adapter.score(probe)) is not None
    ]
    if not scored:
        return None
    return max(scored, key=lambda pair: pair[0])[1]
