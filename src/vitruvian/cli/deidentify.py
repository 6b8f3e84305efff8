"""The command that makes a research zone."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.terminal import DONE, FAILED, access_of, draw, far, say, say_json, warn
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from vitruvian.research.deidentify.files import Files
    from vitruvian.research.deidentify.rows import ZoneReport


class BadDay(BadInput):
    """A day that cannot be read."""

    def __init__(self) -> None:
        super().__init__("The day given with --expires cannot be read. Expected YYYY-MM-DD.")


def add_deidentify(whole: Words) -> None:
    """The command that makes a research zone."""
    example = (
        "deidentify --lake lake --to zone --project heart-1 --key heart-1.key "
        '--basis "ethics approval 2026/17" --expires 2027-12-31'
    )
    command = whole.command("deidentify", run_deidentify, example=example).lake()
    command.add_argument("--to", type=Path, required=True, metavar="DIR", help="the new lake")
    command.add_argument("--project", required=True, metavar="NAME", help="what the zone is for")
    command.add_argument("--basis", required=True, metavar="TEXT", help="the legal basis, in words")
    command.add_argument(
        "--expires", required=True, metavar="DATE", help="the day on which the zone must be gone"
    )
    command.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="the project's key, made when absent; outside the zone, and secret",
    )
    command.add_argument(
        "--fewest",
        type=int,
        default=5,
        metavar="N",
        help="codes and places that fewer persons have are not told; 5 if not given",
    )
    command.json()
    _add_files(whole)


def _add_files(whole: Words) -> None:
    example = "deidentify-files scans --to clean --project heart-1 --key heart-1.key --lake lake"
    files = whole.command("deidentify-files", run_files, example=example)
    files.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="files or folders")
    files.add_argument("--to", type=Path, required=True, metavar="DIR", help="where to")
    files.add_argument("--project", required=True, metavar="NAME", help="what they are for")
    files.add_argument("--key", type=Path, required=True, metavar="FILE", help="the project's key")
    files.add_argument(
        "--lake", type=Path, metavar="DIR", help="whose persons they are: same shift as its zone"
    )
    files.add_argument(
        "--ocr", action="store_true", help="paint over text in pictures, where it can be found"
    )
    files.json()


def run_files(asked: argparse.Namespace) -> int:
    """Write DICOM, VCF and WFDB files without what identifies, under names that say nothing."""
    from vitruvian.ingest.errors import NoSuchPath
    from vitruvian.lake import Lake
    from vitruvian.research.deidentify.dicom import text_finder
    from vitruvian.research.deidentify.errors import KeyInZone
    from vitruvian.research.deidentify.files import deidentify_files, persons_by_number
    from vitruvian.research.deidentify.replace import Project
    from vitruvian.research.deidentify.rows.zone import read_key

    for place, path in enumerate(asked.paths, start=1):
        if not path.exists():
            raise NoSuchPath(place)
    find_text = text_finder() if asked.ocr else None
    if asked.to.resolve() in asked.key.resolve().parents:
        raise KeyInZone
    project = Project(asked.project, read_key(asked.key))
    if asked.lake is None:
        report = deidentify_files(asked.paths, asked.to, project, find_text=find_text)
    else:
        with Lake.open(asked.lake) as lake, lake.read(access_of("operations")) as reader:
            who = persons_by_number(reader)
        report = deidentify_files(asked.paths, asked.to, project, find_text=find_text, who=who)
    if asked.json:
        say_json(report.as_json())
    else:
        show_files(report)
    if not report.written:
        warn("nothing was written: the paths hold no DICOM, VCF or WFDB file that can be cleaned")
        return FAILED
    return DONE


def show_files(report: Files) -> None:
    """What became of the files, in a few lines."""
    images = report.images
    say(
        f"{images.written:,} DICOM files, {report.genomes:,} VCF files and "
        f"{report.recordings:,} recordings written."
    )
    if images.held_back:
        say(
            f"{len(images.held_back):,} DICOM files held back: they may show text, or hold a "
            "document. With --ocr text is painted over where it can be found."
        )
    if images.painted:
        say(f"{images.painted:,} places with text were painted over.")
    if images.faces:
        say(f"{images.faces:,} may show a face, and say so in (0028,0302).")
    if images.unreadable:
        say(f"{len(images.unreadable):,} files are none of these and were left out.")


def run_deidentify(asked: argparse.Namespace) -> int:
    """Make a research zone: a second lake without names, dates moved, pseudonyms under a key."""
    from vitruvian.lake import Lake
    from vitruvian.research.deidentify.rows import Wanted, deidentify

    try:
        expires = date.fromisoformat(asked.expires)
    except ValueError:
        raise BadDay from None
    wanted = Wanted(asked.project, asked.basis, expires, fewest=asked.fewest)
    me = access_of("operations")
    with Lake.open(asked.lake) as lake, far("deidentify", rows=True) as tell:
        report = deidentify(lake, asked.to, wanted, access=me, key=asked.key, progress=tell)
    if asked.json:
        say_json(report.as_json())
    else:
        show(report, wanted.expires)
    return DONE


def show(report: ZoneReport, expires: date) -> None:
    """The zone in a few lines."""
    from rich.table import Table

    table = Table("table", "rows", box=None, pad_edge=False)
    table.columns[1].justify = "right"
    for name, rows in report.rows.items():
        table.add_row(name, f"{rows:,}")
    draw(table)
    texts, findings = report.texts
    say(f"{report.persons:,} persons; {findings:,} identifiers replaced in {texts:,} texts.")
    if report.over_89:
        say(f"{report.over_89:,} persons are over 89: their birth is not told.")
    hidden = sum(report.rare.values())
    say(f"{hidden:,} codes and places are not told, since too few persons have them.")
    say(f"The zone must be gone on {expires}. Keep the key away from it, or delete the key.")
