"""Commands about the code systems that a site brings."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, access_of, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.terms.releases import Held


def add_terms(whole: Words) -> None:
    """Commands about the code systems that a site brings."""
    terms = whole.add_group("terms", "The terminology releases that this site holds.")
    load = terms.command("load", run_load, example="terms load SnomedCT_Release --lake lake")
    load.add_argument("folder", type=Path, metavar="FOLDER", help="the unpacked release")
    listed = terms.command("list", run_list, example="terms list --lake lake")
    expand = terms.command(
        "expand", run_expand, example="terms expand SNOMED//44054006 --lake lake"
    )
    expand.add_argument("code", metavar="CODE", help="SYSTEM//code")
    for each in (load, listed, expand):
        each.lake()
        each.json()


def run_load(asked: argparse.Namespace) -> int:
    """Load Athena, SNOMED CT (RF2), LOINC or RxNorm; a newer edition takes the older's place."""
    from vitruvian.ingest.terminology import load_release
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        held = load_release(lake, asked.folder, access=access_of("operations"))
    if asked.json:
        say_json(_plain(held))
    else:
        say(_words(held))
    return DONE


def _plain(held: Held) -> dict[str, object]:
    return {
        "name": held.name,
        "edition": held.edition,
        "concepts": held.concepts,
        "links": held.links,
        "since": held.since.isoformat(),
    }


def _words(held: Held) -> str:
    counted = f"{held.concepts:,} concepts, {held.links:,} links from a kind to what is wider"
    return f"{held.called}: {counted}, in force since {held.since:%Y-%m-%d %H:%M} UTC"


def run_list(asked: argparse.Namespace) -> int:
    """Say which releases this lake holds, in which edition, and since when."""
    from vitruvian.lake import Lake
    from vitruvian.terms.releases import Terms

    with Lake.open(asked.lake) as lake, lake.read(access_of("operations")) as reader:
        found = Terms(reader).releases
    if asked.json:
        say_json([_plain(each) for each in found])
        return DONE
    for held in found:
        say(_words(held))
    if not found:
        say("no terminology release is loaded; codes are kept and shown as their sources sent them")
    return DONE


def run_expand(asked: argparse.Namespace) -> int:
    """List a code and every kind of it, as `with_descendants` in a cohort takes them."""
    from vitruvian.ingest.terminology import UnknownConcept
    from vitruvian.lake import Lake
    from vitruvian.terms.releases import Terms

    with Lake.open(asked.lake) as lake, lake.read(access_of("operations")) as reader:
        terms = Terms(reader)
        found = terms.expand(asked.code)
        names = {} if found is None else terms.displays(found.codes)
    if found is None:
        raise UnknownConcept
    if asked.json:
        say_json([{"code": code, "display": names.get(code)} for code in found.codes])
        return DONE
    say(f"# {len(found.codes):,} codes, by {', '.join(found.releases)}")
    for code in found.codes:
        say(f"- {code}  # {names.get(code, 'no name')}")
    return DONE
