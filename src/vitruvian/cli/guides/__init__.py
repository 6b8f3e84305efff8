"""Commands about guidelines, and the alerts that stand on them."""

from vitruvian.cli.guides.alerts import add_alerts
from vitruvian.cli.guides.commands import add_guides as add_guide_commands
from vitruvian.cli.words import Words


def add_guides(whole: Words) -> None:
    """Commands about guidelines, and about alerts."""
    add_guide_commands(whole)
    add_alerts(whole)


__all__ = ["add_guides"]
