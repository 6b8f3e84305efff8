"""Commands about guidelines."""

from vitruvian.cli.guides.commands import add_guides

__all__ = ["add_guides"]
