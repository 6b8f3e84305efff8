"""Commands about where bytes lie: here, or in cold storage."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, access_of, draw, far, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from rich.table import Table

    from vitruvian.lake import Wants
    from vitruvian.lake.cold.moving import Held, MovedReport

PLACE = "a folder outside the lake, or an object store: s3://bucket/folder (extra `cold`)"


def add_storage(whole: Words) -> None:
    """Commands about where bytes lie."""
    storage = whole.add_group("storage", "Where images, signals and attachments lie.")
    storage.command("show", run_show, example="storage show --lake lake").lake().json()
    example = "storage set archive --kind image --days 90 --lake lake"
    rules = storage.command("set", run_set, example=example).lake()
    rules.add_argument("place", metavar="PLACE", help=PLACE)
    rules.add_argument(
        "--kind",
        action="append",
        metavar="KIND",
        help="image, signal or document; the first two if not given",
    )
    rules.add_argument("--days", type=int, default=90, metavar="N", help="90 if not given")
    storage.command("move", run_move, example="storage move --lake lake").lake().json()
    storage.command("back", run_back, example="storage back --lake lake").lake().json()


def run_show(asked: argparse.Namespace) -> int:
    """Show how much lies here and how much in cold storage, by kind, and what the rules say."""
    from vitruvian.lake.cold.moving import held, rules_of

    rules, rows = rules_of(asked.lake), held(asked.lake)
    if asked.json:
        say_json({"rules": asdict(rules) if rules else None, "held": [asdict(one) for one in rows]})
        return DONE
    draw(table_of(rows))
    if rules is None:
        say("Everything stays here. `vitruvian storage set` tells what may leave, and when.")
    else:
        kinds = ", ".join(rules.kinds)
        say(f"{kinds}: to {rules.place} {rules.days} days after being stored")
    return DONE


def table_of(rows: Sequence[Held]) -> Table:
    """How much of each kind lies where."""
    from rich.table import Table

    table = Table(box=None)
    table.add_column("kind")
    for head in ("files here", "bytes here", "files cold", "bytes cold"):
        table.add_column(head, justify="right")
    for one in rows:
        counts = (one.near, one.near_bytes, one.cold, one.cold_bytes)
        table.add_row(one.kind, *(f"{count:,}" for count in counts))
    return table


def run_set(asked: argparse.Namespace) -> int:
    """Say what moves to cold storage and when; `compact` and `storage move` then do it.

    Credentials of an object store are read from the environment, and are never stored.
    """
    from vitruvian.lake import Wants
    from vitruvian.lake.cold.moving import set_rules
    from vitruvian.lake.cold.rules import Rules

    place = asked.place if "://" in asked.place else str(Path(asked.place).resolve())
    rules = Rules(place, tuple(asked.kind or ("image", "signal")), asked.days)
    set_rules(asked.lake, rules, Wants(access_of("operations")))
    say(f"{', '.join(rules.kinds)} move {rules.days} days after being stored; nothing moved yet")
    return DONE


def run_move(asked: argparse.Namespace) -> int:
    """Move what the rules name; each file leaves here only after it reads back from there."""
    from vitruvian.lake.cold.moving import move_due

    return told(asked, move_due, doing="storage move", done="moved")


def run_back(asked: argparse.Namespace) -> int:
    """Bring everything back from cold storage, and keep it here from now on."""
    from vitruvian.lake.cold.moving import bring_back

    return told(asked, bring_back, doing="storage back", done="brought back")


def told(
    asked: argparse.Namespace,
    move: Callable[[Path, Wants], MovedReport],
    *,
    doing: str,
    done: str,
) -> int:
    """Move, with how far it is, and say how much it was."""
    from vitruvian.lake import Wants

    with far(doing) as tell:
        report = move(asked.lake, Wants(access_of("operations"), progress=tell))
    if asked.json:
        say_json(asdict(report))
    else:
        say(f"{done} {report.files:,} files, {report.size:,} bytes")
    return DONE


def tell_moved(lake: Path) -> None:
    """Move what the rules name, and say how much when there was any."""
    from vitruvian.lake import Wants
    from vitruvian.lake.cold.moving import move_due

    report = move_due(lake, Wants(access_of("operations")))
    if report.files:
        say(f"moved {report.files:,} files, {report.size:,} bytes to cold storage")
