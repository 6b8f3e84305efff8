"""Commands about local accounts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vitruvian.cli.patients import DEFAULT_PORT
from vitruvian.cli.terminal import DONE, say
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.lake import Lake


def add_accounts(whole: Words) -> None:
    """Commands about local accounts."""
    account = whole.add_group("account", "Local accounts.")
    add = account.command("add", run_account_add, example="account add rossi --lake lake").lake()
    add.add_argument("--display-name", metavar="NAME", help="as the page shows it")
    add.add_argument("--role", choices=("clinician", "administrator"), default="clinician")
    link = account.command("link", run_account_link, example="account link rossi --lake lake")
    for each in (add, link.lake()):
        each.add_argument("name", metavar="NAME", help="what the account signs in with")
        each.add_argument("--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", help="of the server")


def run_account_add(asked: argparse.Namespace) -> int:
    """Make an account and print its first link."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        shown = asked.display_name or asked.name
        lake.accounts.create(asked.name, display_name=shown, role=asked.role)
        return say_link(lake, asked)


def run_account_link(asked: argparse.Namespace) -> int:
    """Print a new one-time link."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        return say_link(lake, asked)


def say_link(lake: Lake, asked: argparse.Namespace) -> int:
    """Print a one-time link in a line of its own."""
    from vitruvian.api.serve import sign_in_link

    say(sign_in_link(lake, asked.name, base=asked.url.rstrip("/")))
    return DONE
