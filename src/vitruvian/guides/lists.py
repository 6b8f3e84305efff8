"""Lists of medicines beside a guideline: its own, entry by entry with the source, and a site's.

A guideline names a list in `criteria.yaml`, and reads it as one of its concept sets:

    lists: {qt_medicines: {file: qt_medicines.toml, site: VITRUVIAN_QT_MEDICINES}}

The variable may name a site's declaration: a small TOML file that says where the site's own list
lies, what its columns are called, and which of its categories count. The list stays where it is,
under the licence that the site holds; its entries are used and never shown or stored.

References
----------
CredibleMeds, QTdrugs API documentation: `generic_name`, `rxnorm_id`, `atc_code`, `category`, with
the entries under `Results`.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from vitruvian.guides.errors import BadList

# Any: TOML, JSON and CSV as they came, looked at element by element below
Written: TypeAlias = Mapping[str, Any]

COLUMNS = {
    "name": "generic_name",
    "rxnorm": "rxnorm_id",
    "atc": "atc_code",
    "category": "category",
}
"""What the columns of the CredibleMeds API are called; a declaration may name others."""
CODES = {
    "rxnorm": ("RXNORM//", re.compile(r"[1-9]\d{0,7}"), "an RxNorm number"),
    # WHO Collaborating Centre for Drug Statistics Methodology: fifth level, the substance
    "atc": ("ATC//", re.compile(r"[A-Z]\d{2}[A-Z]{2}\d{2}"), "an ATC code of seven characters"),
}
_BETWEEN = re.compile(r"[\s,;|]+")


@dataclass(frozen=True)
class ListEntry:
    """One medicine: its name, its codes, and where it is said that it belongs here."""

    name: str
    codes: tuple[str, ...]
    cite: str = ""


@dataclass(frozen=True)
class CodeList:
    """A list of medicines.

    Parameters
    ----------
    source, edition
        Whose list, and of when.
    entries
        The medicines that count.
    uncoded
        How many count by their category and have no code: no record can be matched with them.
    instead
        Whether a site's list takes the place of the guideline's own; else it stands beside it.
    """

    source: str
    edition: str
    entries: tuple[ListEntry, ...]
    uncoded: int = 0
    instead: bool = False

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, each once."""
        return tuple(dict.fromkeys(code for each in self.entries for code in each.codes))


def read_own_list(path: Path) -> CodeList:
    """The list that travels with a guideline."""
    said = tomllib.loads(path.read_text("utf-8"))
    entries = (
        ListEntry(each["name"], tuple(each["codes"]), each["cite"]) for each in said["entry"]
    )
    return CodeList(said["source"], said["edition"], tuple(entries))


def site_list(variable: str) -> CodeList | None:
    """The list that a site declares by this variable; None where it declares none."""
    named = os.environ.get(variable)
    return read_site_list(Path(named)) if named else None


def read_site_list(declaration: Path) -> CodeList:
    """A site's own list, as its declaration says.

    Parameters
    ----------
    declaration
        TOML: `source`, `edition`, `file` (JSON or CSV, beside the declaration), `counts` and
        `others` (the categories that count, and those that do not), and, where they differ from
        those of CredibleMeds, `columns`; `instead = true` leaves the guideline's own list out.

    Raises
    ------
    BadList
        When the declaration or the list cannot be used as written: a category that neither
        `counts` nor `others` names is refused, for nobody said what it means.
    """
    said = _declared(declaration)
    columns = {**COLUMNS, **said.get("columns", {})}
    rows = list(_rows(declaration.parent / said["file"]))
    counted = [_entry(row, columns, at=n) for n, row in enumerate(rows, 1) if _counts(row, said, n)]
    coded = tuple(each for each in counted if each.codes)
    if not coded:
        fault = "no entry counts and has a code"
        raise BadList(fault)
    return CodeList(
        source=said["source"],
        edition=str(said["edition"]),
        entries=coded,
        uncoded=len(counted) - len(coded),
        instead=said.get("instead") is True,
    )


def _declared(path: Path) -> Written:
    try:
        said: Written = tomllib.loads(path.read_text("utf-8"))
    except OSError:
        fault = "the declaration is not there, or may not be read"
        raise BadList(fault) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError):
        fault = "the declaration is no TOML that can be read"
        raise BadList(fault) from None
    for name in ("source", "edition", "file"):
        if not said.get(name):
            fault = f"the declaration lacks {name!r}"
            raise BadList(fault)
    if not _words(said.get("counts")) or not isinstance(said.get("columns", {}), dict):
        fault = "the declaration does not say which categories count"
        raise BadList(fault)
    return said


def _words(said: object) -> list[str]:
    """A list of words; empty where it is something else."""
    return [str(each) for each in said] if isinstance(said, list) else []


def _rows(path: Path) -> Iterator[Written]:
    try:
        text = path.read_text("utf-8-sig")
        if path.suffix != ".json":
            yield from csv.DictReader(io.StringIO(text))
            return
        said = json.loads(text)
    except (OSError, ValueError, RecursionError, csv.Error):
        fault = "the file it names is no JSON or CSV that can be read"
        raise BadList(fault) from None
    rows = said.get("Results") if isinstance(said, dict) else said
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fault = "the file it names holds no list of entries"
        raise BadList(fault)
    yield from rows


def _counts(row: Written, said: Written, at: int) -> bool:
    column = {**COLUMNS, **said.get("columns", {})}["category"]
    category = str(row.get(column) or "").strip()
    if category in _words(said["counts"]):
        return True
    if category in _words(said.get("others")):
        return False
    fault = f"entry {at} has no category that the declaration names"
    raise BadList(fault)


def _entry(row: Written, columns: Mapping[str, str], *, at: int) -> ListEntry:
    name = str(row.get(columns["name"]) or "").strip()
    if not name:
        fault = f"entry {at} has no name"
        raise BadList(fault)
    found = (code for kind in CODES for code in _codes(row.get(columns[kind]), kind, at=at))
    return ListEntry(name, tuple(found))


def _codes(said: object, kind: str, *, at: int) -> Iterable[str]:
    """The codes of one cell; a cell may hold several."""
    prefix, shape, expected = CODES[kind]
    for each in _BETWEEN.split(str(said or "").strip()):
        if each and not shape.fullmatch(each):
            fault = f"entry {at} holds what is not {expected}"
            raise BadList(fault)
        if each:
            yield f"{prefix}{each}"
