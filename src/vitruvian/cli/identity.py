"""Commands about who is who."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.terminal import DONE, FAILED, access_of, draw, read_bytes, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.identity import LinkReport
    from vitruvian.identity.review import Decided, PairQueue, SideBySide

_LINES_SAID = 10
_NEARLY_ALL = 0.999
ANSWERS = {
    "same": "they are one person: links them",
    "different": "they are two people: never offered again, and unlinked if they were",
    "unknown": "not known yet: takes back what was said before",
}


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
    match = identity.command("match", run_match, example="identity match --lake lake").lake()
    match.json()
    add_review(identity)


def add_review(identity: Words) -> None:
    """The command about pairs of records that people decide."""
    example = "identity review --lake lake"
    review = identity.command("review", run_review, example=example).lake()
    review.add_argument(
        "pair", type=int, nargs="?", metavar="PAIR", help="a pair; none shows those that wait"
    )
    verdict = review.add_mutually_exclusive_group()
    for answer, words in ANSWERS.items():
        verdict.add_argument(
            f"--{answer}", action="store_const", const=answer, dest="answer", help=words
        )
    review.add_argument(
        "--show", choices=("waiting", "held", "decided"), default="waiting",
        help="which pairs: those that wait, alike ones held back, decided ones",
    )  # fmt: skip
    review.add_argument(
        "--limit", type=int, default=20, metavar="N", help="how many pairs are shown"
    )
    review.json()


def run_match(asked: argparse.Namespace) -> int:
    """Look for records that are likely one person and offer them to people; links nothing."""
    from vitruvian.identity.matching import propose
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        report = propose(lake, access=access_of("operations"))
    if asked.json:
        say_json(report.as_json())
        return DONE
    weights = "weights trained on these records" if report.trained else "stated weights (few pairs)"
    say(f"{report.records:,} records compared, {weights}")
    say(f"{report.offered:,} pairs are likely one person")
    say(f"{report.held:,} pairs are alike and likely two people")
    say(f"{report.new:,} of all these are new, {report.gone:,} found earlier are alike no longer")
    if report.offered:
        say("nothing was linked; decide with: vitruvian identity review --lake DIR")
    return DONE


class NoPair(BadInput):
    """A verdict without a pair."""

    def __init__(self) -> None:
        super().__init__(
            "A verdict needs a pair: vitruvian identity review PAIR --same --lake DIR. "
            "Without both, the pairs that wait are shown."
        )


def run_review(asked: argparse.Namespace) -> int:
    """The pairs of records that wait, one pair side by side, or a verdict on it."""
    from vitruvian.identity.review import decide, side_by_side, waiting
    from vitruvian.lake import Lake

    if asked.answer and asked.pair is None:
        raise NoPair
    access = access_of("operations")
    with Lake.open(asked.lake) as lake:
        if asked.answer:
            told = decide(lake, asked.pair, asked.answer, access=access)
            say_json(told) if asked.json else say(_decided(told))
            return DONE
        with lake.read(access) as reader:
            if asked.pair is not None:
                pair = side_by_side(reader, asked.pair)
                say_json(pair) if asked.json else draw_pair(pair)
                return DONE
            found = waiting(reader, show=asked.show, limit=asked.limit)
    say_json(found) if asked.json else draw_queue(found, show=asked.show)
    return DONE


def _decided(told: Decided) -> str:
    words = {"same": "one person", "different": "two people", "unknown": "not known"}
    return f"pair {told.pair_id}: {words[told.answer]}; {told.changed:,} changed person"


def draw_queue(found: PairQueue, *, show: str) -> None:
    """The pairs as a table."""
    from rich.table import Table

    say(f"{found.waiting:,} pairs wait, {found.held:,} held back, {found.decided:,} decided")
    if not found.items:
        return
    table = Table(box=None, pad_edge=False, show_lines=False)
    table.add_column("pair", no_wrap=True)
    for name in ("records", "one person", "held" if show == "held" else "said so far"):
        table.add_column(name, overflow="fold")
    for each in found.items:
        said = f"{each.answer} by {each.who}" if each.answer else ""
        records = f"{each.left}\n{each.right}"
        table.add_row(each.pair_id, records, _likely(each.probability), each.held or said)
    draw(table)
    say("one side by side: vitruvian identity review PAIR --lake DIR")


def _likely(probability: float) -> str:
    """A share that is nearly all is not rounded up to all."""
    return "> 99.9 %" if probability > _NEARLY_ALL else f"{100 * probability:.1f} %"


def draw_pair(pair: SideBySide) -> None:
    """Two records side by side."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("", "one", "other", "", "bits"):
        table.add_column(name, overflow="fold", justify="right" if name == "bits" else "left")
    for each in pair.fields:
        weight = "" if each.weight is None else f"{each.weight:+.1f}"
        table.add_row(each.words, each.left, each.right, each.level or "not compared", weight)
    for name in ("person_id", "site", "visits", "facts", "last_time"):
        sides = [str(getattr(side, name) or "") for side in (pair.left, pair.right)]
        table.add_row(name.replace("_", " "), *sides, "", "")
    draw(table)
    say(f"likely one person: {_likely(pair.probability)}")
    for words in filter(None, [pair.held, "they are one person now" if pair.linked else None]):
        say(words)
    if pair.answer:
        say(f"said {pair.decided_at:%Y-%m-%d} by {pair.who}: {pair.answer}")


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
