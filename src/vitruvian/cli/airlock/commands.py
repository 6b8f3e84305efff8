"""Ask for files to leave, look at what the checks found, release or refuse."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, say, say_json, signed_in
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.research.airlock import Airlock, FileReport, Request


def add_airlock(whole: Words) -> None:
    """Commands of the airlock."""
    airlock = whole.add_group("airlock", "What leaves a research zone: ask, check, release.")
    example = (
        'airlock ask counts.csv --counts n --project heart-1 --to "Uni X" --as ana --lake lake'
    )
    ask = airlock.command("ask", run_ask, example=example).lake().json()
    ask.add_argument("files", type=Path, nargs="+", metavar="FILE", help="what is to leave")
    ask.add_argument("--project", required=True, metavar="NAME", help="for which project")
    ask.add_argument("--to", required=True, metavar="TEXT", help="who gets it, in words")
    _columns(ask)
    check = airlock.command("check", run_check, example="airlock check 3f2a91c0 --lake lake")
    example = "airlock release 3f2a91c0 counts.csv --to-folder out --as vega --lake lake"
    release = airlock.command("release", run_release, example=example)
    refuse = airlock.command(
        "refuse", run_refuse, example="airlock refuse 3f2a91c0 --as vega --lake lake"
    )
    for each in (check.lake().json(), release.lake(), refuse.lake()):
        each.add_argument("id", metavar="ID", help="of the request, as `airlock list` shows it")
    release.add_argument(
        "files", type=Path, nargs="+", metavar="FILE", help="the same files, in the same order"
    )
    release.add_argument(
        "--to-folder", type=Path, required=True, metavar="DIR", help="an empty folder, or a new one"
    )
    for each in (release, refuse):
        each.add_argument("--words", default="", metavar="TEXT", help="why, for the register")
    for each in (ask, release, refuse):
        each.account()
    airlock.command("list", run_list, example="airlock list --lake lake").lake().json()


def _columns(ask: Words) -> None:
    for name, meaning in (
        (
            "counts",
            "columns that hold counts, with commas; without them a row is taken for a person",
        ),
        ("quasi", "columns by which a person could be known again: age,sex,place"),
        ("sensitive", "columns whose values must not be learned of a person"),
    ):
        ask.add_argument(f"--{name}", default="", metavar="A,B", help=meaning)


@contextmanager
def opened(asked: argparse.Namespace) -> Iterator[tuple[Lake, Airlock]]:
    """The lake and its airlock, with the site's floor for researchers."""
    from vitruvian.criteria.cohorts.kept.floor import COUNTS_ONLY
    from vitruvian.criteria.cohorts.kept.saved import Shelf
    from vitruvian.lake import Lake
    from vitruvian.research.airlock import Airlock

    with Lake.open(asked.lake) as lake:
        with closing(Shelf(lake.path)) as shelf:
            floor = shelf.floor("researcher").least or COUNTS_ONLY
        with closing(Airlock(lake, floor=floor)) as airlock:
            yield lake, airlock


def run_ask(asked: argparse.Namespace) -> int:
    """Ask for files to leave; they are checked at once, and nothing leaves yet."""
    from vitruvian.research.airlock import Wish
    from vitruvian.research.airlock.door import Purpose

    columns = (tuple(filter(None, getattr(asked, n).split(","))) for n in Wish.__annotations__)
    with opened(asked) as (lake, airlock):
        access = signed_in(lake, asked.account)
        why = Purpose(asked.project, asked.to)
        request = airlock.ask(access, asked.files, why, Wish(*columns))
    return _tell(request, as_json=asked.json)


def run_check(asked: argparse.Namespace) -> int:
    """What the checks found in the files of one request."""
    with opened(asked) as (_, airlock):
        request = airlock.register.get(asked.id)
    return _tell(request, as_json=asked.json)


def run_release(asked: argparse.Namespace) -> int:
    """Let out files in which nothing was found, or as the second person that looked at them."""
    with opened(asked) as (lake, airlock):
        access = signed_in(lake, asked.account)
        done = airlock.release(access, asked.id, asked.files, to=asked.to_folder, words=asked.words)
    say(f"released {done.id}: {len(done.files)} files, as file-1, file-2 and so on")
    say("this stands in the audit, and is told when a consent is withdrawn")
    return DONE


def run_refuse(asked: argparse.Namespace) -> int:
    """Say that the files do not leave; whoever asked may take the request back so."""
    with opened(asked) as (lake, airlock):
        airlock.refuse(signed_in(lake, asked.account), asked.id, words=asked.words)
    say(f"refused: {asked.id}")
    return DONE


def run_list(asked: argparse.Namespace) -> int:
    """Everything that was asked to leave: for what, to whom, what became of it."""
    with opened(asked) as (_, airlock):
        every = airlock.register.all()
    if asked.json:
        say_json([told(one) for one in every])
        return DONE
    for one in every:
        found = "nothing found" if one.by_rule else f"{len(one.findings)} findings"
        say(
            f"{one.id}  {one.asked_at:%Y-%m-%d %H:%M}  {one.state}  {len(one.files)} files, {found}"
        )
        decided = f", {one.state} by {one.decided_by}" if one.decided_by else ""
        say(
            f"          project {one.project}, to {one.recipient}; asked by {one.asked_by}{decided}"
        )
    if not every:
        say("nothing was asked to leave")
    return DONE


def _tell(request: Request, *, as_json: bool) -> int:
    if as_json:
        say_json(told(request))
        return DONE
    say(f"{request.id}: project {request.project}, to {request.recipient}, {request.state}")
    for one in request.files:
        _tell_file(one)
    if request.state == "waiting":
        say(_next(request))
    return DONE


def _tell_file(one: FileReport) -> None:
    say(f"  file {one.number}: {one.kind}, {one.size:,} bytes")
    if one.likeness is not None:
        said = one.likeness
        more = (
            f", l-diversity {said.distinct_l} (entropy {said.entropy_l:.2f})"
            if said.distinct_l
            else ""
        )
        say(f"    {said.rows:,} rows in {said.classes:,} groups, k-anonymity {said.k}{more}")
    for found in one.findings:
        say(f"    {'STOP' if found.weight == 'stop' else 'look'}: {found.words} ({found.count:,})")
    if not one.findings:
        say("    nothing found")


def _next(request: Request) -> str:
    if request.stopped:
        return "nobody may release this: mend what stands after STOP, and ask anew"
    if request.by_rule:
        return "released by rule: whoever asked may run `vitruvian airlock release`"
    return "a second person, who may write for operations, releases or refuses it"


def told(one: Request) -> dict[str, object]:
    """A request for JSON."""
    names = ("id", "project", "recipient", "floor", "state", "asked_by", "asked_at")
    decided = ("decided_by", "decided_at", "words")
    files = [
        {
            "number": each.number,
            "kind": each.kind,
            "sha256": each.sha256,
            "size": each.size,
            "findings": [vars(found) for found in each.findings],
            "likeness": each.likeness and vars(each.likeness),
        }
        for each in one.files
    ]
    verdict = "stop" if one.stopped else "rule" if one.by_rule else "second-person"
    said = {name: getattr(one, name) for name in (*names, *decided)}
    return {**said, "verdict": verdict, "files": files}
