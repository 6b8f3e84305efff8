"""Commands about who is who."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, FAILED, access_of, read_bytes, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.identity import LinkReport

_LINES_SAID = 10


def add_identity(whole: Words) -> None:
    """Commands about who is who."""
    identity = whole.add_group("identity", "Which source identities are one person.")
    for name, run in (("link", run_link), ("unlink", run_unlink)):
        command = identity.command(name, run, example=f"identity {name} pairs.csv --lake lake")
        command.lake()
        command.add_argument(
            "file", type=Path, metavar="FILE", help="pairs (CSV) or authority (TOML)"
        )
        command.json()


def run_link(asked: argparse.Namespace) -> int:
    """Declare who is who, by pairs or by an authority; 1 when a line leads to nobody."""
    from vitruvian.identity import link

    return _run(asked, link)


def run_unlink(asked: argparse.Namespace) -> int:
    """Undo a declaration: every answer is again what it was without it."""
    from vitruvian.identity import unlink

    return _run(asked, unlink)


def _run(asked: argparse.Namespace, act: Callable[..., LinkReport]) -> int:
    from vitruvian.lake import Lake

    data = read_bytes(asked.file, option="FILE")
    with Lake.open(asked.lake) as lake:
        report = act(lake, data, access=access_of("operations"))
    if asked.json:
        say_json(report.as_json())
    else:
        say(f"{report.pairs:,} pairs of source identities; {report.changed:,} changed person")
        if report.unresolved:
            lines = ", ".join(str(line) for line in report.unresolved[:_LINES_SAID])
            say(f"{len(report.unresolved):,} lines lead to nobody or to several: lines {lines}")
    return FAILED if report.unresolved else DONE
