"""Commands for a lawful erasure: two accounts decide, every byte goes, a count stays."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, say, say_json, signed_in
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.lake import Lake
    from vitruvian.lake.erasing.eraser import Eraser
    from vitruvian.lake.erasing.register import Erased, Request

GROUNDS = (
    *("no-longer-needed", "consent-withdrawn", "objection", "unlawful"),
    *("legal-duty", "child-online", "wrong-patient"),
)


def add_erase(whole: Words) -> None:
    """Commands for a lawful erasure."""
    erase = whole.add_group(
        "erase", "Erase a patient for good: one account asks, another approves."
    )
    ask = erase.command(
        "ask", run_ask, example="erase ask 17 --ground objection --as vega --lake lake"
    )
    ask.lake().add_argument("person", type=int, metavar="PERSON", help="id, as `find` gives it")
    ask.add_argument("--ground", required=True, choices=GROUNDS, help="what the law calls it")
    approve = erase.command(
        "approve", run_approve, example="erase approve 3f2a91c0 --as rossi --lake lake"
    )
    withdraw = erase.command(
        "withdraw", run_withdraw, example="erase withdraw 3f2a91c0 --as vega --lake lake"
    )
    for each in (approve.lake(), withdraw.lake()):
        each.add_argument("id", metavar="ID", help="of the request, as `erase list` shows it")
    for each in (ask, approve, withdraw):
        each.account()
    due = erase.command("due", run_due, example="erase due --lake lake").lake().json()
    due.add_argument(
        "--ask-as", metavar="NAME", help="ask for all of them with this account; else only shown"
    )
    erase.command("list", run_list, example="erase list --lake lake").lake().json()
    erase.command("resume", run_resume, example="erase resume --lake lake").lake()


@contextmanager
def erasing(asked: argparse.Namespace) -> Iterator[tuple[Lake, Eraser]]:
    """The lake, and what erases from it."""
    from vitruvian.lake import Lake
    from vitruvian.lake.erasing.eraser import Eraser

    with Lake.open(asked.lake) as lake, closing(Eraser(lake)) as eraser:
        yield lake, eraser


def run_ask(asked: argparse.Namespace) -> int:
    """Ask for the erasure of a person, on one of the grounds that the law names."""
    with erasing(asked) as (lake, eraser):
        access = signed_in(lake, asked.account)
        request = eraser.ask(access, asked.person, ground=asked.ground)
    say(f"asked: {request.id}, {len(request.subjects)} source identities, ground {request.ground}")
    say_asked(request)
    return DONE


def say_asked(request: Request) -> None:
    """What happens next."""
    say("nothing is erased yet; another account approves it with:")
    say(f"  vitruvian erase approve {request.id} --as NAME --lake DIR")


def run_approve(asked: argparse.Namespace) -> int:
    """Approve what somebody else asked for, and erase it at once and for good."""
    with erasing(asked) as (lake, eraser):
        say_done(eraser.approve(signed_in(lake, asked.account), asked.id))
    say("backups made before hold it still: make a new one, and drop the older ones with --keep")
    say("a restore of an older one erases again by the ledger beside the lake: keep it safe")
    return DONE


def run_withdraw(asked: argparse.Namespace) -> int:
    """Drop a request that nobody has approved."""
    with erasing(asked) as (lake, eraser):
        eraser.withdraw(signed_in(lake, asked.account), asked.id)
    say(f"withdrawn: {asked.id}")
    return DONE


def run_resume(asked: argparse.Namespace) -> int:
    """Finish what was approved and cut short."""
    with erasing(asked) as (_, eraser):
        done = eraser.resume()
    for each in done:
        say_done(each)
    if not done:
        say("nothing was cut short")
    return DONE


def run_due(asked: argparse.Namespace) -> int:
    """Whose record has been kept as long as retention.toml says; nothing is erased by this."""
    from vitruvian.cli.terminal import access_of
    from vitruvian.jobs.retention import look
    from vitruvian.lake.erasing.retention import read_retention

    with erasing(asked) as (lake, eraser):
        rules = read_retention(lake.path)
        if rules is None:
            say("this hospital states no rules of retention: there is no retention.toml")
            return DONE
        found = look(lake, access_of("operations"), rules)
        known = {one for each in eraser.register.waiting() for one in each.everyone}
        new = [one for one in found.due if one.person not in known]
        if asked.ask_as is not None:
            access = signed_in(lake, asked.ask_as)
            for one in new:
                eraser.ask(access, one.person, ground="no-longer-needed")
    if asked.json:
        say_json(
            {**vars(found), "due": [{**vars(one), "person": str(one.person)} for one in found.due]}
        )
        return DONE
    for one in found.due:
        say(f"person {one.person}  {one.kind}  last {one.last:%Y-%m-%d}  due {one.since:%Y-%m-%d}")
    say(f"due: {len(found.due):,} of {found.persons:,} persons; cannot be told: {found.untold:,}")
    if asked.ask_as is not None:
        say(f"asked for {len(new):,}; another account approves each, see `vitruvian erase list`")
    return DONE


def run_list(asked: argparse.Namespace) -> int:
    """What was asked for and what was erased: how much, on what ground, by whom, when."""
    with erasing(asked) as (_, eraser):
        waiting, done = eraser.register.waiting(), eraser.done()
    if asked.json:
        say_json({"waiting": [waiting_of(one) for one in waiting], "done": list(map(told, done))})
        return DONE
    for one in waiting:
        state = f"approved by {one.approved_by}, cut short" if one.approved_by else "waits"
        say(f"{one.id}  {one.asked_at:%Y-%m-%d %H:%M}  {one.whose}  {one.ground}")
        say(f"          asked by {one.asked_by}, {state}")
    for each in done:
        what = f"{each.items:,} items  {each.ground}"
        what += f"  {each.part}" if each.part is not None else ""
        say(f"{each.id}  {each.done_at:%Y-%m-%d %H:%M}  {what}")
        say(f"          asked by {each.asked_by}, approved by {each.approved_by}")
    if not waiting and not done:
        say("nothing was asked for and nothing was erased")
    return DONE


def waiting_of(one: Request) -> dict[str, object]:
    """A request for JSON; a number of 64 bits is a string there."""
    names = ("id", "ground", "asked_by", "asked_at", "approved_by", "approved_at")
    person = str(one.person_id) if one.part is None else None
    return {"person": person, **part_of(one)} | {name: getattr(one, name) for name in names}


def part_of(one: Request | Erased) -> dict[str, object]:
    """Which kind of data, and before when, for JSON; null where it is about a person."""
    part = one.part
    return {"kind": part and part.kind, "before": part and part.before}


def told(one: Erased) -> dict[str, object]:
    """An erasure for JSON."""
    names = ("id", "items", "counts", "named", "ground", "asked_by", "approved_by", "done_at")
    return part_of(one) | {name: getattr(one, name) for name in names}


def say_done(done: Erased) -> None:
    """How much went, and what stays."""
    parts = ", ".join(f"{count:,} {name}" for name, count in sorted(done.counts.items()))
    say(
        f"erased {done.id}: {done.items:,} items ({parts}); no file of the lake holds them any more"
    )
    if done.named:
        say(f"{done.named} records about several patients or none name the person still and stay")
