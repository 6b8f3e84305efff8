"""Commands about records that are kept and could not be mapped."""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING

from vitruvian.base.words import counted
from vitruvian.cli.terminal import DONE, FAILED, access_of, draw, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from vitruvian.ingest.quarantine import Quarantined

HEADINGS = ("Sent", "Kind", "Reason", "Source", "Record")
MOST_ROWS = 50


def add_quarantine(whole: Words) -> None:
    """Commands about the quarantine."""
    words = "Records that are kept and could not be mapped."
    quarantine = whole.add_group("quarantine", words)
    listed = quarantine.command("list", run_list, example="quarantine list --lake lake").lake()
    listed.json()
    listed.add_argument("--limit", type=int, default=MOST_ROWS, metavar="N", help="newest rows; 50")
    again = quarantine.command("replay", run_replay, example="quarantine replay --lake lake").lake()
    again.json()


def run_list(asked: argparse.Namespace) -> int:
    """Which records wait in quarantine, and why; nothing of a patient."""
    from vitruvian.ingest.quarantine import quarantined
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake, lake.read(access_of("operations")) as reader:
        found = quarantined(reader)
    if asked.json:
        say_json([each.as_json() for each in found])
        return DONE
    if not found:
        say("The quarantine is empty: everything that was kept could be mapped.")
        return DONE
    newest = found[: -asked.limit - 1 : -1]
    draw(drawn(newest))
    if len(newest) < len(found):
        say(f"{len(newest):,} of {len(found):,} records; more with --limit")
    sentences = {each.reason: each.sentence for each in found}
    for reason, number in Counter(each.reason for each in found).most_common():
        say(f"{reason} ({number:,}): {sentences[reason]}")
    return DONE


def drawn(records: Sequence[Quarantined]) -> Table:
    """Records as a table."""
    from rich.table import Table

    table = Table(*HEADINGS, box=None, pad_edge=False)
    for each in records:
        sent = f"{each.known_at:%Y-%m-%d %H:%M} UTC"
        record = "" if each.record is None else str(each.record)
        table.add_row(sent, each.kind, each.reason, each.source_id, record)
    return table


def run_replay(asked: argparse.Namespace) -> int:
    """Map again whatever waits in quarantine, after a mapping was mended.

    Returns
    -------
    int
        1 when something still waits.
    """
    from vitruvian.ingest.quarantine import replay
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        done = replay(lake, access=access_of("operations"))
    left = done.tried - done.mapped
    if asked.json:
        say_json({"tried": done.tried, "mapped": done.mapped, "waiting": left})
    else:
        say(f"tried {counted(done.tried, 'record')}: {done.mapped:,} mapped, {left:,} still wait")
    return FAILED if left else DONE
