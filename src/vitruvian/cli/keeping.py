"""Commands that look after a lake and the accounts of it."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from vitruvian.cli.patients import DEFAULT_PORT
from vitruvian.cli.terminal import DONE, FAILED, access_of, say
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.lake import Lake


def add_keeping(whole: Words) -> None:
    """Commands that look after a lake."""
    whole.command("check", run_check, example="check --lake lake").lake()
    whole.command("compact", run_compact, example="compact --lake lake").lake()
    whole.command("migrate", run_migrate, example="migrate --lake lake").lake()
    account = whole.add_group("account", "Local accounts.")
    add = account.command("add", run_account_add, example="account add rossi --lake lake").lake()
    add.add_argument("--display-name", metavar="NAME", help="as the page shows it")
    add.add_argument("--role", choices=("clinician", "administrator"), default="clinician")
    link = account.command("link", run_account_link, example="account link rossi --lake lake")
    for each in (add, link.lake()):
        each.add_argument("name", metavar="NAME", help="what the account signs in with")
        each.add_argument("--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", help="of the server")


def run_check(asked: argparse.Namespace) -> int:
    """Compare every stored byte with its checksum.

    Returns
    -------
    int
        1 when something differs.
    """
    from vitruvian.lake import check_folder

    findings = [f"{found.kind}: {found.what}" for found in check_folder(asked.lake)]
    for finding in findings:
        say(finding)
    say(f"findings: {len(findings)}" if findings else "every stored file is as it was written")
    return FAILED if findings else DONE


def run_compact(asked: argparse.Namespace) -> int:
    """Move the hot log into tables, rewrite them in order, remove what nobody needs."""
    from vitruvian.lake import Lake

    access = access_of("operations")
    with Lake.open(asked.lake) as lake:
        moved = lake.drain(access)
        lake.compact(access)
        removed = lake.vacuum(access)
    say(f"moved {moved:,} rows out of the log, removed {removed:,} files")
    return DONE


def run_migrate(asked: argparse.Namespace) -> int:
    """Bring a lake that an older version wrote up to this version; every answer stays."""
    from vitruvian.lake import migrate

    lacked = migrate(asked.lake, access_of("operations"))
    for table, columns in sorted(lacked.items()):
        say(f"{table}: added {', '.join(columns)}")
    say("the lake has every column of this version")
    return DONE


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
