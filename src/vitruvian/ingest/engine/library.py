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
    found = []
    for folder in find_plugins(LIBRARY):
        manifest = read_manifest(folder)
        if not (folder / "adapter.py").is_file():
            continue  # announced by its manifest, not yet written
        if not manifest.missing_packages and manifest.status != "retired":
            module = import_module(f"vitruvian.ingest.library.{folder.name}.adapter")
            found.append(module.Adapter(manifest))
    return tuple(found)


def adapter_named(name: str) -> Adapter | None:
    """The adapter of that name, if it is installed."""
    return next((each for each in adapters() if each.manifest.name == name), None)


def recognise(probe: Probe) -> Adapter | None:
    """The adapter that is surest of a source; None when none claims it."""
    scored = [
        (score, adapter) for adapter in adapters() if (score := adapter.score(probe)) is not None
    ]
    if not scored:
        return None
    return max(scored, key=lambda pair: pair[0])[1]
