"""What channels mean: a format's mapping.toml as typed words."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from vitruvian.ingest.engine.storing.derivation import Derivation


@dataclass(frozen=True)
class ChannelWords:
    """Codes and units by the names of a format.

    ``system`` is the system of codes for what the ``file`` does not list.
    """

    system: str
    file: Path

    @cached_property
    def _said(self) -> dict[str, Any]:  # TOML values are of any type; those below narrow them
        return tomllib.loads(self.file.read_text("utf-8"))

    @cached_property
    def derivation(self) -> Derivation:
        """Name and version of this mapping."""
        return Derivation.of(self._said)

    def code_of(self, channel: str, unit: str) -> str:
        """What a channel measures as SYSTEM//code."""
        return str(self._said["numerics"].get(f"{channel} {unit}", f"{self.system}//{channel}"))

    def ucum(self, unit: str) -> str:
        """A unit in UCUM, where the source writes it otherwise."""
        return str(self._said["units"].get(unit, unit))
