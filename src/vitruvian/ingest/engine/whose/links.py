"""Which persons hold a number, and the rows that make a subject one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.storing.rows import write_rows

Number = tuple[str | None, str]
"""A system of identifiers, and a number in it."""


@dataclass(frozen=True)
class Basis:
    """What links rest on: their name in ids, where that was told, and words for people."""

    name: str
    source_id: str
    evidence: str


def holders(
    numbered: Iterable[tuple[int, Number]], persons: Mapping[int, int]
) -> dict[Number, set[int]]:
    """The persons who have each number, by the numbers of their subjects."""
    held: dict[Number, set[int]] = {}
    for subject, number in numbered:
        held.setdefault(number, set()).add(persons.get(subject, subject))
    return held


def write_links(bulk: Any, found: Mapping[int, int], basis: Basis, *, site: str) -> None:
    """Link each subject to its person."""
    rows = [_row(subject, person, basis, site=site) for subject, person in found.items()]
    write_rows(bulk, "person_link", rows)


def _row(subject: int, person: int, basis: Basis, *, site: str) -> dict[str, Any]:
    return {
        "link_id": stable_id(basis.name, str(subject), str(person)),
        "subject_id": subject,
        "site": site,
        "source_id": basis.source_id,
        "known_at": datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
        "known_at_basis": "assumed",
        "person_id": person,
        "linked": True,
        "evidence": basis.evidence,
    }
