"""Declaring links and undoing them: rows of ``person_link``, nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.ids import stable_id
from vitruvian.identity.declaration import Declaration, read_declaration
from vitruvian.identity.errors import NotDeclared
from vitruvian.identity.persons import changes, persons_of
from vitruvian.identity.resolve import Resolved, resolve
from vitruvian.record import table_named

if TYPE_CHECKING:
    from vitruvian.lake import BulkLoad, Lake, Reader
    from vitruvian.trust import Access

DECLARATION = "IDENTITY/declaration"
"""What a file of links is called where it is stored, verbatim."""


@dataclass(frozen=True)
class LinkReport:
    """What a declaration did.

    ``pairs`` subjects were named one with another; ``changed`` subjects have another person now;
    ``unresolved`` are the lines of the file whose keys lead to nobody, or to several.
    """

    pairs: int
    changed: int
    unresolved: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The stable JSON form."""
        return {
            "pairs": self.pairs,
            "changed": self.changed,
            "unresolved_lines": list(self.unresolved),
        }


def link(lake: Lake, data: bytes, *, access: Access, clock: Clock = system_clock) -> LinkReport:
    """Declare who is who; the same file again takes in people who have come since.

    Parameters
    ----------
    lake
        An open lake.
    data
        The file: pairs as CSV, or an authority as TOML.
    access
        Who declares it and why.
    clock
        What tells the time; links are known from then on, unless the file says since when.

    Raises
    ------
    BadDeclaration
        When the file is neither.
    """
    declaration = read_declaration(data)
    with lake.bulk(access) as bulk:
        held = _held(bulk.reader)
        row = _stored(bulk.reader, declaration, data, site=lake.site, now=clock())
        if declaration.digest not in held:
            bulk.write("resource", _table("resource", [row]))
        resolved = resolve(bulk.reader, declaration)
        standing = {**held, declaration.digest: (row["version_id"], declaration)}
        return _settle(bulk, standing, (row, declaration), resolved)


def unlink(lake: Lake, data: bytes, *, access: Access, clock: Clock = system_clock) -> LinkReport:
    """Undo a declaration: every answer is again what it was without it.

    Raises
    ------
    NotDeclared
        When these links do not hold.
    """
    declaration = read_declaration(data)
    with lake.bulk(access) as bulk:
        held = _held(bulk.reader)
        if declaration.digest not in held:
            raise NotDeclared
        version, _ = held.pop(declaration.digest)
        row = _stored(bulk.reader, declaration, data, site=lake.site, now=clock())
        row |= {"known_at": clock(), "known_at_basis": "stated"}
        end = {
            **{key: row[key] for key in ("site", "source_id", "locator", "known_at")},
            "known_at_basis": "stated",
            "retirement_id": stable_id("version", str(version), "undone"),
            "scope": "version",
            "target_id": version,
            "reason": "links undone",
        }
        bulk.write("retirement", _table("retirement", [end]))
        return _settle(bulk, held, (row, declaration), resolve(bulk.reader, declaration))


def _held(reader: Reader) -> dict[str, tuple[int, Declaration]]:
    """The declarations that hold, by digest, with the version they are stored as."""
    rows = reader.rows(
        "resource",
        columns=["version_id", "resource_id", "bytes"],
        where="resource_type = ?",
        params=[DECLARATION],
    ).to_pylist()
    return {row["resource_id"]: (row["version_id"], read_declaration(row["bytes"])) for row in rows}


def _stored(
    reader: Reader, declaration: Declaration, data: bytes, *, site: str, now: datetime
) -> dict[str, Any]:
    """The row of ``resource`` that keeps a declaration; made anew, it is a new version."""
    earlier = reader.history(
        "resource", columns=["version_id"], where="resource_id = ?", params=[declaration.digest]
    ).num_rows
    since = declaration.authority.known_at if declaration.authority else None
    return {
        "version_id": stable_id(site, DECLARATION, declaration.digest, str(earlier)),
        "site": site,
        "source_id": declaration.digest[:16],
        "locator": "record 0",
        "known_at": since or now,
        "known_at_basis": "stated",
        "record": 0,
        "resource_type": DECLARATION,
        "resource_id": declaration.digest,
        "content_hash": declaration.digest,
        "deleted": False,
        "bytes": data,
    }


def _settle(
    bulk: BulkLoad,
    standing: Mapping[str, tuple[int, Declaration]],
    by: tuple[Mapping[str, Any], Declaration],
    resolved: Resolved,
) -> LinkReport:
    """Write what makes the persons those of the declarations that stand."""
    row, declaration = by
    edges, chosen = _links_of_feeds(bulk.reader)
    for _, each in standing.values():
        edges += resolve(bulk.reader, each).edges
    found = changes(bulk.reader.persons(), persons_of(edges, chosen))
    known = resolved.known
    rows = [
        {
            **{key: row[key] for key in ("site", "source_id", "locator", "known_at")},
            **({"known_at": known[subject]} if linked and subject in known else {}),
            "known_at_basis": "stated",
            "link_id": stable_id(str(row["version_id"]), str(subject), str(person), str(linked)),
            "subject_id": subject,
            "person_id": person,
            "linked": linked,
            "evidence": declaration.evidence if linked else f"undone: {declaration.evidence}",
        }
        for subject, (person, linked) in found.items()
    ]
    bulk.write("person_link", _table("person_link", rows))
    return LinkReport(len(resolved.edges), len(rows), resolved.unresolved)


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
    told = (row for row in rows if row["source_id"] not in declared)
    latest = {row["subject_id"]: row for row in sorted(told, key=lambda row: row["recorded_at"])}
    linked = [row for row in latest.values() if row["linked"]]
    edges = [(row["subject_id"], row["person_id"]) for row in linked]
    return edges, frozenset(row["person_id"] for row in linked)


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows as Arrow with the types of their table."""
    schema = table_named(name).schema
    held = set(rows[0]) if rows else set(schema.names)
    return pa.Table.from_pylist(rows, schema=pa.schema([f for f in schema if f.name in held]))
