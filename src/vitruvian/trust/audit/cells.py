"""Rows of the audit as a sheet: who, what, when, why, one row a line. Pure.

References
----------
RFC 4180 (2005), CSV. OWASP, CSV Injection: beginnings that a spreadsheet takes for a formula.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from vitruvian.trust.audit.rows import AuditRow

COLUMNS = (
    *("row", "at", "who", "role", "purpose", "reason", "project", "app", "what", "outcome"),
    *("patients", "subjects", "of", "flags", "hash"),
)
MOST_SUBJECTS = 50
RUNS = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_sheet(rows: Iterable[tuple[AuditRow, Sequence[str]]]) -> Iterator[str]:
    """Lines of CSV with their heading; patients stand as their subject ids, never by name.

    Parameters
    ----------
    rows
        Links of the chain, each with what somebody should ask about.
    """
    yield _line(COLUMNS)
    for row, flags in rows:
        yield _line([cell(one) for one in _cells(row, flags)])


def _cells(row: AuditRow, flags: Sequence[str]) -> list[str]:
    access, deed = row.access, row.deed
    asked = (access.who, access.role, access.purpose, access.reason, access.project, access.app)
    subjects = " ".join(map(str, deed.subjects[:MOST_SUBJECTS]))
    done = (deed.kind, deed.outcome, str(len(deed.subjects)), subjects, deed.definition)
    return [str(row.seq), row.at, *(one or "" for one in asked), *done, " ".join(flags), row.hash]


def cell(words: str) -> str:
    """Words that a spreadsheet shows and never runs.

    Examples
    --------
    >>> cell("=1+1"), cell("rossi")
    ("'=1+1", 'rossi')
    """
    return f"'{words}" if words.startswith(RUNS) else words


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue()
