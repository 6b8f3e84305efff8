"""The command `vitruvian`."""

from vitruvian.cli.main import main, parser

__all__ = ["main", "parser"]
