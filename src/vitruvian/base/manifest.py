"""What a plug-in says of itself, read without importing it.

``ingest``, ``derive``, ``guides`` and ``risks`` take plug-ins: one folder each,
with a ``manifest.toml`` whose keys are the fields of :class:`Manifest`.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, get_args

from vitruvian.base.errors import BadInput

Status = Literal["stable", "trial", "retired"]


class BadManifest(BadInput):
    """A plug-in's manifest.toml lacks a key or holds the wrong kind of value."""

    def __init__(self, plugin: str, fault: str) -> None:
        super().__init__(
            f"Plug-in {plugin!r}: {fault}. "
            "Its manifest.toml must hold name, version, title, standard, reads, yields and status."
        )


@dataclass(frozen=True)
class Manifest:
    """One plug-in's own description."""

    name: str
    version: str
    title: str
    standard: str
    reads: tuple[str, ...]
    yields: tuple[str, ...]
    status: Status
    source: str = ""
    packages: tuple[str, ...] = ()
    # Environment variables that a site has to set; a plug-in with any works only when asked for.
    settings: tuple[str, ...] = ()

    @property
    def missing_packages(self) -> tuple[str, ...]:
        """Optional packages that it needs and that are not installed here."""
        return tuple(name for name in self.packages if find_spec(name) is None)

    @property
    def missing_settings(self) -> tuple[str, ...]:
        """Settings that it needs and that this site has not made."""
        return tuple(name for name in self.settings if not os.environ.get(name))


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of the plug-in in ``folder``.

    Raises
    ------
    BadManifest
        When the file is absent, is not TOML, lacks a key or has one too many,
        or when its ``name`` differs from the folder's.
    """
    path = folder / "manifest.toml"
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise BadManifest(folder.name, "manifest.toml is missing") from None
    except tomllib.TOMLDecodeError as fault:
        raise BadManifest(folder.name, f"manifest.toml is not TOML ({fault})") from None
    # TOML values are of any type; Manifest's own check follows
    values: dict[str, Any] = {
        key: tuple(item) if isinstance(item, list) else item for key, item in said.items()
    }
    try:
        manifest = Manifest(**values)
    except TypeError as fault:
        raise BadManifest(folder.name, str(fault)) from None
    _check(folder, manifest)
    return manifest


def _check(folder: Path, manifest: Manifest) -> None:
    if manifest.name != folder.name:
        raise BadManifest(folder.name, f"it calls itself {manifest.name!r}")
    if manifest.status not in get_args(Status):
        raise BadManifest(
            folder.name, f"status {manifest.status!r} is not one of {get_args(Status)}"
        )


def find_plugins(library: Path) -> tuple[Path, ...]:
    """Every plug-in folder of a room's ``library/``, in alphabetical order."""
    return tuple(sorted(path.parent for path in library.glob("*/manifest.toml")))
