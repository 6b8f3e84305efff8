"""The steward's list: consents nobody can read, consents withdrawn, and what had left before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from vitruvian.trust.consent import terms_of

if TYPE_CHECKING:
    from vitruvian.lake.audit import Audit
    from vitruvian.lake.reader import Reader
    from vitruvian.trust import AuditRow

COLUMNS = ("subject_id", "version_id", "source_id", "locator", "terms", "readable")


@dataclass(frozen=True)
class Left:
    """One export that held, or may have held, rows of a person."""

    at: str
    who: str
    purpose: str
    what: str
    certain: bool


@dataclass(frozen=True)
class ConsentLine:
    """One consent a steward has to look at.

    Parameters
    ----------
    state
        Not readable, or withdrawn: it held once and holds no more.
    why
        Why it cannot be read.
    left
        What left before the withdrawal, and to whom.
    """

    subject_id: int
    source_id: str
    locator: str | None
    state: Literal["unreadable", "withdrawn"]
    why: str
    left: tuple[Left, ...] = ()


def consent_lines(reader: Reader, audit: Audit) -> list[ConsentLine]:
    """Every consent a steward has to look at, as of now."""
    where = "kind = 'consent'"
    held = reader.history("grant", columns=COLUMNS, where=where).to_pylist()
    now = reader.rows("grant", columns=COLUMNS, where=where).column("version_id").to_pylist()
    exports = exports_in(audit)
    lines = []
    for row in held:
        said = (row["subject_id"], row["source_id"], row["locator"])
        if row["version_id"] not in now:
            left = _left((row["subject_id"],), exports)
            lines.append(ConsentLine(*said, "withdrawn", "it holds no more", left))
        elif not row["readable"]:
            why = terms_of(row["terms"]).why_unreadable or ""
            lines.append(ConsentLine(*said, "unreadable", why))
    return lines


def exports_in(audit: Audit) -> list[AuditRow]:
    """Every time that data left."""
    return [row for row in audit.rows() if row.deed.kind == "export"]


def left_of(subjects: Sequence[int], audit: Audit) -> tuple[Left, ...]:
    """What left of some subjects, and what may have held them."""
    return _left(subjects, exports_in(audit))


def _left(subjects: Sequence[int], exports: Sequence[AuditRow]) -> tuple[Left, ...]:
    """Exports that name one of them, and those of a whole population, which may hold them."""
    return tuple(
        Left(
            row.at, row.access.who, row.access.purpose, row.deed.definition, bool(row.deed.subjects)
        )
        for row in exports
        if not row.deed.subjects or not set(row.deed.subjects).isdisjoint(subjects)
    )
