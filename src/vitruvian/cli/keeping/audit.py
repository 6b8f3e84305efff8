"""Commands about the audit: who saw what, whether the chain holds, and a copy for a collector."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.terminal import DONE, FAILED, access_of, draw, moment_of, say, say_json
from vitruvian.cli.words import Words

if TYPE_CHECKING:
    from rich.table import Table

    from vitruvian.lake import Lake
    from vitruvian.trust import AuditRow

HEADINGS = ("When", "Who", "Role", "Purpose", "What", "Ended", "Patients", "Of")
MOST_ROWS = 50


class FileThere(BadInput):
    """The file to write is there already."""

    def __init__(self) -> None:
        super().__init__(
            "The file given as --out is there already, or its folder is not. "
            "Choose a new name; an audit is never written over."
        )


def add_audit(whole: Words) -> None:
    """Commands about the audit."""
    audit = whole.add_group("audit", "Who saw what and why, and the proof of it.")
    show = audit.command("show", run_show, example="audit show --lake lake --who rossi").lake()
    for each in (
        show.json(),
        audit.command("export", run_export, example="audit export --lake lake --out a.ndjson"),
    ):
        each.add_argument("--who", metavar="NAME", help="only this account")
        each.add_argument("--person", type=int, metavar="PERSON", help="rows that showed a patient")
        each.add_argument("--since", metavar="T", help="from this moment on")
        each.add_argument("--until", metavar="T", help="before this moment")
    show.add_argument("--limit", type=int, default=MOST_ROWS, metavar="N", help="newest rows; 50")
    export = audit.commands.choices["export"]
    export.lake()
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
    words = "lines of the chain, for a log collector; or FHIR AuditEvents"
    export.add_argument("--format", choices=("lines", "fhir"), default="lines", help=words)
    audit.command("verify", run_verify, example="audit verify --lake lake").lake()


def run_show(asked: argparse.Namespace) -> int:
    """The newest rows of the audit, filtered."""
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        rows = list(chosen(lake, asked))
    newest = rows[: -asked.limit - 1 : -1]
    if asked.json:
        say_json(newest)
    else:
        draw(drawn(newest, total=len(rows)))
    return DONE


def run_export(asked: argparse.Namespace) -> int:
    """Write rows of the audit to a file, oldest first, one a line."""
    import orjson

    from vitruvian.lake import Lake
    from vitruvian.trust import as_audit_event

    with Lake.open(asked.lake) as lake, new_file(asked.out).open("xb") as out:
        count = 0
        for row in chosen(lake, asked):
            as_fhir = asked.format == "fhir"
            line = orjson.dumps(as_audit_event(row, site=lake.site)) if as_fhir else None
            out.write((line or row.line().encode()) + b"\n")
            count += 1
    say(f"wrote {count:,} rows")
    return DONE


def run_verify(asked: argparse.Namespace) -> int:
    """Walk the whole hash chain in both sinks.

    Returns
    -------
    int
        1 when a row was changed, taken out, put in or moved.
    """
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake:
        faults = list(lake.audit.faults())
        rows = lake.audit.rows()
    for fault in faults:
        say(fault)
    if faults:
        return FAILED
    say(f"the chain of {len(rows):,} rows holds in both sinks")
    if rows:
        say(f"last row {rows[-1].seq}, {rows[-1].at}, hash {rows[-1].hash}")
    return DONE


def chosen(lake: Lake, asked: argparse.Namespace) -> Iterator[AuditRow]:
    """The rows asked for, oldest first; a person's are those of every subject of theirs."""
    from vitruvian.trust import Deed

    since, until = moment_of(asked.since), moment_of(asked.until)
    rows = rows_about(lake, asked.person)
    # Whoever reads the audit stands in it too.
    lake.audit.record(access_of("operations"), Deed("read", definition="audit"))
    for row in rows:
        at = datetime.fromisoformat(row.at)
        early = since is not None and at < since
        late = until is not None and at >= until
        if not early and not late and asked.who in (None, row.access.who):
            yield row


def rows_about(lake: Lake, person: int | None) -> list[AuditRow]:
    """Every row, or those in which rows of one person were shown."""
    if person is None:
        return lake.audit.rows()
    with lake.read(access_of("operations")) as reader:
        subjects = reader.subjects_of(person)
    found = {row.seq: row for each in subjects for row in lake.audit.rows(subject_id=each)}
    return [found[seq] for seq in sorted(found)]


def new_file(path: Path) -> Path:
    """A path where nothing is yet; raises `FileThere`."""
    if path.exists() or not path.absolute().parent.is_dir():
        raise FileThere
    return path


def drawn(rows: list[AuditRow], *, total: int) -> Table:
    """Rows as people read them."""
    from rich import box
    from rich.table import Table

    title = f"{len(rows):,} of {total:,} rows, newest first"
    table = Table(*HEADINGS, title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.columns[0].no_wrap = True
    for row in rows:
        deed, access = row.deed, row.access
        said = (access.who, access.role, access.purpose, deed.kind, deed.outcome)
        table.add_row(
            row.at[:16].replace("T", " "), *said, f"{len(deed.subjects):,}", deed.definition
        )
    return table
