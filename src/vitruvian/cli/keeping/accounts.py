"""Commands about local accounts."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.patients import DEFAULT_PORT
from vitruvian.cli.terminal import DONE, access_of, say
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.lake import Lake
    from vitruvian.lake.permit.desk import TieKind


TIES: dict[TieKind, str] = {
    "practitioner": "reference by which records know the account: Practitioner/17",
    "ward": "ward it works on, by name or reference",
    "study": "research project it belongs to",
    "self": "number of the subject whose account it is",
    "proxy": "number of a subject it speaks for",
}


class NoSuchRole(BadInput):
    """An account was to get a role that the policy does not know."""

    def __init__(self, roles: Sequence[str]) -> None:
        super().__init__(
            f"The policy of this lake knows no such role. Expected one of: {', '.join(roles)}."
        )


def add_accounts(whole: Words) -> None:
    """Commands about local accounts."""
    account = whole.add_group("account", "Local accounts.")
    add = account.command("add", run_account_add, example="account add rossi --lake lake").lake()
    add.add_argument("--display-name", metavar="NAME", help="as the page shows it")
    add.add_argument("--role", default="clinician", help="one of the policy's; clinician if unsaid")
    for option, meaning in TIES.items():
        add.add_argument(f"--{option}", action="append", default=[], metavar="X", help=meaning)
    tie = account.command(
        "tie", run_account_tie, example="account tie rossi ward '7 North' --lake lake"
    )
    tie.lake().add_argument("name", metavar="NAME", help="the account")
    tie.add_argument(
        "kind", choices=tuple(TIES), help="; ".join(f"{k}: {v}" for k, v in TIES.items())
    )
    tie.add_argument("value", metavar="VALUE", help="of the ward, study, reference or subject")
    tie.add_argument("--undo", action="store_true", help="take the tie away")
    link = account.command("link", run_account_link, example="account link rossi --lake lake")
    for each in (add, link.lake()):
        each.add_argument("name", metavar="NAME", help="what the account signs in with")
        each.add_argument("--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", help="of the server")


def run_account_add(asked: argparse.Namespace) -> int:
    """Make an account and print its first link."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        shown = asked.display_name or asked.name
        if asked.role not in lake.policy.roles:
            raise NoSuchRole(lake.policy.roles)
        lake.accounts.create(asked.name, display_name=shown, role=asked.role)
        for kind in TIES:
            for value in getattr(asked, kind):
                lake.desk.tie(asked.name, kind=kind, value=value)
        return say_link(lake, asked)


def run_account_tie(asked: argparse.Namespace) -> int:
    """Tie an account to a ward, a study, a patient, or the reference records know it by."""
    from vitruvian.lake import Lake
    from vitruvian.trust import Deed

    with Lake.open(asked.lake) as lake:
        change = lake.desk.untie if asked.undo else lake.desk.tie
        change(asked.name, kind=asked.kind, value=asked.value)
        said = f"{'untie' if asked.undo else 'tie'} {asked.kind}"
        lake.audit.record(access_of("operations"), Deed("account", definition=said))
    return DONE


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
