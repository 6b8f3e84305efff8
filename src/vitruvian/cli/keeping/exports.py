"""Commands that write what is stored in other people's formats."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from vitruvian.base.errors import BadInput
from vitruvian.base.words import counted
from vitruvian.cli.terminal import (
    DONE,
    access_of,
    far,
    moment_of,
    read_bytes,
    say,
    say_json,
)
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from vitruvian.lake import Lake
    from vitruvian.research import FhirReport, MedsReport, PacketReport, TablesReport, Wish
    from vitruvian.views import ViewDefinition

Report = TypeVar("Report")


class SameName(BadInput):
    """Two views would be one table."""

    def __init__(self, number: int) -> None:
        super().__init__(
            f"View {number} of those given has the name of one before it, and each is a file of "
            "its own. Give them different names, or export them one after the other."
        )


def add_exports(whole: Words) -> None:
    """Commands that write what is stored in other people's formats."""
    export = whole.add_group("export", "What is stored, in other people's formats.")
    meds = export.command("meds", run_meds, example="export meds meds-data --lake lake")
    fhir = export.command("fhir", run_fhir, example="export fhir ndjson --lake lake")
    packets = export.command(
        "phenopackets", run_phenopackets, example="export phenopackets packets --lake lake"
    )
    example = "export tables flat --lake lake"
    tables = export.command("tables", run_tables, example=example)
    for each in (meds, fhir, packets, tables):
        each.add_argument("to", type=Path, metavar="TO", help="a new or empty folder")
        each.moment()
    _add_views(tables)


def _add_views(tables: Words) -> None:
    words = "ViewDefinitions (SQL on FHIR), each a table that is named as its view is; if none "
    words += "is given: the usual columns of patients, encounters, conditions, observations, ..."
    tables.add_argument("views", type=Path, nargs="*", metavar="VIEW.json", help=words)
    words = "how the tables are written; parquet if not given"
    tables.add_argument("--format", choices=("parquet", "csv", "ndjson"), default="parquet",
                        help=words)  # fmt: skip
    tables.engine()


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


def run_tables(asked: argparse.Namespace) -> int:
    """Write flat tables of what is stored, a file a view: Parquet, CSV or NDJSON."""
    from vitruvian.research import Tables, export_tables, usual_views

    views = _views(asked.views) if asked.views else usual_views()
    tables = Tables(views, kind=asked.format, on_spark=asked.engine == "spark")
    return _exported(asked, partial(export_tables, tables=tables), _tables_told)


def _views(paths: Sequence[Path]) -> Mapping[str, ViewDefinition]:
    """The views, by the names of their tables."""
    from vitruvian.research.export.tables import table_name
    from vitruvian.views import parse_view

    views: dict[str, ViewDefinition] = {}
    for number, path in enumerate(paths, start=1):
        view = parse_view(read_bytes(path, option=f"VIEW {number}"))
        if views.setdefault(table_name(view, path), view) is not view:
            raise SameName(number)
    return views


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
        f"wrote {counted(report.events, 'event')} of {counted(report.subjects, 'person')}, "
        f"{counted(report.codes, 'code')}, {counted(report.shards, 'shard')}"
    )
    for reason, count in report.left_out.items():
        yield f"left out as {reason.replace('_', ' ')}: {count:,}"


def _fhir_told(report: FhirReport) -> Iterator[str]:
    for kind, count in report.resources.items():
        yield f"{kind}: {count:,}"
    yield f"wrote {counted(report.total, 'resource')}"


def _tables_told(report: TablesReport) -> Iterator[str]:
    for name, count in report.tables.items():
        yield f"{name}: {count:,}"
    yield f"wrote {counted(report.total, 'row')} in {counted(len(report.tables), 'table')}"


def _packets_told(report: PacketReport) -> Iterator[str]:
    yield (
        f"wrote {counted(report.packets, 'phenopacket')}: {counted(report.features, 'feature')}, "
        f"{counted(report.diseases, 'disease')}, {counted(report.measurements, 'measurement')}, "
        f"{counted(report.findings, 'genomic finding')}"
    )
    if report.empty:
        yield f"{report.empty:,} persons have nothing that a phenopacket says, and no file"


def wish_of(asked: argparse.Namespace, tell: Callable[[int, int], None]) -> Wish:
    """Who asks, and as of when."""
    from vitruvian.research import Wish

    known, recorded = moment_of(asked.known_at), moment_of(asked.recorded_at)
    return Wish(access_of("operations"), known_at=known, recorded_at=recorded, progress=tell)
