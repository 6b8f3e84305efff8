"""Commands that look after a lake, its accounts and audit, and what leaves it."""

from vitruvian.cli.keeping.accounts import add_accounts
from vitruvian.cli.keeping.apps import add_apps
from vitruvian.cli.keeping.audit import add_audit
from vitruvian.cli.keeping.erase import add_erase
from vitruvian.cli.keeping.exports import add_exports
from vitruvian.cli.keeping.lakes import add_lakes
from vitruvian.cli.keeping.policy import add_policy
from vitruvian.cli.keeping.quarantine import add_quarantine
from vitruvian.cli.keeping.retention import add_retention
from vitruvian.cli.keeping.storage import add_storage
from vitruvian.cli.words import Words

__all__ = ["add_keeping"]


def add_keeping(whole: Words) -> None:
    """Commands that look after a lake."""
    add_lakes(whole)
    add_erase(whole)
    add_exports(whole)
    add_accounts(whole)
    add_apps(whole)
    add_audit(whole)
    add_policy(whole)
    add_quarantine(whole)
    add_retention(whole)
    add_storage(whole)
