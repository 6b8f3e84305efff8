"""Declaring links and undoing them: rows of ``person_link``, nothing else changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from vitruvian.base.clock import Clock, system_clock
from vitruvian.base.ids import stable_id
from vitruvian.identity.declaration import Declaration, read_declaration
from vitruvian.identity.errors import NotDeclared
from vitruvian.identity.resolve import resolve
from vitruvian.identity.settling import (
    DECLARATION,
    Cause,
    declarations_held,
    links_standing,
    rows_as_table,
    settle,
)

if TYPE_CHECKING:
    from vitruvian.lake import BulkLoad, Lake, Reader
    from vitruvian.trust import Access


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
        held = declarations_held(bulk.reader)
        row = _stored(bulk.reader, declaration, data, site=lake.site, now=clock())
        if declaration.digest not in held:
            bulk.write("resource", rows_as_table("resource", [row]))
        standing = {**held, declaration.digest: (row["version_id"], declaration)}
        return _settle(bulk, standing, (row, declaration))


def unlink(lake: Lake, data: bytes, *, access: Access, clock: Clock = system_clock) -> LinkReport:
    """Undo a declaration: every answer is again what it was without it.

    Raises
    ------
    NotDeclared
        When these links do not hold.
    """
    declaration = read_declaration(data)
    with lake.bulk(access) as bulk:
        held = declarations_held(bulk.reader)
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
        bulk.write("retirement", rows_as_table("retirement", [end]))
        return _settle(bulk, held, (row, declaration))


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
) -> LinkReport:
    """Write what makes the persons those of the declarations that stand."""
    row, declaration = by
    resolved = resolve(bulk.reader, declaration)
    cause = Cause(
        lineage={key: row[key] for key in ("site", "source_id", "locator", "known_at")},
        key=str(row["version_id"]),
        evidence=declaration.evidence,
        known=resolved.known,
    )
    changed = settle(bulk, links_standing(bulk.reader, declarations=standing), cause)
    return LinkReport(len(resolved.edges), changed, resolved.unresolved)
