"""Commands of the airlock: what leaves a research zone is asked for, checked and released."""

from vitruvian.cli.airlock.commands import add_airlock

__all__ = ["add_airlock"]
