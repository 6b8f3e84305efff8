"""Commands that show the audit: who saw what, what to ask about, and a copy for a collector."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from vitruvian.base.errors import BadInput
from vitruvian.cli.terminal import DONE, access_of, draw, moment_of, say, say_json
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


def add_shown(audit: Words) -> None:
    """Commands that show the audit."""
    show = audit.command("show", run_show, example="audit show --lake lake --who rossi").lake()
    for each in (
        show.json(),
        audit.command("export", run_export, example="audit export --lake lake --out a.ndjson"),
    ):
        _add_choice(each)
    show.add_argument("--limit", type=int, default=MOST_ROWS, metavar="N", help="newest rows; 50")
    export = audit.commands.choices["export"]
    export.lake()
    export.add_argument("--out", type=Path, required=True, metavar="FILE", help="a new file")
    words = "lines of the chain; FHIR AuditEvents; or CEF, with what should be asked about"
    export.add_argument("--format", choices=("lines", "fhir", "cef"), default="lines", help=words)
    flags = audit.command("flags", run_flags, example="audit flags --lake lake --since 2026-06-01")
    flags.lake().json()
    _add_choice(flags)


def _add_choice(command: Words) -> None:
    """Which rows are meant."""
    command.add_argument("--who", metavar="NAME", help="only this account")
    command.add_argument("--person", type=int, metavar="PERSON", help="rows that showed a patient")
    command.add_argument("--since", metavar="T", help="from this moment on")
    command.add_argument("--until", metavar="T", help="before this moment")


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
    from vitruvian.lake import Lake

    with Lake.open(asked.lake) as lake, new_file(asked.out).open("xb") as out:
        count = 0
        for line in lines_of(lake, list(chosen(lake, asked)), form=asked.format):
            out.write(line.encode() + b"\n")
            count += 1
    say(f"wrote {count:,} rows")
    return DONE


def lines_of(lake: Lake, rows: list[AuditRow], *, form: str) -> Iterator[str]:
    """Rows as other software reads them."""
    import orjson

    from vitruvian.lake.audit.lookups import flagged
    from vitruvian.trust import as_audit_event
    from vitruvian.trust.audit.cef import as_cef

    if form == "cef":
        for row, flags in flagged(lake, rows, access=access_of("operations")):
            yield as_cef(row, version=version("vitruvian"), flags=flags)
        return
    for row in rows:
        yield (
            row.line()
            if form == "lines"
            else orjson.dumps(as_audit_event(row, site=lake.site)).decode()
        )


def run_flags(asked: argparse.Namespace) -> int:
    """Look-ups to ask about: of guarded people, of family, of oneself, through broken glass."""
    from vitruvian.lake import Lake
    from vitruvian.lake.audit.lookups import flagged

    with Lake.open(asked.lake) as lake:
        rows = list(chosen(lake, asked))
        every = flagged(lake, rows, access=access_of("operations"))
        found = [(row, flags) for row, flags in every if flags]
    if asked.json:
        say_json([{"flags": flags, "row": row} for row, flags in found])
    elif not found:
        say(f"nothing to ask about in {len(rows):,} rows")
    else:
        draw(drawn_flags(found))
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


def drawn_flags(found: Sequence[tuple[AuditRow, Sequence[str]]]) -> Table:
    """Flagged rows as people read them; a flag is a question and no verdict."""
    from rich import box
    from rich.table import Table

    headings = ("Row", "When", "Who", "Role", "Patient", "To ask about")
    title = f"{len(found):,} look-ups to ask about"
    table = Table(*headings, title=title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    for row, flags in found:
        shown = " ".join(map(str, row.deed.subjects)) or "-"
        when = row.at[:16].replace("T", " ")
        who = (row.access.who, row.access.role)
        table.add_row(str(row.seq), when, *who, shown, ", ".join(flags))
    return table
