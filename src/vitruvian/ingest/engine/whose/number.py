"""Subjects that a source knows by a number of the hospital's own, under its declared system."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from vitruvian.base.ids import stable_id
from vitruvian.ingest.engine.whose.sheet import write_rows

_NUMBERS = "SELECT subject_id, unnest(identifiers) AS i FROM patient WHERE site = ?"


def link_numbers(bulk: Any, *, site: str, label: str) -> None:
    """Link each subject to the one person who has its number under the same system.

    ``label`` names the identifiers of the subjects to be linked; those of one format do not
    count as persons for one another.
    """
    reader = bulk.reader
    rows = reader.query(_NUMBERS, tables=["patient"], params=[site]).to_pylist()
    persons = reader.persons()
    holders: dict[tuple[str, str], set[int]] = {}
    for row in rows:
        if row["i"]["label"] != label and row["i"]["system"]:
            person = persons.get(row["subject_id"], row["subject_id"])
            holders.setdefault((row["i"]["system"], row["i"]["value"]), set()).add(person)
    links = {}
    for row in rows:
        subject = row["subject_id"]
        if row["i"]["label"] != label or subject in persons:
            continue
        found = holders.get((row["i"]["system"], row["i"]["value"]), set())
        if len(found) == 1:
            links[subject] = _link(subject, next(iter(found)), site=site, label=label)
    write_rows(bulk, "person_link", list(links.values()))


def _link(subject: int, person: int, *, site: str, label: str) -> dict[str, Any]:
    return {
        "link_id": stable_id(label, str(subject), str(person)),
        "subject_id": subject,
        "site": site,
        "source_id": "number",
        "known_at": datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
        "known_at_basis": "assumed",
        "person_id": person,
        "linked": True,
        "evidence": "the same number under the same declared system",
    }
