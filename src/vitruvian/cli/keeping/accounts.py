"""Commands about local accounts."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.keeping.policy import table
from vitruvian.cli.patients import DEFAULT_PORT
from vitruvian.cli.terminal import DONE, access_of, say, say_json, warn
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vitruvian.lake import Lake
    from vitruvian.lake.permit.desk import TieKind, Ties


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


class NoSubject(BadInput):
    """An account was to be tied to a subject that is named by no number."""

    def __init__(self) -> None:
        super().__init__(
            "A subject goes by its number here, and what was given is none. Expected the number "
            "that `vitruvian find` shows. Nothing was changed."
        )


def add_accounts(whole: Words) -> None:
    """Commands about local accounts."""
    account = whole.add_group("account", "Who signs in, in which role, on which ward; or no more.")
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
    _add_changes(account)
    for each in (add, link.lake()):
        each.add_argument("name", metavar="NAME", help="what the account signs in with")
        each.add_argument("--url", default=f"http://127.0.0.1:{DEFAULT_PORT}", help="of the server")


def _add_changes(account: Words) -> None:
    """Commands about accounts that there are."""
    listed = account.command("list", run_account_list, example="account list --lake lake")
    listed.lake().json()
    role = account.command(
        "role", run_account_role, example="account role rossi 'data steward' --lake lake"
    )
    lock = account.command("lock", run_account_lock, example="account lock rossi --lake lake")
    for each in (role.lake(), lock.lake()):
        each.add_argument("name", metavar="NAME", help="the account")
    role.add_argument("role", metavar="ROLE", help="one of the policy's")
    lock.add_argument("--undo", action="store_true", help="let it in again")


def run_account_list(asked: argparse.Namespace) -> int:
    """List every account: its role, how it signs in, whether it is locked, what it is tied to."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        found = [(each, spelt(lake.desk.ties(each.name))) for each in lake.accounts.all()]
    if asked.json:
        say_json([{**asdict(each), "ties": tied} for each, tied in found])
        return DONE
    if not found:
        say("No account yet. Make one: vitruvian account add NAME --lake DIR")
        return DONE
    rows = [
        (
            each.name,
            each.display_name,
            each.role,
            "password" if each.has_password else "link, until a password is set",
            "locked" if each.locked else "open",
            "; ".join(f"{kind}: {', '.join(values)}" for kind, values in tied.items()),
        )
        for each, tied in found
    ]
    table(("account", "as shown", "role", "signs in by", "state", "tied to"), rows)
    return DONE


def run_account_role(asked: argparse.Namespace) -> int:
    """Give an account another role; whoever is signed in with it signs in again."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        expect_role(lake, asked.role)
        lake.accounts.set_role(asked.name, role=asked.role)
        write_down(lake, f"role {asked.name} {asked.role}")
    say(f"{asked.name}: {asked.role}")
    return DONE


def run_account_lock(asked: argparse.Namespace) -> int:
    """Let an account in no more, nor the apps that act for it; sessions and links end."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        change = lake.accounts.unlock if asked.undo else lake.accounts.lock
        change(asked.name)
        write_down(lake, f"{'unlock' if asked.undo else 'lock'} {asked.name}")
    say(f"{asked.name}: {'open' if asked.undo else 'locked'}")
    return DONE


def run_account_add(asked: argparse.Namespace) -> int:
    """Make an account and print its first link."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        shown = asked.display_name or asked.name
        expect_role(lake, asked.role)
        for kind in TIES:
            for value in getattr(asked, kind):
                expect_tie(lake, kind, value)
        lake.accounts.create(asked.name, display_name=shown, role=asked.role)
        write_down(lake, f"add {asked.name} {asked.role}")
        for kind in TIES:
            for value in getattr(asked, kind):
                lake.desk.tie(asked.name, kind=kind, value=value)
        return say_link(lake, asked)


def run_account_tie(asked: argparse.Namespace) -> int:
    """Tie an account to a ward, a study, a patient, or the reference records know it by."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        lake.accounts.known(asked.name)
        if not asked.undo:
            expect_tie(lake, asked.kind, asked.value)
        change = lake.desk.untie if asked.undo else lake.desk.tie
        change(asked.name, kind=asked.kind, value=asked.value)
        write_down(lake, f"{'untie' if asked.undo else 'tie'} {asked.name} {asked.kind}")
    say(f"{asked.name}: {'no longer tied' if asked.undo else 'tied'} to that {asked.kind}")
    return DONE


def run_account_link(asked: argparse.Namespace) -> int:
    """Print a new one-time link."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        return say_link(lake, asked)


def expect_role(lake: Lake, role: str) -> None:
    """Raise `NoSuchRole` when the policy of the lake knows none of that name."""
    if role not in lake.policy.roles:
        raise NoSuchRole(lake.policy.roles)


_STAYS = "SELECT 1 FROM location_stay WHERE location_text = ? OR location_ref = ? LIMIT 1"


def expect_tie(lake: Lake, kind: TieKind, value: str) -> None:
    """Raise `NoSubject` for a subject without a number; tell of a ward that no stay is on."""
    from vitruvian.lake.permit.desk import is_subject

    if kind in {"self", "proxy"} and not is_subject(value):
        raise NoSubject
    if kind == "ward":
        with lake.read(access_of("operations")) as reader:
            known = reader.query(_STAYS, tables=["location_stay"], params=[value, value]).num_rows
        warn(None if known else "no stay stored here is on a ward of that name, letter by letter")


def spelt(ties: Ties) -> dict[str, list[str]]:
    """What an account is tied to, by the words of the command line; only what there is."""
    of = {
        "practitioner": ties.practitioner,
        "ward": ties.ward,
        "study": ties.study,
        "self": map(str, ties.own),
        "proxy": map(str, ties.proxy),
    }
    return {kind: found for kind, values in of.items() if (found := sorted(values))}


def write_down(lake: Lake, what: str) -> None:
    """Put a change of an account into the audit."""
    from vitruvian.trust import Deed

    lake.audit.record(access_of("operations"), Deed("account", definition=what))


def say_link(lake: Lake, asked: argparse.Namespace) -> int:
    """Print a one-time link in a line of its own."""
    from vitruvian.api.serve import sign_in_link

    link = sign_in_link(lake, asked.name, base=asked.url.rstrip("/"))
    write_down(lake, f"link {asked.name}")
    say(link)
    return DONE
