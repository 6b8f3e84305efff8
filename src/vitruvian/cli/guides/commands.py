"""Which guidelines there are, and what a new edition changes."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.guides.medicines import add_medicines
from vitruvian.cli.terminal import DONE, reading, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.guides.changes import Change, Changes
    from vitruvian.guides.concepts import GuideChange

SHOWN = 20


def add_guides(whole: Words) -> None:
    """Commands about guidelines."""
    group = whole.add_group("guide", "Guidelines as data, and what a new edition changes.")
    listing = group.command("list", run_list, example="guide list")
    listing.json()
    example = "guide diff hcm_risk_scd_2014 hcm_risk_scd --lake lake"
    diff = group.command("diff", run_diff, example=example).moment()
    diff.add_argument("old", metavar="OLD", help="the edition in use")
    diff.add_argument("new", metavar="NEW", help="the edition to come")
    example = "guide concepts new_sets.yaml --guide covid_who --lake lake"
    concepts = group.command("concepts", run_concepts, example=example).moment()
    words = "YAML: concept_sets, lists of codes by the names that the guideline's own sets have"
    concepts.add_argument("file", type=Path, metavar="FILE", help=words)
    words = "only this guideline; may be given again. Without it: each that has such a set"
    concepts.add_argument("--guide", action="append", default=[], metavar="NAME", help=words)
    add_medicines(group)


def run_list(asked: argparse.Namespace) -> int:
    """Every guideline with its edition, its review date, its state and its owner."""
    from vitruvian.guides import guide_named, manifests

    found = [(name, guide_named(name).card, each) for name, each in manifests().items()]
    if asked.json:
        say_json(
            [
                {
                    "name": name,
                    "title": each.title,
                    "edition": card.edition,
                    "doi": card.doi,
                    "owner": card.owner,
                    "review_by": card.review_by.isoformat(),
                    "status": each.status,
                }
                for name, card, each in found
            ]
        )
        return DONE
    broad = max(len(name) for name, _, _ in found)
    width = max(len(card.edition) for _, card, _ in found)
    for name, card, each in found:
        state = "older edition, not asked" if each.status == "retired" else each.status
        told = f"{name:{broad}} {card.edition:{width}} review by {card.review_by}  {state}"
        say(f"{told}; owner: {card.owner}")
    return DONE


def run_diff(asked: argparse.Namespace) -> int:
    """Exactly which patients' answers another edition changes, and why; nothing is stored."""
    from vitruvian.guides import guide_named
    from vitruvian.guides.changes import changes

    old, new = guide_named(asked.old), guide_named(asked.new)
    with reading(asked) as (reader, moment):
        instant = moment.known_at or moment.recorded_at or moment.now
        with reader.over_many(f"guide diff {old.name} {new.name}"):
            found = changes(old, new, reader, instant=instant)
        for each in found.found:
            reader.note(reader.subjects_of(each.person_id))
    if asked.json:
        say_json(found)
    else:
        show(found)
    return DONE


def run_concepts(asked: argparse.Namespace) -> int:
    """Whose answers new concept sets change, and by which codes; nothing is stored."""
    from vitruvian.guides.concepts import concept_changes, guides_with, read_concepts

    sets = read_concepts(asked.file)
    names = asked.guide or guides_with(sets)
    found = []
    with reading(asked) as (reader, moment):
        instant = moment.known_at or moment.recorded_at or moment.now
        for name in names:
            with reader.over_many(f"guide concepts {name}"):
                found.append(concept_changes(name, sets, reader, instant=instant))
        for change in (one for each in found for one in each.found):
            reader.note(reader.subjects_of(change.person_id))
    if asked.json:
        say_json(found)
    elif not names:
        say("No guideline in use has a concept set of these names.")
    else:
        for each in found:
            show_concepts(each)
    return DONE


def show_concepts(found: GuideChange) -> None:
    """What changes for one guideline."""
    if not found.sets:
        say(f"{found.guide}: these are the sets it has already")
        return
    say(f"{found.guide}: {found.asked} patients asked, {len(found.found)} answers change")
    for each in found.sets:
        signs = [*(f"+{code}" for code in each.added), *(f"-{code}" for code in each.removed)]
        say(f"  {each.name}: {' '.join(signs)}")
    for change in found.found[:SHOWN]:
        say("")
        say(f"  {change.person_id}: {change.old} -> {change.new}")
        say(f"      holds {', '.join(change.codes) or 'none of these codes itself'}")
        for sentence in change.why:
            say(f"      {sentence}")
    if len(found.found) > SHOWN:
        say(f"and {len(found.found) - SHOWN} more; --json lists all")


def show(found: Changes) -> None:
    """The changes for a reader at a terminal."""
    say(f"{found.old} -> {found.new}, by what was known at {found.instant:%Y-%m-%d %H:%M}")
    say(f"{found.asked} patients asked, {len(found.found)} answers change")
    for change in found.found[:SHOWN]:
        show_one(change)
    if len(found.found) > SHOWN:
        say(f"and {len(found.found) - SHOWN} more; --json lists all")


def show_one(change: Change) -> None:
    """One patient."""
    say("")
    say(f"  {change.person_id}: {change.old.answer} -> {change.new.answer}")
    for sentence in change.why:
        say(f"      {sentence}")
    if change.new.missing:
        say(f"      missing: {', '.join(change.new.missing)}")
