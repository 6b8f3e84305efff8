"""Which links stand, by whoever said so, and writing the persons that follow from them.

Three may say that two subjects are one person: a declaration, messages of a feed, and a person in
review. The persons always follow from all links that stand; so taking one away gives back exactly
the persons there were without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vitruvian.base.ids import stable_id
from vitruvian.identity.declaration import Declaration, read_declaration
from vitruvian.identity.persons import changes, persons_of
from vitruvian.identity.resolve import resolve_all
from vitruvian.record import table_named

if TYPE_CHECKING:
    from vitruvian.lake import BulkLoad, Reader

DECLARATION = "IDENTITY/declaration"
"""What a file of links is called where it is stored, verbatim."""
REVIEW = "identity-review"
"""What links that a person accepted in review name as their source."""
VERDICT_COLUMNS = "pair_id subject_id other_id answer who known_at recorded_at verdict_id".split()


@dataclass(frozen=True)
class Links:
    """Pairs of subjects that are one person, and those a feed chose to go on after a merge."""

    edges: tuple[tuple[int, int], ...]
    chosen: frozenset[int]


@dataclass(frozen=True)
class Cause:
    """Why persons change now: lineage of the rows, what makes their ids, and the words.

    ``known`` tells since when a subject's link is known, where its declaration says so.
    """

    lineage: Mapping[str, Any]
    key: str
    evidence: str
    known: Mapping[int, datetime] = field(default_factory=dict)


def declarations_held(reader: Reader) -> dict[str, tuple[int, Declaration]]:
    """The declarations that hold, by digest, with the version they are stored as."""
    rows = reader.rows(
        "resource",
        columns=["version_id", "resource_id", "bytes"],
        where="resource_type = ?",
        params=[DECLARATION],
    ).to_pylist()
    return {row["resource_id"]: (row["version_id"], read_declaration(row["bytes"])) for row in rows}


def verdicts(reader: Reader) -> dict[int, dict[str, Any]]:
    """What was last said of every pair, by pair."""
    rows = reader.rows("pair_verdict", columns=VERDICT_COLUMNS).to_pylist()
    return {row["pair_id"]: row for row in sorted(rows, key=lambda row: row["recorded_at"])}


def links_standing(
    reader: Reader,
    *,
    declarations: Mapping[str, tuple[int, Declaration]] | None = None,
    said: Mapping[int, Mapping[str, Any]] | None = None,
) -> Links:
    """Every link that stands.

    Parameters
    ----------
    reader
        The door, without a veil: a link that is not seen would be undone.
    declarations
        Those that hold; None means as stored.
    said
        What was last said of every pair in review; None means as stored.
    """
    held = declarations_held(reader) if declarations is None else declarations
    edges, chosen = _links_of_feeds(reader)
    edges += resolve_all(reader, [declaration for _, declaration in held.values()])
    for row in (verdicts(reader) if said is None else said).values():
        if row["answer"] == "same":
            edges.append((row["subject_id"], row["other_id"]))
    return Links(tuple(edges), chosen)


def settle(bulk: BulkLoad, links: Links, cause: Cause) -> int:
    """Write what makes the persons those of the links; how many subjects it changed."""
    found = changes(bulk.reader.persons(), persons_of(links.edges, links.chosen))
    rows = [
        {
            **cause.lineage,
            **({"known_at": cause.known[subject]} if linked and subject in cause.known else {}),
            "known_at_basis": "stated",
            "link_id": stable_id(cause.key, str(subject), str(person), str(linked)),
            "subject_id": subject,
            "person_id": person,
            "linked": linked,
            "evidence": cause.evidence if linked else f"undone: {cause.evidence}",
        }
        for subject, (person, linked) in found.items()
    ]
    bulk.write("person_link", rows_as_table("person_link", rows))
    return len(rows)


def _links_of_feeds(reader: Reader) -> tuple[list[tuple[int, int]], frozenset[int]]:
    """What messages of a feed say is one person (the last word for each), and whom they chose."""
    declared = {
        row["source_id"]
        for row in reader.history(
            "resource", columns=["source_id"], where="resource_type = ?", params=[DECLARATION]
        ).to_pylist()
    }
    columns = ["subject_id", "person_id", "linked", "recorded_at", "source_id"]
    rows = reader.history("person_link", columns=columns).to_pylist()
    told = (row for row in rows if row["source_id"] not in declared | {REVIEW})
    latest = {row["subject_id"]: row for row in sorted(told, key=lambda row: row["recorded_at"])}
    linked = [row for row in latest.values() if row["linked"]]
    edges = [(row["subject_id"], row["person_id"]) for row in linked]
    return edges, frozenset(row["person_id"] for row in linked)


def rows_as_table(name: str, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Rows as Arrow with the types of their table; a column that no row has is left out."""
    schema = table_named(name).schema
    held = {column for row in rows for column in row} if rows else set(schema.names)
    return pa.Table.from_pylist(
        [dict(row) for row in rows], schema=pa.schema([f for f in schema if f.name in held])
    )
