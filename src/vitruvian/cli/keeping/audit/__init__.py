"""Commands about the audit."""

from vitruvian.cli.keeping.audit.proof import add_proof
from vitruvian.cli.keeping.audit.shown import add_shown
from vitruvian.cli.words import Words

__all__ = ["add_audit"]


def add_audit(whole: Words) -> None:
    """Commands about the audit."""
    audit = whole.add_group("audit", "Who saw what and why, and the proof of it.")
    add_shown(audit)
    add_proof(audit)
