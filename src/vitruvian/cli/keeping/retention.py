"""The command about data that no rule asks to keep any longer, by kind: counted, asked for."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from vitruvian.cli.keeping.erase import erasing, say_asked
from vitruvian.cli.terminal import DONE, access_of, draw, say, say_json, signed_in
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from rich.table import Table

    from vitruvian.jobs.retention_by_kind import DueData

NONE_STATED = (
    "this hospital states no period by kind of data: there is no retention.toml with [[data]]"
)


def add_retention(whole: Words) -> None:
    """The command about retention by kind of data."""
    group = whole.add_group("retention", "What was kept as long as the hospital says.")
    due = group.command("due", run_due, example="retention due --lake lake").lake().json()
    due.add_argument(
        "--ask-as",
        metavar="NAME",
        help="ask with this account for the erasure of the notes, images and signals that are due",
    )


def run_due(asked: argparse.Namespace) -> int:
    """Count, by kind of data, what was kept as long as retention.toml says; nothing is erased."""
    from vitruvian.jobs.retention_by_kind import look_by_kind
    from vitruvian.lake.erasing.parts import KINDS
    from vitruvian.lake.erasing.retention import read_retention

    with erasing(asked) as (lake, eraser):
        rules = read_retention(lake.path)
        found = () if rules is None else look_by_kind(lake, access_of("operations"), rules)
        kinds = [one.kind for one in found if one.due and one.kind in KINDS]
        requests = []
        if asked.ask_as is not None and kinds:
            access = signed_in(lake, asked.ask_as)
            waiting = {one.part.kind for one in eraser.register.waiting() if one.part is not None}
            requests = [eraser.ask_for_kind(access, one) for one in kinds if one not in waiting]
    if asked.json:
        say_json([asdict(one) for one in found])
    elif not found:
        say(NONE_STATED)
    else:
        draw(drawn(found))
        if asked.ask_as is None:
            say("Nothing was changed. Whole persons are erased with `vitruvian erase due`.")
        elif not requests:
            say("Nothing was asked for: no note, image or signal is due that nobody asked for yet.")
        for request in requests:
            say(f"asked: {request.id}, {request.whose}")
            say_asked(request)
    return DONE


def drawn(found: Sequence[DueData]) -> Table:
    """Counts as people read them."""
    from rich import box
    from rich.table import Table

    headings = ("Kind", "Kept for", "Due before", "Rows", "Due", "Persons", "On hold", "No time")
    table = Table(*headings, box=box.SIMPLE_HEAD, pad_edge=False)
    for column in table.columns[3:]:
        column.justify = "right"
    for one in found:
        counts = (one.rows, one.due, one.persons, one.held, one.untold)
        kept = f"{one.years} year{'s' if one.years > 1 else ''}"
        said = (one.kind, kept, f"{one.before:%Y-%m-%d}")
        table.add_row(*said, *(f"{count:,}" for count in counts))
    return table
