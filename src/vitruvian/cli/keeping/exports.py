"""Commands that write what is stored in other people's formats."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.cli.terminal import DONE, access_of, far, moment_of, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from vitruvian.research import Wish


def add_exports(whole: Words) -> None:
    """Commands that write what is stored in other people's formats."""
    export = whole.add_group("export", "What is stored, in other people's formats.")
    meds = export.command("meds", run_meds, example="export meds meds-data --lake lake")
    fhir = export.command("fhir", run_fhir, example="export fhir ndjson --lake lake")
    packets = export.command(
        "phenopackets", run_phenopackets, example="export phenopackets packets --lake lake"
    )
    for each in (meds, fhir, packets):
        each.add_argument("to", type=Path, metavar="TO", help="a new or empty folder")
        each.moment()


def run_meds(asked: argparse.Namespace) -> int:
    """Write the timeline as a MEDS dataset: data, codes, subject splits."""
    from vitruvian.lake import Lake
    from vitruvian.research import export_meds

    with Lake.open(asked.lake) as lake, far("export") as tell:
        report = export_meds(lake, asked.to, wish_of(asked, tell))
    if asked.json:
        say_json(asdict(report))
        return DONE
    say(
        f"wrote {report.events:,} events of {report.subjects:,} persons, "
        f"{report.codes:,} codes, {report.shards:,} shards"
    )
    for reason, count in report.left_out.items():
        say(f"left out as {reason.replace('_', ' ')}: {count:,}")
    return DONE


def run_fhir(asked: argparse.Namespace) -> int:
    """Write the current version of every FHIR resource as it came: NDJSON, a file a type."""
    from vitruvian.lake import Lake
    from vitruvian.research import export_fhir

    with Lake.open(asked.lake) as lake, far("export") as tell:
        report = export_fhir(lake, asked.to, wish_of(asked, tell))
    if asked.json:
        say_json(asdict(report))
        return DONE
    for kind, count in report.resources.items():
        say(f"{kind}: {count:,}")
    say(f"wrote {report.total:,} resources")
    return DONE


def run_phenopackets(asked: argparse.Namespace) -> int:
    """Write persons as GA4GH Phenopackets 2.0: a JSON file each, ages instead of birth dates."""
    from vitruvian.lake import Lake
    from vitruvian.research import export_phenopackets

    with Lake.open(asked.lake) as lake, far("export") as tell:
        report = export_phenopackets(lake, asked.to, wish_of(asked, tell))
    if asked.json:
        say_json(asdict(report))
        return DONE
    say(
        f"wrote {report.packets:,} phenopackets: {report.features:,} features, "
        f"{report.diseases:,} diseases, {report.measurements:,} measurements, "
        f"{report.findings:,} genomic findings"
    )
    if report.empty:
        say(f"{report.empty:,} persons have nothing that a phenopacket says, and no file")
    return DONE


def wish_of(asked: argparse.Namespace, tell: Callable[[int, int], None]) -> Wish:
    """Who asks, and as of when."""
    from vitruvian.research import Wish

    known, recorded = moment_of(asked.known_at), moment_of(asked.recorded_at)
    return Wish(access_of("operations"), known_at=known, recorded_at=recorded, progress=tell)
