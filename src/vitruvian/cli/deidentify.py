"""The command that makes a research zone."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.terminal import DONE, access_of, draw, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.research.deidentify.rows import ZoneReport


class BadDay(BadInput):
    """A day that cannot be read."""

    def __init__(self) -> None:
        super().__init__("The day given with --expires cannot be read. Expected YYYY-MM-DD.")


def add_deidentify(whole: Words) -> None:
    """The command that makes a research zone."""
    example = (
        "deidentify --lake lake --to zone --project heart-1 --key heart-1.key "
        '--basis "ethics approval 2026/17" --expires 2027-12-31'
    )
    command = whole.command("deidentify", run_deidentify, example=example).lake()
    command.add_argument("--to", type=Path, required=True, metavar="DIR", help="the new lake")
    command.add_argument("--project", required=True, metavar="NAME", help="what the zone is for")
    command.add_argument("--basis", required=True, metavar="TEXT", help="the legal basis, in words")
    command.add_argument(
        "--expires", required=True, metavar="DATE", help="the day on which the zone must be gone"
    )
    command.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="the project's key, made when absent; outside the zone, and secret",
    )
    command.add_argument(
        "--fewest",
        type=int,
        default=5,
        metavar="N",
        help="codes and places that fewer persons have are not told; 5 if not given",
    )
    command.json()


def run_deidentify(asked: argparse.Namespace) -> int:
    """Make a research zone: a second lake without names, dates moved, pseudonyms under a key."""
    from vitruvian.lake import Lake
    from vitruvian.research.deidentify.rows import Wanted, deidentify

    try:
        expires = date.fromisoformat(asked.expires)
    except ValueError:
        raise BadDay from None
    wanted = Wanted(asked.project, asked.basis, expires, fewest=asked.fewest)
    with Lake.open(asked.lake) as lake:
        report = deidentify(lake, asked.to, wanted, access=access_of("operations"), key=asked.key)
    if asked.json:
        say_json(report.as_json())
    else:
        show(report, wanted.expires)
    return DONE


def show(report: ZoneReport, expires: date) -> None:
    """The zone in a few lines."""
    from rich.table import Table

    table = Table("table", "rows", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, rows in report.rows.items():
        table.add_row(name, f"{rows:,}")
    draw(table)
    texts, findings = report.texts
    say(f"{report.persons:,} persons; {findings:,} identifiers replaced in {texts:,} texts.")
    if report.over_89:
        say(f"{report.over_89:,} persons are over 89: their birth is not told.")
    hidden = sum(report.rare.values())
    say(f"{hidden:,} codes and places are not told, since too few persons have them.")
    say(f"The zone must be gone on {expires}. Keep the key away from it, or delete the key.")
