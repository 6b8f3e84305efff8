"""Commands that write what is stored in other people's formats."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from vitruvian.cli.terminal import DONE, access_of, far, moment_of, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from vitruvian.lake import Lake
    from vitruvian.research import FhirReport, MedsReport, PacketReport, Wish

Report = TypeVar("Report")


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
    from vitruvian.research import export_meds

    return _exported(asked, export_meds, _meds_told)


def run_fhir(asked: argparse.Namespace) -> int:
    """Write the current version of every FHIR resource as it came: NDJSON, a file a type."""
    from vitruvian.research import export_fhir

    return _exported(asked, export_fhir, _fhir_told)


def run_phenopackets(asked: argparse.Namespace) -> int:
    """Write persons as GA4GH Phenopackets 2.0: a JSON file each, ages instead of birth dates."""
    from vitruvian.research import export_phenopackets

    return _exported(asked, export_phenopackets, _packets_told)


def _exported(
    asked: argparse.Namespace,
    write: Callable[[Lake, Path, Wish], Report],
    told: Callable[[Report], Iterator[str]],
) -> int:
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake, far("export", rows=True) as tell:
        report = write(lake, asked.to, wish_of(asked, tell))
    if asked.json:
        say_json(report)
        return DONE
    for line in told(report):
        say(line)
    return DONE


def _meds_told(report: MedsReport) -> Iterator[str]:
    yield (
        f"wrote {report.events:,} events of {report.subjects:,} persons, "
        f"{report.codes:,} codes, {report.shards:,} shards"
    )
    for reason, count in report.left_out.items():
        yield f"left out as {reason.replace('_', ' ')}: {count:,}"


def _fhir_told(report: FhirReport) -> Iterator[str]:
    for kind, count in report.resources.items():
        yield f"{kind}: {count:,}"
    yield f"wrote {report.total:,} resources"


def _packets_told(report: PacketReport) -> Iterator[str]:
    yield (
        f"wrote {report.packets:,} phenopackets: {report.features:,} features, "
        f"{report.diseases:,} diseases, {report.measurements:,} measurements, "
        f"{report.findings:,} genomic findings"
    )
    if report.empty:
        yield f"{report.empty:,} persons have nothing that a phenopacket says, and no file"


def wish_of(asked: argparse.Namespace, tell: Callable[[int, int], None]) -> Wish:
    """Who asks, and as of when."""
    from vitruvian.research import Wish

    known, recorded = moment_of(asked.known_at), moment_of(asked.recorded_at)
    return Wish(access_of("operations"), known_at=known, recorded_at=recorded, progress=tell)
