"""The lists of medicines that guidelines read, and whether a site's own can be used."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.guides.lists import CodeList


def add_medicines(group: Words) -> None:
    """The command."""
    command = group.command("medicines", run_medicines, example="guide medicines --site qt.toml")
    words = "TOML: a site's own list, as VITRUVIAN_QT_MEDICINES names it; checked, and not stored"
    command.add_argument("--site", type=Path, metavar="FILE", help=words)
    command.json()


def run_medicines(asked: argparse.Namespace) -> int:
    """The medicines that guidelines look for, with their source; or a check of a site's list."""
    from vitruvian.guides import lists_in_use
    from vitruvian.guides.lists import read_site_list

    if asked.site is not None:
        found = read_site_list(asked.site)
        if asked.json:
            say_json(_told(found))
        else:
            show_site(found)
        return DONE
    every = lists_in_use()
    if asked.json:
        say_json({name: [_told(one) for one in each] for name, each in every.items()})
        return DONE
    for name, each in every.items():
        for one in each:
            show(one, of=name)
    return DONE


def show(found: CodeList, *, of: str) -> None:
    """One list; a site's entries are its own and are counted only."""
    own = any(each.cite for each in found.entries)
    kept = "" if own or not found.entries else "; the list itself stays with the site"
    say(f"{of}: {found.source}, {found.edition}: {_medicines(found)}{kept}")
    for each in found.entries:
        if each.cite:
            say(f"  {each.name:20} {' '.join(each.codes):44} {each.cite}")
    if found.uncoded:
        say(f"  {found.uncoded} more without a code: no record matches them")


def show_site(found: CodeList) -> None:
    """What of a site's list can be used."""
    place = "in place of" if found.instead else "beside"
    say(f"{found.source}, {found.edition}")
    say(f"  {_medicines(found)} with {len(found.codes)} codes, {place} our own list")
    if found.uncoded:
        say(f"  {found.uncoded} more without a code: no record matches them")


def _medicines(found: CodeList) -> str:
    count = len(found.entries)
    return "1 medicine" if count == 1 else f"{count} medicines"


def _told(found: CodeList) -> dict[str, object]:
    return {
        "source": found.source,
        "edition": found.edition,
        "medicines": len(found.entries),
        "uncoded": found.uncoded,
        "instead": found.instead,
        # a site's entries stay with the site
        "entries": [each for each in found.entries if each.cite],
    }
