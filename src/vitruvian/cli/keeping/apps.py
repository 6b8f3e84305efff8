"""Commands about apps of other people."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any  # JSON

from vitruvian.cli.terminal import DONE, access_of, draw, read_bytes, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.lake.apps.registry import App

EXAMPLE = (
    "client add growth --redirect https://growth.example/back "
    "--scope 'launch/patient patient/*.rs' --lake lake"
)


def add_apps(whole: Words) -> None:
    """Commands about apps of other people."""
    client = whole.add_group("client", "Apps that may ask for data by SMART App Launch.")
    add = client.command("add", run_client_add, example=EXAMPLE).lake()
    add.add_argument("name", metavar="NAME", help="its client_id: one word")
    add.add_argument("--title", metavar="TEXT", help="as people see it; the name if unsaid")
    add.add_argument(
        "--redirect", action="append", default=[], metavar="URL", help="where answers may be sent"
    )
    add.add_argument("--scope", default="", metavar="SCOPES", help="the most it may ask for")
    add.add_argument("--launch", metavar="URL", help="where it is opened from a patient's page")
    add.add_argument(
        "--secret", action="store_true", help="it proves itself by a secret, printed this once"
    )
    add.add_argument("--jwks", metavar="FILE", help="it proves itself by these public keys")
    add.add_argument("--jwks-url", metavar="URL", help="the same, fetched from this address")
    add.add_argument("--account", metavar="NAME", help="it acts alone, as this local account")
    add.add_argument(
        "--purpose",
        choices=("treatment", "research", "quality", "operations"),
        help="what it is for; its account's first purpose if unsaid",
    )
    client.command("list", run_client_list, example="client list --lake lake").lake().json()
    remove = client.command("remove", run_client_remove, example="client remove growth --lake lake")
    remove.lake().add_argument("name", metavar="NAME", help="its client_id")


def run_client_add(asked: argparse.Namespace) -> int:
    """Declare an app: what it may ask for, and how it proves who it is."""
    from vitruvian.lake import Lake
    from vitruvian.lake.apps.registry import App
    from vitruvian.lake.errors import NoAccount
    from vitruvian.trust import Deed

    keys = None if asked.jwks is None else keys_of(asked.jwks)
    app = App(
        name=asked.name,
        title=asked.title or asked.name,
        redirects=tuple(asked.redirect),
        scopes=asked.scope,
        account=asked.account,
        purpose=asked.purpose,
        keys=keys,
        keys_at=asked.jwks_url,
        launch=asked.launch,
    )
    with Lake.open(asked.lake) as lake:
        if app.account is not None and lake.accounts.find(app.account) is None:
            raise NoAccount
        secret = lake.apps.registry.add(app, with_secret=asked.secret)
        said = f"app {app.name} declared"
        lake.audit.record(access_of("operations"), Deed("account", definition=said))
    if secret is not None:
        say(secret)
    return DONE


def keys_of(path: str) -> dict[str, Any]:
    """The JWK Set in a file; raises `BadApp`."""
    from pathlib import Path

    from vitruvian.lake.apps.errors import BadApp

    try:
        found = json.loads(read_bytes(Path(path), option="--jwks"))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadApp(why="the file of keys is not a JWK Set in JSON")
    return found


def run_client_list(asked: argparse.Namespace) -> int:
    """Which apps are declared."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        found = lake.apps.registry.all()
    if asked.json:
        say_json([asdict(one) for one in found])
    elif not found:
        say("No app is declared. Declare one with: vitruvian client add --help")
    else:
        draw_apps(found)
    return DONE


def draw_apps(found: list[App]) -> None:
    """A table of apps."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("app", "proves itself by", "acts as", "may ask for", "answers go to"):
        table.add_column(name, overflow="fold")
    for one in found:
        proof = "secret" if one.has_secret else "keys" if one.confidential else "nothing (public)"
        table.add_row(
            one.name if one.title == one.name else f"{one.name} ({one.title})",
            proof,
            one.account or "whoever allows it",
            one.scopes,
            "\n".join(one.redirects) or "-",
        )
    draw(table)


def run_client_remove(asked: argparse.Namespace) -> int:
    """Forget an app; everything it was given ends at once."""
    from vitruvian.lake import Lake
    from vitruvian.trust import Deed

    with Lake.open(asked.lake) as lake:
        lake.apps.registry.remove(asked.name)
        said = f"app {asked.name} removed"
        lake.audit.record(access_of("operations"), Deed("account", definition=said))
    return DONE
