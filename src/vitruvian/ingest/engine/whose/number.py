"""Subjects that a source knows by a number of the hospital's own, under its declared system."""

from __future__ import annotations

from typing import Any

from vitruvian.ingest.engine.whose.links import Basis, holders, write_links

_NUMBERS = "SELECT subject_id, unnest(identifiers) AS i FROM patient WHERE site = ?"
_EVIDENCE = "the same number under the same declared system"


def link_numbers(bulk: Any, *, site: str, label: str) -> None:
    """Link each subject to the one person who has its number under the same system.

    ``label`` names the identifiers of the subjects to be linked; those of one format do not
    count as persons for one another.
    """
    reader = bulk.reader
    rows = reader.query(_NUMBERS, tables=["patient"], params=[site]).to_pylist()
    persons = reader.persons()
    numbered = [
        (row["subject_id"], (row["i"]["system"], row["i"]["value"]), row["i"]["label"] == label)
        for row in rows
    ]
    held = holders(
        ((subject, number) for subject, number, own in numbered if not own and number[0]), persons
    )
    links: dict[int, int] = {}
    for subject, number, own in numbered:
        found = held.get(number, set()) if own and subject not in persons else set()
        if len(found) == 1:
            links[subject] = next(iter(found))
    write_links(bulk, links, Basis(label, "number", _EVIDENCE), site=site)
